"""The first steps: offered once after the first sync, ticked off by doing, and put away for good."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.services.views_model import Mode, Status
from app.sync.events import StatusChanged
from app.views.main_window import MainWindow
from app.views.page import HOME, SETTINGS, Place
from tests.views import sample
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage, settle

Control = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(stage: Stage, qtbot: QtBot) -> Iterator[MainWindow]:
    now = stage.world.clock.now()
    stage.tell(StatusChanged(Status(Mode.FIRST_SYNC, as_of=None, since=now)))
    made = MainWindow(stage.portal, stage.bridge, stage.theme)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    assert made.beginning.strip.isHidden(), "while everything arrives there is enough to look at"
    cursors = stage.world.store.cursors
    cursors.write(replace(cursors.read(), complete=True))
    stage.online()
    yield made
    settle()


def standing(window: MainWindow) -> dict[str, bool]:
    return {button.step.name: button.step.done for button in window.beginning.strip.buttons}


def press(window: MainWindow, name: str) -> None:
    shown = [one for one in window.findChildren(QPushButton, f"first.{name}") if one.isVisible()]
    button = next(iter(shown), None)
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QApplication.processEvents()


def test_each_is_a_real_action_and_ticked_off_by_doing(stage: Stage, window: MainWindow) -> None:
    assert window.bar.title.startswith("Good morning")
    assert standing(window) == {"create": False, "keep": False, "offline": False, "palette": False}
    assert unnamed(window) == []
    assert follows_scheme(window, stage.theme)
    press(window, "create")
    assert window.bar.title == "Register a deal"
    assert window.beginning.strip.isHidden(), "only home has it"
    window.go(Place(HOME))
    assert standing(window)["create"] is False, "to look at the form is not to register"
    press(window, "palette")
    assert window.palette_overlay.isVisible()
    window.palette_overlay.close_palette()
    press(window, "offline")
    assert stage.loop.offline == [True]
    assert standing(window)["offline"] is False, "only what happened counts"
    stage.offline(by_choice=True)
    assert standing(window) == {"create": False, "keep": False, "offline": True, "palette": True}
    window.go(Place(SETTINGS))
    data = sample.price_list(pages=1)
    sample.document(stage.world, "prices", data, kept=True)
    assert hashlib.sha256(data).hexdigest()
    window.go(Place(HOME))
    assert standing(window)["keep"] is True
    gid = stage.portal.drafts.start("request", {"subject": "x"})
    assert gid
    window.go(Place(HOME))
    assert standing(window)["create"] is False, "a request is no deal, and a draft is not handed in"


def test_with_the_last_one_done_it_goes_and_stays_away(
    stage: Stage, window: MainWindow, qtbot: QtBot
) -> None:
    for name in ("create", "keep", "offline"):
        window.beginning.did(name)
    assert window.beginning.strip.isVisible()
    QTest.keyClick(window, Qt.Key.Key_K, Control)
    assert window.beginning.strip.isHidden()
    window.palette_overlay.close_palette()
    again = MainWindow(stage.portal, stage.bridge, stage.theme)
    qtbot.addWidget(again)
    again.show()
    assert again.beginning.strip.isHidden()


def test_it_is_put_away_and_that_can_be_undone(stage: Stage, window: MainWindow, qtbot: QtBot) -> None:
    window.beginning.did("palette")
    press(window, "dismiss")
    assert window.beginning.strip.isHidden()
    QTest.keyClick(window, Qt.Key.Key_Z, Control)
    assert standing(window)["palette"] is True
    press(window, "dismiss")
    stage.tell(StatusChanged(Status(Mode.FIRST_SYNC, as_of=None, since=stage.world.clock.now())))
    stage.online()
    assert window.beginning.strip.isHidden()


def test_who_had_everything_before_is_not_asked(stage: Stage, qtbot: QtBot) -> None:
    made = MainWindow(stage.portal, stage.bridge, stage.theme)
    qtbot.addWidget(made)
    made.show()
    assert made.beginning.strip.isHidden()

"""The tray and what it tells: counted while nobody looks, one line a minute, and leading to what it is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.bridge.notifying import Notifying
from app.services.notices import Notification
from app.services.prefs import NOTIFY
from app.services.views_model import Target
from app.sync.events import RecordsChanged
from app.views.main_window import MainWindow
from app.views.shell.desk import Desk
from app.views.shell.tray import Tray, tray_icon
from tests.views.stage import Stage


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def tray(stage: Stage) -> Iterator[Tray]:
    made = Tray(stage.theme, stage.portal, stage.bridge)
    yield made
    made.close()


def arrived(stage: Stage, name: str, request: str, qtbot: QtBot, notifying: Notifying) -> None:
    stage.world.put(
        "message", name, parent=request, body="Secret words", side="vendor", author_name="Ingrid",
        sent_at=f"2026-11-23T09:3{len(name)}:00Z",
    )  # fmt: skip
    qtbot.waitUntil(lambda: not notifying.busy)
    stage.tell(RecordsChanged(frozenset({"message"}), None))
    stage.bridge._tell()
    qtbot.waitUntil(lambda: not notifying.busy)


def test_what_comes_in_unseen_is_one_line_and_leads_there(stage: Stage, tray: Tray, qtbot: QtBot) -> None:
    request = stage.world.request(state="waiting_on_partner")
    seconds, told = Seconds(), list[Notification]()
    notifying = Notifying(stage.portal, stage.bridge, monotonic=seconds)
    notifying.told.connect(told.append)
    notifying.told.connect(tray.tell)
    notifying.waiting.connect(tray.show_count)
    cursors = stage.world.store.cursors
    cursors.write(replace(cursors.read(), complete=True))
    arrived(stage, "a", request, qtbot, notifying)
    notifying.set_active(False)
    arrived(stage, "bb", request, qtbot, notifying)
    arrived(stage, "ccc", request, qtbot, notifying)
    seconds.now = 59
    notifying.look()
    assert told == []
    seconds.now = 60
    notifying.look()
    assert told == [Notification("2 answers at Halden", Target("request", gid=request))]
    assert tray.icon.toolTip() == "Halden Systems · 1 job for you"
    opened: list[object] = []
    tray.opened.connect(opened.append)
    tray.icon.messageClicked.emit()
    assert opened == [Target("request", gid=request)]
    stage.portal.prefs.set(NOTIFY, "none")
    arrived(stage, "dddd", request, qtbot, notifying)
    seconds.now = 300
    notifying.look()
    assert len(told) == 1
    notifying.set_active(True)


def test_the_menu_does_without_the_window(stage: Stage, tray: Tray) -> None:
    texts = [action.text() for action in tray.menu.actions() if not action.isSeparator()]
    assert texts == ["Open", "Sync now", "Work offline", "Quit"]
    actions = {action.text(): action for action in tray.menu.actions()}
    before = len(stage.loop.wakes)
    actions["Sync now"].trigger()
    assert len(stage.loop.wakes) == before + 1
    actions["Work offline"].trigger()
    assert stage.loop.offline == [True]
    stage.offline(by_choice=True)
    assert actions["Work offline"].text() == "Go online"
    assert not actions["Sync now"].isEnabled()


def test_the_count_is_painted(stage: Stage) -> None:
    def pixels(icon: QIcon) -> bytes:
        return bytes(icon.pixmap(64, 64).toImage().constBits())

    seen = [pixels(tray_icon(stage.theme, stage.portal.manifest.brand, count)) for count in (0, 1, 9, 10, 99)]
    assert len(set(seen)) == 4, "from ten on it says 9+"


def test_closing_stays_in_the_tray_only_where_one_chose_that(stage: Stage, qtbot: QtBot) -> None:
    stays = [False]
    window = MainWindow(stage.portal, stage.bridge, stage.theme, desk=Desk(hides=lambda: stays[0]))
    qtbot.addWidget(window)
    window.show()
    stays[0] = True
    assert not window.close()
    assert window.isHidden()
    window.show()
    stays[0] = False
    assert window.close()
    QApplication.processEvents()

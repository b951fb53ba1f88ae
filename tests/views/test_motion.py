"""Less motion: what the system is set to, what one chooses here, and that nothing fades then."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.views.main_window import MainWindow
from app.views.page import SETTINGS, Place, Toast
from app.views.settings.desktop import DesktopSection
from app.views.settings.page import SettingsPage
from app.views.theme import motion
from app.views.theme.motion import Motion, reduced, said_by, system_reduces
from tests.views.stage import Stage


@pytest.mark.parametrize(
    ("choice", "system", "found"),
    [
        (Motion.SYSTEM, False, False),
        (Motion.SYSTEM, True, True),
        (Motion.REDUCED, False, True),
        (Motion.REDUCED, True, True),
    ],
)
def test_the_choice_or_the_system(choice: Motion, system: bool, found: bool) -> None:
    assert reduced(choice, system=system) is found


@pytest.mark.parametrize(
    ("platform", "said", "found"),
    [
        ("linux", "false", True),
        ("linux", "true", False),
        ("linux", "", False),
        ("darwin", "1", True),
        ("darwin", "0", False),
    ],
)
def test_each_system_is_asked_in_its_way(
    monkeypatch: pytest.MonkeyPatch, platform: str, said: str, found: bool
) -> None:
    monkeypatch.setattr(motion, "said_by", lambda _command: said)
    assert system_reduces(platform) is found


def test_a_tool_that_is_not_there_or_fails_says_nothing() -> None:
    assert said_by(["no-such-tool-here"]) == ""
    assert said_by([sys.executable, "-c", "print('false'); raise SystemExit(1)"]) == ""
    assert said_by([sys.executable, "-c", "print(' false ')"]) == "false"


def test_nothing_fades_with_less_motion(stage: Stage, qtbot: QtBot) -> None:
    window = MainWindow(stage.portal, stage.bridge, stage.theme)
    qtbot.addWidget(window)
    window.show()
    window.say(Toast("One"))
    assert window.toast._veil.isEnabled()
    window.go(Place(SETTINGS))
    page = window.current
    assert isinstance(page, SettingsPage)
    button = next(one for one in page.desktop.motion.findChildren(QPushButton) if one.text() == "Reduced")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not stage.theme.fades
    window.toast.dismiss()
    window.toast._veil.setEnabled(False)
    window.say(Toast("Two"))
    assert not window.toast._veil.isEnabled()
    stage.theme.move(Motion.SYSTEM)
    again = MainWindow(stage.portal, stage.bridge, stage.theme)
    qtbot.addWidget(again)
    assert not stage.theme.fades, "and it is remembered"


def test_what_needs_a_tray_is_only_there_with_one(stage: Stage, qtbot: QtBot) -> None:
    for tray in (True, False):
        section = DesktopSection(stage.context, tray=tray)
        qtbot.addWidget(section)
        section.refresh()
        section.show()
        assert section.notify.isVisible() is tray
        assert section.closing.isVisible() is tray
        assert section.motion.isVisible()

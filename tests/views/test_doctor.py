"""“Check this computer” and the file for support, as a person sees them."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.bridge.checkup import Checkup
from app.bridge.entrance import Entrance
from app.contract.said import said
from app.services.diagnostics.contents import Item
from app.services.diagnostics.examined import Examined
from app.services.doctor.computer import Shown
from app.services.doctor.finding import Check, Finding, State
from app.services.opening import Opening
from app.services.words import Words
from app.views.doctor.check_window import CheckWindow
from app.views.doctor.diagnostics_window import DiagnosticsWindow
from app.views.main_window import MainWindow
from app.views.page import SYNC_CENTRE
from app.views.settings.page import SettingsPage
from app.views.theme.theme import Theme
from app.views.welcome.entrance import EntranceWindow
from app.views.widgets.buttons import Button
from app.views.widgets.toast import Toast
from tests.services.test_opening import surroundings
from tests.views.checks import follows_scheme, unnamed
from tests.views.patient import PatientBot
from tests.views.stage import Stage

HOST = "portal.halden.example"
FINDINGS = (
    Finding(Check.CLOCK, State.WARN, "It is 12 minutes ahead.", "Turn on automatic time.", HOST),
    Finding(Check.VERSIONS, State.OK, "Counterpart 0.1.0."),
    Finding(Check.KEYRING, State.BAD, said("It is locked, or does not answer."), "Unlock your key store."),
    Finding(Check.DATABASE, State.UNKNOWN, "4 MB; a passphrase protects it.", "", f"ab12 · {HOST}"),
)
ITEMS = (
    Item("doctor.json", '{"form": 1}\n', said("What “Check this computer” has found.")),
    Item("accounts.json", "[]\n", said("Sizes, counts and times of each account; no names, no records.")),
)


class Doctor:
    """Examines on being let."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.may_end.set()
        self.shown: list[Shown | None] = []

    def __call__(self, shown: Shown | None, tell: Callable[[Finding], None]) -> Examined:
        self.shown.append(shown)
        for finding in FINDINGS:
            tell(finding)
        self.may_end.wait(10)
        return Examined(FINDINGS, ITEMS, "BAD   Key store")


@pytest.fixture
def doctor() -> Doctor:
    return Doctor()


@pytest.fixture
def host(theme: Theme, qtbot: PatientBot) -> QWidget:
    widget = QWidget()
    widget.resize(1280, 800)
    qtbot.addWidget(widget)
    widget.show()
    return widget


def press(toast: Toast) -> None:
    (button,) = [one for one in toast.findChildren(Button) if one.text() == "Check this computer"]
    button.click()


def opened(theme: Theme, doctor: Doctor, host: QWidget, *, may_save: bool = True) -> CheckWindow:
    window = CheckWindow(theme, Checkup(doctor, host, may_save=may_save), Words(), host)
    window.open()
    return window


def test_findings_come_one_by_one_in_their_order(
    theme: Theme, doctor: Doctor, host: QWidget, qtbot: PatientBot
) -> None:
    doctor.may_end.clear()
    window = opened(theme, doctor, host)
    qtbot.waitUntil(lambda: len(window.findings) == len(FINDINGS))
    assert [one.name for one in window.findings] == [
        Check.VERSIONS,
        Check.CLOCK,
        Check.KEYRING,
        Check.DATABASE,
    ]
    assert not window.copy.isEnabled()
    assert window.summary.text().startswith("Looking at")
    doctor.may_end.set()
    qtbot.waitUntil(window.copy.isEnabled)
    assert window.summary.text() == "1 thing has to be mended."
    (shown,) = doctor.shown
    assert shown is not None
    assert (shown.width > 0, bool(shown.qt)) == (True, True)
    window.reject()


def test_it_is_copied_as_text_and_looked_at_anew(
    theme: Theme, doctor: Doctor, host: QWidget, qtbot: PatientBot
) -> None:
    window = opened(theme, doctor, host)
    qtbot.waitUntil(window.copy.isEnabled)
    window.copy.click()
    assert QGuiApplication.clipboard().text() == "BAD   Key store"
    window.again.click()
    assert window.findings == []
    qtbot.waitUntil(window.again.isEnabled)
    assert len(window.findings) == len(FINDINGS)
    assert len(doctor.shown) == 2
    window.reject()


def test_whoever_closes_it_hears_no_more_of_it(
    theme: Theme, doctor: Doctor, host: QWidget, qtbot: PatientBot
) -> None:
    doctor.may_end.clear()
    checkup = Checkup(doctor, host)
    over: list[object] = []
    checkup.over.connect(over.append)
    window = CheckWindow(theme, checkup, Words(), host)
    window.open()
    window.reject()
    checkup.start()
    doctor.may_end.set()
    qtbot.waitUntil(lambda: bool(over))
    checkup.start()
    checkup.stop()
    qtbot.wait(20)
    assert len(over) == 1


def test_everything_is_named_and_follows_the_scheme(
    theme: Theme, doctor: Doctor, host: QWidget, qtbot: PatientBot
) -> None:
    window = opened(theme, doctor, host)
    qtbot.waitUntil(window.copy.isEnabled)
    assert unnamed(window) == []
    assert follows_scheme(window, theme)
    window.file.click()
    (support,) = window.findChildren(DiagnosticsWindow)
    assert unnamed(support) == []
    assert follows_scheme(support, theme)
    support.reject()
    window.reject()


def test_a_kiosk_saves_no_file(theme: Theme, doctor: Doctor, host: QWidget, qtbot: PatientBot) -> None:
    window = opened(theme, doctor, host, may_save=False)
    qtbot.waitUntil(window.copy.isEnabled)
    assert not window.file.isVisibleTo(window)
    window.reject()


def test_each_file_is_shown_whole_and_can_be_left_out(theme: Theme, host: QWidget, tmp_path: Path) -> None:
    target = tmp_path / "out.zip"
    asked: list[str] = []

    def ask(_parent: QWidget, name: str) -> Path:
        asked.append(name)
        return target

    window = DiagnosticsWindow(theme, ITEMS, Words(), host, ask=ask)
    window.open()
    assert window.text.toPlainText() == ITEMS[0].text
    assert window.text.isReadOnly()
    window.list.setCurrentRow(1)
    assert window.text.toPlainText() == ITEMS[1].text
    assert window.about.text().startswith("Sizes, counts")
    window.list.item(1).setCheckState(Qt.CheckState.Unchecked)
    assert window.summary.text().startswith("1 file,")
    saved: list[object] = []
    window.saved.connect(saved.append)
    window.save.click()
    assert saved == [target]
    assert asked[0].startswith("counterpart-diagnostics-")
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["doctor.json"]
        assert archive.read("doctor.json").decode() == ITEMS[0].text


def test_with_every_file_left_out_there_is_nothing_to_save(
    theme: Theme, host: QWidget, tmp_path: Path
) -> None:
    window = DiagnosticsWindow(theme, ITEMS, Words(), host, ask=lambda *_: tmp_path / "no" / "such" / "x.zip")
    window.open()
    window.save.click()
    assert "could not be saved there" in window.summary.text()
    for row in range(2):
        window.list.item(row).setCheckState(Qt.CheckState.Unchecked)
    assert not window.save.isEnabled()
    window.reject()


def test_it_is_reached_from_settings_palette_and_wherever_it_says_why(
    stage: Stage, qtbot: PatientBot
) -> None:
    page = SettingsPage(stage.context)
    qtbot.addWidget(page)
    stage.show(page)
    page.check.click()
    page.findChildren(CheckWindow)[-1].reject()
    window = MainWindow(stage.portal, stage.bridge, stage.theme)
    qtbot.addWidget(window)
    window.show()
    (command,) = [one for one in window.commands.list() if one.text == "Check this computer"]
    command.run()
    window.findChildren(CheckWindow)[-1].reject()
    stage.offline()
    window.show_why()
    assert window.current is window.page(SYNC_CENTRE)
    press(window.toast)
    window.findChildren(CheckWindow)[-1].reject()


def test_it_is_reached_before_anybody_has_signed_in(theme: Theme, tmp_path: Path, qtbot: PatientBot) -> None:
    doctor = Doctor()
    entrance = Entrance(Opening(surroundings(tmp_path)), checkup=Checkup(doctor))
    window = EntranceWindow(entrance, theme)
    qtbot.addWidget(window)
    window.show()
    window.check.click()
    (shown,) = window.findChildren(CheckWindow)
    qtbot.waitUntil(shown.copy.isEnabled)
    assert len(shown.findings) == len(FINDINGS)
    shown.reject()
    entrance.stop()

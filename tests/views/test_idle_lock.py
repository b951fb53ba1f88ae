"""The idle lock of a desk: counted down, closed with all that was on screen, and opened as its key is kept."""

from __future__ import annotations

import gc
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QEventLoop, QPointF, Qt, QTimer
from PySide6.QtGui import QClipboard, QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QTextEdit, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from app.bridge.entrance_state import Step
from app.composition.instance import Handed
from app.composition.window import Client, WindowRequest
from app.contract.errors import DiskFull
from app.services.idle import locked_words
from app.services.opening import Opening
from app.services.prefs import STAYS
from app.services.surroundings import Surroundings
from app.services.words import Words
from app.session.policy.schema import Managed, Policy
from app.views.forms.form import RecordForm
from app.views.main_window import MainWindow
from app.views.page import NEW, Place
from app.views.shell.idle_bar import IdleBar
from app.views.shell.locked_tray import LockedTray
from app.views.shell.traces import clear_traces
from app.views.shell.tray import Tray, locked_icon, tray_icon
from app.views.theme.theme import Theme
from app.views.welcome.locked import LockedStep
from app.views.welcome.steps import PassphraseStep
from app.views.widgets import clipboard
from tests.services.small_gateway import SmallGateway, small_gateway
from tests.services.test_admission import TurningClock
from tests.services.test_opening import PHRASE, entered, surroundings
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import settle

CANARY = "canaryQX7"
TEN_MINUTES = 600


@pytest.fixture
def gateway() -> Iterator[SmallGateway]:
    with small_gateway() as made:
        # The engine gets no answer: nothing arrives while a test looks.
        made.down |= {"/v1/manifest", "/v1/snapshot", "/v1/changes"}
        yield made


@dataclass
class Desk:
    """One account, the client in front of it, and a clock that a test turns."""

    app: QApplication
    qtbot: QtBot
    around: Surroundings
    clock: TurningClock
    theme: Theme
    client: Client

    def window(self) -> MainWindow:
        self.qtbot.waitUntil(lambda: self.client.window is not None)
        assert self.client.window is not None
        return self.client.window

    def pass_by(self, seconds: float) -> None:
        """Nobody touches anything for so long."""
        self.clock.ran += seconds
        self.clock.at += timedelta(seconds=seconds)
        assert self.client.locking is not None
        self.client.locking.idling.look()

    def locked(self) -> LockedStep | PassphraseStep:
        assert self.client._entrance_window is not None
        card = self.client._entrance_window.card
        assert isinstance(card, LockedStep | PassphraseStep)
        return card


Start = Callable[..., Desk]


@pytest.fixture
def start(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, gateway: SmallGateway, theme: Theme
) -> Iterator[Start]:
    made: list[Desk] = []

    def started(seconds: int = TEN_MINUTES, *, ring: bool = True) -> Desk:
        clock = TurningClock()
        managed = Managed(policy=Policy(idle_lock_seconds=seconds))
        around = replace(surroundings(tmp_path, ring=ring), clock=clock, managed=managed)
        gateway.down.discard("/v1/manifest")
        entered(Opening(around), gateway, "" if ring else PHRASE).close()
        gateway.down.add("/v1/manifest")
        request = WindowRequest(passphrase="" if ring else PHRASE)
        client = Client(qapp, around, request, theme, io.StringIO())
        made.append(Desk(qapp, qtbot, around, clock, theme, client))
        client.begin()
        made[-1].window()
        return made[-1]

    yield started
    for desk in made:
        desk.client.close()
    clear_traces(QWidget())  # who looks for what others leave behind finds nothing of this


@pytest.fixture
def trayed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system with a tray."""
    monkeypatch.setattr(Tray, "available", staticmethod(lambda: True))


def seen_anywhere(word: str) -> list[str]:
    """Where a word is still held by a widget, shown or not, or by the clipboard."""
    held = []
    for widget in QApplication.allWidgets():
        match widget:
            case QLabel() | QLineEdit():
                text = widget.text()
            case QTextEdit():
                text = widget.toPlainText()
            case _:
                text = ""
        if word in f"{text} {widget.accessibleName()} {widget.windowTitle()}":
            held.append(type(widget).__name__)
    return held + (["clipboard"] if word in QGuiApplication.clipboard().text() else [])


# -- the last seconds -----------------------------------------------------------------------------------------
def bar_of(window: MainWindow) -> IdleBar | None:
    return next((bar for bar in window.findChildren(IdleBar) if bar.isVisibleTo(window)), None)


def test_the_last_twenty_seconds_are_counted_down_and_whatever_is_touched_ends_it(start: Start) -> None:
    desk = start()
    window = desk.window()
    desk.pass_by(579)
    assert bar_of(window) is None
    desk.pass_by(2)
    bar = bar_of(window)
    assert bar is not None
    assert bar.left.text() == "Locks in 19 s. Move the pointer or press a key to stay."
    assert bar.accessibleName() == bar.left.text()
    assert bar.geometry() == window.bar.rect()
    assert unnamed(window) == []
    desk.pass_by(12)
    assert bar.left.text().startswith("Locks in 7 s.")
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Shift)
    settle()
    assert bar_of(window) is None
    desk.pass_by(579)
    assert desk.client.window is window
    desk.pass_by(5)
    again = bar_of(window)
    assert again is not None
    QTest.mouseClick(again.stay, Qt.MouseButton.LeftButton)
    settle()
    assert bar_of(window) is None


def test_a_pointer_under_which_a_window_appears_is_nobody(start: Start) -> None:
    desk = start()
    handle = desk.window().windowHandle()

    def point(x: int) -> None:
        at = QPointF(x, 50)
        none = Qt.MouseButton.NoButton
        moved = QMouseEvent(QEvent.Type.MouseMove, at, at, none, none, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(handle, moved)

    point(40)
    desk.pass_by(590)
    point(40)
    assert bar_of(desk.window()) is not None
    point(41)
    settle()
    assert bar_of(desk.window()) is None


def forms_and_windows() -> list[RecordForm | MainWindow]:
    """All that Python still knows of."""
    return [one for one in gc.get_objects() if isinstance(one, RecordForm | MainWindow)]


# -- locked ---------------------------------------------------------------------------------------------------
def test_what_was_on_screen_goes_and_what_was_typed_is_there_again(start: Start, qtbot: QtBot) -> None:
    others = forms_and_windows()  # of tests before this one
    desk = start()
    window = desk.window()
    window.resize(1300, 820)
    assert desk.client.portal is not None
    draft = desk.client.portal.drafts.start("deal_registration", {"customer": CANARY})
    window.go(Place(NEW, entity="deal_registration", gid=draft))
    window.open_palette(CANARY)
    QGuiApplication.clipboard().setText(CANARY)
    settle()
    bridge = desk.client.bridge
    assert bridge is not None
    assert seen_anywhere(CANARY), "it was there"
    desk.pass_by(TEN_MINUTES)
    assert not isValid(window)
    assert seen_anywhere(CANARY) == []
    left = [one for one in forms_and_windows() if all(one is not other for other in others)]
    assert [one for one in left if vars(one)] == []
    assert desk.client._work is None, "no engine, no store"
    card = desk.locked()
    assert isinstance(card, LockedStep)
    assert card.accessibleName() == "Locked after 10 minutes without a touch"
    assert card.accessibleDescription().startswith(
        "What you were writing is kept. Nothing is sent or fetched"
    )
    entrance = desk.client._entrance_window
    assert entrance is not None
    assert entrance.isVisible()
    assert (entrance.width(), entrance.height()) == (1300, 820)
    assert unnamed(entrance) == []
    assert follows_scheme(entrance, desk.theme)
    QTest.mouseClick(card.go, Qt.MouseButton.LeftButton)
    again = desk.window()
    assert again.bar.title == "Register a deal", "the form that was open"
    qtbot.waitUntil(lambda: bool(seen_anywhere(CANARY)))
    desk.pass_by(579)
    assert desk.client.window is again, "the time begins anew"


def test_a_disk_without_room_keeps_nothing_open(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = start()

    def full(_window: MainWindow) -> bool:
        raise DiskFull

    monkeypatch.setattr(MainWindow, "leave", full)
    desk.pass_by(TEN_MINUTES)
    assert desk.client.window is None
    assert isinstance(desk.locked(), LockedStep)


def test_a_passphrase_is_asked_for_and_a_wrong_one_does_not_open(start: Start, qtbot: QtBot) -> None:
    desk = start(90, ring=False)
    desk.pass_by(90)
    card = desk.locked()
    assert isinstance(card, PassphraseStep)
    assert card.accessibleName() == "Locked after 90 seconds without a touch"
    assert card.accessibleDescription().endswith("Your passphrase opens it.")
    assert desk.client.entrance is not None
    desk.client.entrance.unlock("not this one")

    def refused() -> bool:
        entrance = desk.client.entrance
        return entrance is not None and entrance.state.step is Step.UNLOCK and bool(entrance.state.problem)

    qtbot.waitUntil(refused)
    assert desk.client.window is None
    desk.client.entrance.unlock(PHRASE)
    desk.window()


def test_a_link_waits_until_it_is_unlocked(start: Start) -> None:
    desk = start()
    desk.pass_by(TEN_MINUTES)
    desk.client.take(Handed(link="counterpart://sync"))
    settle()
    assert desk.client.window is None
    card = desk.locked()
    assert isinstance(card, LockedStep)
    QTest.mouseClick(card.go, Qt.MouseButton.LeftButton)
    assert desk.window().bar.title == "Sync centre"


def test_a_dialog_that_waits_for_an_answer_is_closed_first(start: Start, qtbot: QtBot) -> None:
    desk = start()
    window = desk.window()
    dialog = QDialog(window)
    dialog.setAccessibleName("Save a copy")
    answers: list[int] = []
    client, loop, until = desk.client, QEventLoop(), QTimer()
    # The system's own dialogs run a loop of their own; one within another, as in the running program.
    QTimer.singleShot(0, lambda: answers.append(dialog.exec()))
    QTimer.singleShot(20, lambda: desk.pass_by(TEN_MINUTES))
    until.timeout.connect(lambda: loop.quit() if client.window is None else None)
    until.start(20)
    loop.exec()
    until.stop()
    assert answers == [0], "it was answered with no, and its window went afterwards"
    assert isinstance(desk.locked(), LockedStep)


# The offscreen platform has no tray to speak of.
no_tray = pytest.mark.qt_log_ignore("systemTrayWindowChanged", extend=True)


# -- the tray -------------------------------------------------------------------------------------------------
@no_tray
def test_the_tray_says_locked_and_a_window_that_was_hidden_stays_so(
    start: Start, trayed: None, qtbot: QtBot
) -> None:
    desk = start()
    window = desk.window()
    assert desk.client.portal is not None
    desk.client.portal.prefs.set(STAYS, True)
    window.close()
    assert not window.isVisible()
    desk.pass_by(TEN_MINUTES)
    entrance = desk.client._entrance_window
    locking = desk.client.locking
    assert entrance is not None
    assert locking is not None
    assert not entrance.isVisible()
    tray = locking.tray
    assert tray is not None
    assert tray.icon.toolTip() == "Halden Systems · locked"
    assert [action.text() for action in tray.menu.actions() if action.text()] == ["Unlock …", "Quit"]
    tray.menu.actions()[0].trigger()
    assert entrance.isVisible()
    entrance.close()
    assert not entrance.isVisible()
    assert desk.client.entrance is not None, "the app goes on"
    card = desk.locked()
    assert isinstance(card, LockedStep)
    card.go.click()
    assert desk.window().isVisible()
    assert locking.tray is None


@no_tray
def test_the_icon_has_a_lock_in_its_badge(theme: Theme, start: Start, trayed: None) -> None:
    desk = start()
    assert desk.client.portal is not None
    brand = desk.client.portal.manifest.brand
    plain, locked = (
        make.pixmap(64, 64).toImage() for make in (tray_icon(theme, brand, 0), locked_icon(theme, brand))
    )
    assert plain.pixelColor(8, 8) == locked.pixelColor(8, 8)
    assert plain.pixelColor(32, 44) != locked.pixelColor(32, 44)
    quits: list[int] = []
    tray = LockedTray(theme, brand)
    tray.quit_asked.connect(lambda: quits.append(1))
    tray.menu.actions()[-1].trigger()
    tray.close()
    assert quits == [1]


# -- where it does not hold -----------------------------------------------------------------------------------
def test_without_the_policy_nothing_watches(start: Start) -> None:
    desk = start(0)
    assert desk.client.locking is None


def test_what_was_copied_elsewhere_stays(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    board = QGuiApplication.clipboard()
    board.setText("from a spreadsheet")
    monkeypatch.setattr(clipboard, "_ALONE", frozenset())
    monkeypatch.setattr(QClipboard, "ownsClipboard", lambda _self: False)
    clipboard.clear_clipboard(only_ours=True)
    assert board.text() == "from a spreadsheet"
    monkeypatch.setattr(QClipboard, "ownsClipboard", lambda _self: True)
    clipboard.clear_clipboard(only_ours=True)
    assert board.text() == ""


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1, "Locked after 1 second without a touch"),
        (60, "Locked after 1 minute without a touch"),
        (90, "Locked after 90 seconds without a touch"),
        (600, "Locked after 10 minutes without a touch"),
    ],
)
def test_how_long_is_said_as_a_person_would(seconds: int, said: str) -> None:
    assert locked_words(seconds, Words()) == said

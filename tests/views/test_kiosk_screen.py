"""The kiosk's screen against the real gateway: let in by phone, in use, locked, back, signed out; and what is left."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QClipboard, QGuiApplication, QKeySequence, QPixmap, QPixmapCache
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from app.bridge.kiosk_state import KioskStep
from app.composition.kiosk import KioskClient
from app.contract.errors import DiskFull
from app.session.device_code import DeviceCodeNews
from app.views import ways_out
from app.views.kiosk.asking import CodeDialog, HelpDialog, LeaveDialog
from app.views.kiosk.entrance import EntranceScreen
from app.views.kiosk.use import UseScreen
from app.views.main_window import MainWindow
from app.views.page import Toast
from app.views.sync_centre.page import SyncCentrePage
from app.views.theme.lines import shaped
from app.views.theme.theme import Theme
from tests.e2e.kiosk import Kiosk, NoWait, Phone, colleague
from tests.e2e.together import DEAL, Person, Vendor, vendor_at

CANARY = "canaryQX7"
CODE = "4711"


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendor]:
    """A gateway that lets kiosks in."""
    with vendor_at(tmp_path_factory.mktemp("gateway"), device_code=True, console=False) as made:
        yield made


@pytest.fixture
def machine(vendor: Vendor, tmp_path: Path) -> Iterator[Kiosk]:
    made = Kiosk(vendor, tmp_path / "kiosk", kiosk_help="Call +31 10 555 0102.")
    yield made
    made.wire.close()


class Counter:
    """The screen and who stands before it."""

    def __init__(self, client: KioskClient, vendor: Vendor, qtbot: QtBot) -> None:
        self.client = client
        self.vendor = vendor
        self.qtbot = qtbot
        self.phone: Phone | None = None
        begin = client.opening.sign_in

        def sign_in(tell, waiter=None):  # type: ignore[no-untyped-def]
            def told(news: DeviceCodeNews) -> None:
                tell(news)
                if self.phone is not None:
                    self.phone(news)

            return begin(told, NoWait(vendor) if self.phone is not None else waiter)

        client.opening.sign_in = sign_in  # type: ignore[method-assign]

    def let_in(self, person: Person) -> UseScreen:
        """Somebody holds their phone before the screen."""
        self.phone = Phone(person)
        self.client.kiosk.new_code()
        self.qtbot.waitUntil(lambda: isinstance(self.client.screen, UseScreen))
        self.phone = None
        screen = self.client.screen
        assert isinstance(screen, UseScreen)
        return screen

    def entrance(self) -> EntranceScreen:
        """The entrance, once it has a code again."""
        self.qtbot.waitUntil(lambda: self.client.kiosk.state.step is KioskStep.CODE)
        screen = self.client.screen
        assert isinstance(screen, EntranceScreen)
        return screen

    def choose_code(self, code: str = CODE) -> None:
        """Type a code to come back with, twice."""
        self.qtbot.waitUntil(lambda: isinstance(self.client._dialog, CodeDialog))
        dialog = self.client._dialog
        assert isinstance(dialog, CodeDialog)
        for _ in range(2):
            QTest.keyClicks(dialog.pad, code)
            QTest.keyClick(dialog.pad, Qt.Key.Key_Return)
        self.qtbot.waitUntil(lambda: self.client._dialog is None)

    def without_code(self) -> None:
        """Think better of choosing one."""
        self.qtbot.waitUntil(lambda: isinstance(self.client._dialog, CodeDialog))
        assert self.client._dialog is not None
        QTest.mouseClick(self.client._dialog.safe_button, Qt.MouseButton.LeftButton)
        assert self.client._dialog is None

    def idle(self, seconds: float) -> None:
        """Nobody touches anything for so long."""
        self.vendor.clock.forward(seconds=seconds)
        self.client.idling.look()


@pytest.fixture
def counter(
    machine: Kiosk, vendor: Vendor, theme: Theme, qapp: QApplication, qtbot: QtBot
) -> Iterator[Counter]:
    client = KioskClient(qapp, machine.around, theme)
    made = Counter(client, vendor, qtbot)
    client.begin()
    yield made
    client.close()


@pytest.fixture
def maya(vendor: Vendor) -> Person:
    return colleague(vendor, "Maya Brandt")


@pytest.fixture
def tom(vendor: Vendor) -> Person:
    return colleague(vendor, "Tom Reyes")


def texts() -> set[str]:
    """Everything that any widget or model of this process says."""
    found: set[str] = set()
    for widget in QApplication.allWidgets():
        found |= {
            widget.toolTip(),
            widget.accessibleName(),
            widget.accessibleDescription(),
            widget.windowTitle(),
        }
        if isinstance(widget, QLabel | QAbstractButton | QLineEdit):
            found.add(widget.text())
        if isinstance(widget, QTextEdit):
            found.add(widget.toPlainText())
            found.add("undo" if widget.document().isUndoAvailable() else "")
        if isinstance(widget, QAbstractItemView) and (model := widget.model()) is not None:
            for row in range(model.rowCount()):
                for column in range(model.columnCount()):
                    found.add(str(model.index(row, column).data() or ""))
    return found


def holders(word: str) -> list[str]:
    """Living objects of the client that hold a word in one of their attributes."""
    found = []
    for thing in gc.get_objects():
        kind = type(thing)
        if not str(kind.__module__).startswith("app."):
            continue
        if holds(getattr(thing, "__dict__", None) or {}, word):
            found.append(f"{kind.__module__}.{kind.__name__}")
    return found


def holds(value: object, word: str, depth: int = 4) -> bool:
    """Whether a value is, or has somewhere inside, a text with the word in it."""
    if isinstance(value, str | bytes):
        return (word if isinstance(value, str) else word.encode()) in value  # type: ignore[operator]
    if isinstance(value, dict):
        return depth > 0 and any(holds(one, word, depth - 1) for one in value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return depth > 0 and any(holds(one, word, depth - 1) for one in value)
    return False


def leave_traces(screen: UseScreen) -> None:
    """Somebody types, searches, copies, reads and is told things that are nobody else's business."""
    window = screen.pages
    window.open_record(DEAL)
    window.open_palette(CANARY)
    window.palette_overlay.hide()
    search = window.findChild(QLineEdit)
    assert search is not None
    search.setText(CANARY)
    for edit in window.findChildren(QTextEdit):
        if not edit.isReadOnly():
            edit.insertPlainText(CANARY)
    window.say(Toast(f"{CANARY} was saved"))
    clipboard = QGuiApplication.clipboard()
    clipboard.setText(CANARY)
    if clipboard.supportsSelection():
        clipboard.setText(CANARY, QClipboard.Mode.Selection)
    QPixmapCache.insert(CANARY, QPixmap(4, 4))
    shaped(screen.font(), CANARY)
    QApplication.processEvents()
    assert any(CANARY in one for one in texts())
    assert holders(CANARY)


def nothing_left() -> list[str]:
    """What still tells of whoever was here."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    clipboard = QGuiApplication.clipboard()
    left = [one for one in texts() if CANARY in one or "Maya" in one or one == "undo"]
    left += holders(CANARY)
    left += [clipboard.text()] if CANARY in clipboard.text() else []
    if clipboard.supportsSelection() and CANARY in clipboard.text(QClipboard.Mode.Selection):
        left.append("selection")
    if QPixmapCache.find(CANARY, QPixmap()):
        left.append("picture")
    if shaped.cache_info().currsize and shaped.cache_info().hits < 0:
        left.append("lines")
    return left


# -------------------------------------------------------------------------------------------------------- in and out


def test_from_a_phone_to_the_portal_locked_and_back_and_signed_out(
    counter: Counter, maya: Person, machine: Kiosk
) -> None:
    entrance = counter.entrance()
    assert entrance.isFullScreen()
    assert entrance.windowFlags() & Qt.WindowType.FramelessWindowHint
    screen = counter.let_in(maya)
    assert screen.bar.who.text() == "Maya is signed in here"
    assert "Brandt" not in screen.bar.who.text()
    counter.choose_code()
    leave_traces(screen)
    counter.idle(101)
    assert re.fullmatch(r"Locks in 1?\d s – touch to stay", screen.bar.left.text())
    QTest.mouseClick(screen.bar.stay, Qt.MouseButton.LeftButton)
    assert not screen.bar.counts
    counter.idle(121)
    assert isinstance(counter.client.screen, EntranceScreen)
    assert not isValid(screen)
    entrance = counter.entrance()
    told = {one for one in texts() if "Maya" in one}
    assert told == {"Unlock Maya"}
    assert [one for one in nothing_left() if "Unlock" not in one] == []
    tile = entrance.people.tiles[0]
    assert tile.person.minutes == 10
    QTest.mouseClick(tile, Qt.MouseButton.LeftButton)
    QTest.keyClicks(entrance.unlocking.pad, "0815")
    QTest.keyClick(entrance.unlocking.pad, Qt.Key.Key_Return)
    counter.qtbot.waitUntil(lambda: "4 tries" in entrance.unlocking.problem.text())
    for digit in CODE:
        QTest.mouseClick(entrance.unlocking.pad.keys[digit], Qt.MouseButton.LeftButton)
    QTest.mouseClick(entrance.unlocking.pad.keys["go"], Qt.MouseButton.LeftButton)
    counter.qtbot.waitUntil(lambda: isinstance(counter.client.screen, UseScreen))
    back = counter.client.screen
    assert isinstance(back, UseScreen)
    QTest.mouseClick(back.bar.leave, Qt.MouseButton.LeftButton)
    dialog = counter.client._dialog
    assert isinstance(dialog, LeaveDialog)
    QTest.mouseClick(dialog.verb_button, Qt.MouseButton.LeftButton)
    counter.qtbot.waitUntil(lambda: isinstance(counter.client.screen, EntranceScreen))
    entrance = counter.entrance()
    assert "You are signed out" in entrance.kept.text()
    assert entrance.people.tiles == []
    assert nothing_left() == []
    assert machine.residue(CANARY, "Maya", maya.email) == []


def test_without_a_code_a_lock_signs_out_and_the_next_one_sees_nothing(
    counter: Counter, maya: Person, tom: Person
) -> None:
    screen = counter.let_in(maya)
    counter.without_code()
    leave_traces(screen)
    counter.idle(300)
    counter.entrance()
    assert nothing_left() == []
    following = counter.let_in(tom)
    assert following.bar.who.text() == "Tom is signed in here"
    assert [one for one in texts() if CANARY in one] == []
    assert not counter.client.window.saying._undoing  # type: ignore[union-attr]


def test_what_is_unsent_is_told_before_and_kept(counter: Counter, maya: Person, machine: Kiosk) -> None:
    counter.let_in(maya)
    counter.without_code()
    work = counter.client._work
    assert work is not None
    counter.qtbot.waitUntil(lambda: work.portal.records.get(DEAL) is not None)
    machine.wire.close()
    work.portal.intents.edit(DEAL, {"next_steps": CANARY})
    counter.client.ask_to_leave()
    dialog = counter.client._dialog
    assert isinstance(dialog, LeaveDialog)
    assert dialog.accessibleDescription().startswith("1 thing is not sent yet. It is kept here, encrypted")
    dialog.accept()
    counter.qtbot.waitUntil(lambda: "for you alone" in counter.client.kiosk.state.said)
    counter.qtbot.waitUntil(lambda: counter.client.kiosk.state.step is KioskStep.TROUBLE)
    state = counter.client.kiosk.state
    assert not state.online
    assert state.trouble is not None
    assert state.trouble.again_at is not None
    assert state.kept.startswith("Unsent work of 1 person is kept here")
    assert machine.residue(CANARY, "Maya") == []
    machine.wire.open()
    counter.entrance()
    counter.let_in(maya)
    assert counter.client.window is not None
    assert "1 thing that you had not sent is back" in counter.client.window.toast._words.text()


def test_what_cannot_be_taken_up_stays_kept_until_it_is_given_up(
    counter: Counter, maya: Person, machine: Kiosk
) -> None:
    counter.let_in(maya)
    counter.without_code()
    (visit,) = counter.client.opening._visits.values()
    visit.apart = ({"part": "whiteboard", "words": CANARY},)
    counter.client.sign_out()
    counter.entrance()
    assert counter.client.kiosk.state.kept.startswith("Unsent work of 1 person is kept here")
    assert machine.residue(CANARY) == []
    counter.let_in(maya)
    window = counter.client.window
    assert window is not None
    assert "1 piece of what was kept cannot be taken up." in window.toast._words.text()
    QTest.mouseClick(button_that_says(window, "Read it"), Qt.MouseButton.LeftButton)
    page = window.current
    assert isinstance(page, SyncCentrePage)
    assert page.apart.isVisibleTo(window)
    assert CANARY in " ".join(label.text() for label in page.apart.findChildren(QLabel))
    counter.without_code()
    QTest.mouseClick(page.apart.give_up, Qt.MouseButton.LeftButton)
    assert page.apart.dialog is not None
    QTest.mouseClick(page.apart.dialog.verb_button, Qt.MouseButton.LeftButton)
    assert not page.apart.isVisibleTo(window)
    counter.client.sign_out()
    counter.entrance()
    assert counter.client.kiosk.state.kept == ""


def button_that_says(window: QWidget, words: str) -> QAbstractButton:
    """The button with those words."""
    return next(one for one in window.findChildren(QAbstractButton) if one.text() == words)


def test_who_takes_too_long_with_a_code_is_forgotten(counter: Counter, maya: Person) -> None:
    counter.let_in(maya)
    counter.choose_code()
    counter.client.lock()
    entrance = counter.entrance()
    QTest.mouseClick(entrance.people.tiles[0], Qt.MouseButton.LeftButton)
    entrance.unlocking.pad.type("47")
    counter.client.kiosk._be_quiet()
    assert counter.client.kiosk.state.step is KioskStep.CODE
    assert entrance.unlocking.pad.count == 0
    counter.vendor.clock.forward(minutes=11)
    counter.client.kiosk._tick()
    counter.qtbot.waitUntil(lambda: entrance.people.tiles == [])
    counter.qtbot.waitUntil(lambda: not counter.client.opening._visits)


def test_a_disk_without_room_keeps_nobody_on_the_screen(
    counter: Counter, maya: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_window: MainWindow) -> bool:
        raise DiskFull

    counter.let_in(maya)
    monkeypatch.setattr(MainWindow, "leave", full)
    counter.idle(121)
    assert counter.client.window is None
    counter.entrance()
    assert not counter.client.opening._visits


# ------------------------------------------------------------------------------------------------------- no way out


def test_no_key_closes_or_leaves_the_screen(counter: Counter, maya: Person) -> None:
    screen = counter.let_in(maya)
    alt, control = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
    for key, modifier in (
        (Qt.Key.Key_F4, alt),
        (Qt.Key.Key_Q, control),
        (Qt.Key.Key_W, control),
        (Qt.Key.Key_P, control),
        (Qt.Key.Key_S, control),
        (Qt.Key.Key_F11, Qt.KeyboardModifier.NoModifier),
    ):
        QTest.keyClick(screen, key, modifier)
    screen.close()
    screen.showMinimized()
    QApplication.processEvents()
    assert screen.isVisible()
    assert not screen.isMinimized()
    assert ways_out.allowed() == ways_out.NOTHING
    bound = {bound.keys for bound in screen.pages.keys.window_keys}
    assert not {QKeySequence("Ctrl+P").toString(), "Ctrl+Shift+E", "Ctrl+S"} & bound


def test_nothing_of_a_desktop_is_there(counter: Counter, maya: Person) -> None:
    screen = counter.let_in(maya)
    window = screen.pages
    assert window.accounts.lines() == ()
    assert not window.accounts.may_add
    assert counter.client._work is not None
    assert counter.client._work._beside is None, "no tray"
    counter.without_code()
    window.sign_in_requested.emit()
    counter.qtbot.waitUntil(lambda: counter.client._dialog is not None)
    assert "Your time at this screen is over" in counter.client._dialog.windowTitle()  # type: ignore[union-attr]


def test_whom_to_call_is_said_in_the_words_of_the_organisation(counter: Counter) -> None:
    entrance = counter.entrance()
    QTest.mouseClick(entrance.foot.call, Qt.MouseButton.LeftButton)
    dialog = counter.client._dialog
    assert isinstance(dialog, HelpDialog)
    assert dialog.accessibleDescription() == "Call +31 10 555 0102."
    QTest.mouseClick(dialog.verb_button, Qt.MouseButton.LeftButton)
    assert counter.client._dialog is None


def test_another_language_is_one_press_away_and_goes_with_its_person(counter: Counter) -> None:
    entrance = counter.entrance()
    QTest.mouseClick(entrance.foot.language, Qt.MouseButton.LeftButton)
    counter.qtbot.waitUntil(lambda: counter.client.screen is not entrance)
    fresh = counter.client.screen
    assert isinstance(fresh, EntranceScreen)
    assert fresh.foot.language.text() == "Deutsch"
    assert counter.client.kiosk.state.code is not None, "the code that was shown is still the one"
    QTest.mouseClick(fresh.foot.language, Qt.MouseButton.LeftButton)
    counter.qtbot.waitUntil(lambda: counter.client.kiosk.language == "English")


def widgets_of(screen: QWidget) -> list[QWidget]:
    return [one for one in screen.findChildren(QWidget) if one.isVisible()]


def test_it_fills_the_screen_it_stands_on(counter: Counter) -> None:
    entrance = counter.entrance()
    there = QGuiApplication.primaryScreen().geometry()
    assert entrance.geometry() == there
    assert entrance.mapToGlobal(QPoint(0, 0)) == there.topLeft()
    assert widgets_of(entrance)

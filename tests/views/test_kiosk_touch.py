"""A screen for fingers: targets of 44 on every page, reasons that need no pointer, fields above the keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QKeyEvent, QMouseEvent, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QMenu,
    QTextEdit,
    QToolTip,
    QWidget,
)

from app.views import ways_out
from app.views.kiosk.asking import CodeDialog, HelpDialog, LeaveDialog, OverDialog
from app.views.kiosk.bar import KioskBar
from app.views.kiosk.revealing import give_way, reveal
from app.views.kiosk.touches import Touches
from app.views.kiosk.use import UseScreen
from app.views.main_window import MainWindow
from app.views.page import Place
from app.views.theme.theme import Theme
from app.views.theme.tokens import Kiosk
from app.views.theme.touch import pressed, use_fingers
from app.views.widgets.base import model_of
from app.views.widgets.buttons import secondary
from app.views.widgets.calendar import CalendarPopup
from app.views.widgets.dialog import Dialog
from tests.services.conftest import StandingClock
from tests.views.checks import follows_scheme, unnamed
from tests.views.everywhere import cut_labels, furnish, overlays, places
from tests.views.stage import Stage, settle
from tests.views.test_ways_out import menus

#: Every page by night; by day those that hold one of each kind of thing that is pressed.
SOME = ("home", "deal_registration", "new", "settings", "request", "document")
_PRESSED = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QHeaderView)


@pytest.fixture
def fingers(qapp: QApplication, theme: Theme) -> Iterator[Touches]:
    ways_out.shut(qapp)
    use_fingers(qapp)
    theme.apply(qapp)
    touches = Touches(qapp)
    yield touches
    touches.stop()


@pytest.fixture
def screen(stage: Stage, fingers: Touches) -> Iterator[UseScreen]:
    furnish(stage.world)
    window = MainWindow(stage.portal, stage.bridge, stage.theme)
    made = UseScreen(stage.theme, window, "Maya", "MO", locks=True)
    made.resize(1280, 800)
    made.show()
    QApplication.processEvents()
    yield made
    # What is destroyed while it has the keyboard tells its parts so when they are half gone.
    made.hide()


def small(root: QWidget) -> list[str]:
    """What can be pressed or takes the keyboard by Tab, and is smaller than a finger."""
    found = []
    for one in root.findChildren(QWidget):
        if not one.isVisibleTo(root) or not one.isEnabled():
            continue
        by_tab = bool(one.focusPolicy() & Qt.FocusPolicy.TabFocus) and not isinstance(
            one, QAbstractScrollArea
        )
        if not isinstance(one, _PRESSED) and not by_tab:
            continue
        frame = one.parentWidget()
        bare = isinstance(one, QLineEdit) and one.property("kind") == "bare" and frame is not None
        what = frame if bare and frame is not None and frame.property("kind") == "fieldbox" else one
        if min(what.width(), what.height()) < Kiosk.LEAST:
            found.append(f"{type(one).__name__} {what.width()}x{what.height()} {one.accessibleName()}")
    for view in root.findChildren(QAbstractItemView):
        model = model_of(view)
        if model is None or isinstance(view, QHeaderView) or not view.isVisibleTo(root):
            continue
        for row in range(min(model.rowCount(), 4)):
            index = model.index(row, 0)
            if model.flags(index) & Qt.ItemFlag.ItemIsEnabled:
                height = view.visualRect(index).height()
                found += [f"{type(view).__name__} row {height}"] if 0 < height < Kiosk.LEAST else []
    return found


def walk(stage: Stage, screen: UseScreen, names: tuple[str, ...] = ()) -> dict[str, list[str]]:
    window, found = screen.pages, dict[str, list[str]]()
    for place in places(stage):
        if names and place.page not in names:
            continue
        window.go(place)
        for _ in range(3):
            QApplication.processEvents()
        screen.grab()  # what is about to be painted is grown first
        found[f"{place.page} {place.entity}"] = small(screen)
        for menu in menus(window):
            menu.ensurePolished()
            heights = [menu.actionGeometry(one).height() for one in menu.actions() if not one.isSeparator()]
            found[f"{place.page} menu"] = [str(one) for one in heights if one < Kiosk.LEAST]
            menu.deleteLater()
    return {name: what for name, what in found.items() if what}


def test_whatever_is_pressed_is_as_large_as_a_finger(stage: Stage, screen: UseScreen) -> None:
    assert walk(stage, screen, SOME) == {}
    settle()


@pytest.mark.nightly
def test_whatever_is_pressed_on_any_page_is_as_large_as_a_finger(stage: Stage, screen: UseScreen) -> None:
    assert walk(stage, screen) == {}
    for name, shown in overlays(stage, screen.pages):
        QApplication.processEvents()
        # A kiosk offers no file for support (`Checkup.may_save`).
        assert (name, small(shown) if name != "DiagnosticsWindow" else []) == (name, [])
    settle()


def asked(stage: Stage, screen: UseScreen, name: str) -> Dialog:
    words = "2 things are not sent yet."
    match name:
        case "leave":
            return LeaveDialog(stage.theme, screen, words)
        case "over":
            return OverDialog(stage.theme, screen, words)
        case "help":
            return HelpDialog(stage.theme, screen, words)
        case _:
            return CodeDialog(stage.theme, screen, 10, stage.portal.formats.tr)


@pytest.mark.parametrize("name", ["leave", "over", "help", "code"])
def test_what_the_screen_asks_is_made_for_fingers(stage: Stage, screen: UseScreen, name: str) -> None:
    dialog = asked(stage, screen, name)
    dialog.show()
    QApplication.processEvents()
    assert small(dialog) == []
    heights = {
        one.accessibleName(): one.height() for one in dialog.findChildren(QAbstractButton) if one.isVisible()
    }
    assert {name: height for name, height in heights.items() if height < Kiosk.TARGET} == {}
    assert unnamed(dialog) == []
    assert cut_labels(dialog) == []
    assert screen.rect().contains(QRect(screen.mapFromGlobal(dialog.pos()), dialog.size()))
    assert follows_scheme(dialog, stage.theme)


def test_days_of_a_calendar_are_as_large_as_a_finger(theme: Theme, fingers: Touches) -> None:
    popup = CalendarPopup(theme, StandingClock().now().date())
    assert popup._grid._cell(0).height() == Kiosk.LEAST
    assert pressed(64) == 64


def test_elsewhere_everything_is_as_it_was(theme: Theme) -> None:
    assert pressed(32) == 32
    button = secondary(theme, "Edit", small=True)
    button.show()
    assert button.height() == 28


# ------------------------------------------------------------------------------------------------------------ the bar


def test_the_bar_counts_down_in_words_and_a_press_stays(theme: Theme, fingers: Touches) -> None:
    bar = KioskBar(theme, "Maya", "MO", locks=True)
    bar.resize(1280, Kiosk.BAR)
    bar.show()
    stayed: list[int] = []
    bar.stayed.connect(lambda: stayed.append(1))
    bar.count_down(20)
    assert bar.left.text() == "Locks in 20 s – touch to stay"
    assert bar.warning.accessibleName() == bar.left.text()
    QTest.mouseClick(bar.stay, Qt.MouseButton.LeftButton)
    assert stayed == [1]
    bar.count_down(0)
    assert not bar.counts
    without = KioskBar(theme, "Maya", "MO", locks=False)
    without.count_down(3)
    assert without.left.text() == "Signs you out in 3 s – touch to stay"
    assert without.lock.isHidden()


def test_two_different_codes_are_asked_for_anew(stage: Stage, screen: UseScreen) -> None:
    dialog = CodeDialog(stage.theme, screen, 10, stage.portal.formats.tr)
    dialog.show()
    chosen: list[str] = []
    dialog.chosen.connect(chosen.append)

    def give(code: str) -> None:
        QTest.keyClicks(dialog.pad, code)
        QTest.keyClick(dialog.pad, Qt.Key.Key_Return)

    give("4711")
    assert dialog.says == "The same once more."
    give("4712")
    assert dialog.says.startswith("Those were two different codes.")
    give("1234")
    give("1234")
    assert chosen == ["1234"]
    dialog.fail("That code is guessed at the first try. Choose another one.")
    assert dialog.says.startswith("That code is guessed")
    give("4711")
    give("4711")
    assert chosen == ["1234", "4711"]


# -------------------------------------------------------------------------------------------------------- fingers


def shown(widget: QWidget, fingers: Touches) -> QWindow:
    """Show a widget; returns its window, which gets everything first."""
    widget.show()
    fingers.watch()
    window = widget.windowHandle()
    assert window is not None
    return window


def test_touches_are_told_and_a_pointer_that_only_lies_there_is_nobody(
    theme: Theme, fingers: Touches
) -> None:
    told: list[int] = []
    fingers.touched.connect(lambda: told.append(1))
    button = secondary(theme, "Edit")
    window = shown(button, fingers)
    at = QPointF(5, 5)
    none = Qt.MouseButton.NoButton
    for spot, expected in ((at, 0), (at, 0), (at + QPointF(3, 0), 1)):
        event = QMouseEvent(QEvent.Type.MouseMove, spot, spot, none, none, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(window, event)
        assert len(told) == expected
    QTest.keyClick(window, Qt.Key.Key_A)
    assert len(told) == 2
    QTest.mouseClick(window, Qt.MouseButton.LeftButton)
    assert len(told) >= 3


def test_who_presses_what_rests_is_told_why(
    theme: Theme, fingers: Touches, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, words, _of: said.append(words))
    button = secondary(theme, "Prove now")
    button.disable("You are offline.")
    window = shown(button, fingers)
    spot = button.rect().center().toPointF()
    left = Qt.MouseButton.LeftButton
    over = QPointF(button.mapToGlobal(button.rect().center()))
    event = QMouseEvent(QEvent.Type.MouseButtonPress, spot, over, left, left, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(window, event)
    assert said == ["You are offline."]


def test_nothing_is_dragged_in_from_outside(theme: Theme, fingers: Touches) -> None:
    edit = QTextEdit()
    window = shown(edit, fingers)
    data = QMimeData()
    data.setUrls([QUrl("file:///etc/passwd")])
    data.setText("from outside")
    event = QDragEnterEvent(
        QPoint(3, 3),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(window, event)
    assert not event.isAccepted()


@pytest.mark.parametrize(
    ("key", "modifier"),
    [
        (Qt.Key.Key_F4, Qt.KeyboardModifier.AltModifier),
        (Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_Print, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_F12, Qt.KeyboardModifier.NoModifier),
    ],
)
def test_keys_that_lead_out_reach_nothing(
    theme: Theme, fingers: Touches, key: Qt.Key, modifier: Qt.KeyboardModifier
) -> None:
    got: list[int] = []

    class Ear(QWidget):
        def keyPressEvent(self, event: QKeyEvent) -> None:
            got.append(event.key())

    ear = Ear()
    window = shown(ear, fingers)
    for pressed_key, held in ((key, modifier), (Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier)):
        QApplication.sendEvent(window, QKeyEvent(QEvent.Type.KeyPress, pressed_key, held))
    assert got == [Qt.Key.Key_A]


# ---------------------------------------------------------------------------------------------------- the keyboard


def test_a_field_is_seen_above_the_keyboard_on_the_screen(screen: UseScreen) -> None:
    screen.pages.go(Place("new", entity="deal_registration"))
    for _ in range(3):
        QApplication.processEvents()
    fields = [one for one in screen.findChildren(QLineEdit) if one.isVisible() and one.isEnabled()]
    assert len(fields) > 10
    bottom = screen.mapToGlobal(QPoint(0, screen.height())).y()
    keyboard = QRect(0, bottom - 320, screen.width(), 320)
    give_way(screen, keyboard)
    QApplication.processEvents()
    for field in (fields[1], fields[9], fields[-1]):
        reveal(field)
        QApplication.processEvents()
        upper = field.mapToGlobal(QPoint(0, 0)).y()
        assert upper >= screen.mapToGlobal(QPoint(0, 0)).y()
        assert upper + field.height() <= keyboard.top()
        assert not field.visibleRegion().isEmpty()
    give_way(screen, QRect())
    QApplication.processEvents()
    assert screen.pages.height() + screen.bar.height() == screen.height()


def test_menus_have_room_for_fingers(theme: Theme, fingers: Touches) -> None:
    menu = QMenu()
    entry = menu.addAction("Copy link")
    menu.ensurePolished()
    menu.adjustSize()
    assert menu.actionGeometry(entry).height() >= Kiosk.LEAST

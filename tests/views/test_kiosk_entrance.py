"""The entrance of a kiosk: its code and square, who is locked, what stands in the way; on screens of every shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from app.bridge.kiosk_state import KioskStep
from app.services.square_code import square_of
from app.views.kiosk.entrance import EntranceScreen
from app.views.kiosk.pad import MOST, CodePad
from app.views.kiosk.square import SquareCode, runs
from app.views.theme.theme import SchemeChoice, Theme
from app.views.theme.tokens import Kiosk
from tests.views.checks import follows_scheme, unnamed
from tests.views.everywhere import cut_labels, painted
from tests.views.kiosk_door import EVERY_STATE, JOHANNES, MAYA, NOW, StillDoor, state
from tests.views.listening import mute
from tests.views.pseudo import PseudoTranslator

SCREENS = ((1280, 800), (1024, 768), (1920, 1080), (800, 1280))


@pytest.fixture
def door(qapp: QApplication) -> StillDoor:
    return StillDoor(state())


def opened(door: StillDoor, theme: Theme, size: tuple[int, int] = (1280, 800)) -> EntranceScreen:
    screen = EntranceScreen(door, theme)
    screen.resize(*size)
    screen.show()
    QApplication.processEvents()
    return screen


@pytest.fixture
def pseudo(qapp: QApplication) -> Iterator[None]:
    """Every word a third longer."""
    translator = PseudoTranslator()
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


# ------------------------------------------------------------------------------------------------------- the code


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
@pytest.mark.parametrize("scheme", [SchemeChoice.LIGHT, SchemeChoice.DARK])
def test_each_module_of_the_square_is_plainly_dark_on_white(
    theme: Theme, ratio: float, scheme: SchemeChoice
) -> None:
    theme.choose(scheme)
    text = "https://halden.example/screen?user_code=KTRM-4827"
    square = SquareCode(theme)
    square.show_text(text, "Square")
    edge = square.width()
    image = QImage(round(edge * ratio), round(edge * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    square.devicePixelRatioF = lambda: ratio  # type: ignore[method-assign]
    square.render(image)
    dark = QColor("#14171D").rgb()
    points = [
        (x, y) for y in range(image.height()) for x in range(image.width()) if image.pixel(x, y) == dark
    ]
    left, top = min(x for x, _ in points), min(y for _, y in points)
    right = max(x for x, _ in points)
    expected = square_of(text)
    module, rest = divmod(right - left + 1, len(expected))
    assert rest == 0, "modules are whole pixels of the screen"
    assert left >= 4 * module, "a camera needs four modules of quiet around"
    for y, line in enumerate(expected):
        for x, is_dark in enumerate(line):
            found = {
                image.pixel(left + x * module + dx, top + y * module + dy)
                for dx in (0, module - 1)
                for dy in (0, module - 1)
            }
            assert found == {dark if is_dark else QColor("#FFFFFF").rgb()}


def test_dark_stretches_are_painted_without_seams() -> None:
    assert runs((True, True, False, True)) == [(0, 2), (3, 4)]
    assert runs((False, False)) == []


def test_too_long_a_text_is_no_square() -> None:
    with pytest.raises(ValueError, match="too long"):
        square_of("x" * 3000)


def test_the_code_is_spelt_for_who_listens(door: StillDoor, theme: Theme) -> None:
    screen = opened(door, theme)
    assert screen.code.tiles.accessibleName() == "Code: K, T, R, M, dash, 4, 8, 2, 7"
    assert "halden.example/screen" in screen.code.square.accessibleName()


def test_the_time_that_is_left_runs_by_the_clock(door: StillDoor, theme: Theme) -> None:
    screen = opened(door, theme)
    assert screen.code.left.text() == "New code in 8:12"
    door.at += timedelta(seconds=70)
    screen._tick()
    assert screen.code.left.text() == "New code in 7:02"
    assert screen.code.bar.accessibleName() == "New code in 7:02"


def test_measures_are_those_of_the_design(door: StillDoor, theme: Theme) -> None:
    screen = opened(door, theme)
    assert screen.code.square.width() == Kiosk.SQUARE + 2 * Kiosk.QUIET
    assert screen.foot.again.height() == screen.foot.language.height() == Kiosk.TARGET
    assert screen.code.tiles.height() == 72
    assert "Locks after 2 minutes without touch. Nothing of yours stays here." in screen.foot.note


# ------------------------------------------------------------------------------------------------- what one can do


def test_what_is_pressed_is_asked_of_the_bridge(door: StillDoor, theme: Theme) -> None:
    door.show_state(EVERY_STATE["people"])
    screen = opened(door, theme)
    asked: list[str] = []
    screen.help_asked.connect(lambda: asked.append("help"))
    for button in (screen.foot.again, screen.foot.language, screen.foot.call, screen.people.tiles[1]):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert door.asked == [("new_code",), ("speak_next",), ("choose", JOHANNES.id)]
    assert asked == ["help"]


def test_without_words_for_it_nobody_is_called(door: StillDoor, theme: Theme) -> None:
    door.show_state(state(help=""))
    assert opened(door, theme).foot.call.isHidden()


def test_a_code_is_typed_by_touch_by_keyboard_and_by_a_badge(door: StillDoor, theme: Theme) -> None:
    door.show_state(EVERY_STATE["unlock"])
    screen = opened(door, theme)
    pad = screen.unlocking.pad
    for digit in ("1", "9", "back", "2"):
        QTest.mouseClick(pad.keys[digit], Qt.MouseButton.LeftButton)
    QTest.mouseClick(pad.keys["go"], Qt.MouseButton.LeftButton)
    QTest.keyClicks(pad, "4711")
    QTest.keyClick(pad, Qt.Key.Key_Return)
    QTest.keyClicks(pad, "BADGE-00A7;")
    QTest.keyClick(pad, Qt.Key.Key_Enter)
    assert door.asked == [("unlock", "12"), ("unlock", "4711"), ("unlock", "BADGE-00A7;")]
    assert pad.count == 0


def test_a_badge_at_the_entrance_is_of_whom_alone_is_locked(door: StillDoor, theme: Theme) -> None:
    door.show_state(state(people=(MAYA,)))
    screen = opened(door, theme)
    QTest.keyClicks(screen, "77")
    assert door.asked == [("choose", MAYA.id)]
    assert screen.unlocking.pad.count == 1  # the second sign goes to what has the keyboard then: the pad


def test_with_two_locked_a_badge_says_nothing_of_whose_it_is(door: StillDoor, theme: Theme) -> None:
    door.show_state(EVERY_STATE["people"])
    screen = opened(door, theme)
    QTest.keyClicks(screen, "77")
    assert door.asked == []


def test_while_a_code_is_tried_no_other_is_taken(door: StillDoor, theme: Theme) -> None:
    door.show_state(EVERY_STATE["checking"])
    screen = opened(door, theme)
    QTest.keyClicks(screen.unlocking.pad, "4711")
    QTest.keyClick(screen.unlocking.pad, Qt.Key.Key_Return)
    assert door.asked == []
    assert not screen.unlocking.pad.keys["1"].isEnabled()
    door.show_state(EVERY_STATE["unlock"])
    assert screen.unlocking.pad.keys["1"].isEnabled()


def test_what_was_typed_is_forgotten_on_going_back(door: StillDoor, theme: Theme) -> None:
    door.show_state(EVERY_STATE["unlock"])
    screen = opened(door, theme)
    screen.unlocking.pad.type("12")
    door.show_state(state())
    assert screen.unlocking.pad.count == 0


def test_a_pad_shows_dots_and_never_signs(theme: Theme, qapp: QApplication) -> None:
    from app.services.words import Words

    pad = CodePad(theme, Words())
    pad.type("7" * (MOST + 5))
    assert pad.count == MOST
    with painted() as seen:
        pad.line.grab()
    assert not any("7" in one.text for one in seen)
    assert pad.line.accessibleDescription() == "64 signs typed"
    assert pad.inputMethodHints() & Qt.InputMethodHint.ImhSensitiveData


def test_nobody_at_the_screen_closes_it(door: StillDoor, theme: Theme) -> None:
    screen = opened(door, theme)
    screen.close()
    QTest.keyClick(screen, Qt.Key.Key_F4, Qt.KeyboardModifier.AltModifier)
    QTest.keyClick(screen, Qt.Key.Key_Escape)
    assert screen.isVisible()


# ------------------------------------------------------------------------------------------- what stands in the way


def test_trouble_says_what_and_when_it_is_tried_again(door: StillDoor, theme: Theme) -> None:
    door.show_state(EVERY_STATE["trouble"])
    screen = opened(door, theme)
    assert screen.told.heading.text() == "The gateway cannot be reached."
    assert screen.told.retry.text() == "Tries again by itself in 12 s"
    assert screen.head.chip.words == "Offline · as of 09:41"
    QTest.mouseClick(screen.told.button, Qt.MouseButton.LeftButton)
    assert door.asked == [("new_code",)]
    assert [tile.person for tile in screen.people.tiles] == [MAYA], "who is locked gets in without a network"


def test_unsent_work_is_announced_without_a_name(door: StillDoor, theme: Theme) -> None:
    door.show_state(state(kept="Unsent work of 1 person is kept here."))
    screen = opened(door, theme)
    assert screen.kept.text() == "Unsent work of 1 person is kept here."
    door.show_state(state(kept="Unsent work of 1 person is kept here.", said="You are signed out."))
    assert screen.kept.text() == "You are signed out."
    door.show_state(state())
    assert not screen.kept.isVisible()


# ------------------------------------------------------------------------------------------------------ every shape


@pytest.mark.parametrize("size", SCREENS, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", EVERY_STATE)
def test_all_of_it_fits_and_can_be_touched(
    door: StillDoor, theme: Theme, size: tuple[int, int], name: str, pseudo: None
) -> None:
    door.show_state(EVERY_STATE[name])
    screen = opened(door, theme, size)
    assert (screen.width(), screen.height()) == size, "it asks for no more than the screen has"
    assert cut_labels(screen) == []
    shown = [one for one in screen.findChildren(QWidget) if one.isVisible() and not one.findChildren(QWidget)]
    for widget in shown:
        at = widget.mapTo(screen, QPoint(0, 0))
        assert screen.rect().contains(at), (type(widget).__name__, at)
        end = widget.mapTo(screen, widget.rect().bottomRight())
        assert screen.rect().contains(end), (type(widget).__name__, end)
    for button in screen.findChildren(QAbstractButton):
        if button.isVisible():
            assert min(button.width(), button.height()) >= Kiosk.TARGET


@pytest.mark.parametrize("name", EVERY_STATE)
def test_everything_has_a_name_and_follows_the_scheme(door: StillDoor, theme: Theme, name: str) -> None:
    door.show_state(EVERY_STATE[name])
    screen = opened(door, theme)
    assert unnamed(screen) == []
    assert mute(screen) == []
    assert follows_scheme(screen, theme)


def test_another_state_is_shown_without_leaving_ghosts(door: StillDoor, theme: Theme) -> None:
    screen = opened(door, theme)
    for shown in (*EVERY_STATE.values(), state(people=(replace(MAYA, minutes=7),)), state()):
        door.show_state(shown)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QApplication.processEvents()
    assert screen.people.isHidden()
    assert door.state.step is KioskStep.CODE
    assert door.now() == NOW

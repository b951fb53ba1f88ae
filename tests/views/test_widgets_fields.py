"""Fields and their controls: values, errors, hints, locks; and a text that never moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.views.theme.theme import Theme
from app.views.widgets.calendar import CalendarPopup, MonthGrid, add_months
from app.views.widgets.choice_controls import (
    CheckControl,
    ChoiceControl,
    MultiChoiceControl,
    Option,
    SegmentedControl,
)
from app.views.widgets.control import Control
from app.views.widgets.date_control import DateControl, parse_date, show_date
from app.views.widgets.field import Field
from app.views.widgets.money_control import MoneyControl, MoneyValue
from app.views.widgets.text_controls import LineControl, NumberControl, TextControl, parse_number, show_number

UK = QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom)
GERMAN = QLocale(QLocale.Language.German, QLocale.Country.Germany)
TODAY = date(2026, 11, 23)
Shown = Callable[[QWidget], QWidget]
OPTIONS = (Option("edge", "Edge 220"), Option("vault", "Vault"), Option("care", "Care"))


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    """Puts a field into a window wide enough for it, laid out and polished, and keeps the window alive."""
    windows: list[QWidget] = []

    def put(field: QWidget) -> QWidget:
        window = QWidget()
        qtbot.addWidget(window)
        windows.append(window)
        QVBoxLayout(window).addWidget(field)
        window.resize(480, 300)
        window.grab()
        return window

    return put


@pytest.mark.parametrize("state", ["error", "hint"])
def test_the_text_stays_where_it_is_when_the_border_grows(
    theme: Theme, qtbot: QtBot, state: str, shown: Shown
) -> None:
    control = LineControl(theme)
    field = Field(theme, "Title", control)
    field.set_value("Ledbury Homes")
    window = shown(field)
    before = (control.edit.cursorRect().topLeft(), control.edit.size())
    if state == "error":
        field.set_error("Write at least two words.")
    else:
        field.set_hint("Looks like a customer you have.")
    window.grab()
    assert (control.edit.cursorRect().topLeft(), control.edit.size()) == before


def test_the_text_stays_where_it_is_on_focus(theme: Theme, qtbot: QtBot, shown: Shown) -> None:
    control = TextControl(theme)
    field = Field(theme, "Problem", control)
    field.set_value("Two lines\nof text")
    window = shown(field)
    before = control.edit.cursorRect().topLeft() + control.edit.viewport().pos()
    field.set_error("Say more.")
    window.grab()
    assert control.edit.cursorRect().topLeft() + control.edit.viewport().pos() == before


def test_an_error_goes_while_typing_and_a_hint_stays(theme: Theme, qtbot: QtBot, shown: Shown) -> None:
    control = LineControl(theme)
    field = Field(theme, "Website", control, help="Without https")
    shown(field)
    field.set_hint("May clash")
    field.set_error("Not an address.")
    assert control.edit.accessibleDescription() == "Not an address."
    with qtbot.waitSignal(field.edited):
        QTest.keyClicks(control.edit, "x")
    assert field.error == ""
    assert control.edit.property("state") == "hint"
    assert control.edit.accessibleDescription() == "May clash"
    field.set_hint("")
    assert control.edit.accessibleDescription() == "Without https"


def test_unreadable_input_is_told_on_leaving(theme: Theme, qtbot: QtBot, shown: Shown) -> None:
    control = DateControl(theme, today=lambda: TODAY)
    field = Field(theme, "Target close", control)
    shown(field)
    QTest.keyClicks(control.edit, "soonish")
    assert field.error == ""
    with qtbot.waitSignal(field.left):
        control.left.emit()
    assert field.error == "Not a date. Write it as 23 Nov 2026."
    assert field.value() is None


def test_a_locked_field_says_why_and_takes_nothing(theme: Theme, qtbot: QtBot, shown: Shown) -> None:
    control = LineControl(theme)
    field = Field(theme, "Amount", control)
    field.set_value("£129,300.00")
    shown(field)
    field.set_locked("Amount is locked during review.")
    QTest.keyClicks(control.edit, "7")
    assert field.value() == "£129,300.00"
    assert "locked during review" in control.edit.accessibleDescription()
    field.set_locked("")
    QTest.keyClicks(control.edit, "7")
    assert field.value() == "7£129,300.00"


def test_names_reach_the_part_with_the_keyboard(theme: Theme, qtbot: QtBot) -> None:
    controls: list[Control] = [
        LineControl(theme),
        TextControl(theme),
        NumberControl(theme),
        DateControl(theme),
        MoneyControl(theme, ["GBP"]),
        ChoiceControl(theme, OPTIONS),
    ]
    for control in controls:
        field = Field(theme, "Amount", control)
        qtbot.addWidget(field)
        proxy = control.focusProxy()
        assert proxy is not None
        assert proxy.accessibleName() == "Amount"


def test_the_counter_counts_and_warns(theme: Theme, qtbot: QtBot) -> None:
    control = TextControl(theme)
    field = Field(theme, "Problem", control, limit=2000)
    qtbot.addWidget(field)
    texts = {label.text() for label in field.findChildren(QWidget) if hasattr(label, "text")}
    assert "0 of 2,000" in texts
    control.edit.insertPlainText("x" * 2001)
    texts = {label.text() for label in field.findChildren(QWidget) if hasattr(label, "text")}
    assert "2,001 of 2,000" in texts


def test_setting_a_value_is_not_an_edit(theme: Theme, qtbot: QtBot) -> None:
    for control, value in (
        (LineControl(theme), "a"),
        (TextControl(theme), "a\nb"),
        (DateControl(theme), TODAY),
        (MoneyControl(theme, ["GBP"]), MoneyValue("5.00", "GBP")),
        (ChoiceControl(theme, OPTIONS), "vault"),
        (SegmentedControl(theme, OPTIONS), "care"),
        (MultiChoiceControl(theme, OPTIONS), ("edge", "care")),
        (CheckControl(theme, "Agreed"), True),
    ):
        qtbot.addWidget(control)
        with qtbot.assertNotEmitted(control.edited):
            control.set_value(value)
        assert control.value() == value
        with qtbot.assertNotEmitted(control.edited):
            control.set_value(None)
        assert control.value() in {None, False}


@pytest.mark.parametrize("wrong", [7, object(), b"x"])
def test_a_value_of_another_kind_is_refused(theme: Theme, qtbot: QtBot, wrong: object) -> None:
    for control in (LineControl(theme), TextControl(theme), MoneyControl(theme, ["GBP"]), DateControl(theme)):
        qtbot.addWidget(control)
        with pytest.raises(TypeError):
            control.set_value(wrong)


@pytest.mark.parametrize(
    ("text", "locale", "found"),
    [
        ("20 Nov 2026", UK, date(2026, 11, 20)),
        ("20 November 2026", UK, date(2026, 11, 20)),
        ("2026-11-20", UK, date(2026, 11, 20)),
        ("20/11/2026", UK, date(2026, 11, 20)),
        (" 20  nov  2026 ", UK, date(2026, 11, 20)),
        ("20.11.2026", GERMAN, date(2026, 11, 20)),
        ("31 Feb 2026", UK, None),
        ("tomorrow", UK, None),
        ("", UK, None),
    ],
)
def test_dates_are_read_as_people_write_them(text: str, locale: QLocale, found: date | None) -> None:
    assert parse_date(text, locale) == found


def test_a_date_is_shown_and_read_back() -> None:
    for locale in (UK, GERMAN):
        assert parse_date(show_date(TODAY, locale), locale) == TODAY


@pytest.mark.parametrize(
    ("text", "locale", "number"),
    [
        ("22,480.00", UK, "22480.00"),
        ("22480", UK, "22480"),
        ("22.480,50", GERMAN, "22480.50"),
        (" 1 000 ", UK, "1000"),
        ("1\u00a0000,5", QLocale(QLocale.Language.French, QLocale.Country.France), "1000.5"),
        ("-3", UK, "-3"),
        ("NaN", UK, None),
        ("Infinity", UK, None),
        ("12 pounds", UK, None),
        ("", UK, None),
    ],
)
def test_numbers_are_read_in_the_users_notation(text: str, locale: QLocale, number: str | None) -> None:
    assert parse_number(text, locale) == (None if number is None else Decimal(number))


def test_no_digit_is_lost_in_showing_a_number() -> None:
    assert show_number("12345678901234567.89", UK) == "12,345,678,901,234,567.89"
    assert show_number("1234.50", GERMAN) == "1.234,50"
    assert show_number("not a number", UK) == "not a number"


def test_money_is_one_value(theme: Theme, qtbot: QtBot) -> None:
    control = MoneyControl(theme, ["GBP", "EUR"])
    qtbot.addWidget(control)
    QTest.keyClicks(control.edit, "22,480")
    assert control.value() == MoneyValue("22480.00", "GBP")
    control.edit.editingFinished.emit()
    assert control.edit.text() == "22,480.00"
    control.set_value(MoneyValue("1.005", "JPY"))
    assert control.value() == MoneyValue("1.005", "JPY")
    control.edit.setText("much")
    assert control.value() is None
    assert control.problem().startswith("Not an amount")


def test_a_choice_keeps_a_value_the_manifest_no_longer_lists(theme: Theme, qtbot: QtBot) -> None:
    control = ChoiceControl(theme, OPTIONS)
    qtbot.addWidget(control)
    control.set_value("retired")
    assert control.value() == "retired"
    control.set_options(OPTIONS[:1])
    assert control.value() == "retired"


def test_segments_move_by_arrow_keys(theme: Theme, qtbot: QtBot, shown: Shown) -> None:
    control = SegmentedControl(theme, OPTIONS)
    shown(control)
    control.set_value("edge")
    first = control.focusProxy()
    assert isinstance(first, QWidget)
    first.setFocus()
    with qtbot.waitSignal(control.edited):
        QTest.keyClick(first, Qt.Key.Key_Right)
    assert control.value() == "vault"


def test_a_text_box_keeps_plain_text_and_its_lines(theme: Theme, qtbot: QtBot) -> None:
    control = TextControl(theme)
    qtbot.addWidget(control)
    control.set_value("one\ntwo")
    block = control.edit.document().begin()
    while block.isValid():
        assert block.blockFormat().lineHeight() == 20
        block = block.next()
    assert not control.edit.acceptRichText()
    assert not control.edit.document().isUndoAvailable()
    control.edit.insertPlainText("x")
    control.edit.undo()
    assert control.value() == "one\ntwo"


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 5), 1, date(2027, 1, 5)),
        (date(2026, 1, 5), -1, date(2025, 12, 5)),
        (date(9999, 12, 31), 1, date(9999, 12, 31)),
        (date(1, 1, 1), -1, date(1, 1, 1)),
    ],
)
def test_months_are_added_within_what_a_date_can_hold(day: date, months: int, found: date) -> None:
    assert add_months(day, months) == found


def test_the_calendar_is_worked_by_keys(theme: Theme, qtbot: QtBot) -> None:
    grid = MonthGrid(theme, TODAY)
    qtbot.addWidget(grid)
    grid.show_day(None, TODAY)
    with qtbot.waitSignal(grid.picked) as picked:
        for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_PageDown, Qt.Key.Key_Return):
            QTest.keyClick(grid, key)
    assert picked.args == [date(2027, 1, 1)]
    assert "2027" in grid.accessibleName()


@pytest.mark.parametrize(
    ("edge", "key"), [(date(9999, 12, 31), Qt.Key.Key_Down), (date(1, 1, 1), Qt.Key.Key_Up)]
)
def test_the_calendar_stops_at_the_ends_of_time(theme: Theme, qtbot: QtBot, edge: date, key: Qt.Key) -> None:
    grid = MonthGrid(theme, TODAY)
    qtbot.addWidget(grid)
    grid.show_day(None, edge)
    grid.resize(grid.sizeHint())
    QTest.keyClick(grid, key)
    assert not grid.grab().isNull()
    with qtbot.waitSignal(grid.picked) as picked:
        QTest.keyClick(grid, Qt.Key.Key_Return)
    assert picked.args == [edge]


def test_a_picked_day_is_an_edit(
    theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, shown: Shown
) -> None:
    monkeypatch.setattr(CalendarPopup, "show", lambda _popup: None)
    control = DateControl(theme, today=lambda: TODAY)
    shown(control)
    control.open_calendar()
    popup = control.findChild(CalendarPopup)
    assert popup is not None
    with qtbot.waitSignal(control.edited):
        popup.picked.emit(date(2026, 12, 1))
    assert control.value() == date(2026, 12, 1)
    assert control.findChildren(QLineEdit)[0].text() == "1 Dec 2026"

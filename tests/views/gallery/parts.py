"""Every part on its own, in its states: what the screens do not show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QWidget

from app.contract.manifest import Brand
from app.views.theme.fonts import Role
from app.views.theme.marks import Mark
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.banner import Notice
from app.views.widgets.base import Panel
from app.views.widgets.buttons import Button, ButtonKind, IconButton, link, primary, secondary
from app.views.widgets.calendar import CalendarPopup
from app.views.widgets.cards import Card
from app.views.widgets.choice_controls import (
    CheckControl,
    ChoiceControl,
    MultiChoiceControl,
    Option,
    SegmentedControl,
)
from app.views.widgets.date_control import DateControl
from app.views.widgets.dialog import Dialog
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.field import Field
from app.views.widgets.freshness import Freshness, FreshnessChip
from app.views.widgets.gauges import ProgressBar, Switch
from app.views.widgets.layout import column, row
from app.views.widgets.pills import KeyCap, Pill, SyncMark
from app.views.widgets.stepper import Stepper
from app.views.widgets.text import Text
from app.views.widgets.text_controls import LineControl, NumberControl, TextControl
from app.views.widgets.tiles import Avatar, IconTile, LogoTile
from app.views.widgets.toast import Toast

OPTIONS = (
    Option("edge", "Edge 220"),
    Option("vault", "Vault"),
    Option("insight", "Insight Pro"),
    Option("care", "Care 24×7"),
)


def _around(theme: Theme, layout: QLayout) -> QWidget:
    """A panel with room around the parts."""
    panel = Panel(theme)
    outer = column(margins=(24, 24, 24, 24))
    outer.addLayout(layout)
    panel.setLayout(outer)
    return panel


def _buttons(theme: Theme) -> QWidget:
    off = primary(theme, "Submit")
    off.disable("Fill in the title first")
    quiet = secondary(theme, "Retry now", small=True)
    quiet.disable("Nothing waits")
    held = secondary(theme, "Pressed")
    held.setDown(True)
    held_primary = primary(theme, "Pressed")
    held_primary.setDown(True)
    focused = secondary(theme, "Focused")
    focused.setFocus(Qt.FocusReason.TabFocusReason)
    on = Switch(theme, "Work offline")
    on.setChecked(True)
    return _around(
        theme,
        column(
            row(
                primary(theme, "Register a deal", "plus"),
                held_primary,
                off,
                secondary(theme, "Edit", "pencil"),
                held,
                focused,
                quiet,
                None,
            ),
            row(
                Button(theme, "Why offline?", ButtonKind.WARN, small=True),
                link(theme, "Open deals", "chevron-right", icon_after=True),
                IconButton(theme, "trash", "Remove"),
                Switch(theme, "Work offline"),
                on,
                KeyCap(theme, "Ctrl", "Shift", "R"),
                None,
                gap=12,
            ),
            gap=12,
        ),
    )


def _states(theme: Theme) -> QWidget:
    chips = []
    for state, words in (
        (Freshness.LIVE, "Live · as of 09:41"),
        (Freshness.PROVEN, "Live · proven identical 09:41"),
        (Freshness.OFFLINE, "Offline · as of 08:12"),
        (Freshness.FIRST_SYNC, "First sync · 64 %"),
        (Freshness.PROBLEM, "Sign in again"),
    ):
        chip = FreshnessChip(theme)
        chip.show_state(state, words)
        chips.append(chip)
    pills = [
        Pill(theme, tone.value.capitalize(), tone)
        for tone in (Tone.NEUTRAL, Tone.ACCENT, Tone.OK, Tone.WARN, Tone.BAD, Tone.CLASH)
    ]
    documents = [
        Pill(theme, "Current", Tone.OK, "check"),
        Pill(theme, "Superseded", Tone.NEUTRAL, "history"),
        Pill(theme, "Ends in 7 days", Tone.WARN, "hourglass"),
        Pill(theme, "Expired", Tone.BAD, "clock"),
    ]
    bar = ProgressBar(theme, 8)
    bar.show_share(0.64)
    failed = Stepper(theme)
    failed.show_stages(["Submitted", "Review", "Rejected"], 2, failed=True)
    tiles = [
        IconTile(theme, "hourglass", tone) for tone in (Tone.ACCENT, Tone.WARN, Tone.BAD, Tone.CLASH, Tone.OK)
    ]
    return _around(
        theme,
        column(
            row(*chips, None),
            row(*pills, *documents, None),
            row(*(SyncMark(theme, mark) for mark in Mark), None, gap=16),
            row(
                LogoTile(theme, Brand(vendor="Halden", initial="H")),
                Avatar(theme, "Maya Okafor", own=True),
                Avatar(theme, "Ingrid Solheim"),
                *tiles,
                None,
            ),
            bar,
            failed,
            Notice(
                theme,
                "Amount is locked during review",
                "Your value is kept here.",
                "Ask Halden",
                tone=Tone.BAD,
                icon="alert-circle",
            ),
            gap=12,
        ),
    )


def _fields(theme: Theme) -> QWidget:
    focused = Field(theme, "Focused", LineControl(theme), help="Help below")
    focused.set_value("Ledbury Homes")
    plain = Field(theme, "Plain", LineControl(theme, "Placeholder"), optional=True)
    wrong = Field(theme, "Wrong", LineControl(theme))
    wrong.set_value("Ledbury Homes")
    wrong.set_error("Write at least two words.")
    hint = Field(theme, "Hint", LineControl(theme))
    hint.set_value("ledbury")
    hint.set_hint("Looks like a customer you have.")
    locked = Field(theme, "Locked", LineControl(theme))
    locked.set_value("£129,300.00")
    locked.set_locked("Amount is locked during review.")
    combo = Field(theme, "Choice", ChoiceControl(theme, OPTIONS))
    day = Field(theme, "Empty date", DateControl(theme, today=lambda: date(2026, 11, 23)))
    number = Field(theme, "Seats", NumberControl(theme, whole=True))
    number.set_value("1250")
    several = Field(theme, "Products", MultiChoiceControl(theme, OPTIONS, columns=4))
    several.set_value(("vault", "care"))
    check = Field(theme, "Terms", CheckControl(theme, "The customer agreed to be named"))
    check.set_value(True)
    segments = Field(theme, "Type", SegmentedControl(theme, OPTIONS[:3]))
    segments.set_error("Choose one.")
    text = Field(theme, "Text", TextControl(theme, "What stops working today", lines=2), limit=200)
    lines = [
        row(*group, gap=16, align=False)
        for group in (
            (plain, focused, wrong, hint),
            (locked, combo, day, number),
            (several, check),
            (segments, text),
        )
    ]
    for line in lines:
        for place in range(line.count()):
            line.setStretch(place, 1)
    panel = _around(theme, column(*lines, gap=12))
    focused.focus()
    return panel


def _calendar(theme: Theme) -> QWidget:
    popup = CalendarPopup(theme, date(2026, 11, 23))
    popup.setWindowFlags(Qt.WindowType.Widget)
    popup.look_at(date(2026, 11, 20), date(2026, 11, 20))
    empty = EmptyState(
        theme,
        "briefcase",
        "No deals here yet",
        "Register the first one; it works offline too.",
        "Register a deal",
    )
    card = Card(theme)
    card.body.addWidget(empty)
    card.setMinimumSize(420, 260)
    return _around(theme, row(popup, card, None, gap=24, align=False))


def _overlay(theme: Theme) -> QWidget:
    window = Panel(theme)
    window.setFixedSize(760, 320)
    window.setLayout(column(Text(theme, "A page below", Role.PAGE_TITLE), None, margins=(24, 24, 24, 24)))
    toast = Toast(theme, window, fades=False)
    toast.say("Draft discarded", undo=lambda: None)
    return window


def dialog(theme: Theme, window: QWidget) -> Dialog:
    return Dialog(
        theme,
        window,
        "Discard this message?",
        "Your text is deleted from this computer. Halden never saw it.",
        verb="Discard message",
        safe="Keep it",
        danger=True,
    )


PARTS: dict[str, Callable[[Theme], QWidget]] = {
    "part-buttons": _buttons,
    "part-states": _states,
    "part-fields": _fields,
    "part-calendar": _calendar,
    "part-toast": _overlay,
}

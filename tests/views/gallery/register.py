"""The register form with a hint, an error, evidence, and the steps at the side."""

from __future__ import annotations

from datetime import date

from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.views.theme.fonts import Role
from app.views.theme.marks import Mark
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.banner import Banner, Notice
from app.views.widgets.base import Panel
from app.views.widgets.buttons import primary, secondary
from app.views.widgets.cards import SectionHeader
from app.views.widgets.choice_controls import ChoiceControl, Option, SegmentedControl
from app.views.widgets.control import FieldState
from app.views.widgets.date_control import DateControl
from app.views.widgets.field import Field
from app.views.widgets.files import DropArea, FileLook, FileRow
from app.views.widgets.layout import column, row
from app.views.widgets.money_control import MoneyControl, MoneyValue
from app.views.widgets.stepper import Step, StepList, StepState
from app.views.widgets.text import Text
from app.views.widgets.text_controls import LineControl, TextControl
from app.views.widgets.tiles import Icon
from tests.views.gallery.frame import Screen

PROBLEM = (
    "Sales staff in Ledbury, Ross and Malvern lose the booking system several times a day. They want one "
    "managed network with cellular failover before the spring launch."
)
CLASH = (
    "Your colleague Tomasz Wilk registered the same website and product family, protected until 4 Dec 2026. "
    "You can still submit; Halden decides when it arrives."
)


def _line(theme: Theme, label: str, value: str, *, optional: bool = False) -> Field:
    field = Field(theme, label, LineControl(theme), optional=optional)
    field.set_value(value)
    return field


def _side(*fields: tuple[QWidget, int]) -> QHBoxLayout:
    line = row(gap=16, align=False)
    for field, share in fields:
        line.addWidget(field, share)
    return line


def form(theme: Theme) -> QWidget:
    site = _line(theme, "Website", "ledburyhomes.example")
    site.control.set_state(FieldState.HINT)
    country = Field(theme, "Country", ChoiceControl(theme, [Option("gb", "United Kingdom")]))
    country.set_value("gb")
    kind = Field(
        theme,
        "Type",
        SegmentedControl(
            theme, [Option("new", "New"), Option("expansion", "Expansion"), Option("renewal", "Renewal")]
        ),
    )
    kind.set_value("expansion")
    amount = Field(theme, "Amount", MoneyControl(theme, ["GBP", "EUR"]))
    amount.set_value(MoneyValue("22480.00", "GBP"))
    close = Field(theme, "Target close", DateControl(theme, today=lambda: date(2026, 11, 23)))
    close.set_value(date(2026, 11, 20))
    close.set_error("Has passed. Pick 24 Nov 2026 or later.")
    problem = Field(
        theme,
        "Problem to solve",
        TextControl(theme),
        help="20 to 2,000 characters. Say what stops working today.",
        limit=2000,
    )
    problem.set_value(PROBLEM)
    files = _side(
        (FileRow(theme, FileLook("ledbury-site-survey.pdf", "2.4 MB · 14 pages"), Mark.WAITING), 6),
        (DropArea(theme), 4),
    )
    panel = Panel(theme)
    panel.setLayout(
        column(
            SectionHeader(theme, "Customer", "who the deal is for"),
            _side((_line(theme, "Customer name", "Ledbury Homes"), 293), (site, 294), (country, 205)),
            Notice(theme, "May clash with an existing registration", CLASH, "Open DR-2026-0288"),
            6,
            SectionHeader(theme, "Opportunity", "what they need"),
            _side((_line(theme, "Title", "Sales office Wi-Fi, 3 sites"), 471), (kind, 337)),
            _side((amount, 290), (close, 290), (_line(theme, "Competitor", "Arrowmesh", optional=True), 211)),
            problem,
            6,
            SectionHeader(theme, "Evidence", "at least one file"),
            files,
            None,
            gap=12,
            margins=(24, 16, 24, 0),
        )
    )
    problem.focus()
    return panel


def register(theme: Theme) -> QWidget:
    screen = Screen(theme, "deals")
    screen.bar.set_breadcrumb("Deals", "Register a deal")
    screen.bar.freshness.show_offline("08:12")
    banner = Banner(theme)
    words = "Offline since 08:12. Everything you enter is saved here and sent when you are back."
    banner.show_message("wifi-off", words, "Why offline?")
    steps = StepList(theme)
    steps.set_steps(
        [
            Step("customer", "Customer", "Complete", StepState.DONE),
            Step("opportunity", "Opportunity", "1 field to fix", StepState.CURRENT, Tone.BAD),
            Step("evidence", "Evidence", "1 of 1 file", StepState.DONE),
            Step("review", "Review and submit"),
        ],
        "opportunity",
    )
    side = Panel(theme, rules="trailing")
    side.setFixedWidth(200)
    note = Text(
        theme,
        "Halden answers within 3 working days of receiving this.",
        Role.SECONDARY,
        Tone.TEXT3,
        wrap=True,
    )
    side.setLayout(column(steps, None, column(note, margins=(10, 0, 10, 20)), margins=(12, 20, 13, 0)))
    foot = Panel(theme, "raised", rules="top")
    foot.setFixedHeight(56)
    foot.setLayout(
        row(
            Icon(theme, "circle-check", Tone.OK, 16),
            Text(theme, "Saved on this computer at 09:38", Role.SECONDARY, Tone.TEXT2),
            None,
            Text(theme, "1 field to fix: Target close", Role.LABEL, Tone.BAD),
            secondary(theme, "Save draft and close"),
            primary(theme, "Submit (waits to send)", "clock"),
            gap=12,
            margins=(24, 1, 24, 0),
        )
    )
    line = row(side, gap=0, align=False)
    line.addWidget(form(theme), 1)
    screen.body.addWidget(banner)
    screen.body.addLayout(line, 1)
    screen.body.addWidget(foot)
    return screen

"""Requests: the list, the conversation with a message that waits, the facts."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.bridge.roles import DataRole
from app.views.theme.fonts import Role
from app.views.theme.marks import Mark
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.action_list import RowList
from app.views.widgets.base import Panel
from app.views.widgets.buttons import primary, secondary
from app.views.widgets.cards import Rule
from app.views.widgets.chips import ChipBar, ChipItem
from app.views.widgets.files import FileLook
from app.views.widgets.gauges import ProgressBar
from app.views.widgets.key_value import Fact, KeyValueList
from app.views.widgets.layout import column, holding, row
from app.views.widgets.messages import Divider, Message, MessageBubble
from app.views.widgets.pills import Pill
from app.views.widgets.search_box import SearchBox
from app.views.widgets.text import Run, Text
from tests.views.gallery.frame import Screen
from tests.views.gallery.models import ListModel

ROWS = (
    (
        "Quote for HA pair",
        "REQ-3321 · Oriel Biotech",
        "08:05",
        "Waiting on Halden",
        "accent",
        "4 h 55 m left",
        "",
    ),
    (
        "VPN drops after firmware 8.4",
        "REQ-3318 · Castellane Hotels",
        "Fri",
        "Waiting on you",
        "warn",
        "2 h 25 m left",
        "bad",
    ),
    (
        "Credit note for INV-20951",
        "REQ-3316 · Atelier Corvin",
        "Fri",
        "Waiting on Halden",
        "accent",
        "1 day left",
        "",
    ),
    ("Demo unit for Derby depot", "REQ-3309 · Meridian Rail", "Thu", "Open", "neutral", "2 days left", ""),
    (
        "Training seats, December",
        "REQ-3302 · Brightwater IT",
        "Wed",
        "Waiting on you",
        "warn",
        "3 days left",
        "",
    ),
    ("Wrong serials on ORD-58107", "REQ-3297 · Norvik Shipping", "Tue", "Resolved", "ok", "", ""),
    ("Logo files for webinar", "REQ-3281 · Brightwater IT", "16 Nov", "Resolved", "ok", "", ""),
    ("Price match, Sableworks", "REQ-3274 · Sableworks", "12 Nov", "Closed", "neutral", "", ""),
)
ROLES = (
    DataRole.TITLE,
    DataRole.SUBTITLE,
    DataRole.TIME,
    DataRole.PILL,
    DataRole.PILL_TONE,
    DataRole.COUNTDOWN,
    DataRole.COUNTDOWN_TONE,
)
FIRST = (
    "Oriel want two Edge 440 in high availability for the Dublin lab, with three years of Insight. Can you quote "
    "with the education uplift? Their floor plan is attached."
)
SECOND = (
    "The education uplift is approved for Insight. I am waiting for the stock team to confirm delivery before "
    "Christmas, then you get the final quote today. Here is the draft."
)
THIRD = (
    "Thank you. Delivery by 17 December would suit them. Please send the units to the lab, not to the Dublin "
    "office; the address is in the file."
)


def request_list(theme: Theme) -> RowList:
    rows = [dict(zip(ROLES, values, strict=True)) for values in ROWS]
    view = RowList(theme, "Requests")
    view.setModel(ListModel([{int(role): value for role, value in line.items()} for line in rows], view))
    view.choose_row(0)
    return view


def _talk(theme: Theme) -> QWidget:
    head = Panel(theme, rules="bottom")
    head.setFixedHeight(73)
    head.setLayout(
        column(
            row(
                Text(theme, "Quote for HA pair", Role.SECTION),
                Pill(theme, "Waiting on Halden", Tone.ACCENT),
                None,
                secondary(theme, "Mark resolved", small=True),
            ),
            Text(theme, "REQ-3321 · Oriel Biotech · raised by you on Thu 19 Nov", Role.SECONDARY, Tone.TEXT3),
            None,
            gap=2,
            margins=(24, 14, 24, 8),
        )
    )
    talk = column(
        MessageBubble(
            theme,
            Message(
                "Maya Okafor",
                "You",
                "Thu 19 Nov, 14:05",
                FIRST,
                True,
                Mark.SYNCED,
                (FileLook("oriel-lab-plan.pdf", "1.1 MB"),),
            ),
        ),
        MessageBubble(
            theme,
            Message(
                "Ingrid Solheim",
                "Ingrid Solheim",
                "Today, 08:05",
                SECOND,
                files=(FileLook("Q-10482-draft.pdf", "240 KB"), FileLook("Q-10482-lines.xlsx", "38 KB")),
            ),
        ),
        column(Divider(theme, "You went offline at 08:12"), margins=(12, 0, 12, 12)),
        MessageBubble(
            theme,
            Message(
                "Maya Okafor",
                "You",
                "Today, 09:34",
                THIRD,
                True,
                Mark.WAITING,
                (FileLook("delivery-address.txt", "1 KB"),),
            ),
        ),
        None,
        margins=(12, 8, 12, 12),
    )
    panel = Panel(theme, rules="trailing")
    panel.setLayout(column(head, holding(talk)))
    return panel


def _facts(theme: Theme) -> QWidget:
    bar = ProgressBar(theme, 6, "Answer due, 4 h 55 m left")
    bar.show_share(0.4)
    facts = KeyValueList(theme, stacked=True)
    facts.set_facts(
        [
            Fact("Waiting on", "Halden, Ingrid Solheim"),
            Fact("Priority", "High"),
            Fact("Category", "Quote"),
            Fact("Deal", "HA pair, Dublin lab", link="deal"),
            Fact("Customer", "Oriel Biotech"),
            Fact("People", "You, Tomasz Wilk"),
            Fact("Files", "4, 1.4 MB"),
        ]
    )
    panel = Panel(theme)
    panel.setFixedWidth(219)
    panel.setLayout(
        column(
            Text(theme, "Answer due", Role.TABLE_HEAD, Tone.TEXT3),
            4,
            Text.of_runs(theme, [Run("4 h 55 m"), Run("  left", Tone.TEXT3, Role.SECONDARY)], Role.FIGURE),
            8,
            bar,
            6,
            Text(theme, "Halden answers by 14:30", Role.SECONDARY, Tone.TEXT2),
            2,
            Text(theme, "8 working hours, 08:30 to 17:30", Role.CAPTION, Tone.TEXT3),
            16,
            Rule(theme),
            16,
            facts,
            None,
            margins=(16, 16, 16, 0),
        )
    )
    return panel


def requests(theme: Theme) -> QWidget:
    screen = Screen(theme, "requests")
    screen.bar.set_title("Requests")
    screen.bar.set_search(SearchBox(theme, "Search requests and messages", "Ctrl F", width=280))
    screen.bar.freshness.show_offline("08:12")
    screen.bar.set_action(primary(theme, "Raise a request", "plus"))
    chips = Panel(theme, rules="bottom")
    chips.setFixedHeight(48)
    chips.setLayout(
        row(
            ChipBar(theme, [ChipItem("open", "Open", 5), ChipItem("you", "Waiting on you", 2)]),
            None,
            margins=(16, 0, 16, 0),
        )
    )
    left = Panel(theme, rules="trailing")
    left.setFixedWidth(288)
    left.setLayout(column(chips, request_list(theme), margins=(0, 0, 1, 0)))
    line = row(left, gap=0, align=False)
    line.addWidget(_talk(theme), 1)
    line.addWidget(_facts(theme))
    screen.body.addLayout(line, 1)
    return screen

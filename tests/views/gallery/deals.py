"""The deals screen with sample rows: table, chips, detail."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from app.bridge.cells import Cell
from app.bridge.roles import DataRole
from app.views.delegates.roles import CellKind
from app.views.theme.fonts import Role
from app.views.theme.marks import Mark
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import Panel
from app.views.widgets.buttons import IconButton, primary, secondary
from app.views.widgets.chips import ChipBar, ChipItem
from app.views.widgets.key_value import Fact, KeyValueList
from app.views.widgets.layout import column, row
from app.views.widgets.messages import Comment
from app.views.widgets.pills import SyncMark
from app.views.widgets.record_table import Column, RecordTable
from app.views.widgets.search_box import SearchBox
from app.views.widgets.splitter import Splitter
from app.views.widgets.stepper import Stepper
from app.views.widgets.text import Text
from app.views.widgets.timeline import Event, EventList
from tests.views.gallery.frame import Screen

ROWS = (
    ("Kestrel Foods", "Branch edge, 14 sites", "£184,250.00", "Approved", "ok", "90 days", "", "synced"),
    ("Meridian Rail", "Depot edge refresh", "£96,400.00", "Approved", "ok", "38 days", "", "conflict"),
    (
        "Aldgate College",
        "Campus core refresh",
        "£87,500.00",
        "Action required",
        "warn",
        "–",
        "text3",
        "synced",
    ),
    ("Tessel Insurance", "Claims archive", "€142,000.00", "Approved", "ok", "5 days", "bad", "waiting"),
    (
        "Norvik Shipping",
        "Vessel telemetry pilot",
        "€38,600.00",
        "Under review",
        "accent",
        "–",
        "text3",
        "synced",
    ),
    (
        "Oriel Biotech",
        "HA pair, Dublin lab",
        "€61,250.00",
        "Pending approval",
        "accent",
        "–",
        "text3",
        "synced",
    ),
    (
        "Castellane Hotels",
        "Guest Wi-Fi, 9 hotels",
        "€118,900.00",
        "Under review",
        "accent",
        "–",
        "text3",
        "sending",
    ),
    ("Ledbury Homes", "Sales office Wi-Fi", "£22,480.00", "Submitted", "neutral", "–", "text3", "waiting"),
    (
        "Fennimore Dairy",
        "Plant segmentation",
        "€41,000.00",
        "Action required",
        "warn",
        "–",
        "text3",
        "synced",
    ),
    ("Harrow & Finch", "Matter vault", "£54,900.00", "Pending approval", "accent", "–", "text3", "synced"),
    ("Sableworks", "Render farm storage", "£129,300.00", "Under review", "accent", "–", "text3", "rejected"),
    ("Atelier Corvin", "Two-site failover", "€17,350.00", "Approved", "ok", "12 days", "warn", "synced"),
    (
        "Wexley Council",
        "Library edge upgrade",
        "£73,150.00",
        "Extension requested",
        "accent",
        "2 days",
        "bad",
        "synced",
    ),
    (
        "Quillon Energy",
        "Substation gateways",
        "£209,100.00",
        "Pending approval",
        "accent",
        "–",
        "text3",
        "synced",
    ),
    ("Marlow Veterinary", "Practice backup", "£8,940.00", "Approved", "ok", "61 days", "", "synced"),
    ("Vantaa Tools", "Warehouse sensors", "€26,700.00", "Submitted", "neutral", "–", "text3", "synced"),
    ("Pryce & Hollis", "Records vault", "£31,600.00", "Submitted", "neutral", "–", "text3", "waiting"),
)
HEADS = ("Customer", "Title", "Amount", "Stage", "Protected", "Sync")
COLUMNS = (
    Column(140, CellKind.NAME, sortable=True),
    Column(0, CellKind.TEXT, sortable=True),
    Column(110, CellKind.FIGURE, sortable=True),
    Column(145, CellKind.PILL),
    Column(70, CellKind.FIGURE),
    Column(128, CellKind.MARK),
)
_Index = QModelIndex | QPersistentModelIndex


class DealModel(QAbstractTableModel):
    """The sample rows behind the roles that delegates read."""

    def rowCount(self, parent: _Index | None = None) -> int:
        return len(ROWS)

    def columnCount(self, parent: _Index | None = None) -> int:
        return len(HEADS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section in {2, 4}:
            return Qt.AlignmentFlag.AlignRight
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        name, title, amount, stage, stage_tone, left, left_tone, mark = ROWS[index.row()]
        place = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return (name, title, amount, stage, left, "")[place]
        if role == DataRole.CELLS:
            words = (Cell(name, ""), Cell(title, ""), Cell(amount, ""), Cell(stage, "", stage_tone))
            return (*words, Cell(left, "", left_tone), Cell("", "", mark=mark))
        return None


def deals_table(theme: Theme) -> RecordTable:
    table = RecordTable(theme, "Deals")
    table.setModel(DealModel(table))
    table.set_columns(COLUMNS)
    table.choose_row(0)
    return table


def deals(theme: Theme) -> QWidget:
    screen = Screen(theme, "deals")
    screen.bar.set_title("Deals")
    screen.bar.set_search(SearchBox(theme, "Search deals and their notes", "Ctrl F"))
    screen.bar.freshness.show_live("09:41")
    screen.bar.set_action(primary(theme, "Register a deal", "plus"))
    chips = ChipBar(
        theme,
        [
            ChipItem("open", "Open", 23),
            ChipItem("mine", "Mine", 14),
            ChipItem("needs", "Needs me", 3),
            ChipItem("ends", "Protection ends in 30 days", 3),
            ChipItem("unsent", "Not yet sent", 5),
        ],
    )
    strip = Panel(theme, "surface")
    strip.setFixedHeight(56)
    strip.setLayout(
        row(chips, None, secondary(theme, "Filter", "filter", small=True), margins=(16, 0, 16, 0))
    )
    foot = Panel(theme, "raised", rules="top")
    foot.setFixedHeight(44)
    foot.setLayout(
        row(
            Text(theme, "23 open deals", Role.SECONDARY, Tone.TEXT3),
            Text(theme, "£1,284,300.00", Role.SECONDARY, Tone.TEXT2),
            Text(theme, "€912,750.00", Role.SECONDARY, Tone.TEXT2),
            None,
            Text(theme, "Sorted by last change", Role.SECONDARY, Tone.TEXT3),
            gap=16,
            margins=(16, 0, 16, 0),
        )
    )
    left = Panel(theme)
    left.setLayout(column(strip, deals_table(theme), foot))
    split = Splitter(theme)
    split.add(left, 1)
    split.add(detail(theme), 0)
    split.setSizes([743, 328])
    screen.body.addWidget(split)
    return screen


def detail(theme: Theme) -> QWidget:
    pane = Panel(theme)
    head = column(
        row(
            Text(theme, "DR-2026-0417", Role.CAPTION, Tone.TEXT3),
            None,
            SyncMark(theme, Mark.SYNCED, "Synced 09:41"),
            IconButton(theme, "dots", "More"),
            gap=4,
        ),
        Text(theme, "Kestrel Foods", Role.SECTION),
        Text(theme, "Branch edge, 14 sites", Role.BODY, Tone.TEXT2),
        10,
        row(
            primary(theme, "Convert to order", small=True),
            secondary(theme, "Ask to extend", small=True),
            secondary(theme, "Edit", "pencil", small=True),
            None,
        ),
        gap=0,
        margins=(16, 10, 12, 12),
    )
    strip = Panel(theme, "raised", rules="top bottom")
    stages = Stepper(theme, ["Submitted", "Review", "Approval", "Approved", "Converted"], 3)
    strip.setLayout(column(stages, margins=(4, 13, 4, 13)))
    facts = KeyValueList(theme)
    facts.set_facts(
        [
            Fact("Protected until", "21 Feb 2027", "90 days left", mark=True),
            Fact("Amount", "£184,250.00"),
            Fact("Products", "Edge 220 × 14, Insight Pro"),
            Fact("Target close", "29 Jan 2027"),
            Fact("Contact", "Priya Raman, IT Director"),
            Fact("Reviewer", "Ingrid Solheim", pill="Halden"),
            Fact("Next steps", "Site visit Leeds, 2 December"),
            Fact("Evidence", "kestrel-rfq.pdf, sites.xlsx", link="evidence", icon="paperclip"),
        ]
    )
    events = EventList(theme)
    events.set_events(
        [
            Event("rosette-discount-check", "Approved by Ingrid Solheim", "Today 08:57", Tone.OK),
            Event("arrow-right", "Sent for approval", "Fri 15:20"),
            Event("eye", "Review started", "Wed 18 Nov"),
            Event("send", "Submitted by you, receipt R-7F3C", "Tue 17 Nov"),
        ]
    )
    timeline = Panel(theme, rules="top")
    timeline.setLayout(
        column(Text(theme, "Timeline", Role.TABLE_HEAD, Tone.TEXT3), 4, events, margins=(16, 11, 16, 8))
    )
    comments = Panel(theme, rules="top")
    comments.setLayout(
        column(
            Text(theme, "Comments · 2", Role.TABLE_HEAD, Tone.TEXT3),
            6,
            Comment(
                theme,
                "Ingrid Solheim",
                "Ingrid Solheim",
                "08:58",
                "Approved. Please add the Leeds visit report.",
            ),
            8,
            Comment(theme, "Maya Okafor", "You", "09:20", "Will do, the visit is on 2 December.", own=True),
            margins=(16, 11, 16, 8),
        )
    )
    line = QLineEdit()
    line.setProperty("kind", "field")
    line.setFont(theme.font(Role.SECONDARY))
    line.setPlaceholderText("Write a comment")
    line.setAccessibleName("Write a comment")
    pane.setLayout(
        column(
            head,
            strip,
            column(facts, margins=(16, 10, 16, 8)),
            timeline,
            comments,
            None,
            column(line, margins=(16, 0, 16, 12)),
        )
    )
    return pane

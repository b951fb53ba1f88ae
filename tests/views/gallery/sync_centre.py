"""Sync centre: outbox, activity, proof, storage, the last 24 hours."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.bridge.roles import DataRole
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.action_list import ActionList
from app.views.widgets.base import Panel
from app.views.widgets.buttons import secondary
from app.views.widgets.cards import Card, SectionHeader
from app.views.widgets.gauges import (
    BucketGrid,
    CellState,
    DayStrip,
    StorageBar,
    StorageKind,
    StoragePart,
    Switch,
)
from app.views.widgets.layout import column, holding, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon
from app.views.widgets.timeline import Event, EventList
from tests.views.gallery.frame import Screen
from tests.views.gallery.models import ListModel

_D = DataRole
OUTBOX: tuple[dict[int, object], ...] = (
    {
        _D.MARK: "sending",
        _D.TITLE: "leeds-rack-photos.zip, 9.1 MB",
        _D.SUBTITLE: "Kestrel Foods · Branch edge, 14 sites",
        _D.TIME: "09:45",
        _D.ACTIONS: (("pause", "Pause"),),
        _D.SHARE: 0.64,
        _D.PROGRESS: "5.8 of 9.1 MB · 1.4 MB/s · 3 s left",
    },
    {
        _D.MARK: "waiting",
        _D.TITLE: "Register a deal: Sales office Wi-Fi",
        _D.SUBTITLE: "Ledbury Homes · after its evidence file",
        _D.TIME: "09:38",
        _D.ACTIONS: (("edit", "Edit"), ("cancel", "Cancel")),
    },
    {
        _D.MARK: "waiting",
        _D.TITLE: "ledbury-site-survey.pdf, 2.4 MB",
        _D.SUBTITLE: "Evidence for Sales office Wi-Fi",
        _D.TIME: "09:38",
        _D.ACTIONS: (("cancel", "Cancel"),),
    },
    {
        _D.MARK: "rejected",
        _D.TITLE: "Amount → £141,800.00",
        _D.SUBTITLE: "Sableworks · was £129,300.00",
        _D.TIME: "09:12",
        _D.REASON: "Halden’s CRM: “Amount is locked during review.” Your value is kept here.",
        _D.ACTIONS: (("ask", "Ask Halden"), ("discard", "Discard")),
    },
    {
        _D.MARK: "conflict",
        _D.TITLE: "3 fields on Depot edge refresh",
        _D.SUBTITLE: "Meridian Rail",
        _D.TIME: "08:31",
        _D.REASON: "Ingrid Solheim changed the same fields at 08:57.",
        _D.ACTIONS: (("compare", "Compare"),),
    },
    {
        _D.MARK: "quarantined",
        _D.TITLE: "Message on REQ-3190",
        _D.SUBTITLE: "Written offline on Thursday",
        _D.TIME: "Fri",
        _D.REASON: "This request is no longer shared with you. Your text is kept here, encrypted.",
        _D.ACTIONS: (("export", "Export"), ("discard", "Discard")),
    },
)
KINDS = (
    ("Deals", "23"),
    ("Leads", "184"),
    ("Requests", "412"),
    ("Orders", "2,914"),
    ("Invoices", "3,077"),
    ("Renewals", "96"),
    ("Documents", "41"),
    ("Messages", "57,765"),
    ("Tasks", "12"),
)
EVENTS = (
    Event("check", "Deal DR-2026-0417 approved, received from Halden", "09:40", Tone.OK),
    Event("arrow-up", "Message on REQ-3321 sent, receipt R-81D0", "09:40", Tone.ACCENT),
    Event("arrow-down", "Pulled 318 changes in 0.4 s", "09:40"),
    Event("wifi-off", "Back after 1 h 28 min offline: no network on this computer", "09:40", Tone.WARN),
    Event("git-merge", "Merged: contact phone and next steps, Oriel Biotech", "09:40", Tone.ACCENT),
    Event("check", "Proof: 144 of 144 buckets identical", "08:00", Tone.OK),
)


def outbox(theme: Theme) -> Card:
    card = Card(theme, name="Outbox")
    rows = ActionList(theme, "Outbox")
    rows.setModel(ListModel([{int(role): value for role, value in line.items()} for line in OUTBOX], rows))
    card.body.addWidget(rows)
    return card


def proof(theme: Theme) -> Card:
    card = Card(theme, name="Proof")
    top = Panel(theme, "warn_soft", rules="bottom", corners="top")
    words = column(
        Text(theme, "143 of 144 buckets identical", Role.STRONG, Tone.WARN),
        Text(theme, "Renewals: 1 record differs, fetching it now", Role.SECONDARY, Tone.TEXT2),
    )
    top.setLayout(
        row(Icon(theme, "circle-dashed", Tone.WARN, 24), words, None, gap=12, margins=(16, 12, 16, 12))
    )
    card.body.addWidget(top)
    for number, (kind, records) in enumerate(KINDS):
        cells = [CellState.SAME] * 16
        if kind == "Renewals":
            cells[11] = CellState.DIFFERS
        name = Text(theme, kind, Role.LABEL)
        name.setFixedWidth(80)
        count = Text(
            theme, records, Role.SECONDARY, Tone.TEXT2, align=Qt.AlignmentFlag.AlignTrailing, elide=True
        )
        count.setFixedWidth(52)
        grid = BucketGrid(theme, cells, f"{kind}: {cells.count(CellState.SAME)} of 16 buckets identical")
        last: QWidget = Icon(theme, "check", Tone.OK, 14)
        if kind == "Renewals":
            last = Text(theme, "15/16", Role.CAPTION_MEDIUM, Tone.WARN)
        if number:
            card.add_rule()
        line = holding(row(name, count, 12, grid, None, last, gap=0, margins=(16, 0, 16, 0)))
        line.setFixedHeight(29)
        card.body.addWidget(line)
    return card


def sync_centre(theme: Theme) -> QWidget:
    screen = Screen(theme, "sync")
    screen.bar.set_title("Sync centre")
    screen.bar.add_tool(Switch(theme, "Work offline"))
    screen.bar.freshness.show_live("09:46")
    screen.bar.set_action(secondary(theme, "Prove now", "circle-check"))
    head = SectionHeader(theme, "Outbox", "6 changes · 3 need you")
    head.add(secondary(theme, "Export all", small=True))
    head.add(secondary(theme, "Retry now", small=True))
    events = EventList(theme, 31)
    events.set_events(EVENTS)
    activity = Card(theme)
    activity.body.addLayout(column(events, margins=(16, 3, 16, 3)))
    left = column(
        head,
        8,
        outbox(theme),
        18,
        SectionHeader(theme, "Activity", "today", "Full history"),
        10,
        activity,
        None,
    )
    storage = StorageBar(
        theme,
        [
            StoragePart(StorageKind.DOCUMENTS, 214, "Documents", "214 MB"),
            StoragePart(StorageKind.RECORDS, 96, "Records", "96 MB"),
            StoragePart(StorageKind.UNSENT, 11, "Unsent", "11 MB"),
            StoragePart(StorageKind.FREE, 703, "Free", "703 MB"),
        ],
    )
    store = Card(theme, inset=16)
    store.body.addWidget(storage)
    store.body.addSpacing(10)
    words = Text(theme, "Clearing never touches what is unsent.", Role.SECONDARY, Tone.TEXT3)
    store.body.addLayout(row(words, None, secondary(theme, "Clear space", small=True)))
    strip = DayStrip(theme)
    strip.show_hours([CellState.SAME] * 22 + [CellState.UNCHECKED, CellState.DIFFERS], "Sun 10:00")
    day = Card(theme, inset=16)
    day.body.addWidget(strip)
    right = holding(
        column(
            SectionHeader(theme, "Proof", "checked 09:46 in 1.2 s", note_at_end=True),
            12,
            proof(theme),
            18,
            SectionHeader(theme, "Storage", "321 MB of 1 GB, encrypted", note_at_end=True),
            10,
            store,
            18,
            SectionHeader(theme, "Last 24 hours", "22 of 24 proofs on time", note_at_end=True),
            10,
            day,
            None,
        )
    )
    right.setFixedWidth(380)
    body = row(gap=24, margins=(24, 20, 24, 20), align=False)
    body.addLayout(left, 1)
    body.addWidget(right)
    screen.body.addLayout(body, 1)
    return screen

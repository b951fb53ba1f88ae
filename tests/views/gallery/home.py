"""Home: jobs, pipeline, renewals, what changed."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.buttons import primary
from app.views.widgets.cards import Card, Rule, SectionHeader
from app.views.widgets.layout import column, holding, row
from app.views.widgets.rows import Change, ChangeRow, Job, JobRow
from app.views.widgets.search_box import SearchBox
from app.views.widgets.stage_bar import BarLine, StageBar, StageFigure
from app.views.widgets.text import Run, Text
from tests.views.gallery.frame import Screen

JOBS = (
    Job(
        "message-circle",
        Tone.BAD,
        "Answer Halden on “VPN drops after firmware 8.4”",
        "REQ-3318 · Castellane Hotels · waiting on you",
        "Today 12:00",
        Tone.BAD,
        "Reply",
    ),
    Job(
        "alert-triangle",
        Tone.WARN,
        "Add the site survey to “Campus core refresh”",
        "DR-2026-0431 · Aldgate College · action required",
        "Today",
        Tone.BAD,
        "Attach file",
    ),
    Job(
        "arrows-diff",
        Tone.CLASH,
        "Decide 3 fields on “Depot edge refresh”",
        "DR-2026-0409 · Meridian Rail · conflict",
        "Today",
        Tone.BAD,
        "Compare",
    ),
    Job(
        "refresh",
        Tone.ACCENT,
        "Confirm the renewal of 240 Vault seats",
        "RN-1187 · Norvik Shipping · quoted £18,720.00",
        "Wed 25 Nov",
        Tone.WARN,
        "Send intent",
    ),
    Job(
        "target-arrow",
        Tone.ACCENT,
        "Take or decline the lead from Fennimore Dairy",
        "LD-0772 · 6 sites, Cork · offer ends in 2 days",
        "Wed 25 Nov",
        Tone.WARN,
        "Accept",
    ),
    Job(
        "hourglass",
        Tone.ACCENT,
        "Extend protection on “Claims archive”",
        "DR-2026-0355 · Tessel Insurance · ends in 5 days",
        "Sat 28 Nov",
        Tone.TEXT2,
        "Ask to extend",
    ),
    Job(
        "clipboard-check",
        Tone.ACCENT,
        "Sign the 2027 programme terms",
        "Task · Partner agreement v7",
        "Mon 30 Nov",
        Tone.TEXT2,
        "Read and sign",
    ),
)
CHANGES = (
    (
        "Today",
        Change(
            "rosette-discount-check",
            Tone.OK,
            "Approved, protected to 21 Feb 2027",
            "Kestrel Foods · Branch edge, 14 sites",
            "08:57",
        ),
    ),
    (
        "",
        Change(
            "files", Tone.TEXT2, "EMEA price list 2026.4 is out", "Replaces 2026.3, valid from today", "08:30"
        ),
    ),
    (
        "",
        Change(
            "message-circle", Tone.TEXT2, "Ingrid Solheim answered", "REQ-3321 · Quote for HA pair", "08:05"
        ),
    ),
    ("", Change("truck", Tone.TEXT2, "Shipped, 2 of 3 lines", "ORD-58214 · Norvik Shipping", "07:44")),
    (
        "Weekend",
        Change(
            "pencil",
            Tone.TEXT2,
            "Next steps changed by Tomasz Wilk",
            "Ledbury Homes · Sales office Wi-Fi",
            "Sun",
        ),
    ),
    (
        "",
        Change(
            "receipt", Tone.WARN, "Invoice overdue by 3 days, €6,412.50", "INV-20977 · Atelier Corvin", "Sat"
        ),
    ),
    ("", Change("target-arrow", Tone.TEXT2, "New lead, 6 sites in Cork", "LD-0772 · Fennimore Dairy", "Sat")),
    (
        "Friday",
        Change(
            "circle-x", Tone.BAD, "Rejected: already registered", "Sorrel Clinics · Imaging archive", "18:02"
        ),
    ),
    (
        "",
        Change(
            "message-circle", Tone.TEXT2, "Question on firmware 8.4", "REQ-3318 · Castellane Hotels", "17:48"
        ),
    ),
)
FIGURES = (
    StageFigure("Submitted", "5", ("£142,300", "€96,400")),
    StageFigure("Under review", "6", ("£318,750", "€204,900")),
    StageFigure("Action required", "2", ("£87,500", "€41,000")),
    StageFigure("Pending approval", "3", ("£264,000", "€188,250")),
    StageFigure("Approved", "7", ("£471,750", "€382,200")),
)
BARS = (
    BarLine("£1,284,300", (142300, 318750, 87500, 264000, 471750)),
    BarLine("€912,750", (96400, 204900, 41000, 188250, 382200)),
)


def _renewals(theme: Theme) -> QWidget:
    card = Card(theme)
    line = row(gap=0, margins=(14, 10, 14, 10), align=False)
    windows = (
        ("Within 30 days", "3", "£41,960", "1 not answered", Tone.WARN),
        ("31 to 60 days", "2", "€27,300", "Quoted", Tone.TEXT3),
        ("61 to 90 days", "4", "£63,115", "Quotes to come", Tone.TEXT3),
    )
    for number, (when, count, amount, note, tone) in enumerate(windows):
        if number:
            line.addWidget(Rule(theme, upright=True))
        role = Role.CAPTION_MEDIUM if tone is Tone.WARN else Role.CAPTION
        block = column(
            Text(theme, when, Role.CAPTION, Tone.TEXT3),
            Text.of_runs(theme, [Run(count), Run("  " + amount, Tone.TEXT2, Role.SECONDARY)], Role.FIGURE),
            Text(theme, note, role, tone),
            gap=4,
            margins=(14 if number else 0, 0, 8, 0),
        )
        line.addLayout(block, 1)
    card.body.addLayout(line)
    return card


def home(theme: Theme) -> QWidget:
    screen = Screen(theme, "home")
    screen.bar.set_title("Good morning, Maya", "Monday 23 November")
    screen.bar.set_search(SearchBox(theme, "Search everything", "Ctrl K", width=220, as_button=True))
    screen.bar.freshness.show_proven("09:41")
    screen.bar.set_action(primary(theme, "Register a deal", "plus"))
    jobs = Card(theme)
    for number, job in enumerate(JOBS):
        if number:
            jobs.add_rule()
        jobs.body.addWidget(JobRow(theme, job, pressing=number == 0))
    bar = StageBar(theme)
    bar.show_pipeline(BARS, FIGURES)
    pipeline = Card(theme)
    pipeline.body.addLayout(column(bar, None, margins=(16, 16, 16, 16)), 1)
    pipeline.add_rule()
    closing = [
        Run("Closing this quarter  ", Tone.TEXT3),
        Run("8 deals", role=Role.LABEL_STRONG),
        Run("  £402,600 and €231,700", Tone.TEXT2),
    ]
    pipeline.body.addLayout(
        row(
            Text.of_runs(theme, closing, Role.SECONDARY),
            None,
            Text(theme, "3 lose protection within 30 days", Role.LABEL, Tone.WARN),
            margins=(16, 12, 16, 12),
        )
    )
    changes = Card(theme)
    stack = column(gap=0, margins=(0, 12, 0, 8))
    for day, change in CHANGES:
        if day:
            stack.addLayout(column(Text(theme, day, Role.TABLE_HEAD, Tone.TEXT3), margins=(14, 1, 14, 2)))
        stack.addWidget(ChangeRow(theme, change))
    stack.addStretch(1)
    changes.body.addLayout(stack)
    left = column(
        SectionHeader(theme, "Needs you", "7 jobs · 3 due today", "All jobs"),
        10,
        jobs,
        22,
        SectionHeader(theme, "Pipeline by stage", "23 open deals", "Open as table"),
        10,
        pipeline,
    )
    right = holding(
        column(
            SectionHeader(theme, "Renewals due", link="Open renewals"),
            10,
            _renewals(theme),
            22,
            SectionHeader(theme, "Changed since Friday 17:36", link="Mark as seen"),
            10,
            changes,
        )
    )
    right.setFixedWidth(336)
    body = row(gap=24, margins=(24, 22, 24, 20), align=False)
    body.addLayout(left, 1)
    body.addWidget(right)
    screen.body.addLayout(body, 1)
    return screen

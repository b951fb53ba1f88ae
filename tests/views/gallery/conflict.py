"""The conflict table: base as plain text, theirs and mine as choices, an edited text, the preview."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import Panel
from app.views.widgets.buttons import primary, secondary
from app.views.widgets.cards import Card, Rule
from app.views.widgets.choice_cell import ChoiceCell, ChoiceGroup, EditedCell
from app.views.widgets.diff_text import DiffText
from app.views.widgets.layout import column, holding, row
from app.views.widgets.pills import Pill
from app.views.widgets.text import Run, Text
from app.views.widgets.text_controls import make_line
from app.views.widgets.tiles import Icon, IconTile
from tests.views.gallery.frame import Screen

BASE = "Demo at Crewe depot."
THEIRS = "Demo at Derby depot. Halden sends two Edge 220 units."
MINE = "Demo at Crewe depot on 3 December. Maya brings the rack plan."
EDITED = "Demo at Derby depot on 3 December. Halden sends two Edge 220 units, Maya brings the rack plan."


def _head(theme: Theme, icon: str, tone: Tone, title: str, who: str, when: str) -> QWidget:
    return holding(
        column(
            row(Icon(theme, icon, tone, 18), Text(theme, title, Role.STRONG), None),
            2,
            Text(theme, who, Role.SECONDARY, Tone.TEXT2, elide=True),
            Text(theme, when, Role.SECONDARY, Tone.TEXT3, elide=True),
            margins=(14, 12, 14, 11),
        )
    )


def _label(theme: Theme, label: str, kind: str) -> QWidget:
    return holding(
        column(
            Text(theme, label, Role.NAME),
            Text(theme, kind, Role.CAPTION, Tone.TEXT3),
            None,
            margins=(14, 11, 8, 8),
        )
    )


def _base(theme: Theme, text: str) -> QWidget:
    return holding(column(Text(theme, text, Role.BODY, Tone.TEXT2, wrap=True), None, margins=(14, 19, 14, 8)))


def _cell(content: ChoiceCell) -> QWidget:
    return holding(column(content, None, margins=(8, 8, 8, 8)))


def _table(theme: Theme) -> Card:
    card = Card(theme, name="Fields that differ")
    grid = QGridLayout()
    grid.setSpacing(0)
    grid.setContentsMargins(0, 0, 0, 0)
    for place, width in ((0, 124), (2, 271), (4, 312), (6, 312)):
        grid.setColumnMinimumWidth(place, width)
        grid.setColumnStretch(place, 0 if place == 0 else width)
    raised = Panel(theme, "raised", rules="bottom", corners="top")
    grid.addWidget(raised, 0, 0, 1, 7)
    note = Text(theme, "Only fields that\ndiffer are shown", Role.SECONDARY, Tone.TEXT3)
    grid.addWidget(holding(column(note, None, margins=(14, 12, 8, 8))), 0, 0)
    heads = (
        _head(theme, "history", Tone.TEXT2, "Base", "Both sides agreed on this", "Fri 20 Nov 2026, 16:02"),
        _head(
            theme,
            "world",
            Tone.CLASH,
            "Theirs",
            "Ingrid Solheim, Halden Systems",
            "Today 08:57 · web, in the CRM",
        ),
        _head(
            theme,
            "device-laptop",
            Tone.ACCENT,
            "Mine",
            "You, Maya Okafor",
            "Today 08:31 · laptop BW-MO14, offline",
        ),
    )
    for number, head in enumerate(heads):
        grid.addWidget(head, 0, 2 + 2 * number)
    _choice_row(
        theme,
        grid,
        1,
        ("Sales stage", "Choice list"),
        "Qualified",
        ("Technical validation", "Business validation"),
        0,
    )
    grid.addWidget(Rule(theme), 2, 0, 1, 7)
    _choice_row(theme, grid, 3, ("Decision date", "Date"), "18 Dec 2026", ("15 Jan 2027", "22 Dec 2026"), 1)
    grid.addWidget(Rule(theme), 4, 0, 1, 7)
    theirs = ChoiceCell(theme, "Theirs", DiffText(theme, BASE, THEIRS))
    mine = ChoiceCell(theme, "Mine", DiffText(theme, BASE, MINE))
    editor = make_line(theme)
    editor.setText(EDITED)
    editor.setAccessibleName("Edited by you")
    edited = EditedCell(theme, "Edited by you", "starts from both texts", editor)
    grid.addWidget(_label(theme, "Next steps", "Text"), 5, 0)
    grid.addWidget(_base(theme, BASE), 5, 2)
    grid.addWidget(_cell(theirs), 5, 4)
    grid.addWidget(_cell(mine), 5, 6)
    grid.addWidget(holding(column(edited, margins=(8, 0, 8, 8))), 6, 2, 1, 5)
    ChoiceGroup(theirs, mine, edited, parent=card).select(2)
    grid.addWidget(Rule(theme, upright=True), 0, 1, 7, 1)
    for place in (3, 5):
        grid.addWidget(Rule(theme, upright=True), 0, place, 6, 1)
    card.body.addLayout(grid)
    return card


def _choice_row(
    theme: Theme,
    grid: QGridLayout,
    line: int,
    label: tuple[str, str],
    base: str,
    choices: Sequence[str],
    chosen: int,
) -> None:
    grid.addWidget(_label(theme, *label), line, 0)
    grid.addWidget(_base(theme, base), line, 2)
    cells = [ChoiceCell(theme, text, Text(theme, text)) for text in choices]
    for number, cell in enumerate(cells):
        grid.addWidget(_cell(cell), line, 4 + 2 * number)
    ChoiceGroup(*cells, parent=grid).select(chosen)


def _preview(theme: Theme) -> Card:
    card = Card(theme, inset=14, name="What will be sent")
    lines = (
        (
            "Sales stage",
            [Run("Nothing. The vendor’s “Technical validation” stays.", Tone.TEXT2)],
            "Theirs",
            Tone.NEUTRAL,
        ),
        (
            "Decision date",
            [Run("15 Jan 2027", Tone.TEXT3), Run("  →  ", Tone.TEXT3), Run("22 Dec 2026", role=Role.LABEL)],
            "Mine",
            Tone.ACCENT,
        ),
        (
            "Next steps",
            [Run(THEIRS + "\n", Tone.TEXT3), Run("→  ", Tone.TEXT3), Run(EDITED, role=Role.LABEL)],
            "Edited",
            Tone.ACCENT,
        ),
    )
    title = Text.of_runs(
        theme,
        [
            Run("What will be sent", role=Role.STRONG),
            Run("   compared with the vendor’s record as of 09:41", Tone.TEXT3, Role.SECONDARY),
        ],
    )
    card.body.addWidget(title)
    card.body.setSpacing(8)
    for label, runs, choice, tone in lines:
        name = Text(theme, label, Role.SECONDARY, Tone.TEXT3)
        name.setFixedWidth(100)
        line = row(name, gap=8, align=False)
        line.setAlignment(name, Qt.AlignmentFlag.AlignTop)
        line.addWidget(Text.of_runs(theme, runs, Role.SECONDARY, wrap=True), 1)
        line.addWidget(Pill(theme, choice, tone), 0, Qt.AlignmentFlag.AlignTop)
        card.body.addLayout(line)
    card.body.addWidget(
        Text(theme, "The other 16 fields agree on both sides and are left alone.", Role.SECONDARY, Tone.TEXT3)
    )
    return card


def conflict(theme: Theme) -> QWidget:
    screen = Screen(theme, "sync")
    screen.bar.set_breadcrumb("Sync centre", "Conflict")
    screen.bar.freshness.show_live("09:41")
    words = (
        "DR-2026-0409 · You and Halden changed the same 3 fields. "
        "Nothing is sent until you apply; both versions are kept in the history."
    )
    head = row(
        IconTile(theme, "mark-conflict", Tone.CLASH, size=40, icon_size=20),
        column(
            Text(theme, "Depot edge refresh · Meridian Rail", Role.SECTION),
            Text(theme, words, Role.SECONDARY, Tone.TEXT2),
        ),
        None,
        secondary(theme, "All theirs", small=True),
        secondary(theme, "All mine", small=True),
        gap=12,
    )
    foot = Panel(theme, "raised", rules="top")
    foot.setFixedHeight(56)
    foot.setLayout(
        row(
            Text(
                theme,
                "3 of 3 decided. If the record changes again before this arrives, you are asked again.",
                Role.SECONDARY,
                Tone.TEXT2,
            ),
            None,
            secondary(theme, "Decide later"),
            primary(theme, "Apply and send", key="Ctrl ↵"),
            gap=12,
            margins=(24, 1, 24, 0),
        )
    )
    screen.body.addLayout(
        column(head, 16, _table(theme), 16, _preview(theme), None, margins=(24, 20, 24, 0)), 1
    )
    screen.body.addWidget(foot)
    return screen

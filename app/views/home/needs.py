"""What needs the user: one row a job, each with one action.

The first carries the primary button where it cannot wait until tomorrow; a filled button among empty ones means that,
and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.views_model import Need
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Space, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.cards import Card, Rule, SectionHeader
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.layout import emptied
from app.views.widgets.rows import Job, JobRow

#: As many as stand beside the pipeline without scrolling at 1280 by 800.
MOST = 7


class NeedsSection(ThemedWidget):
    """The list of jobs; `acted` gives the target of the job whose button (or row) was used."""

    acted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._needs: tuple[Need, ...] | None = None
        self._limit = MOST
        self._all = False
        self._header = SectionHeader(theme, self.tr("Needs you"), link=self.tr("All jobs"))
        self._header.activated.connect(self._toggle)
        self._card = Card(theme, name=self.tr("Needs you"))
        self._rows: list[JobRow] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.M - 2)
        layout.addWidget(self._header)
        layout.addWidget(self._card)

    @property
    def rows(self) -> Sequence[JobRow]:
        """The rows that are shown, in order."""
        return tuple(self._rows)

    def show_needs(self, needs: Sequence[Need], summary: str, limit: int = MOST) -> None:
        """Show jobs, the most pressing first; `summary` is the quiet note, `limit` how many show unasked."""
        self._header.set_note(summary)
        if (self._needs, self._limit) != (tuple(needs), limit):
            self._needs, self._limit = tuple(needs), limit
            self._build()

    def focus_first(self) -> None:
        """Give the keyboard to the first job."""
        if self._rows:
            self._rows[0].setFocus()

    def _toggle(self) -> None:
        self._all = not self._all
        self._build()

    def _build(self) -> None:
        needs = self._needs or ()
        focused = self._focused_row()
        self._clear()
        shown = needs if self._all else needs[: self._limit]
        for number, need in enumerate(shown):
            if number:
                self._card.body.addWidget(Rule(self.theme))
            self._card.body.addWidget(self._row(need, pressing=number == 0 and _presses(need)))
        if not needs:
            self._card.body.addWidget(self._nothing())
        link = self._header.link
        if link is not None:
            link.set_text(self.tr("Fewer") if self._all else self.tr("All jobs"))
            link.setVisible(len(needs) > self._limit)
        if focused >= 0 and self._rows:
            self._rows[min(focused, len(self._rows) - 1)].setFocus()

    def _focused_row(self) -> int:
        return next((n for n, row in enumerate(self._rows) if _holds_focus(row)), -1)

    def _row(self, need: Need, *, pressing: bool) -> JobRow:
        job = Job(
            icon=need.icon,
            tone=Tone(need.tone),
            title=need.title,
            detail=need.detail,
            due=need.due,
            due_tone=Tone(need.due_tone) if need.due_tone else Tone.TEXT2,
            action=need.action_label,
        )
        row = JobRow(self.theme, job, pressing=pressing)
        # The rule below belongs to the row's height.
        row.setFixedHeight(Height.ROW_TWO_LINES - 1)
        row.acted.connect(lambda: self.acted.emit(need.target))
        row.opened.connect(lambda: self.acted.emit(need.target))
        self._rows.append(row)
        return row

    def _nothing(self) -> QWidget:
        empty = EmptyState(
            self.theme,
            "checks",
            self.tr("Nothing needs you now."),
            self.tr("Questions, conflicts, offers and dates that need an answer stand here."),
        )
        empty.setMinimumHeight(150)
        return empty

    def _clear(self) -> None:
        self._rows = []
        emptied(self._card.body)


def _presses(need: Need) -> bool:
    return need.due_tone == Tone.BAD


def _holds_focus(row: JobRow) -> bool:
    return row.hasFocus() or any(child.hasFocus() for child in row.findChildren(QWidget))

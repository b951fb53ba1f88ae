"""The last 24 hours: in which of them both sides were proven identical."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.format import Formats
from app.services.views_model import ActivityLine
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space
from app.views.widgets.base import ThemedWidget
from app.views.widgets.cards import Card, SectionHeader
from app.views.widgets.gauges import CellState, DayStrip

_HOURS = 24


class DaySection(ThemedWidget):
    """A cell an hour, oldest first."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._header = SectionHeader(theme, self.tr("Last 24 hours"), note_at_end=True)
        self._strip = DayStrip(theme)
        card = Card(theme, inset=15, name=self.tr("Last 24 hours"))
        card.body.addSpacing(Space.XS)
        card.body.addWidget(self._strip)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.M - 2)
        layout.addWidget(self._header)
        layout.addWidget(card)

    def show_day(self, lines: Sequence[ActivityLine], formats: Formats) -> None:
        """Read the proofs out of the activity of the last day."""
        # What happened here carries this computer's time, be it right or wrong.
        now = formats.now() + formats.ahead
        cells = hours(lines, now)
        proven = sum(cell is CellState.SAME for cell in cells)
        words = (
            self.tr("proven in 1 hour")
            if proven == 1
            else self.tr("proven in {count} hours").format(count=proven)
        )
        self._header.set_note(words if proven else self.tr("no proof yet"))
        start = now - timedelta(hours=_HOURS - 1)
        self._strip.show_hours(cells, f"{formats.weekday(start.date())} {start:%H}:00")


def hours(lines: Sequence[ActivityLine], now: datetime) -> list[CellState]:
    """Return a cell for each of the last 24 hours: proven identical, found different, or not checked.

    The latest word of an hour holds: what differed and was proven identical afterwards is proven.
    """
    top = now.replace(minute=0, second=0, microsecond=0)
    cells = [CellState.UNCHECKED] * _HOURS
    told: set[int] = set()
    for line in sorted(lines, key=lambda one: one.at, reverse=True):
        state = {"proof": CellState.SAME, "repaired": CellState.DIFFERS}.get(line.kind)
        if state is None:
            continue
        there = line.at.astimezone(now.tzinfo).replace(minute=0, second=0, microsecond=0)
        back = round((top - there).total_seconds() / 3600)
        if 0 <= back < _HOURS and back not in told:
            told.add(back)
            cells[_HOURS - 1 - back] = state
    return cells

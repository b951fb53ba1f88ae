"""What went back and forth, newest first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.format import Formats
from app.services.views_model import ActivityLine
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.cards import Card, SectionHeader
from app.views.widgets.layout import column
from app.views.widgets.text import Text
from app.views.widgets.timeline import Event, EventList

FEW, MANY = 8, 300


class ActivitySection(ThemedWidget):
    """`more_asked`: the whole history is wanted, or no longer."""

    more_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._shown: tuple[ActivityLine, ...] | None = None
        self._header = SectionHeader(theme, self.tr("Activity"), link=self.tr("Full history"))
        self._header.activated.connect(self.more_asked)
        self._events = EventList(theme, 31)
        self._nothing = Text(
            theme, self.tr("Nothing has gone back or forth yet."), Role.SECONDARY, Tone.TEXT3
        )
        self._nothing.setContentsMargins(0, 12, 0, 12)
        card = Card(theme, name=self.tr("Activity"))
        card.body.addLayout(column(self._events, self._nothing, margins=(16, 3, 16, 3)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.M - 2)
        layout.addWidget(self._header)
        layout.addWidget(card)

    def show_lines(self, lines: Sequence[ActivityLine], formats: Formats, *, whole: bool) -> None:
        """Show the latest lines; `whole` tells that this is the full history."""
        if self._header.link is not None:
            self._header.link.set_text(self.tr("Latest only") if whole else self.tr("Full history"))
            self._header.link.setVisible(whole or len(lines) >= FEW)
        if self._shown == tuple(lines):
            return
        self._shown = tuple(lines)
        self._nothing.setVisible(not lines)
        self._events.setVisible(bool(lines))
        self._events.set_events(
            [
                Event(
                    line.icon,
                    line.text,
                    formats.short_moment(line.at),
                    _tone(line),
                    doubt=line.doubt.text if line.doubt else "",
                )
                for line in lines
            ]
        )
        self._header.set_note(self._span(lines, formats))

    def _span(self, lines: Sequence[ActivityLine], formats: Formats) -> str:
        if not lines:
            return ""
        first = formats.local(lines[-1].at).date()
        if first == formats.today():
            return self.tr("today")
        return self.tr("since {day}").format(day=formats.weekday_day(first))


def _tone(line: ActivityLine) -> Tone:
    tone = Tone(line.tone)
    return Tone.TEXT3 if tone is Tone.NEUTRAL else tone

"""What happened, line by line: an icon, a sentence, a time.

Usage: ``EventList(theme); events.set_events([Event("send", "Submitted by you, receipt R-7F3C", "Tue 17 Nov")])``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QVBoxLayout, QWidget

from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.paint import draw_text
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import ThemedWidget


@dataclass(frozen=True, slots=True)
class Event:
    """An icon name, its tone, the sentence and the time in words."""

    icon: str
    text: str
    time: str
    tone: Tone = Tone.TEXT3


class EventRow(ThemedWidget):
    """One line; the sentence is cut with the whole as tip."""

    def __init__(self, theme: Theme, event: Event, height: int, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._event = event
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{event.text}, {event.time}" if event.time else event.text)

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    def _room(self) -> QRect:
        time = text_width(self.theme.font(Role.CAPTION), self._event.time)
        # Roomier rows keep a little more distance between icon and words.
        start = 24 if self.height() <= 24 else 26
        return QRect(start, 0, self.width() - start - time - 8, self.height())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            font = self.theme.font(Role.SECONDARY)
            cut = text_width(font, self._event.text) > self._room().width() + 1
            QToolTip.showText(event.globalPos(), self._event.text if cut else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        colour = tokens.tone(self._event.tone)
        spot = self.lead(QRect(0, (self.height() - 16) // 2, 16, 16))
        self.theme.draw_icon(painter, spot.left(), spot.top(), self._event.icon, colour, 16)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        word_side, time_side = (right, left) if self.mirrored else (left, right)
        words = self.lead(self._room())
        draw_text(painter, words, self._event.text, self.theme.font(Role.SECONDARY), tokens.text, word_side)
        font = self.theme.font(Role.CAPTION)
        draw_text(painter, self.rect(), self._event.time, font, tokens.text3, time_side)
        painter.end()


class EventList(ThemedWidget):
    """Rows of 24 (timeline in a detail) or 31 (activity)."""

    def __init__(self, theme: Theme, row_height: int = 24, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._row_height = row_height
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._rows: list[EventRow] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("What happened"))

    def set_events(self, events: Sequence[Event]) -> None:
        for old in self._rows:
            self._column.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._rows = [EventRow(self.theme, event, self._row_height) for event in events]
        for entry in self._rows:
            self._column.addWidget(entry)

"""What one does to sign in: three steps, each with a number, words and a line below."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.views.theme.fonts import Role
from app.views.theme.paint import draw_text, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.layout import column, holding, row
from app.views.widgets.text import Text

_TILE = 32


class NumberTile(ThemedWidget):
    """A figure on a soft ground."""

    def __init__(self, theme: Theme, number: int, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._number = number
        self.setFixedSize(_TILE, _TILE)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        edge = tokens.accent_line if tokens.scheme.high_contrast else None
        rounded(painter, self.rect(), Radius.CARD, tokens.accent_soft, edge)
        font = self.theme.font(Role.KIOSK_BODY_STRONG)
        draw_text(painter, self.rect(), str(self._number), font, tokens.accent, Qt.AlignmentFlag.AlignHCenter)
        painter.end()


class StepLine(ThemedWidget):
    """One step; `below` hangs under its words."""

    def __init__(
        self, theme: Theme, number: int, title: str, note: str, below: QWidget | None = None
    ) -> None:
        super().__init__(theme)
        self.title = Text(theme, title, Role.KIOSK_STEP, wrap=True)
        self.note = Text(theme, note, Role.KIOSK_BODY, Tone.TEXT2, wrap=True)
        words = column(self.title, self.note, gap=1)
        if below is not None:
            words.addSpacing(20)
            words.addLayout(row(below, None))
        line = row(gap=16)
        line.addWidget(NumberTile(theme, number), 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(holding(column(4, words)), 1)
        self.setLayout(line)
        self.setAccessibleName(f"{number}. {title}")
        self.setAccessibleDescription(note)

    def say(self, note: str) -> None:
        """Another line below."""
        self.note.set_text(note)
        self.setAccessibleDescription(note)

"""Small words of state: the pill (a stage), the sync mark (the record's truth) and key caps.

Usage: ``Pill(theme, "Approved", Tone.OK)``, ``SyncMark(theme, Mark.SYNCED, "Synced 09:41")``,
``KeyCap(theme, "Ctrl", "K")``.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.views.theme.marks import Mark, mark_words
from app.views.theme.paint import PillLook, draw_key, draw_mark, draw_pill, key_width, mark_width, pill_width
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Tone
from app.views.widgets.base import ThemedWidget


class Pill(ThemedWidget):
    """A stage in a word: neutral, accent (someone works on it), warn (your turn), ok or bad."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        tone: Tone = Tone.NEUTRAL,
        icon: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._look = PillLook(text, tone, icon)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    def show_stage(self, text: str, tone: Tone, icon: str = "") -> None:
        self._look = PillLook(text, tone, icon)
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    @property
    def look(self) -> PillLook:
        return self._look

    def sizeHint(self) -> QSize:
        return QSize(pill_width(self.theme, self._look), Height.PILL)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_pill(painter, self.theme, QPoint(0, 0), self._look, mirrored=self.mirrored, limit=self.width())
        painter.end()


class SyncMark(ThemedWidget):
    """Shape and word of a sync state; ``words`` may say more, as in *Synced 09:41*."""

    def __init__(self, theme: Theme, mark: Mark, words: str = "", parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._mark = mark
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_mark(mark, words)

    @property
    def mark(self) -> Mark:
        return self._mark

    @property
    def words(self) -> str:
        return self._words

    def show_mark(self, mark: Mark, words: str = "") -> None:
        self._mark = mark
        self._words = words or mark_words(mark)
        self.setAccessibleName(self._words)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(mark_width(self.theme, self._mark, self._words), 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_mark(painter, self.theme, self.rect(), self._mark, words=self._words, mirrored=self.mirrored)
        painter.end()


class KeyCap(ThemedWidget):
    """One or more keys side by side, each in its own cap."""

    _GAP = 4

    def __init__(self, theme: Theme, *keys: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._keys = keys
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(" ".join(keys))

    def sizeHint(self) -> QSize:
        widths = [key_width(self.theme, key) for key in self._keys]
        return QSize(sum(widths) + self._GAP * (len(widths) - 1), 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        # Keys are read as they lie on the keyboard, in either direction of the layout.
        x, top = 0, (self.height() - 18) // 2
        for key in self._keys:
            x += draw_key(painter, self.theme, QPoint(x, top), key) + self._GAP
        painter.end()

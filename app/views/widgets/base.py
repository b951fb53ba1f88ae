"""The ground that painted widgets share: a theme given explicitly and a repaint whenever it changes.

Usage: ``class Gauge(ThemedWidget): def __init__(self, theme, parent=None): super().__init__(theme, parent)``.
"""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractItemView, QWidget

from app.views.theme.theme import Theme


class ThemedWidget(QWidget):
    """A plain widget that knows its theme; subclasses paint from ``self.theme.tokens``."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        theme.changed.connect(self._on_theme)

    @property
    def theme(self) -> Theme:
        return self._theme

    @property
    def mirrored(self) -> bool:
        """Whether the layout runs from right to left."""
        return self.layoutDirection() is Qt.LayoutDirection.RightToLeft

    def lead(self, rect: QRect) -> QRect:
        """``rect``, thought left to right, as it lies in this widget's direction."""
        if not self.mirrored:
            return rect
        return QRect(self.width() - rect.right() - 1, rect.top(), rect.width(), rect.height())

    def _on_theme(self) -> None:
        self.update()


class Panel(ThemedWidget):
    """A plain ground in one of the named colours: ``bg``, ``surface``, ``raised``, ``sunken``; with optional rules.

    Usage: ``Panel(theme, "raised", rules="top")``; ``rules`` names edges: top, bottom, leading, trailing.
    """

    def __init__(
        self, theme: Theme, ground: str = "surface", rules: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._ground = ground
        self._rules = frozenset(rules.split())

    def set_ground(self, ground: str) -> None:
        self._ground = ground
        self.update()

    def paintEvent(self, event: object) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        painter.fillRect(self.rect(), getattr(tokens, self._ground))
        rect = self.rect()
        edges = {
            "top": QRect(0, 0, rect.width(), 1),
            "bottom": QRect(0, rect.bottom(), rect.width(), 1),
            "leading": self.lead(QRect(0, 0, 1, rect.height())),
            "trailing": self.lead(QRect(rect.right(), 0, 1, rect.height())),
        }
        for name in self._rules:
            painter.fillRect(edges[name], tokens.line)
        painter.end()


def model_of(view: QAbstractItemView) -> QAbstractItemModel | None:
    """The view's model; Qt answers nothing before one was set, which its type hints leave out."""
    return view.model()

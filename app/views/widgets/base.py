"""The ground that painted widgets share: a theme given explicitly and a repaint whenever it changes.

Usage: ``class Gauge(ThemedWidget): def __init__(self, theme, parent=None): super().__init__(theme, parent)``.
"""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius


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
    """A plain ground in a named colour (``bg``, ``surface``, ``raised``, ``sunken``) with optional rules.

    Usage: ``Panel(theme, "raised", rules="top")``; ``rules`` names edges: top, bottom, leading, trailing. Inside a
    card, ``corners="top"`` or ``"bottom"`` rounds the ground like the card around it.
    """

    def __init__(
        self,
        theme: Theme,
        ground: str = "surface",
        rules: str = "",
        corners: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._ground = ground
        self._rules = frozenset(rules.split())
        self._corners = frozenset(corners.split())

    def is_ruled(self, edge: str) -> bool:
        """Whether a rule stands at an edge."""
        return edge in self._rules

    def rule(self, edge: str, *, on: bool) -> None:
        """Draw or drop the rule at an edge."""
        self._rules = self._rules | {edge} if on else self._rules - {edge}
        self.update()

    @property
    def is_foot(self) -> bool:
        """Whether it is a strip below something, with what is done about it or what it comes to."""
        return self._ground == "raised" and "top" in self._rules

    def set_ground(self, ground: str) -> None:
        self._ground = ground
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        rect = self.rect()
        ground = QColor(getattr(tokens, self._ground))
        if self._corners:
            # The card's border lies outside, so its inner corner is one pixel tighter.
            radius = Radius.CARD - 1
            reach = rect.adjusted(
                0, 0 if "top" in self._corners else -radius, 0, 0 if "bottom" in self._corners else radius
            )
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(reach, radius, radius)
        else:
            painter.fillRect(rect, ground)
        edges = {
            "top": QRect(0, 0, rect.width(), 1),
            "bottom": QRect(0, rect.bottom(), rect.width(), 1),
            "leading": self.lead(QRect(0, 0, 1, rect.height())),
            "trailing": self.lead(QRect(rect.right(), 0, 1, rect.height())),
        }
        for name in self._rules:
            painter.fillRect(edges[name], QColor(tokens.line))
        painter.end()


def keyboard_came(reason: Qt.FocusReason, before: bool) -> bool:
    """Whether a widget that just got the keyboard should show it: not after a click, and as before when only the
    window or a popup came and went."""
    unmoved = {
        Qt.FocusReason.ActiveWindowFocusReason,
        Qt.FocusReason.PopupFocusReason,
        Qt.FocusReason.MenuBarFocusReason,
    }
    return before if reason in unmoved else reason is not Qt.FocusReason.MouseFocusReason


ARROWS = frozenset({Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down})
"""Keys that a button of a group leaves to the group: Qt's own would move the focus and choose nothing."""


def model_of(view: QAbstractItemView) -> QAbstractItemModel | None:
    """The view's model; Qt answers nothing before one was set, which its type hints leave out."""
    return view.model()

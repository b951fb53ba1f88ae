"""Rows of a drop-down list: 32 high, a tick on the chosen one.

Usage: ``combo.setItemDelegate(ChoiceDelegate(theme, combo))``.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QComboBox, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.paint import draw_text
from app.views.theme.theme import Theme
from app.views.theme.touch import pressed

Index = QModelIndex | QPersistentModelIndex


class ChoiceDelegate(QStyledItemDelegate):
    """Paints words on the surface; the row under the pointer or keyboard lies on accent-soft."""

    def __init__(self, theme: Theme, combo: QComboBox) -> None:
        super().__init__(combo)
        self._theme = theme
        self._combo = combo

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        return QSize(text_width(self._theme.font(Role.BODY), text) + 48, pressed(32))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens = self._theme.tokens
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.fillRect(option.rect, tokens.accent_soft if selected else tokens.surface)
        mirrored = option.direction is Qt.LayoutDirection.RightToLeft
        room = option.rect.adjusted(11, 0, -11, 0)
        if index.row() == self._combo.currentIndex():
            x = room.left() if mirrored else room.right() - 15
            y = option.rect.top() + (option.rect.height() - 16) // 2
            self._theme.draw_icon(painter, x, y, "check", tokens.accent, 16)
        room = room.adjusted(22, 0, 0, 0) if mirrored else room.adjusted(0, 0, -22, 0)
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        align = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        draw_text(painter, room, text, self._theme.font(Role.BODY), tokens.text, align)

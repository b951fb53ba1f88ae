"""Rows of files, each with a box that puts it in or leaves it out; the row itself shows its content."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.views.theme.fonts import Role
from app.views.theme.paint import draw_text, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius

ROW = 36
_BOX, _INSET, _GAP = 16, 10, 10


class FileRows(QStyledItemDelegate):
    """Paints them from the tokens. A click on the box, or Space, is the list's own way to tick."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens, whole = self._theme.tokens, QRect(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            rounded(painter, whole.adjusted(0, 1, 0, -1), Radius.CONTROL, tokens.accent_soft)
        mirrored = option.direction is Qt.LayoutDirection.RightToLeft
        left = whole.right() - _INSET - _BOX + 1 if mirrored else whole.left() + _INSET
        box = QRect(left, whole.top() + (ROW - _BOX) // 2, _BOX, _BOX)
        if Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)) is Qt.CheckState.Checked:
            rounded(painter, box, Radius.KEY, tokens.accent_fill)
            self._theme.draw_icon(painter, box.left() + 1, box.top() + 1, "check", tokens.on_fill, 14)
        else:
            rounded(painter, box, Radius.KEY, tokens.surface, tokens.field)
        room = _INSET + _BOX + _GAP
        words = whole.adjusted(_INSET, 0, -room, 0) if mirrored else whole.adjusted(room, 0, -_INSET, 0)
        align = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        draw_text(painter, words, str(index.data()), self._theme.font(Role.BODY), tokens.text, align)

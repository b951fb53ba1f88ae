"""What all rows share: the ground, the rule below, the selection bar, the focus line.

Usage: ``look = row_look(option, view_row_hovered); paint_ground(painter, theme, option.rect, look)``.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyleOptionViewItem

from app.views.delegates.roles import Index
from app.views.theme.theme import Theme

BAR = 2


@dataclass(frozen=True, slots=True)
class RowLook:
    """How a row stands: chosen, under the pointer, holding the keyboard; and whether it runs right to left."""

    selected: bool
    hovered: bool
    focused: bool
    mirrored: bool
    ruled: bool = True
    """False where the row ends with the view, whose neighbour draws the line."""
    among: bool = False
    """One of several that are chosen: where the keyboard is has to be seen among them."""


def row_look(option: QStyleOptionViewItem, index: Index) -> RowLook:
    """Read from the option and, for what spans the whole row, from the view."""
    selected = bool(option.state & QStyle.StateFlag.State_Selected)
    hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
    focused, among = False, False
    view = option.widget
    if isinstance(view, QAbstractItemView):
        row_under_pointer = view.property("hoveredRow")
        if row_under_pointer is not None:
            hovered = row_under_pointer == index.row()
        focused = view.hasFocus() and view.currentIndex().row() == index.row()
        among = focused and len(view.selectionModel().selectedRows()) > 1
    ruled = True
    if isinstance(view, QAbstractItemView):
        ruled = option.rect.bottom() != view.viewport().height() - 1
    mirrored = option.direction is Qt.LayoutDirection.RightToLeft
    return RowLook(selected, hovered, focused, mirrored, ruled, among)


def paint_ground(
    painter: QPainter,
    theme: Theme,
    rect: QRect,
    look: RowLook,
    *,
    first: bool = True,
    last: bool = True,
    plain: str | None,
) -> None:
    """Ground and rule; bar and the focus line's ends only on the first and last cell of the row.

    ``plain`` is the ground of a row at rest; None lets the view's own show.
    """
    tokens = theme.tokens
    ground = tokens.accent_soft if look.selected else tokens.hover if look.hovered else plain
    if ground is not None:
        painter.fillRect(rect, ground)
    if look.ruled:
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), tokens.line)
    lead_x = rect.right() - BAR + 1 if look.mirrored else rect.left()
    if look.selected and first:
        painter.fillRect(QRect(lead_x, rect.top(), BAR, rect.height() - 1), tokens.accent)
    if look.focused and (look.among or not look.selected):
        _paint_focus(painter, rect, tokens.accent, look, first=first, last=last)


def _paint_focus(
    painter: QPainter, rect: QRect, colour: str, look: RowLook, *, first: bool, last: bool
) -> None:
    height = rect.height() - 1
    painter.fillRect(QRect(rect.left(), rect.top(), rect.width(), 1), colour)
    painter.fillRect(QRect(rect.left(), rect.top() + height - 1, rect.width(), 1), colour)
    at_left, at_right = (last, first) if look.mirrored else (first, last)
    if at_left:
        painter.fillRect(QRect(rect.left(), rect.top(), 1, height), colour)
    if at_right:
        painter.fillRect(QRect(rect.right(), rect.top(), 1, height), colour)

"""Rows of record tables: name, words, figures, pill, sync mark; and the row that shows a transfer.

Usage: ``delegate = TableDelegate(theme, {0: CellKind.NAME, 2: CellKind.FIGURE})``. The table has a row painted as a
whole, with ``paint_row``: hundreds of cells a frame are too many to be asked about and placed one by one. Reads the
roles CELLS, SHARE, PROGRESS and RATE of column 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QHelpEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from app.bridge.cells import Cell
from app.bridge.roles import DataRole
from app.bridge.tips import plain_tip
from app.views.delegates.ground import RowLook, paint_ground
from app.views.delegates.roles import (
    CellKind,
    Index,
    cells_of,
    kind_named,
    mark_named,
    share_of,
    text_of,
    tone_named,
)
from app.views.theme.fonts import Role
from app.views.theme.lines import fitted, text_width
from app.views.theme.paint import PillLook, draw_mark, draw_pill, draw_text, mark_width, pill_width
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Tone
from app.views.theme.touch import pressed
from app.views.widgets.gauges import draw_bar

EDGE = 16
"""Room before the first and after the last cell's words."""
PAD = 8
"""Room at both sides of the cells between."""
_ROLES = {CellKind.NAME: Role.NAME, CellKind.DETAIL: Role.SECONDARY}
_ICON = 18
_ICON_GAP = 8


#: Where a column lies: x, and width.
Span = tuple[int, int]


class Room(NamedTuple):
    """Where a cell's content may stand."""

    x: int
    top: int
    width: int
    height: int


class TableDelegate(QStyledItemDelegate):
    """Paints record rows. ``cancelled`` comes from the *Cancel* of a transfer row."""

    cancelled = Signal(object)

    def __init__(
        self, theme: Theme, kinds: Mapping[int, CellKind] | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kinds = dict(kinds or {})
        self._fonts = {role: theme.font(role) for role in (*_ROLES.values(), Role.BODY, Role.LABEL)}

    def set_kinds(self, kinds: Mapping[int, CellKind]) -> None:
        self._kinds = dict(kinds)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """The natural size of a cell, for fitting a column to its contents."""
        height = Height.ROW_PROGRESS if share_of(index) is not None else pressed(Height.ROW)
        column, cells = index.column(), cells_of(index)
        if column >= len(cells):
            return QSize((EDGE if column == 0 else PAD) + PAD, height)
        return QSize(self.natural_width(cells[column], column), height)

    def natural_width(self, cell: Cell, column: int) -> int:
        """How wide a column has to be for a cell to show as a whole."""
        pads = (EDGE if column == 0 else PAD) + PAD
        kind = self._kind(cell, column)
        if kind is CellKind.PILL:
            return pill_width(self._theme, _pill(cell)) + pads
        if kind is CellKind.MARK:
            mark = mark_named(cell.mark)
            return (mark_width(self._theme, mark, cell.text) if mark is not None else 0) + pads
        icon = 0
        if cell.icon:
            icon = 20 if kind is CellKind.DETAIL else _ICON + _ICON_GAP
        return text_width(self._font(kind), cell.text) + icon + pads

    # painting

    def paint_row(
        self, painter: QPainter, rect: QRect, index: Index, columns: Sequence[Span], look: RowLook
    ) -> None:
        """Paint the row of ``index`` into ``rect``. ``columns``: where each of them lies, in their order."""
        share = share_of(index)
        if share is not None:
            self._paint_transfer(painter, rect, index, look, share)
            return
        paint_ground(painter, self._theme, rect, look, plain=None)
        top, height = rect.top(), rect.height() - rect.height() % 2
        for column, (cell, (x, width)) in enumerate(zip(cells_of(index), columns, strict=False)):
            lead = EDGE if column == 0 else PAD
            room = Room(x + (PAD if look.mirrored else lead), top, width - lead - PAD, height)
            kind = self._kind(cell, column)
            if kind is CellKind.PILL:
                self._paint_pill(painter, room, cell, look)
            elif kind is CellKind.MARK:
                self._paint_mark(painter, room, cell, look)
            else:
                self._paint_words(painter, room, cell, kind, look)

    def _kind(self, cell: Cell, column: int) -> CellKind:
        fallback = CellKind.NAME if column == 0 else CellKind.TEXT
        return kind_named(cell.kind, self._kinds.get(column, fallback))

    def _font(self, kind: CellKind) -> QFont:
        return self._fonts[_ROLES.get(kind, Role.BODY)]

    def _paint_pill(self, painter: QPainter, room: Room, cell: Cell, look: RowLook) -> None:
        if not cell.text:
            return
        pill = _pill(cell, selected=look.selected)
        x = room.x
        if look.mirrored:
            x += room.width - min(pill_width(self._theme, pill), room.width)
        at = QPoint(x, room.top + (room.height - Height.PILL) // 2)
        draw_pill(painter, self._theme, at, pill, mirrored=look.mirrored, limit=room.width)

    def _paint_mark(self, painter: QPainter, room: Room, cell: Cell, look: RowLook) -> None:
        mark = mark_named(cell.mark)
        if mark is not None:
            words, rect = cell.text or None, QRect(room.x, room.top, room.width, room.height)
            draw_mark(painter, self._theme, rect, mark, words=words, mirrored=look.mirrored)

    def _paint_words(self, painter: QPainter, room: Room, cell: Cell, kind: CellKind, look: RowLook) -> None:
        x, top, width, height = room
        tokens = self._theme.tokens
        usual = Tone.TEXT2 if kind in {CellKind.TEXT, CellKind.DETAIL} else Tone.TEXT
        tone = tone_named(cell.tone, usual)
        if cell.icon:
            size, gap = (14, 6) if kind is CellKind.DETAIL else (_ICON, _ICON_GAP)
            colour = tokens.tone(tone_named(cell.icon_tone, tone))
            icon_x = x + width - size if look.mirrored else x
            self._theme.draw_icon(painter, icon_x, top + (height - size) // 2, cell.icon, colour, size)
            x, width = x if look.mirrored else x + size + gap, width - size - gap
        font = self._font(kind)
        if kind is CellKind.NAME and tone is Tone.TEXT3:
            # What is superseded or gone steps back in weight too.
            font = self._fonts[Role.BODY]
        elif kind is CellKind.DETAIL and tone is Tone.ACCENT:
            font = self._fonts[Role.LABEL]
        line = fitted(font, cell.text, width + 1)
        if (kind is CellKind.FIGURE) is not look.mirrored:
            x += width - line.width
        painter.setPen(QColor(tokens.tone(tone)))
        line.draw(painter, x, top, height)

    # the row of a transfer

    def _cancel_rect(self, rect: QRect, mirrored: bool) -> QRect:
        width = text_width(self._theme.font(Role.LABEL), self.tr("Cancel"))
        x = rect.left() + EDGE if mirrored else rect.right() + 1 - EDGE - width
        return QRect(x, rect.top() + 8, width, 24)

    def _paint_transfer(
        self, painter: QPainter, rect: QRect, index: Index, look: RowLook, share: float
    ) -> None:
        tokens = self._theme.tokens
        paint_ground(painter, self._theme, rect, look, plain=tokens.raised)
        line = QRect(rect.left() + EDGE, rect.top() + 10, rect.width() - 2 * EDGE, 20)
        cancel = self._cancel_rect(rect, look.mirrored)
        label, small = self._theme.font(Role.LABEL), self._theme.font(Role.SECONDARY)
        draw_text(
            painter,
            QRect(cancel.left(), line.top(), cancel.width(), 20),
            self.tr("Cancel"),
            label,
            tokens.accent,
        )
        rate, progress = text_of(index, DataRole.RATE), text_of(index, DataRole.PROGRESS)
        spots = [(small, rate, tokens.text3), (small, progress, tokens.text2)]
        edge = cancel.right() + 1 if look.mirrored else cancel.left()
        for font, words, colour in spots:
            width = text_width(font, words)
            edge = edge + 8 if look.mirrored else edge - 8 - width
            draw_text(painter, QRect(edge, line.top(), width, 20), words, font, colour)
            edge = edge + width if look.mirrored else edge
        icon_x = line.right() - 15 if look.mirrored else line.left()
        self._theme.draw_icon(painter, icon_x, line.top() + 2, "download", tokens.accent, 16)
        if look.mirrored:
            words_room, side = (
                QRect(edge + 12, line.top(), line.right() - 24 - edge - 12, 20),
                Qt.AlignmentFlag.AlignRight,
            )
        else:
            start = line.left() + 24
            words_room, side = QRect(start, line.top(), edge - 12 - start, 20), Qt.AlignmentFlag.AlignLeft
        draw_text(painter, words_room, text_of(index), label, tokens.text, side)
        bar = QRect(line.left(), rect.top() + 34, line.width(), 6)
        draw_bar(painter, tokens, bar, share, mirrored=look.mirrored)

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        if (
            isinstance(event, QMouseEvent)
            and event.type() is QEvent.Type.MouseButtonRelease
            and index.column() == 0
            and share_of(index) is not None
        ):
            mirrored = option.direction is Qt.LayoutDirection.RightToLeft
            if self._cancel_rect(option.rect, mirrored).contains(event.position().toPoint()):
                self.cancelled.emit(index)
                return True
        return super().editorEvent(event, model, option, index)

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """The whole text as tip where it was cut; a model's own tip comes first."""
        own = text_of(index, Qt.ItemDataRole.ToolTipRole)
        cut = self.sizeHint(option, index).width() > option.rect.width() + 1
        tip = own or (text_of(index) if cut else "")
        QToolTip.showText(event.globalPos(), plain_tip(tip), view)
        return bool(tip)


def _pill(cell: Cell, *, selected: bool = False) -> PillLook:
    return PillLook(cell.text, tone_named(cell.tone, Tone.NEUTRAL), cell.icon, selected)

"""Rows of record tables: name, words, figures, pill, sync mark; and the row that shows a transfer.

Usage: ``table.setItemDelegate(TableDelegate(theme, {0: CellKind.NAME, 2: CellKind.FIGURE, 3: CellKind.PILL}, table))``.
Reads DisplayRole and the roles KIND, TONE, ICON, ICON_TONE, MARK; on column 0 also SHARE, PROGRESS, RATE.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QHelpEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from app.bridge.roles import DataRole
from app.views.delegates.ground import RowLook, paint_ground, row_look
from app.views.delegates.roles import CellKind, Index, kind_of, mark_of, share_of, text_of, tone_of
from app.views.theme.fonts import Role
from app.views.theme.paint import PillLook, draw_mark, draw_pill, draw_text, pill_width, text_width
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Tone
from app.views.widgets.gauges import draw_bar

EDGE = 16
"""Room before the first and after the last cell's words."""
PAD = 8
"""Room at both sides of the cells between."""
_ICON = 18
_ICON_GAP = 8


class TableDelegate(QStyledItemDelegate):
    """Paints record rows. ``cancelled`` comes from the *Cancel* of a transfer row."""

    cancelled = Signal(object)

    def __init__(
        self, theme: Theme, kinds: Mapping[int, CellKind] | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kinds = dict(kinds or {})

    def set_kinds(self, kinds: Mapping[int, CellKind]) -> None:
        self._kinds = dict(kinds)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """The natural size of a cell, for fitting a column to its contents."""
        height = Height.ROW_PROGRESS if share_of(index) is not None else Height.ROW
        text = text_of(index)
        kind = self._kind(index)
        pads = (EDGE if index.column() == 0 else PAD) + PAD
        if kind is CellKind.PILL:
            return QSize(pill_width(self._theme, self._pill(index, text)) + pads, height)
        icon = _ICON + _ICON_GAP if text_of(index, DataRole.ICON) or kind is CellKind.MARK else 0
        return QSize(text_width(self._font(kind), text) + icon + pads, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look = row_look(option, index)
        share = share_of(index) if index.column() == 0 else None
        if share is not None:
            self._paint_transfer(painter, option.rect, index, look, share)
            return
        first, last = self._ends(option, index)
        plain = self._theme.tokens.surface
        paint_ground(painter, self._theme, option.rect, look, first=first, last=last, plain=plain)
        room = self._room(option.rect, look, first=first, last=last)
        kind = self._kind(index)
        if kind is CellKind.PILL:
            self._paint_pill(painter, room, index, look)
        elif kind is CellKind.MARK:
            mark = mark_of(index)
            if mark is not None:
                draw_mark(
                    painter, self._theme, room, mark, words=text_of(index) or None, mirrored=look.mirrored
                )
        else:
            self._paint_words(painter, room, index, kind, look)

    # cells

    def _kind(self, index: Index) -> CellKind:
        fallback = CellKind.NAME if index.column() == 0 else CellKind.TEXT
        return kind_of(index, self._kinds.get(index.column(), fallback))

    def _font(self, kind: CellKind) -> QFont:
        role = {CellKind.NAME: Role.NAME, CellKind.DETAIL: Role.SECONDARY}.get(kind, Role.BODY)
        return self._theme.font(role)

    def _pill(self, index: Index, text: str, *, selected: bool = False) -> PillLook:
        return PillLook(text, tone_of(index, Tone.NEUTRAL), text_of(index, DataRole.ICON), selected)

    def _paint_pill(self, painter: QPainter, room: QRect, index: Index, look: RowLook) -> None:
        text = text_of(index)
        if not text:
            return
        pill = self._pill(index, text, selected=look.selected)
        width = min(pill_width(self._theme, pill), room.width())
        x = room.right() + 1 - width if look.mirrored else room.left()
        top = room.top() + (room.height() - Height.PILL) // 2
        draw_pill(painter, self._theme, QPoint(x, top), pill, mirrored=look.mirrored, limit=room.width())

    def _paint_words(
        self, painter: QPainter, room: QRect, index: Index, kind: CellKind, look: RowLook
    ) -> None:
        tokens = self._theme.tokens
        usual = Tone.TEXT2 if kind in {CellKind.TEXT, CellKind.DETAIL} else Tone.TEXT
        tone = tone_of(index, usual)
        icon = text_of(index, DataRole.ICON)
        if icon:
            icon_tone = tone_of(index, tone, DataRole.ICON_TONE)
            size, gap = (14, 6) if kind is CellKind.DETAIL else (_ICON, _ICON_GAP)
            x = room.right() + 1 - size if look.mirrored else room.left()
            y = room.top() + (room.height() - size) // 2
            self._theme.draw_icon(painter, x, y, icon, tokens.tone(icon_tone), size)
            step = size + gap
            room = room.adjusted(0, 0, -step, 0) if look.mirrored else room.adjusted(step, 0, 0, 0)
        font = self._font(kind)
        if kind is CellKind.NAME and tone is Tone.TEXT3:
            # What is superseded or gone steps back in weight too.
            font = self._theme.font(Role.BODY)
        elif kind is CellKind.DETAIL and tone is Tone.ACCENT:
            font = self._theme.font(Role.LABEL)
        at_end = kind is CellKind.FIGURE
        side = Qt.AlignmentFlag.AlignRight if at_end is not look.mirrored else Qt.AlignmentFlag.AlignLeft
        draw_text(painter, room, text_of(index), font, tokens.tone(tone), side)

    @staticmethod
    def _ends(option: QStyleOptionViewItem, index: Index) -> tuple[bool, bool]:
        """Whether the cell is the first or the last of its row. Record tables hide no outer column."""
        last_column = index.model().columnCount(index.parent()) - 1
        return index.column() == 0, index.column() == last_column

    @staticmethod
    def _room(rect: QRect, look: RowLook, *, first: bool, last: bool) -> QRect:
        lead = EDGE if first else PAD
        trail = PAD
        left, right = (trail, lead) if look.mirrored else (lead, trail)
        return rect.adjusted(left, 0, -right, -1 if rect.height() % 2 else 0)

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
        QToolTip.showText(event.globalPos(), tip, view)
        return bool(tip)

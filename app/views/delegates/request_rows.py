"""Rows of the request list: title and time, who and what, pill and countdown.

Usage: ``list_view.setItemDelegate(RequestDelegate(theme, list_view))``.
Reads TITLE, SUBTITLE, TIME, PILL, PILL_TONE, COUNTDOWN, COUNTDOWN_TONE and MARK (shown when it is not *synced*).
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QHelpEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from app.bridge.roles import DataRole
from app.bridge.tips import plain_tip
from app.views.delegates.ground import RowLook, paint_ground, row_look
from app.views.delegates.roles import Index, mark_of, text_of, tone_of
from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.marks import Mark
from app.views.theme.paint import PillLook, draw_mark, draw_pill, draw_text, mark_width, pill_width
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone

_EDGE = 16
_HEIGHT = 79
_HEIGHT_PLAIN = 54


class RequestDelegate(QStyledItemDelegate):
    """79 high with a pill, 54 without one."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        tall = text_of(index, DataRole.PILL) or text_of(index, DataRole.COUNTDOWN)
        return QSize(240, _HEIGHT if tall else _HEIGHT_PLAIN)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look = row_look(option, index)
        rect = option.rect
        paint_ground(painter, self._theme, rect, look, plain=self._theme.tokens.surface)
        inner = rect.adjusted(_EDGE, 0, -_EDGE, 0)
        tokens = self._theme.tokens
        time = text_of(index, DataRole.TIME)
        caption = self._theme.font(Role.CAPTION)
        first = QRect(inner.left(), rect.top() + 9, inner.width(), 20)
        used = self._at_end(painter, first, time, caption, tokens.text3, look)
        title = self._before(first, used, look)
        lead = Qt.AlignmentFlag.AlignRight if look.mirrored else Qt.AlignmentFlag.AlignLeft
        draw_text(
            painter, title, text_of(index, DataRole.TITLE), self._theme.font(Role.NAME), tokens.text, lead
        )
        second = QRect(inner.left(), rect.top() + 29, inner.width(), 16)
        self._paint_second(painter, second, index, look)
        self._paint_third(painter, QRect(inner.left(), rect.top() + 49, inner.width(), 20), index, look)

    def _paint_second(self, painter: QPainter, line: QRect, index: Index, look: RowLook) -> None:
        mark = mark_of(index)
        used = 0
        if mark is not None and mark is not Mark.SYNCED:
            width = mark_width(self._theme, mark)
            x = line.left() if look.mirrored else line.right() + 1 - width
            draw_mark(painter, self._theme, QRect(x, line.top(), width, 16), mark, mirrored=look.mirrored)
            used = width
        lead = Qt.AlignmentFlag.AlignRight if look.mirrored else Qt.AlignmentFlag.AlignLeft
        font, colour = self._theme.font(Role.SECONDARY), self._theme.tokens.text3
        draw_text(
            painter, self._before(line, used, look), text_of(index, DataRole.SUBTITLE), font, colour, lead
        )

    def _paint_third(self, painter: QPainter, line: QRect, index: Index, look: RowLook) -> None:
        tokens = self._theme.tokens
        countdown = text_of(index, DataRole.COUNTDOWN)
        tone = tone_of(index, Tone.TEXT3, DataRole.COUNTDOWN_TONE)
        role = Role.CAPTION if tone is Tone.TEXT3 else Role.CAPTION_MEDIUM
        used = self._at_end(painter, line, countdown, self._theme.font(role), tokens.tone(tone), look)
        words = text_of(index, DataRole.PILL)
        if words:
            pill = PillLook(words, tone_of(index, Tone.NEUTRAL, DataRole.PILL_TONE), "", look.selected)
            room = self._before(line, used, look)
            width = min(pill_width(self._theme, pill), room.width())
            x = room.right() + 1 - width if look.mirrored else room.left()
            draw_pill(painter, self._theme, QPoint(x, line.top()), pill, mirrored=look.mirrored, limit=width)

    @staticmethod
    def _at_end(painter: QPainter, line: QRect, words: str, font: QFont, colour: str, look: RowLook) -> int:
        if not words:
            return 0
        side = Qt.AlignmentFlag.AlignLeft if look.mirrored else Qt.AlignmentFlag.AlignRight
        return draw_text(painter, line, words, font, colour, side)

    @staticmethod
    def _before(line: QRect, used: int, look: RowLook) -> QRect:
        room = used + 12 if used else 0
        return line.adjusted(room, 0, 0, 0) if look.mirrored else line.adjusted(0, 0, -room, 0)

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        title = text_of(index, DataRole.TITLE)
        time = text_width(self._theme.font(Role.CAPTION), text_of(index, DataRole.TIME))
        cut = text_width(self._theme.font(Role.NAME), title) > option.rect.width() - 2 * _EDGE - time - 12
        QToolTip.showText(event.globalPos(), plain_tip(title if cut else ""), view)
        return cut

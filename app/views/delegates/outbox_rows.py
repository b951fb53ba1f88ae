"""Rows of the outbox: mark, what, for whom, when, actions; the reason or the transfer on its own line.

Usage: see ``app.views.widgets.action_list.ActionList``, which owns the keyboard and the pointer.
Reads MARK, TITLE, SUBTITLE, TIME, REASON, ACTIONS, SHARE, PROGRESS.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, QRect, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from app.bridge.roles import DataRole
from app.bridge.tips import plain_tip
from app.views.delegates.ground import RowLook, paint_ground, row_look
from app.views.delegates.roles import Index, actions_of, mark_of, share_of, text_of
from app.views.theme.contrast import mix
from app.views.theme.fonts import Role
from app.views.theme.lines import elided, text_width
from app.views.theme.marks import MARKS
from app.views.theme.paint import draw_focus, draw_mark, draw_text, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Radius, Tone
from app.views.widgets.doubt import DOUBT_ICON, DOUBT_SIZE
from app.views.widgets.gauges import draw_bar

_EDGE = 16
_TOP = 10
_MARK_ROOM = 128
_TIME_ROOM = 52
_BUTTON_GAP = 6
_BUTTON_INSET = 11
_PLAIN, _WITH_REASON, _WITH_BAR = 57, 77, 79


class OutboxDelegate(QStyledItemDelegate):
    """57 high, 77 with a reason, 79 with a transfer."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pressed = ""
        self._under = ""
        self._chosen = 0

    def show_pointer(self, under: str, pressed: str) -> None:
        """Which action of the hovered row is under the pointer, and which is held down."""
        self._under = under
        self._pressed = pressed

    def show_chosen(self, number: int) -> None:
        """Which action of the current row the keyboard would run."""
        self._chosen = number

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        if share_of(index) is not None:
            return QSize(420, _WITH_BAR)
        return QSize(420, _WITH_REASON if text_of(index, DataRole.REASON) else _PLAIN)

    def action_rects(self, rect: QRect, index: Index, *, mirrored: bool) -> list[tuple[str, str, QRect]]:
        """Name, words and place of each action, the last one at the trailing edge."""
        font = self._theme.font(Role.LABEL)
        placed: list[tuple[str, str, QRect]] = []
        edge = rect.left() + _EDGE if mirrored else rect.right() + 1 - _EDGE
        top = rect.top() + _TOP + 4
        for name, words in reversed(actions_of(index)):
            width = text_width(font, words) + 2 * _BUTTON_INSET
            x = edge if mirrored else edge - width
            placed.append((name, words, QRect(x, top, width, Height.CONTROL_SMALL)))
            edge = edge + width + _BUTTON_GAP if mirrored else edge - width - _BUTTON_GAP
        placed.reverse()
        return placed

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look = row_look(option, index)
        rect = option.rect
        # An outbox row is not chosen but acted upon: the keyboard's row shows its focus line only.
        calm = replace(look, selected=False, hovered=False)
        paint_ground(painter, self._theme, rect, calm, plain=None)
        mark = mark_of(index)
        if mark is not None:
            x = rect.right() + 1 - _EDGE - _MARK_ROOM if look.mirrored else rect.left() + _EDGE
            spot = QRect(x, rect.top() + _TOP, _MARK_ROOM - 8, 36)
            draw_mark(painter, self._theme, spot, mark, mirrored=look.mirrored)
        buttons = self.action_rects(rect, index, mirrored=look.mirrored)
        self._paint_words(painter, rect, index, look, buttons)
        self._paint_third(painter, rect, index, look)
        for number, (name, words, place) in enumerate(buttons):
            under = look.hovered and self._under == name
            self._paint_button(painter, place, words, under=under, pressed=under and self._pressed == name)
            if look.focused and number == min(self._chosen, len(buttons) - 1):
                draw_focus(painter, self._theme, place)

    def _paint_words(
        self,
        painter: QPainter,
        rect: QRect,
        index: Index,
        look: RowLook,
        buttons: list[tuple[str, str, QRect]],
    ) -> None:
        tokens = self._theme.tokens
        taken = max(180, sum(place.width() + _BUTTON_GAP for _name, _words, place in buttons) + 14)
        start = _EDGE + _MARK_ROOM
        length = rect.width() - start - _EDGE - taken - _TIME_ROOM
        x = rect.left() + _EDGE + taken + _TIME_ROOM if look.mirrored else rect.left() + start
        lead = Qt.AlignmentFlag.AlignRight if look.mirrored else Qt.AlignmentFlag.AlignLeft
        trail = Qt.AlignmentFlag.AlignLeft if look.mirrored else Qt.AlignmentFlag.AlignRight
        title = QRect(x, rect.top() + _TOP, length, 20)
        second = QRect(x, rect.top() + _TOP + 20, length, 16)
        name, small = self._theme.font(Role.NAME), self._theme.font(Role.SECONDARY)
        draw_text(painter, title, text_of(index, DataRole.TITLE), name, tokens.text, lead)
        draw_text(painter, second, text_of(index, DataRole.SUBTITLE), small, tokens.text3, lead)
        time_x = x - _TIME_ROOM if look.mirrored else x + length
        time = QRect(time_x, rect.top() + _TOP, _TIME_ROOM, 36)
        words, caption = text_of(index, DataRole.TIME), self._theme.font(Role.CAPTION)
        if text_of(index, DataRole.DOUBT):
            # Below the time, which leaves no room beside it.
            time.setHeight(20)
            mark_x = time.left() if look.mirrored else time.right() + 1 - DOUBT_SIZE
            colour = tokens.tone(Tone.WARN)
            self._theme.draw_icon(painter, mark_x, time.bottom() + 2, DOUBT_ICON, colour, DOUBT_SIZE)
        draw_text(painter, time, words, caption, tokens.text3, trail)

    def _paint_third(self, painter: QPainter, rect: QRect, index: Index, look: RowLook) -> None:
        tokens = self._theme.tokens
        width = rect.width() - 2 * _EDGE - _MARK_ROOM
        x = rect.left() + _EDGE if look.mirrored else rect.left() + _EDGE + _MARK_ROOM
        share = share_of(index)
        lead = Qt.AlignmentFlag.AlignRight if look.mirrored else Qt.AlignmentFlag.AlignLeft
        if share is not None:
            line = QRect(x, rect.top() + 52, width, 16)
            font = self._theme.font(Role.CAPTION)
            words = text_of(index, DataRole.PROGRESS)
            used = text_width(font, words) + 12
            words_x = line.left() if look.mirrored else line.right() + 1 - used + 12
            draw_text(painter, QRect(words_x, line.top(), used - 12, 16), words, font, tokens.text3)
            bar_x = line.left() + used if look.mirrored else line.left()
            bar = QRect(bar_x, line.top() + 5, width - used, 6)
            draw_bar(painter, tokens, bar, share, mirrored=look.mirrored)
            return
        reason = text_of(index, DataRole.REASON)
        if reason:
            font = self._theme.font(Role.SECONDARY)
            colour = tokens.tone(self._reason_tone(index))
            draw_text(painter, QRect(x, rect.top() + 50, width, 16), reason, font, colour, lead)

    @staticmethod
    def _reason_tone(index: Index) -> Tone:
        mark = mark_of(index)
        return MARKS[mark].tone if mark is not None else Tone.TEXT3

    def _paint_button(
        self, painter: QPainter, place: QRect, words: str, *, under: bool, pressed: bool
    ) -> None:
        tokens = self._theme.tokens
        ground = tokens.hover if under else tokens.surface
        if pressed:
            ground = mix(tokens.surface, tokens.text, 0.08)
        rounded(painter, place, Radius.CONTROL, ground, tokens.line2)
        font = self._theme.font(Role.LABEL)
        draw_text(painter, place, words, font, tokens.text, Qt.AlignmentFlag.AlignHCenter)

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """A reason is never lost: what does not fit is the tip."""
        reason = text_of(index, DataRole.REASON)
        room = option.rect.width() - 2 * _EDGE - _MARK_ROOM
        cut = bool(reason) and elided(self._theme.font(Role.SECONDARY), reason, room) != reason
        title = text_of(index, DataRole.TITLE)
        told = (title, reason if cut else "", text_of(index, DataRole.DOUBT))
        QToolTip.showText(event.globalPos(), plain_tip("\n".join(part for part in told if part)), view)
        return True

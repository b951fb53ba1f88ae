"""Cards of a board: who, what, how much, how long still, and the sync mark where there is something to say."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, QSize, Qt
from PySide6.QtGui import QFont, QHelpEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from app.bridge.board import CARD
from app.bridge.tips import plain_tip
from app.services.boards import BoardCard
from app.services.views_model import SyncState
from app.views.delegates.ground import RowLook, row_look
from app.views.delegates.roles import Index
from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.marks import MARK_SIZE, Mark
from app.views.theme.paint import draw_mark, draw_text, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius, Tone

_INSET = 12
#: Free below each card.
GAP = 8
_LINES = ((10, 20), (30, 16), (52, 16), (72, 16))
_PLAIN, _MARKED = 78, 98


class CardDelegate(QStyledItemDelegate):
    """A card of three lines, of four where it is not synced."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        card = _card(index)
        tall = card is not None and card.sync_words and _has_figures(card)
        return QSize(120, (_MARKED if tall else _PLAIN) + GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        card = _card(index)
        if card is None:
            return
        look = row_look(option, index)
        rect = option.rect.adjusted(0, 0, 0, -GAP)
        self._ground(painter, rect, look)
        lines = [
            QRect(rect.left() + _INSET, rect.top() + top, rect.width() - 2 * _INSET, height)
            for top, height in _LINES
        ]
        tokens = self._theme.tokens
        self._words(painter, lines[0], card.title, self._theme.font(Role.NAME), tokens.text, look)
        self._words(painter, lines[1], card.subtitle, self._theme.font(Role.SECONDARY), tokens.text2, look)
        self._figures(painter, lines[2], card, look)
        if card.sync_words:
            self._mark(painter, lines[3 if _has_figures(card) else 2], card, look)

    def _ground(self, painter: QPainter, rect: QRect, look: RowLook) -> None:
        tokens = self._theme.tokens
        fill = tokens.accent_soft if look.selected else tokens.hover if look.hovered else tokens.surface
        edge = tokens.accent if look.selected or look.focused else tokens.line
        rounded(painter, rect, Radius.CARD, fill, edge, 2 if look.focused else 1)

    def _figures(self, painter: QPainter, line: QRect, card: BoardCard, look: RowLook) -> None:
        tokens = self._theme.tokens
        used = 0
        if card.due is not None:
            tone = Tone.TEXT3 if card.due.tone == Tone.NEUTRAL else Tone(card.due.tone)
            role = Role.CAPTION if tone is Tone.TEXT3 else Role.CAPTION_MEDIUM
            side = Qt.AlignmentFlag.AlignLeft if look.mirrored else Qt.AlignmentFlag.AlignRight
            used = draw_text(painter, line, card.due.words, self._theme.font(role), tokens.tone(tone), side)
        room = used + 8 if used else 0
        rest = line.adjusted(room, 0, 0, 0) if look.mirrored else line.adjusted(0, 0, -room, 0)
        self._words(painter, rest, card.amount, self._theme.font(Role.LABEL), tokens.text, look)

    def _mark(self, painter: QPainter, line: QRect, card: BoardCard, look: RowLook) -> None:
        if card.sync is not SyncState.DRAFT:
            words = card.sync_words
            draw_mark(painter, self._theme, line, Mark(card.sync.value), words=words, mirrored=look.mirrored)
            return
        # A draft is no state of sync: it has not been handed in.
        colour = self._theme.tokens.text3
        x = line.right() + 1 - MARK_SIZE if look.mirrored else line.left()
        self._theme.draw_icon(painter, x, line.top() + 1, "pencil", colour, MARK_SIZE)
        step = MARK_SIZE + 6
        rest = line.adjusted(0, 0, -step, 0) if look.mirrored else line.adjusted(step, 0, 0, 0)
        self._words(painter, rest, card.sync_words, self._theme.font(Role.SECONDARY), colour, look)

    @staticmethod
    def _words(painter: QPainter, line: QRect, words: str, font: QFont, colour: str, look: RowLook) -> None:
        lead = Qt.AlignmentFlag.AlignRight if look.mirrored else Qt.AlignmentFlag.AlignLeft
        draw_text(painter, line, words, font, colour, lead)

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        card = _card(index)
        if card is None:
            return False
        room = option.rect.width() - 2 * _INSET
        wide = [
            words
            for words, role in ((card.title, Role.NAME), (card.subtitle, Role.SECONDARY))
            if text_width(self._theme.font(role), words) > room
        ]
        QToolTip.showText(event.globalPos(), plain_tip("\n".join(wide)), view)
        return bool(wide)


def _has_figures(card: BoardCard) -> bool:
    return bool(card.amount) or card.due is not None


def _card(index: Index) -> BoardCard | None:
    found = index.data(CARD)
    return found if isinstance(found, BoardCard) else None

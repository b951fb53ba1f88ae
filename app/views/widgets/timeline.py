"""What happened, line by line: an icon, a sentence, a time.

Usage: ``EventList(theme); events.set_events([Event("send", "Submitted by you, receipt R-7F3C", "Tue 17 Nov")])``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QVBoxLayout, QWidget

from app.bridge.tips import plain_tip
from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.paint import draw_text
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import Button
from app.views.widgets.buttons import link as make_link
from app.views.widgets.doubt import DOUBT_ICON, DOUBT_SIZE

#: What a note below adds to the height of a row.
_NOTE = 14
#: Between words that are cut and the link after them.
_APART = 4


@dataclass(frozen=True, slots=True)
class Event:
    """An icon name, its tone, the sentence and the time in words.

    ``link``: the words at the end of the sentence that open something, and ``key`` what. ``note`` stands below: who
    did it, and from where. ``doubt``: why the time is wrong; it is marked, and the tip says so.
    """

    icon: str
    text: str
    time: str
    tone: Tone = Tone.TEXT3
    link: str = ""
    key: str = ""
    note: str = ""
    doubt: str = ""


class EventRow(ThemedWidget):
    """One line; the sentence is cut with the whole as tip. ``opened`` gives the key of its link."""

    opened = Signal(str)

    def __init__(self, theme: Theme, event: Event, height: int, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._event = event
        self._words = ""
        self._link: Button | None = None
        self._line = height
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_event(event)

    def show_event(self, event: Event) -> None:
        """Show another line; a link that stays the same keeps the keyboard."""
        if self._link is not None and event.link != self._event.link:
            self._link.hide()
            self._link.deleteLater()
            self._link = None
        self._event = event
        self.setFixedHeight(self._line + (_NOTE if event.note else 0))
        self._words = event.text.removesuffix(event.link)
        self.setAccessibleName(", ".join(part for part in (event.text, event.note, event.time) if part))
        self.setAccessibleDescription(event.doubt)
        if event.link and self._link is None:
            self._link = self._make_link()
        self._place_link()
        self.update()

    def _make_link(self) -> Button:
        found = make_link(self.theme, self._event.link)
        found.setParent(self)
        found.setAccessibleName(self.tr("Receipt {name}").format(name=self._event.link))
        found.clicked.connect(lambda: self.opened.emit(self._event.key))
        found.show()
        return found

    @property
    def link(self) -> Button | None:
        """What the sentence ends with, when that opens something."""
        return self._link

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_link()

    def _place_link(self) -> None:
        if self._link is not None:
            room, wanted = self._room(), self._link.sizeHint()
            words = self._words_room()
            top = (self._line - wanted.height()) // 2
            width = min(wanted.width(), max(0, room.right() + 1 - words.right() - 1))
            start = (
                max(words.right() + 1, room.right() + 1 - wanted.width()) if self._cut else words.right() + 1
            )
            self._link.setGeometry(self.lead(QRect(start, top, width, wanted.height())))

    @property
    def _cut(self) -> bool:
        """Whether there is not room for all of the words before the link."""
        left = self._room().width() - (self._link.sizeHint().width() if self._link is not None else 0)
        return text_width(self.theme.font(Role.SECONDARY), self._fitting(left)) > left

    def _words_room(self) -> QRect:
        """Where the words go: all there is, or as much as they need before a link."""
        room = self._room()
        if self._link is not None:
            left = room.width() - self._link.sizeHint().width()
            if self._cut:
                # Words that are cut keep their distance from the link.
                left -= _APART
            room.setWidth(max(0, min(text_width(self.theme.font(Role.SECONDARY), self._fitting(left)), left)))
        return room

    def _fitting(self, width: int) -> str:
        """The words before a link; what only introduces the link goes when there is not room for both."""
        if self._link is None or text_width(self.theme.font(Role.SECONDARY), self._words) <= width:
            return self._words
        short, _comma, _rest = self._words.rpartition(", ")
        return f"{short} " if short else self._words

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    def _room(self) -> QRect:
        time = text_width(self.theme.font(Role.CAPTION), self._event.time)
        # Roomier rows keep a little more distance between icon and words.
        start = 24 if self._line <= 24 else 26
        mark = DOUBT_SIZE + 4 if self._event.doubt else 0
        return QRect(start, 0, self.width() - start - time - mark - 8, self._line)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            font = self.theme.font(Role.SECONDARY)
            cut = text_width(font, self._event.text) > self._room().width() + 1
            told = (self._event.text if cut else "", self._event.doubt)
            QToolTip.showText(event.globalPos(), plain_tip("\n".join(part for part in told if part)), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        colour = tokens.tone(self._event.tone)
        spot = self.lead(QRect(0, (self._line - 16) // 2, 16, 16))
        self.theme.draw_icon(painter, spot.left(), spot.top(), self._event.icon, colour, 16)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        word_side, time_side = (right, left) if self.mirrored else (left, right)
        words = self.lead(self._words_room())
        left_over = self._room().width() - (self._link.sizeHint().width() if self._link else 0)
        draw_text(
            painter, words, self._fitting(left_over), self.theme.font(Role.SECONDARY), tokens.text, word_side
        )
        font = self.theme.font(Role.CAPTION)
        first = QRect(0, 0, self.width(), self._line)
        used = draw_text(painter, first, self._event.time, font, tokens.text3, time_side)
        if self._event.doubt:
            x, top = self.width() - used - 4 - DOUBT_SIZE, (self._line - DOUBT_SIZE) // 2
            place = self.lead(QRect(x, top, DOUBT_SIZE, DOUBT_SIZE))
            colour = tokens.tone(Tone.WARN)
            self.theme.draw_icon(painter, place.left(), place.top(), DOUBT_ICON, colour, DOUBT_SIZE)
        if self._event.note:
            start = self._room().left()
            below = self.lead(QRect(start, self._line - 4, self.width() - start, _NOTE))
            draw_text(painter, below, self._event.note, font, tokens.text3, word_side)
        painter.end()


class EventList(ThemedWidget):
    """Rows of 24 (timeline in a detail) or 31 (activity). ``opened`` gives the key of a link."""

    opened = Signal(str)

    def __init__(self, theme: Theme, row_height: int = 24, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._row_height = row_height
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._rows: list[EventRow] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("What happened"))

    def set_events(self, events: Sequence[Event]) -> None:
        # Rows are kept and told what they show now: new ones would stand empty for a moment.
        for old in self._rows[len(events) :]:
            self._column.removeWidget(old)
            old.hide()
            old.deleteLater()
        del self._rows[len(events) :]
        for entry, event in zip(self._rows, events, strict=False):
            entry.show_event(event)
        for event in events[len(self._rows) :]:
            entry = EventRow(self.theme, event, self._row_height)
            entry.opened.connect(self.opened)
            self._rows.append(entry)
            self._column.addWidget(entry)

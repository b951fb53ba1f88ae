"""What people wrote: messages of a request, comments on a record, and rules between them.

Usage::

    bubble = MessageBubble(theme, Message("Maya Okafor", "You", "Today, 09:34", "Thank you. ...", own=True,
        mark=Mark.WAITING, files=(FileLook("delivery-address.txt", "1 KB"),)))
    bubble.edit_clicked / cancel_clicked / file_clicked(str)
    Comment(theme, "Ingrid Solheim", "Ingrid Solheim", "08:58", "Approved. ...")
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.services.views_model import Doubt
from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.marks import Mark
from app.views.theme.paint import draw_text
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import secondary
from app.views.widgets.doubt import DoubtMark
from app.views.widgets.files import DashedPanel, FileLook, FileTile
from app.views.widgets.layout import column, row
from app.views.widgets.pills import SyncMark
from app.views.widgets.text import Text
from app.views.widgets.tiles import Avatar


@dataclass(frozen=True, slots=True)
class Message:
    """``author`` gives the initials, ``shown`` the name as written (*You*); ``mark`` None shows no sync mark.

    A waiting message lies in a dashed frame and can be edited or cancelled; ``note`` is the line beside these.
    """

    author: str
    shown: str
    time: str
    text: str
    own: bool = False
    mark: Mark | None = None
    files: tuple[FileLook, ...] = ()
    note: str = ""


class MessageBubble(DashedPanel):
    """One message; the column beside it keeps 12 free at both sides for the dashed frame."""

    edit_clicked = Signal()
    cancel_clicked = Signal()
    file_clicked = Signal(str)

    def __init__(self, theme: Theme, message: Message, parent: QWidget | None = None) -> None:
        waiting = message.mark in {Mark.WAITING, Mark.SENDING}
        super().__init__(theme, active=waiting, parent=parent)
        self.setAccessibleName(f"{message.shown}, {message.time}: {message.text}")
        body = column(self._head(message), Text(theme, message.text, Role.BODY, wrap=True), gap=2)
        if message.files:
            body.addSpacing(6)
            body.addLayout(self._files(message.files))
        if message.mark is Mark.WAITING:
            body.addSpacing(6)
            body.addLayout(self._foot(message.note))
        line = QHBoxLayout(self)
        edge = 12 if waiting else 8
        line.setContentsMargins(12, edge, 12, edge)
        line.setSpacing(12)
        line.addWidget(Avatar(theme, message.author, 32, own=message.own), 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(body, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def _head(self, message: Message) -> QHBoxLayout:
        head = row(
            Text.giving_way(self.theme, message.shown, Role.STRONG),
            Text(self.theme, message.time, Role.SECONDARY, Tone.TEXT3),
            None,
            gap=8,
        )
        if message.mark is not None:
            head.addWidget(SyncMark(self.theme, message.mark))
        return head

    def _files(self, files: tuple[FileLook, ...]) -> QHBoxLayout:
        line = row(gap=8)
        for look in files:
            tile = FileTile(self.theme, look)
            tile.clicked.connect(lambda _on=False, name=look.name: self.file_clicked.emit(name))
            line.addWidget(tile)
        line.addStretch(1)
        return line

    def _foot(self, note: str) -> QHBoxLayout:
        words = note or self.tr("Saved here. Sent when you are back.")
        edit = secondary(self.theme, self.tr("Edit"), small=True)
        cancel = secondary(self.theme, self.tr("Cancel message"), small=True)
        edit.clicked.connect(self.edit_clicked)
        cancel.clicked.connect(self.cancel_clicked)
        return row(Text(self.theme, words, Role.SECONDARY, Tone.TEXT3), None, edit, cancel, gap=8)


class Comment(ThemedWidget):
    """A short remark in a detail pane."""

    def __init__(
        self,
        theme: Theme,
        author: str,
        shown: str,
        time: str,
        text: str,
        *,
        own: bool = False,
        mark: Mark | None = None,
        doubt: Doubt | None = None,
    ) -> None:
        super().__init__(theme)
        self.setAccessibleName(f"{shown}, {time}: {text}")
        head = row(
            Text.giving_way(theme, shown, Role.LABEL),
            Text(theme, time, Role.SECONDARY, Tone.TEXT3),
            gap=4,
        )
        if doubt is not None:
            self.setAccessibleDescription(doubt.text)
            head.addWidget(DoubtMark(theme, doubt))
        head.addStretch(1)
        if mark is not None and mark is not Mark.SYNCED:
            head.addWidget(SyncMark(theme, mark))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addLayout(head)
        words.addWidget(Text(theme, text, Role.SECONDARY, Tone.TEXT2, wrap=True))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(Avatar(theme, author, 24, own=own), 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)


class Divider(ThemedWidget):
    """A rule with words in the middle, such as *You went offline at 08:12*."""

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._text = text
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(160, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        font = self.theme.font(Role.CAPTION)
        width = text_width(font, self._text)
        middle = self.height() // 2
        start = (self.width() - width) // 2
        painter.fillRect(QRect(0, middle, start - 12, 1), tokens.line)
        painter.fillRect(QRect(start + width + 12, middle, self.width() - start - width - 12, 1), tokens.line)
        draw_text(painter, self.rect(), self._text, font, tokens.text3, Qt.AlignmentFlag.AlignHCenter)
        painter.end()

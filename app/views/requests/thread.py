"""A conversation: messages oldest first, the moment one went offline, and the end in view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.format import Formats
from app.services.views_model import FileView, MessageView
from app.views.requests.bubble import BubbleWords, MessageBubble
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.layout import emptied
from app.views.widgets.messages import Divider
from app.views.widgets.scroll import scrolled
from app.views.widgets.text import Text


@dataclass(frozen=True)
class Shown:
    """What a thread shows: messages, the words for each file by sha256, and since when the user is offline."""

    messages: tuple[MessageView, ...]
    files: Mapping[str, str]
    offline_since: datetime | None


class Thread(QWidget):
    """`edited`, `cancelled`, `discarded` give the message; `file_opened` the file."""

    edited = Signal(object)
    cancelled = Signal(object)
    discarded = Signal(object)
    file_opened = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._gid = ""
        self._shown: Shown | None = None
        self.bubbles: list[MessageBubble] = []
        content = QWidget()
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(12, 12, 12, 12)
        self._column.setSpacing(0)
        self._area = scrolled(content, self.tr("Messages"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._area)

    def show_messages(self, gid: str, shown: Shown, me: str, formats: Formats) -> None:
        """Show a conversation; another one than before opens at its end, the same keeps its place."""
        if gid == self._gid and shown == self._shown:
            return
        bar = self._area.verticalScrollBar()
        at_end = gid != self._gid or bar.value() >= bar.maximum() - 8
        self._gid, self._shown = gid, shown
        self._build(shown, me, formats)
        if at_end:
            # The new height is known only after the layout has had its turn.
            QTimer.singleShot(0, self, self._to_end)

    def _to_end(self) -> None:
        bar = self._area.verticalScrollBar()
        bar.setValue(bar.maximum())

    def _build(self, shown: Shown, me: str, formats: Formats) -> None:
        emptied(self._column)
        self.bubbles = []
        told = shown.offline_since is None
        for message in shown.messages:
            since = shown.offline_since
            if not told and since is not None and message.at is not None and message.at >= since:
                self._column.addWidget(self._divider(since, formats))
                told = True
            self._column.addWidget(self._bubble(message, shown.files, me, formats))
        if not shown.messages:
            nothing = Text(self._theme, self.tr("Nothing has been written yet."), Role.SECONDARY, Tone.TEXT3)
            nothing.setContentsMargins(12, 12, 12, 12)
            self._column.addWidget(nothing)
        self._column.addStretch(1)

    def _divider(self, since: datetime, formats: Formats) -> QWidget:
        holder = QWidget()
        line = QVBoxLayout(holder)
        line.setContentsMargins(12, 4, 12, 12)
        words = self.tr("You went offline at {time}").format(time=formats.since(since))
        line.addWidget(Divider(self._theme, words))
        return holder

    def _bubble(
        self, message: MessageView, files: Mapping[str, str], me: str, formats: Formats
    ) -> MessageBubble:
        words = BubbleWords(
            time=formats.stamp(message.at) if message.at else "",
            sizes={file.sha256: self._file_words(file, files, formats) for file in message.files},
            waiting=self.tr("Saved here. Sent when you are back.")
            if self._shown is not None and self._shown.offline_since is not None
            else self.tr("Saved here. It is sent in a moment."),
            author=me if message.mine else message.author,
        )
        bubble = MessageBubble(self._theme, message, words)
        bubble.edited.connect(lambda: self.edited.emit(message))
        bubble.cancelled.connect(lambda: self.cancelled.emit(message))
        bubble.discarded.connect(lambda: self.discarded.emit(message))
        bubble.file_opened.connect(self.file_opened)
        self.bubbles.append(bubble)
        return bubble

    @staticmethod
    def _file_words(file: FileView, files: Mapping[str, str], formats: Formats) -> str:
        size = formats.size(file.size)
        more = files.get(file.sha256, "")
        return f"{size} · {more}" if more else size


def offline_moment(messages: Sequence[MessageView], since: datetime | None) -> datetime | None:
    """Return `since` if something was written after it: only then does the line say something."""
    if since is None:
        return None
    return since if any(m.at is not None and m.at >= since for m in messages) else None

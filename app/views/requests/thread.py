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
from app.views.widgets.buttons import link
from app.views.widgets.layout import column, row
from app.views.widgets.messages import Divider
from app.views.widgets.scroll import scrolled
from app.views.widgets.text import Text


@dataclass(frozen=True)
class Shown:
    """What a thread shows: messages, the words for each file by sha256, and since when the user is offline."""

    messages: tuple[MessageView, ...]
    files: Mapping[str, str]
    offline_since: datetime | None


#: Messages shown when a conversation opens; each takes some milliseconds to lay out.
_LATEST = 25


@dataclass(frozen=True)
class _Entry:
    """One line of the column: a message with its words, or (without one) the rule with the moment one went offline."""

    message: MessageView | None
    words: BubbleWords | None
    rule: str = ""


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
        self._most = _LATEST
        self._entries: list[_Entry] = []
        self._widgets: list[QWidget] = []
        self._told: tuple[Shown, str, Formats] | None = None
        self._earlier = link(theme, "", "chevron-up")
        self._earlier.clicked.connect(self._show_earlier)
        self._nothing = Text(theme, self.tr("Nothing has been written yet."), Role.SECONDARY, Tone.TEXT3)
        self._nothing.setContentsMargins(12, 12, 12, 12)
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        content = QWidget()
        content.setLayout(
            column(
                row(None, self._earlier, None),
                self._nothing,
                self._column,
                None,
                margins=(12, 12, 12, 12),
            )
        )
        self.area = scrolled(content, self.tr("Messages"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.area)

    @property
    def bubbles(self) -> list[MessageBubble]:
        """The messages that are laid out, in order."""
        return [widget for widget in self._widgets if isinstance(widget, MessageBubble)]

    def show_messages(self, gid: str, shown: Shown, me: str, formats: Formats) -> None:
        """Show a conversation; another one than before opens at its end, the same keeps its place."""
        bar = self.area.verticalScrollBar()
        at_end = gid != self._gid or bar.value() >= bar.maximum() - 8
        if gid != self._gid:
            self._gid, self._most = gid, _LATEST
        self._told = (shown, me, formats)
        if self._lay_out() and at_end:
            # The new height is known only after the layout has had its turn.
            QTimer.singleShot(0, self, self._to_end)

    def _to_end(self) -> None:
        bar = self.area.verticalScrollBar()
        bar.setValue(bar.maximum())

    def _show_earlier(self) -> None:
        bar = self.area.verticalScrollBar()
        from_end = bar.maximum() - bar.value()
        self._most = len(self._told[0].messages) if self._told is not None else _LATEST
        self._lay_out()
        # What one was reading stays where it is while the older ones appear above it.
        QTimer.singleShot(0, self, lambda: bar.setValue(bar.maximum() - from_end))

    def _lay_out(self) -> bool:
        """Bring the column to what is told; what stands there already is left alone. True when something changed."""
        if self._told is None:
            return False
        shown, me, formats = self._told
        wanted = self._wanted(shown, me, formats)
        hidden = len(shown.messages) - self._most
        self._earlier.set_text(self.tr("Show {count} earlier messages").format(count=hidden))
        self._earlier.setVisible(hidden > 0)
        self._nothing.setVisible(not shown.messages)
        if wanted == self._entries:
            return False
        kept: dict[str, tuple[_Entry, QWidget]] = {
            _key(entry): (entry, widget) for entry, widget in zip(self._entries, self._widgets, strict=True)
        }
        widgets: list[QWidget] = []
        for entry in wanted:
            before = kept.get(_key(entry))
            if before is not None and before[0] == entry:
                del kept[_key(entry)]
                widgets.append(before[1])
            else:
                widgets.append(self._make(entry))
        for _entry, widget in kept.values():
            self._column.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        for number, widget in enumerate(widgets):
            if self._column.indexOf(widget) != number:
                self._column.insertWidget(number, widget)
        self._entries, self._widgets = wanted, widgets
        return True

    def _wanted(self, shown: Shown, me: str, formats: Formats) -> list[_Entry]:
        entries: list[_Entry] = []
        since = shown.offline_since
        for message in shown.messages[-self._most :]:
            if since is not None and message.at is not None and message.at >= since:
                words = self.tr("You went offline at {time}").format(time=formats.since(since))
                entries.append(_Entry(None, None, words))
                since = None
            entries.append(_Entry(message, self._words(message, shown, me, formats)))
        return entries

    def _words(self, message: MessageView, shown: Shown, me: str, formats: Formats) -> BubbleWords:
        later = self.tr("Saved here. Sent when you are back.")
        soon = self.tr("Saved here. It is sent in a moment.")
        return BubbleWords(
            time=formats.stamp(message.at) if message.at else "",
            sizes={file.sha256: self._file_words(file, shown.files, formats) for file in message.files},
            waiting=soon if shown.offline_since is None else later,
            author=me if message.mine else message.author,
        )

    def _make(self, entry: _Entry) -> QWidget:
        message, words = entry.message, entry.words
        if message is None or words is None:
            holder = QWidget()
            holder.setLayout(column(Divider(self._theme, entry.rule), margins=(12, 4, 12, 12)))
            return holder
        bubble = MessageBubble(self._theme, message, words)
        bubble.edited.connect(lambda: self.edited.emit(message))
        bubble.cancelled.connect(lambda: self.cancelled.emit(message))
        bubble.discarded.connect(lambda: self.discarded.emit(message))
        bubble.file_opened.connect(self.file_opened)
        return bubble

    @staticmethod
    def _file_words(file: FileView, files: Mapping[str, str], formats: Formats) -> str:
        size = formats.size(file.size)
        more = files.get(file.sha256, "")
        return f"{size} · {more}" if more else size


def _key(entry: _Entry) -> str:
    return entry.message.gid if entry.message is not None else entry.rule


def offline_moment(messages: Sequence[MessageView], since: datetime | None) -> datetime | None:
    """Return `since` if something was written after it: only then does the line say something."""
    if since is None:
        return None
    return since if any(m.at is not None and m.at >= since for m in messages) else None

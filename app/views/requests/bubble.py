"""One message of a conversation: who, when, how far it has come, the words, and its files as tiles.

What waits to be sent lies in a dashed frame and can still be edited or cancelled; what was refused says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout

from app.services.views_model import FileView, MessageView, SyncState
from app.views.requests.flow import Flow
from app.views.theme.fonts import Role
from app.views.theme.marks import Mark
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.buttons import secondary
from app.views.widgets.doubt import DoubtMark
from app.views.widgets.files import DashedPanel, FileLook, FileTile
from app.views.widgets.layout import row
from app.views.widgets.pills import SyncMark
from app.views.widgets.text import Text
from app.views.widgets.tiles import Avatar

_WAITS = frozenset({SyncState.WAITING, SyncState.SENDING})
_REFUSED = frozenset({SyncState.REJECTED, SyncState.QUARANTINED})


@dataclass(frozen=True)
class BubbleWords:
    """What a bubble says besides the message: its time, each file's size by sha256, the line of a waiting one."""

    time: str
    sizes: Mapping[str, str]
    waiting: str
    author: str


class MessageBubble(DashedPanel):
    """`edited` and `cancelled`: take it back while it is unsent; `discarded`: give up one that was refused.

    `file_opened` gives the `FileView` of the tile.
    """

    edited = Signal()
    cancelled = Signal()
    discarded = Signal()
    file_opened = Signal(object)

    def __init__(self, theme: Theme, message: MessageView, words: BubbleWords) -> None:
        super().__init__(theme, active=message.sync in _WAITS)
        self._message = message
        self.setAccessibleName(f"{message.author}, {words.time}: {message.body}")
        body = QVBoxLayout()
        body.setSpacing(2)
        body.addLayout(self._head(words.time))
        if message.body:
            body.addWidget(Text(theme, message.body, Role.BODY, wrap=True))
        if message.files:
            body.addSpacing(6)
            body.addLayout(self._tiles(words.sizes))
        if message.problem:
            body.addSpacing(2)
            body.addWidget(Text(theme, message.problem, Role.SECONDARY, Tone.BAD, wrap=True))
        foot = self._foot(words.waiting)
        if foot is not None:
            body.addSpacing(8)
            body.addLayout(foot)
        line = QHBoxLayout(self)
        # A frame needs more room around it than plain words do.
        edge = 12 if message.sync in _WAITS else 8
        line.setContentsMargins(12, edge, 12, edge)
        line.setSpacing(12)
        avatar = Avatar(theme, words.author, 32, own=message.mine)
        line.addWidget(avatar, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(body, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._offer_copy()

    @property
    def message(self) -> MessageView:
        """What is shown."""
        return self._message

    def _head(self, time: str) -> QHBoxLayout:
        head = row(
            Text.giving_way(self.theme, self._message.author, Role.STRONG),
            Text(self.theme, time, Role.SECONDARY, Tone.TEXT3),
            gap=8,
        )
        if self._message.doubt is not None:
            self.setAccessibleDescription(self._message.doubt.text)
            head.addWidget(DoubtMark(self.theme, self._message.doubt))
        head.addStretch(1)
        # The vendor's own words are always true; only what goes out has a way to go.
        if self._message.mine and self._message.sync is not SyncState.DRAFT:
            head.addWidget(SyncMark(self.theme, Mark(self._message.sync.value)))
        return head

    def _tiles(self, sizes: Mapping[str, str]) -> Flow:
        tiles = Flow()
        for file in self._message.files:
            tiles.addWidget(self._tile(file, sizes.get(file.sha256, "")))
        return tiles

    def _tile(self, file: FileView, size: str) -> FileTile:
        tile = FileTile(self.theme, FileLook(file.name, size))
        tile.clicked.connect(lambda: self.file_opened.emit(file))
        return tile

    def _foot(self, waiting: str) -> QHBoxLayout | None:
        if self._message.sync in _REFUSED and self._message.mutation_id:
            return self._buttons(
                "", (self.tr("Edit"), self.edited.emit), (self.tr("Discard"), self.discarded.emit)
            )
        if self._message.sync is SyncState.WAITING and self._message.mutation_id:
            edit = (self.tr("Edit"), self.edited.emit)
            return self._buttons(waiting, edit, (self.tr("Cancel message"), self.cancelled.emit))
        return None

    def _buttons(self, words: str, *verbs: tuple[str, Callable[[], None]]) -> QHBoxLayout:
        foot = row(gap=8)
        foot.addWidget(Text(self.theme, words, Role.SECONDARY, Tone.TEXT3, elide=True), 1)
        for verb, act in verbs:
            button = secondary(self.theme, verb, small=True)
            button.clicked.connect(act)
            foot.addWidget(button)
        return foot

    def _offer_copy(self) -> None:
        copy = QAction(self.tr("Copy text"), self)
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(self._message.body))
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

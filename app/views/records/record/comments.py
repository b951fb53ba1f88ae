"""The comments of a record and the line one writes the next one in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.services.views_model import Doubt, FileInfo, MessageView, SyncState
from app.views.requests.composer import AskFiles, Words
from app.views.theme.fonts import Role
from app.views.theme.marks import Mark
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import IconButton
from app.views.widgets.control import dress
from app.views.widgets.files import FileLook, FileTile, local_files
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.messages import Comment
from app.views.widgets.text import Text

_PAUSE_MS = 200


@dataclass(frozen=True)
class Remark:
    """One comment as it is shown."""

    author: str
    shown: str
    time: str
    text: str
    own: bool
    mark: Mark | None
    doubt: Doubt | None = None


def remark_of(message: MessageView, time: str, you: str) -> Remark:
    """Return a message as a comment; its files are named below the words, and why it was refused."""
    files = ", ".join(file.name for file in message.files)
    text = "\n".join(part for part in (message.body, files, message.problem) if part)
    mark = None if message.sync in (SyncState.SYNCED, SyncState.DRAFT) else Mark(message.sync.value)
    shown = you if message.mine else message.author
    return Remark(message.author, shown, time, text, message.mine, mark, message.doubt)


class CommentList(ThemedWidget):
    """Comments, oldest first."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._shown: tuple[Remark, ...] = ()
        self._title = Text(theme, "", Role.TABLE_HEAD, Tone.TEXT3)
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self.setLayout(column(self._title, 6, self._list, margins=(16, 11, 16, 12)))
        self._head(0)

    @property
    def shown(self) -> tuple[Remark, ...]:
        """What stands here."""
        return self._shown

    def show_remarks(self, remarks: Sequence[Remark]) -> None:
        """Show these comments."""
        if tuple(remarks) == self._shown:
            return
        self._shown = tuple(remarks)
        emptied(self._list)
        for one in remarks:
            self._list.addWidget(
                Comment(
                    self.theme,
                    one.author,
                    one.shown,
                    one.time,
                    one.text,
                    own=one.own,
                    mark=one.mark,
                    doubt=one.doubt,
                )
            )
        self._head(len(remarks))

    def _head(self, count: int) -> None:
        words = self.tr("Comments · {count}").format(count=count) if count else self.tr("No comments yet")
        self._title.set_text(words)


class CommentBox(QFrame):
    """`changed` after a pause in typing; `removed` names a file; `sent` is the button; `offered` gives paths."""

    changed = Signal()
    removed = Signal(str)
    sent = Signal()
    offered = Signal(object)

    def __init__(self, theme: Theme, ask: AskFiles, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._ask = ask
        self._files: tuple[FileInfo, ...] = ()
        self._silent = False
        self._sizes: Callable[[int], str] = str
        self.setProperty("kind", "fieldbox")
        self.setAcceptDrops(True)
        self.setAccessibleName(self.tr("Write a comment"))
        self.words = Words(theme)
        self.words.setObjectName("comment.box")
        self.words.setPlaceholderText(self.tr("Write a comment"))
        self.words.setAccessibleName(self.tr("Comment"))
        self.words.textChanged.connect(self._on_text)
        self.words.installEventFilter(self)
        self.attach = IconButton(theme, "paperclip", self.tr("Add files"))
        self.attach.setObjectName("comment.attach")
        self.attach.clicked.connect(self.pick)
        self.button = IconButton(theme, "send", self.tr("Send"))
        self.button.setObjectName("comment.send")
        self.button.clicked.connect(self.sent)
        self._tiles = QVBoxLayout()
        self._tiles.setSpacing(4)
        self._problem = Text(theme, "", Role.SECONDARY, Tone.BAD, wrap=True)
        self._problem.hide()
        line = row(gap=2, align=False)
        line.addWidget(self.words, 1, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.attach, 0, Qt.AlignmentFlag.AlignBottom)
        line.addWidget(self.button, 0, Qt.AlignmentFlag.AlignBottom)
        self.setLayout(column(line, self._tiles, self._problem, margins=(10, 1, 4, 1)))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self.changed)
        self._show_able()

    @property
    def text(self) -> str:
        """The words, without blank space around them."""
        return self.words.toPlainText().strip()

    @property
    def files(self) -> tuple[FileInfo, ...]:
        """The files that go with the words."""
        return self._files

    def write(self, text: str, files: Sequence[FileInfo], sizes: Callable[[int], str]) -> None:
        """Show what was being written; not a change."""
        self._sizes = sizes
        self._silent = True
        self.words.setPlainText(text)
        self._silent = False
        self.words.moveCursor(QTextCursor.MoveOperation.End)
        self._pause.stop()
        self._show_files(tuple(files))
        self.show_problem("")

    def add(self, file: FileInfo) -> None:
        """Another file has been taken in, and is kept."""
        if file.sha256 not in {known.sha256 for known in self._files}:
            self._show_files((*self._files, file))

    def flush(self) -> None:
        """Say at once what waits for the pause."""
        if self._pause.isActive():
            self._pause.stop()
            self.changed.emit()

    def show_online(self, online: bool) -> None:
        """*Send* goes now; *Send (waits to send)* is kept and sent when the user is back."""
        self.button.set_words(self.tr("Send") if online else self.tr("Send (waits to send)"))
        self.button.set_icon("send" if online else "clock")
        self._show_able()

    def show_problem(self, words: str) -> None:
        """Why it was not sent; empty when nothing is wrong."""
        self._problem.set_text(words)
        self._problem.setVisible(bool(words))

    def pick(self) -> None:
        """Ask for files."""
        paths = tuple(self._ask(self))
        if paths:
            self.offered.emit(paths)

    def _on_text(self) -> None:
        self._show_able()
        self.show_problem("")
        if not self._silent:
            self._pause.start()

    def _show_able(self) -> None:
        if self.text or self._files:
            self.button.enable()
        else:
            self.button.disable(self.tr("Write something, or add a file."))

    def _show_files(self, files: tuple[FileInfo, ...]) -> None:
        self._files = files
        emptied(self._tiles)
        for file in files:
            tile = FileTile(self._theme, FileLook(file.name, self._sizes(file.size)))
            # In the box a tile only shows; its cross takes it out again.
            tile.setEnabled(False)
            remove = IconButton(self._theme, "x", self.tr("Remove {name}").format(name=file.name))
            remove.clicked.connect(lambda _on=False, sha256=file.sha256: self._remove(sha256))
            holder = ThemedWidget(self._theme)
            holder.setLayout(row(tile, remove, None, gap=4, margins=(0, 0, 0, 4)))
            self._tiles.addWidget(holder)
        self._show_able()

    def _remove(self, sha256: str) -> None:
        self._show_files(tuple(file for file in self._files if file.sha256 != sha256))
        self.removed.emit(sha256)
        self.words.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.FocusIn, QEvent.Type.FocusOut}:
            dress(self, "focus" if event.type() is QEvent.Type.FocusIn else "")
        return super().eventFilter(watched, event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = local_files(event)
        if paths:
            event.acceptProposedAction()
            self.offered.emit(tuple(paths))

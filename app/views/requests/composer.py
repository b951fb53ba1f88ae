"""Where one writes: words, files dropped or picked, and one button that says whether it goes now or waits.

What is typed is kept by the page as it is typed (`changed`), so that it outlives the window and a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QTextOption
from PySide6.QtWidgets import QFileDialog, QFrame, QPlainTextEdit, QVBoxLayout, QWidget

from app.services.views_model import FileInfo
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import IconButton, primary
from app.views.widgets.control import dress
from app.views.widgets.files import FileLook, FileTile, local_files
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.pills import KeyCap
from app.views.widgets.text import Text

_LINE = 20
_MOST_LINES = 8
#: A pause in typing after which the words are kept on disk.
_PAUSE_MS = 200

AskFiles = Callable[[QWidget], Sequence[Path]]


def ask_files(parent: QWidget) -> Sequence[Path]:
    """The system's own dialog for picking files."""
    chosen, _filter = QFileDialog.getOpenFileNames(parent)
    return tuple(Path(path) for path in chosen)


class Words(QPlainTextEdit):
    """Plain text that grows with what is written, up to eight lines; Ctrl Return is the page's, Tab leaves it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "bare")
        self.setFont(theme.font(Role.BODY))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        # Drops are the composer's: a file dropped on the words is a file, not its address as text.
        self.setAcceptDrops(False)
        self.textChanged.connect(self._grow)
        self._grow()

    def sizeHint(self) -> QSize:
        return QSize(240, self._wanted())

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._grow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and (
            event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            event.ignore()
            return
        super().keyPressEvent(event)

    def _wanted(self) -> int:
        lines = max(1, min(_MOST_LINES, round(self.document().size().height())))
        return lines * _LINE

    def _grow(self) -> None:
        if self.height() != self._wanted():
            self.setFixedHeight(self._wanted())


class Composer(QFrame):
    """`changed` after a pause in typing; `removed` names a file; `sent` is the button; `offered` gives paths."""

    changed = Signal()
    removed = Signal(str)
    sent = Signal()
    offered = Signal(object)

    def __init__(
        self, theme: Theme, vendor: str, ask: AskFiles = ask_files, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._ask = ask
        self._files: tuple[FileInfo, ...] = ()
        self._size_words: Callable[[int], str] = str
        self._silent = False
        self.setProperty("kind", "fieldbox")
        self.setAcceptDrops(True)
        self.setAccessibleName(self.tr("Write a message"))
        self.words = Words(theme)
        self.words.setPlaceholderText(self.tr("Write to {vendor}").format(vendor=vendor))
        self.words.setAccessibleName(self.tr("Message to {vendor}").format(vendor=vendor))
        self.words.textChanged.connect(self._on_text)
        self.words.installEventFilter(self)
        self.attach = IconButton(theme, "paperclip", self.tr("Add files"))
        self.attach.clicked.connect(self.pick)
        self._hint = Text(theme, self.tr("Drop files here, up to 50 MB each"), Role.SECONDARY, Tone.TEXT3)
        self._key = KeyCap(theme, "Ctrl", "↵")
        self.button = primary(theme, self.tr("Send"), "send", small=True)
        self.button.clicked.connect(self.sent)
        self._tiles = QVBoxLayout()
        self._tiles.setSpacing(8)
        self._problem = Text(theme, "", Role.SECONDARY, Tone.BAD, wrap=True)
        self._problem.hide()
        foot = row(self.attach, self._hint, None, self._key, self.button, gap=8, margins=(0, 2, 0, 0))
        self.setLayout(column(self.words, self._tiles, self._problem, foot, gap=6, margins=(12, 11, 11, 9)))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self.changed)
        self._show_able()

    # what is written

    @property
    def text(self) -> str:
        """The words, without blank space around them."""
        return self.words.toPlainText().strip()

    @property
    def files(self) -> tuple[FileInfo, ...]:
        """The files that go with the words."""
        return self._files

    def write(self, text: str, files: Sequence[FileInfo], size_words: Callable[[int], str]) -> None:
        """Show what was being written; not a change."""
        self._size_words = size_words
        self._silent = True
        self.words.setPlainText(text)
        self._silent = False
        cursor = self.words.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        self.words.setTextCursor(cursor)
        self._pause.stop()
        self._show_files(tuple(files))
        self.show_problem("")
        self._show_able()

    def add(self, file: FileInfo) -> None:
        """Another file has been taken in, and is kept."""
        if file.sha256 not in {known.sha256 for known in self._files}:
            self._show_files((*self._files, file))
            self._show_able()

    def flush(self) -> None:
        """Say at once what waits for the pause."""
        if self._pause.isActive():
            self._pause.stop()
            self.changed.emit()

    # how it stands

    def show_online(self, online: bool, *, reopens: bool = False) -> None:
        """*Send* goes now; *Send (waits)* is kept and sent when the user is back. `reopens`: it does that too."""
        if reopens:
            words = self.tr("Send and reopen") if online else self.tr("Send and reopen (waits)")
        else:
            words = self.tr("Send") if online else self.tr("Send (waits)")
        self.button.set_text(words)
        self.button.set_icon("send" if online else "clock")

    def show_problem(self, words: str) -> None:
        """Why it was not sent; empty when nothing is wrong."""
        self._problem.set_text(words)
        self._problem.setVisible(bool(words))

    def show_taking(self, busy: bool) -> None:
        """While a file is being read."""
        words = self.tr("Reading the file") if busy else self.tr("Drop files here, up to 50 MB each")
        self._hint.set_text(words)

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
            tile = FileTile(self._theme, FileLook(file.name, self._size_words(file.size)))
            # In the composer a tile only shows; its bin takes it out again.
            tile.setEnabled(False)
            remove = IconButton(self._theme, "x", self.tr("Remove {name}").format(name=file.name))
            remove.clicked.connect(lambda _on=False, sha256=file.sha256: self._remove(sha256))
            holder = ThemedWidget(self._theme)
            holder.setLayout(row(tile, remove, None, gap=4))
            self._tiles.addWidget(holder)

    def _remove(self, sha256: str) -> None:
        self._show_files(tuple(file for file in self._files if file.sha256 != sha256))
        self._show_able()
        self.removed.emit(sha256)
        self.words.setFocus()

    # events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.FocusIn, QEvent.Type.FocusOut}:
            dress(self, "focus" if event.type() is QEvent.Type.FocusIn else "")
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: object) -> None:
        self.words.setFocus()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event):
            dress(self, "focus")
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        dress(self, "focus" if self.words.hasFocus() else "")

    def dropEvent(self, event: QDropEvent) -> None:
        dress(self, "focus" if self.words.hasFocus() else "")
        paths = local_files(event)
        if paths:
            event.acceptProposedAction()
            self.offered.emit(tuple(paths))

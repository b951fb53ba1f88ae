"""Where one writes to somebody, whatever its shape: words, files dropped or picked, and what is wrong.

Subclasses lay out `words`, `tiles`, `problem`, `attach` and their button. What is typed is kept by `KeptWriting` as it
is typed (`changed`), so that it outlives the window and a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QMouseEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.services.views_model import FileInfo
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.ways_out import AskFiles, allowed
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import Button, IconButton
from app.views.widgets.control import dress
from app.views.widgets.files import FileLook, FileTile, local_files
from app.views.widgets.layout import emptied, row
from app.views.widgets.text import Text
from app.views.writing.words import Words

#: A pause in typing after which the words are kept on disk.
_PAUSE_MS = 200


class WritingBox(QFrame):
    """`changed` after a pause in typing; `removed` names a file; `sent` is the button; `offered` gives paths."""

    changed = Signal()
    removed = Signal(str)
    sent = Signal()
    offered = Signal(object)

    def __init__(
        self, theme: Theme, ask: AskFiles, button: Button | IconButton, parent: QWidget | None = None
    ) -> None:
        """`button` sends."""
        super().__init__(parent)
        self._theme = theme
        self._ask = ask
        self._files: tuple[FileInfo, ...] = ()
        self._sizes: Callable[[int], str] = str
        self._silent = False
        self.setProperty("kind", "fieldbox")
        self.setAcceptDrops(allowed().files)
        self.words = Words(theme)
        self.words.textChanged.connect(self._on_text)
        self.words.installEventFilter(self)
        self.attach = IconButton(theme, "paperclip", self.tr("Add files"))
        self.attach.clicked.connect(self.pick)
        if not allowed().files:
            self.attach.hide()
        self.button = button
        self.button.clicked.connect(self.sent)
        self.tiles = QVBoxLayout()
        self.tiles.setSpacing(4)
        self.problem = Text(theme, "", Role.SECONDARY, Tone.BAD, wrap=True)
        self.problem.hide()
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

    def write(self, text: str, files: Sequence[FileInfo], sizes: Callable[[int], str]) -> None:
        """Show what was being written; not a change. `sizes` puts a number of bytes into words."""
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

    def show_problem(self, words: str) -> None:
        """Why it was not sent or kept; empty when nothing is wrong."""
        self.problem.set_text(words)
        self.problem.setVisible(bool(words))

    def pick(self) -> None:
        """Ask for files."""
        paths = tuple(self._ask(self)) if allowed().files else ()
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
        emptied(self.tiles)
        for file in files:
            tile = FileTile(self._theme, FileLook(file.name, self._sizes(file.size)))
            # Here a tile only shows; its cross takes it out again.
            tile.setEnabled(False)
            remove = IconButton(self._theme, "x", self.tr("Remove {name}").format(name=file.name))
            remove.clicked.connect(lambda _on=False, sha256=file.sha256: self._remove(sha256))
            holder = ThemedWidget(self._theme)
            holder.setLayout(row(tile, remove, None, gap=4, margins=(0, 0, 0, 4)))
            self.tiles.addWidget(holder)
        self._show_able()

    def _remove(self, sha256: str) -> None:
        self._show_files(tuple(file for file in self._files if file.sha256 != sha256))
        self.removed.emit(sha256)
        self.words.setFocus()

    # events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.FocusIn, QEvent.Type.FocusOut}:
            dress(self, "focus" if event.type() is QEvent.Type.FocusIn else "")
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
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

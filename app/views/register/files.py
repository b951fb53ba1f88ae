"""The files of a draft: one row each, and a place to drop or pick more."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.services.format import Formats
from app.services.views_model import FileInfo
from app.views.theme.fonts import Role
from app.views.theme.marks import Mark
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.ways_out import allowed
from app.views.widgets.cards import SectionHeader
from app.views.widgets.files import DropArea, FileLook, FileRow
from app.views.widgets.text import Text


class DraftFiles(QWidget):
    """`removed`: the SHA-256 of a file to take out. `added`: paths that were dropped. `browsed`: pick some."""

    removed = Signal(str)
    added = Signal(object)
    browsed = Signal()

    def __init__(
        self, theme: Theme, formats: Formats, title: str, note: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._formats = formats
        self._rows: list[FileRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        if title:
            self._column.addWidget(SectionHeader(theme, title, note))
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self._line = QHBoxLayout()
        self._line.setSpacing(16)
        self._line.addLayout(self._list, 3)
        self._drop = DropArea(theme)
        self._drop.setObjectName("register.drop")
        self._drop.setMinimumHeight(56)
        self._drop.dropped.connect(self.added)
        self._drop.browsed.connect(self.browsed)
        self._line.addWidget(self._drop, 2, Qt.AlignmentFlag.AlignTop)
        self._column.addLayout(self._line)
        if not allowed().files:
            self._drop.hide()
        if not allowed().files:
            note = self.tr("No files are added at a shared screen. Add them on your own computer.")
            self._column.addWidget(Text(theme, note, Role.SECONDARY, Tone.TEXT3, wrap=True))
        self._problem = Text(theme, "", Role.SECONDARY, Tone.BAD, wrap=True)
        self._problem.hide()
        self._column.addWidget(self._problem)

    def show_files(self, files: Sequence[FileInfo]) -> None:
        """Show these files."""
        for old in self._rows:
            self._list.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._rows = [self._row(file) for file in files]
        # Without files the place to drop them takes the whole width.
        self._line.setStretch(0, 3 if files else 0)
        self._line.setSpacing(16 if files else 0)

    @property
    def count(self) -> int:
        """How many files there are."""
        return len(self._rows)

    def show_problem(self, words: str) -> None:
        """Say below what is wrong with the files; empty: nothing."""
        self._problem.set_text(words)
        self._problem.setVisible(bool(words))

    def _row(self, file: FileInfo) -> FileRow:
        size = self._formats.size(file.size)
        pages = f" · {file.pages} {self.tr('pages')}" if file.pages else ""
        shown = FileRow(self._theme, FileLook(file.name, f"{size}{pages}"), Mark.WAITING)
        shown.removed.connect(lambda sha256=file.sha256: self.removed.emit(sha256))
        self._list.addWidget(shown)
        return shown

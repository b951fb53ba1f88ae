"""The file for support before it is saved: every file in it with its whole content, each to be left out.

Usage: ``DiagnosticsWindow(theme, examined.items, words, parent).open()``. Nothing leaves this computer by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.bridge.tips import plain_tip
from app.contract.errors import CounterpartError
from app.services.diagnostics.archive import save, suggested_name
from app.services.diagnostics.contents import Item
from app.services.words import Words
from app.views.doctor.file_rows import FileRows
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Tone
from app.views.ways_out import AskTarget, ask_target
from app.views.widgets.base import Panel
from app.views.widgets.buttons import Button, primary, secondary
from app.views.widgets.layout import column, row
from app.views.widgets.text import Text

_SIZE = (900, 640)
_LIST = 330


class DiagnosticsWindow(QDialog):
    """Files to the left with a box each, the chosen one's content to the right."""

    saved = Signal(object)
    """Where: a Path."""

    def __init__(
        self,
        theme: Theme,
        items: Sequence[Item],
        words: Words,
        parent: QWidget,
        *,
        ask: AskTarget = ask_target,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._items = list(items)
        self._words = words
        self._ask = ask
        self.setWindowTitle(self.tr("File for support"))
        self.setAccessibleName(self.tr("File for support"))
        self.resize(*_SIZE)
        self.list = self._make_list()
        self.about = Text(theme, "", Role.SECONDARY, Tone.TEXT2, wrap=True)
        self.text = QPlainTextEdit()
        self.text.setProperty("kind", "bare")
        self.text.setReadOnly(True)
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setFont(theme.font(Role.SECONDARY))
        self.text.document().setDocumentMargin(16)
        self.text.setAccessibleName(self.tr("Content of the file"))
        self.summary = Text(theme, "", Role.SECONDARY, Tone.TEXT2, elide=True)
        self.save: Button = primary(theme, self.tr("Save as…"), "device-floppy")
        self.save.clicked.connect(self._save)
        self.cancel: Button = secondary(theme, self.tr("Cancel"))
        self.cancel.clicked.connect(self.reject)
        self._build()
        self.list.currentRowChanged.connect(self._show)
        self.list.itemChanged.connect(lambda _item: self._count())
        self.list.setCurrentRow(0, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._count()
        self.list.setFocus(Qt.FocusReason.TabFocusReason)

    def _make_list(self) -> QListWidget:
        made = QListWidget()
        made.setAccessibleName(self.tr("Files that go in"))
        made.setFrameShape(QFrame.Shape.NoFrame)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        made.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        made.setFont(self._theme.font(Role.BODY))
        made.setFixedWidth(_LIST)
        made.setItemDelegate(FileRows(self._theme, made))
        for item in self._items:
            entry = QListWidgetItem(item.name)
            entry.setFlags(entry.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            entry.setCheckState(Qt.CheckState.Checked)
            entry.setToolTip(plain_tip(self._words(item.what)))
            made.addItem(entry)
        return made

    def _build(self) -> None:
        theme = self._theme
        head = Panel(theme, "raised", rules="bottom")
        words = self.tr(
            "Nothing is sent. Look at each file, leave out what you like, save it, and hand it to support."
        )
        title = Text(theme, self.tr("File for support"), Role.SECTION)
        head.setLayout(
            column(
                title,
                Text(theme, words, Role.SECONDARY, Tone.TEXT2, wrap=True),
                gap=2,
                margins=(20, 12, 20, 13),
            )
        )
        left = Panel(theme, "surface", rules="trailing")
        left.setLayout(column(self.list, margins=(8, 8, 9, 8)))
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        above = Panel(theme, "surface", rules="bottom")
        above.setLayout(column(self.about, margins=(16, 10, 16, 11)))
        right.addWidget(above)
        right.addWidget(self.text, 1)
        middle = row(gap=0, align=False)
        middle.addWidget(left)
        middle.addLayout(right, 1)
        foot = Panel(theme, "raised", rules="top")
        foot.setFixedHeight(Height.ACTION_FOOTER)
        line = row(gap=12, margins=(20, 1, 20, 0))
        line.addWidget(self.summary, 1)
        line.addWidget(self.cancel)
        line.addWidget(self.save)
        foot.setLayout(line)
        ground = Panel(theme, "surface")
        inside = QVBoxLayout(ground)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(head)
        inside.addLayout(middle, 1)
        inside.addWidget(foot)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(ground)

    @property
    def kept(self) -> list[Item]:
        """The files that go in."""
        return [item for at, item in enumerate(self._items) if self._is_kept(at)]

    def _is_kept(self, at: int) -> bool:
        return self.list.item(at).checkState() is Qt.CheckState.Checked

    def _show(self, at: int) -> None:
        item = self._items[at] if 0 <= at < len(self._items) else None
        self.text.setPlainText(item.text if item else "")
        self.about.set_text(self._words(item.what) if item else "")

    def _count(self) -> None:
        kept = self.kept
        said = self._words.plural(len(kept), "%n file", "%n files")
        kilobytes = self._words.number(max(1, round(sum(item.size for item in kept) / 1000)))
        self.summary.set_text(self.tr("{files}, {size} kB before packing").format(files=said, size=kilobytes))
        if kept:
            self.save.enable()
        else:
            self.save.disable(self.tr("Every file is left out."))

    def _save(self) -> None:
        target = self._ask(self, suggested_name(datetime.now().astimezone()))
        if target is None:
            return
        try:
            path: Path = save(self.kept, target)
        except CounterpartError as problem:
            self.summary.set_text(self._words.told(problem))
            return
        self.saved.emit(path)
        self.accept()

"""A file that a record carries, on one line: what it is, whether it is here, and what one may do with it.

Usage: ``line = FileLine(context, ask_target); line.show_file(record); line.opened.connect(pane.open_file_of)``.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.bridge.cells import file_icon
from app.contract.errors import CounterpartError
from app.services.views_model import DocState, DocumentState, RecordView, TransferProgress
from app.views.documents.saving import SaveCopy
from app.views.page import PageContext, Toast
from app.views.theme.fonts import Role
from app.views.theme.tokens import Tone
from app.views.ways_out import AskWhere, allowed
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import IconButton, secondary
from app.views.widgets.layout import column, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import IconTile


class FileLine(ThemedWidget):
    """`opened` gives the gid of the record whose file is to be read."""

    opened = Signal(str)
    said = Signal(object)

    def __init__(
        self, context: PageContext, ask: AskWhere, name: str = "file", parent: QWidget | None = None
    ) -> None:
        super().__init__(context.theme, parent)
        self._context = context
        self._gid = ""
        self._sha256 = ""
        self._saver = SaveCopy(context, self, self.said.emit, ask)
        self._tile = IconTile(self.theme, "file", Tone.NEUTRAL)
        self._title = Text.cut(self.theme, "", Role.NAME)
        self._detail = Text.cut(self.theme, "", Role.SECONDARY, Tone.TEXT3)
        self.open = secondary(self.theme, self.tr("Open"), small=True)
        self.open.setObjectName(f"{name}.open")
        self.open.clicked.connect(lambda: self.opened.emit(self._gid))
        self.save = IconButton(self.theme, "download", self.tr("Save a copy"))
        self.save.setObjectName(f"{name}.save")
        self.save.clicked.connect(lambda: self._saver.save(self._gid))
        if not allowed().files:
            self.save.hide()
        self.keep = IconButton(self.theme, "pin", self.tr("Keep on this computer"))
        self.keep.setObjectName(f"{name}.keep")
        self.keep.clicked.connect(self._keep)
        line = row(self._tile, 8, gap=4)
        line.addLayout(column(self._title, self._detail), 1)
        for button in (self.open, self.save, self.keep):
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setLayout(line)
        context.bridge.transfer.connect(self._on_transfer)

    @property
    def state(self) -> DocumentState:
        """Where the bytes are now."""
        return self._context.portal.documents.state(self._gid)

    def show_file(self, record: RecordView, title: str = "") -> None:
        """Show the file of a record; `title` instead of the file's own name."""
        self._gid = record.gid
        self._sha256 = str(record.data.get("sha256") or "")
        name = title or str(record.data.get("file_name") or record.title)
        icon, tone = file_icon(
            str(record.data.get("media_type") or ""), str(record.data.get("file_name") or "")
        )
        self._tile.show_icon(icon, Tone(tone) if tone != "text3" else Tone.NEUTRAL)
        self._title.set_text(name)
        self.open.setAccessibleName(self.tr("Open {name}").format(name=name))
        self._show_state()

    def _show_state(self) -> None:
        if not self._gid or self._context.portal.records.get(self._gid) is None:
            return
        state = self.state
        here = state.state is DocState.HERE
        self._detail.set_text(self._words(state))
        self.keep.set_icon("pinned-filled" if state.kept else "pin")
        self.keep.set_words(
            self.tr("Kept on this computer. Press to let it go")
            if state.kept
            else self.tr("Keep on this computer")
        )
        if here:
            self.save.enable()
        else:
            self.save.disable(self.tr("It is not on this computer yet. Open it, or keep it, to pull it."))
        self.setAccessibleName(f"{self._title.text()}, {self._detail.text()}")

    def _words(self, state: DocumentState) -> str:
        size = self._context.portal.formats.size(state.size)
        where = ""
        match state.state:
            case DocState.HERE:
                where = self.tr("kept offline") if state.kept else self.tr("here")
            case DocState.RUNNING | DocState.QUEUED:
                online = self._context.bridge.online
                where = self.tr("being pulled") if online else self.tr("comes when you are back")
            case DocState.FAILED:
                where = self.tr("the pull stopped")
            case DocState.ABSENT:
                where = self.tr("not here")
        return self.tr("{size} · {where}").format(size=size, where=where)

    def _keep(self) -> None:
        on = not self.state.kept
        try:
            self._context.portal.documents.keep(self._gid, on=on)
        except CounterpartError as problem:
            self.said.emit(Toast(self._context.portal.formats.tr.told(problem)))
            return
        self._show_state()
        words = self.tr("Kept on this computer") if on else self.tr("No longer kept")
        self.said.emit(Toast(words, partial(self._keep_again, self._gid, not on)))

    def _keep_again(self, gid: str, on: bool) -> None:
        self._context.portal.documents.keep(gid, on=on)
        self._show_state()

    def _on_transfer(self, event: TransferProgress) -> None:
        if event.sha256 == self._sha256:
            self._show_state()

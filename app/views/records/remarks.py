"""What was said about a record, and where one says more; for pages whose records are read in a pane of their own."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.contract.errors import CounterpartError
from app.services.views_model import Done, RecordView
from app.views.page import PageContext, Toast
from app.views.records.record.comments import CommentList, remark_of
from app.views.records.record.reading import takes_children
from app.views.records.record.talk import Talk
from app.views.ways_out import AskFiles
from app.views.widgets.base import ThemedWidget
from app.views.widgets.layout import column


class Remarks(ThemedWidget):
    """Comments and the box below them; absent for records that are not talked about. `changed`: something was said."""

    said = Signal(object)
    changed = Signal()

    def __init__(self, context: PageContext, ask: AskFiles, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, parent)
        self._portal = context.portal
        self._bridge = context.bridge
        self._gid = ""
        self.comments = CommentList(self.theme)
        self.box = Talk(context, ask)
        self.box.handed_in.connect(self._on_said)
        box = column(self.box, margins=(16, 8, 16, 12))
        self.setLayout(column(self.comments, box, margins=(8, 0, 8, 8)))
        self.hide()

    def show_record(self, record: RecordView) -> None:
        """Show what was said about a record as it is now."""
        talks = takes_children(self._portal, record.entity, "message")
        self.setVisible(talks)
        if not talks:
            return
        if record.gid != self._gid:
            self.keep()
            self._gid = record.gid
            self.box.show_parent(record.gid)
        formats, you = self._portal.formats, self.tr("You")
        said = self._portal.records.conversation(record.gid)
        self.comments.show_remarks(
            [remark_of(one, formats.short_moment(one.at) if one.at else "", you) for one in said]
        )
        kind = self._portal.manifest.entity("message")
        self.box.setVisible(kind is not None and kind.creatable)
        self.box.show_online(self._bridge.online)

    def keep(self) -> None:
        """Keep what is being typed."""
        if self._gid:
            self.box.flush()

    def write_here(self) -> None:
        """Give the keyboard to the box."""
        if self.box.isVisibleTo(self):
            self.box.words.setFocus()

    def _on_said(self, done: Done) -> None:
        self.changed.emit()
        later = self.tr("{done}. Sent when you are back.").format(done=done.words)
        words = done.words if self._bridge.online else later
        self.said.emit(Toast(words, lambda: self._take_back(done), done=(done,)))

    def _take_back(self, done: Done) -> bool:
        try:
            undone = self._portal.intents.undo(done)
        except CounterpartError as problem:
            self.said.emit(Toast(self._portal.formats.tr.told(problem)))
            return False
        if not undone:
            self.said.emit(Toast(self.tr("It is on its way already and can no longer be taken back.")))
        self.changed.emit()
        return undone

"""Writing a comment on a record: kept as it is typed, with files, sent now or later."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal

from app.contract.errors import CounterpartError
from app.services.portal import Portal
from app.services.views_model import FileInfo
from app.views.page import PageContext
from app.views.records.record.comments import CommentBox
from app.views.requests.composer import AskFiles


class Talk(CommentBox):
    """The comment box of one record at a time; `handed_in` gives what sending did."""

    handed_in = Signal(object)

    def __init__(self, context: PageContext, ask: AskFiles) -> None:
        super().__init__(context.theme, ask)
        self._portal = context.portal
        self._bridge = context.bridge
        self._gid = ""
        self.changed.connect(self._keep)
        self.removed.connect(self._leave_out)
        self.sent.connect(self.send)
        self.offered.connect(self._take)

    def show_parent(self, gid: str) -> None:
        """Show what was begun on a record."""
        self._gid = gid
        text, files = self._portal.drafts.unfinished(gid)
        self.write(text, files, self._portal.formats.size)

    def send(self) -> None:
        """Put the comment into the outbox; it goes at once when online."""
        if not self.button.isEnabled():
            return
        # Sending files alone leaves the kept words: they have to be those that stand here.
        self.flush()
        try:
            done = self._portal.intents.message(self._gid, self.text, taken=self.files)
        except CounterpartError as problem:
            self.show_problem(self._portal.formats.tr.told(problem))
            return
        self.write("", (), self._portal.formats.size)
        self.handed_in.emit(done)

    def _keep(self) -> None:
        if not self._gid:
            return
        try:
            self._portal.drafts.keep_unfinished(self._gid, self.words.toPlainText())
        except CounterpartError as problem:
            self.show_problem(self._portal.formats.tr.told(problem))

    def _leave_out(self, sha256: str) -> None:
        try:
            self._portal.drafts.remove_from_unfinished(self._gid, sha256)
        except CounterpartError as problem:
            self.show_problem(self._portal.formats.tr.told(problem))

    def _take(self, paths: Sequence[Path]) -> None:
        gid = self._gid
        for path in paths:
            self._bridge.tasks.run(
                partial(_take, parent=gid, path=path),
                lambda info: self._taken(gid, info),
                lambda problem: self.show_problem(self._portal.formats.tr.told(problem)),
            )

    def _taken(self, gid: str, info: FileInfo) -> None:
        if gid == self._gid:
            self.add(info)


def _take(portal: Portal, parent: str, path: Path) -> FileInfo:
    return portal.drafts.add_to_unfinished(parent, path)

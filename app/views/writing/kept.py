"""What is being written about one record, kept on this computer as it is typed, until it is sent.

Usage::

    kept = KeptWriting(context, box); kept.show_parent(gid)    # what was begun there is back
    kept.keep()                                                # now, without waiting for a pause
    kept.put("", ())                                           # it has been sent
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.contract.errors import CounterpartError
from app.services.portal import Portal
from app.services.views_model import FileInfo
from app.views.page import PageContext
from app.views.widgets.own_tasks import OwnTasks
from app.views.writing.box import WritingBox


class KeptWriting(QObject):
    """Keeps a box, words and files, for one record at a time. `reading`: whether files are being taken in."""

    reading = Signal(bool)

    def __init__(self, context: PageContext, box: WritingBox) -> None:
        super().__init__(box)
        self._portal = context.portal
        self._box = box
        self._tasks = OwnTasks(self, context.bridge)
        self._parent = ""
        self._taking = 0
        box.changed.connect(self._keep)
        box.removed.connect(self._leave_out)
        box.offered.connect(self._take)

    def show_parent(self, gid: str) -> None:
        """Show what was begun on a record; what stands in the box belongs to the one before and is kept there."""
        self.keep()
        self._parent = gid
        text, files = self._portal.drafts.unfinished(gid)
        self.put(text, files)

    def put(self, text: str, files: Sequence[FileInfo]) -> None:
        """Show other words and files; they are kept already, or have been sent."""
        self._box.write(text, files, self._portal.formats.size)

    def keep(self) -> None:
        """Keep what is written now, without waiting for a pause."""
        self._box.flush()

    def keep_whole(self, text: str, files: Sequence[FileInfo]) -> None:
        """Show other words and files, and keep the words as if they had been typed."""
        self.put(text, files)
        self._keep()

    def tell(self, problem: CounterpartError) -> None:
        """Say at the box what went wrong."""
        self._box.show_problem(self._portal.formats.tr.told(problem))

    def _keep(self) -> None:
        if not self._parent:
            return
        try:
            self._portal.drafts.keep_unfinished(self._parent, self._box.words.toPlainText())
        except CounterpartError as problem:
            self.tell(problem)

    def _leave_out(self, sha256: str) -> None:
        try:
            self._portal.drafts.remove_from_unfinished(self._parent, sha256)
        except CounterpartError as problem:
            self.tell(problem)

    def _take(self, paths: Sequence[Path]) -> None:
        gid = self._parent
        for path in paths:
            self._taking += 1
            self.reading.emit(True)
            self._tasks.run(
                partial(_taken_in, parent=gid, path=path), partial(self._taken, gid), self._not_taken
            )

    def _taken(self, gid: str, info: FileInfo) -> None:
        self._has_read()
        if gid == self._parent:
            self._box.add(info)

    def _not_taken(self, problem: CounterpartError) -> None:
        self._has_read()
        self.tell(problem)

    def _has_read(self) -> None:
        self._taking -= 1
        self.reading.emit(self._taking > 0)


def _taken_in(portal: Portal, parent: str, path: Path) -> FileInfo:
    return portal.drafts.add_to_unfinished(parent, path)

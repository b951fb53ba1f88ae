"""Looking for words in an open document, off the main thread, in order of pages."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.contract.errors import CounterpartError, Refused
from app.views.documents.sheets import Box, Sheets
from app.views.widgets.own_tasks import OwnTasks

if TYPE_CHECKING:
    from app.bridge.engine import Bridge
    from app.services.portal import Portal

#: More places than anybody steps through.
_MOST = 2_000


@dataclass(frozen=True)
class Match:
    """A place where the words stand: page from 0, box in points from the top left."""

    page: int
    box: Box


class DocumentSearch(QObject):
    """One search at a time; a new one makes the answer of an earlier one void. `found` gives a tuple of matches."""

    found = Signal(object)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = OwnTasks(self, bridge)
        self._turn = 0

    def look(self, sheets: Sheets, wanted: str) -> None:
        """Look for `wanted` on all pages; blank words find nothing."""
        self._turn += 1
        turn = self._turn
        words = wanted.strip()
        if not words:
            self.found.emit(())
            return

        def search(_portal: Portal) -> tuple[Match, ...]:
            matches: list[Match] = []
            for page in range(sheets.count):
                # A newer search (or another document) makes the rest of this one pointless.
                if turn != self._turn or len(matches) >= _MOST:
                    break
                with suppress(Refused):  # a page that cannot be searched hides nothing of the others
                    matches += [Match(page, box) for box in sheets.find(page, words)]
            return tuple(matches[:_MOST])

        def done(matches: tuple[Match, ...]) -> None:
            if turn == self._turn:
                self.found.emit(matches)

        def failed(_problem: CounterpartError) -> None:
            if turn == self._turn:
                self.found.emit(())

        self._tasks.run(search, done, failed)

    def forget(self) -> None:
        """Drop a search that is under way."""
        self._turn += 1

"""A search through the other accounts, beside the window: one question at a time, the latest."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.services.everywhere import Everywhere, VendorHits
from app.services.opening import Opening

_END_SECONDS = 5.0

Show = Callable[[tuple[VendorHits, ...], bool], None]


class Looking(QObject):
    """Asks one account after the other on a thread of its own; what is found comes on the window's thread."""

    _found = Signal(int, object, bool)

    def __init__(self, opening: Opening, open_account: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._everywhere = Everywhere(opening, open_account)
        self._question = 0
        self._show: Show | None = None
        self._so_far: tuple[VendorHits, ...] = ()
        self._thread: threading.Thread | None = None
        self._found.connect(self._on_found, Qt.ConnectionType.QueuedConnection)

    def ask(self, text: str, show: Show) -> None:
        """Look for a text; `show` is called with all that is there so far, the last time with True."""
        self._question += 1
        self._show, self._so_far = show, ()
        question = self._question
        self._thread = threading.Thread(
            target=self._look, args=(question, text), name="everywhere", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Let nothing come of it any more, and wait until no store is open."""
        self._question += 1
        self._show = None
        if self._thread is not None:
            self._thread.join(_END_SECONDS)

    def _look(self, question: int, text: str) -> None:
        for hits in self._everywhere.search(text):
            if question != self._question:
                return
            self._found.emit(question, hits, False)
        self._found.emit(question, None, True)

    @Slot(int, object, bool)
    def _on_found(self, question: int, hits: VendorHits | None, over: bool) -> None:
        if question != self._question or self._show is None:
            return
        self._so_far = (*self._so_far, hits) if hits is not None else self._so_far
        self._show(self._so_far, over)

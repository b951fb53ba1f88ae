"""The examination of this computer as a window sees it: what is found comes one by one, on the window's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot

if TYPE_CHECKING:
    from app.services.diagnostics.examined import Examined
    from app.services.doctor.computer import Shown
    from app.services.doctor.finding import Finding

    #: Examines: given the screen, and what hears each finding.
    Examine = Callable[[Shown | None, Callable[[Finding], None]], Examined]


def nothing_to_examine(_shown: Shown | None, _tell: Callable[[Finding], None]) -> Examined:
    """Where no computer is at hand."""
    from app.services.diagnostics.examined import Examined  # noqa: PLC0415  # with all that examines

    return Examined()


class Checkup(QObject):
    """Runs one examination at a time on a thread of its own. Nothing is told after `stop`."""

    found = Signal(object)
    """A Finding."""
    over = Signal(object)
    """An Examined."""

    _arrived = Signal(int, object)
    _ended = Signal(int, object)

    def __init__(
        self,
        examine: Examine = nothing_to_examine,
        parent: QObject | None = None,
        *,
        may_save: bool = True,
    ) -> None:
        """`may_save`: whether files for support may be saved from here; not on a kiosk, which has no file dialog."""
        super().__init__(parent)
        self.may_save = may_save
        self._examine = examine
        self._round = 0
        self._stopped = False
        self._lock = threading.Lock()
        self._arrived.connect(self._on_found, Qt.ConnectionType.QueuedConnection)
        self._ended.connect(self._on_over, Qt.ConnectionType.QueuedConnection)

    def start(self, shown: Shown | None = None) -> None:
        """Examine anew; what an earlier round still finds is dropped."""
        self._round += 1
        threading.Thread(target=self._run, args=(self._round, shown), name="checkup", daemon=True).start()

    def drop(self) -> None:
        """Nobody wants to know any more what is under way."""
        self._round += 1

    def stop(self) -> None:
        """The end: a thread that is still at it has nobody to tell."""
        with self._lock:
            self._stopped = True

    def _run(self, number: int, shown: Shown | None) -> None:
        result = self._examine(shown, lambda finding: self._tell(number, finding))
        with self._lock:
            if not self._stopped:
                self._ended.emit(number, result)

    def _tell(self, number: int, finding: Finding) -> None:
        with self._lock:
            if not self._stopped:
                self._arrived.emit(number, finding)

    @Slot(int, object)
    def _on_found(self, number: int, finding: Finding) -> None:
        if number == self._round and not self._stopped:
            self.found.emit(finding)

    @Slot(int, object)
    def _on_over(self, number: int, result: Examined) -> None:
        if number == self._round and not self._stopped:
            self.over.emit(result)

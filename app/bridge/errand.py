"""One blocking call on a thread of its own, answered on the main thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.contract.errors import CounterpartError


class Errand(QObject):
    """Runs `work` once. `done` gets its result, `failed` its CounterpartError; a bug is raised on the main thread."""

    _ended = Signal(object, object)

    def __init__(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[CounterpartError], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._work = work
        self._done = done
        self._failed = failed
        self._abandoned = False
        self._thread = threading.Thread(target=self._run, name="errand", daemon=True)
        self._ended.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def abandon(self) -> None:
        """Let nothing come of it any more; the call itself ends when it ends."""
        self._abandoned = True

    def wait(self, timeout: float) -> None:
        """Wait until the call has returned, at most `timeout` seconds."""
        self._thread.join(timeout)

    def _run(self) -> None:
        try:
            result = self._work()
        except Exception as error:  # noqa: BLE001  # a bug is raised again on the main thread, where it is seen
            self._ended.emit(None, error)
        else:
            self._ended.emit(result, None)

    @Slot(object, object)
    def _deliver(self, result: Any, error: Exception | None) -> None:
        if self._abandoned:
            return
        match error:
            case None:
                self._done(result)
            case CounterpartError():
                self._failed(error)
            case _:
                raise error

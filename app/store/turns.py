"""Whose turn it is to write, among the threads of one process that share a file.

SQLite lets waiting writers poll, so that one who writes page after page leaves the others hardly a gap. Here a person's
write goes before the engine's next one, and can ask a long piece of work that is repeatable to give way.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.contract.errors import StoreBusy

#: Seconds after which a request to give way is repeated.
_SAY_AGAIN = 0.005


class Turns:
    """One for each file and process, shared by all its connections."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._taken = False
        self._people = 0
        self._give_way: Callable[[], None] | None = None

    @contextmanager
    def taken(
        self, timeout: float, *, patient: bool, give_way: Callable[[], None] | None = None
    ) -> Iterator[None]:
        """Wait for the turn, `timeout` seconds at most, and hold it. Raises StoreBusy.

        `patient`: lets everybody else go first. `give_way` is called, on another thread, when somebody who is not
        patient begins to wait meanwhile.
        """
        self._wait(timeout, patient=patient)
        self._give_way = give_way
        try:
            yield
        finally:
            with self._changed:
                self._taken = False
                self._give_way = None
                self._changed.notify_all()

    def _wait(self, timeout: float, *, patient: bool) -> None:
        with self._changed:
            if patient:
                free = self._changed.wait_for(lambda: not self._taken and not self._people, timeout)
            else:
                free = self._wait_in_front(timeout)
            if not free:
                # Whoever has the turn is of this very process.
                raise StoreBusy(
                    "Counterpart is still busy writing to this account's store.",
                    next_step="Try again in a moment.",
                )
            self._taken = True

    def _wait_in_front(self, timeout: float) -> bool:
        self._people += 1
        self._changed.notify_all()
        ends = time.monotonic() + timeout
        try:
            while self._taken and (left := ends - time.monotonic()) > 0:
                if self._give_way is not None:
                    # Between two statements it is not heard, so it is said again.
                    self._give_way()
                    left = min(left, _SAY_AGAIN)
                self._changed.wait(left)
            return not self._taken
        finally:
            self._people -= 1
            self._changed.notify_all()

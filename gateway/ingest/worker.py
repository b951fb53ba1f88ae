"""The thread beside the HTTP shell: it ingests, finishes what was left open, and tidies up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog

from gateway.core import Gateway

log = structlog.get_logger(__name__)

_TIDY_EVERY = timedelta(hours=1)
#: Seconds of reading after which what was left open has its turn, however much there is to read.
_READ_FOR = 5.0


class Worker:
    """Runs ingest on its own thread. A hint wakes it at once; otherwise it steps every `seconds`.

    `besides`: what is done first in each round.
    """

    def __init__(
        self, gateway: Gateway, seconds: float, besides: Sequence[Callable[[], object]] = ()
    ) -> None:
        self._gateway = gateway
        self._besides = besides
        self._seconds = seconds
        self._clock = gateway.ground.clock
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)
        self._tidied = self._clock.now()
        #: Whether there was more to read than the last round had time for.
        self._more = False

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Say that there are hints to follow. May be called on any thread."""
        self._wake.set()

    def stop(self) -> None:
        """Stop, and wait until the present step is over."""
        self._stop.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        self._guarded(lambda: self._gateway.recover(alone=not self._gateway.ground.database.shared))
        due = self._round()
        while not self._stop.is_set():
            self._wake.wait(max(0.0, due - self._clock.monotonic()))
            self._wake.clear()
            if self._stop.is_set():
                return
            self._guarded(self._gateway.ingest.hints_step)
            if self._clock.monotonic() >= due:  # also when hints never cease
                due = self._round()

    def _round(self) -> float:
        """Do everything once, whatever fails of it. Returns when the next round is due."""
        self._more = False
        gateway = self._gateway
        parts = gateway.catch_up, self._read, gateway.recover, gateway.clashes.refresh, self._tidy
        for part in (*self._besides, *parts):
            self._guarded(part)
        return self._clock.monotonic() + (0.0 if self._more else self._seconds)

    def _read(self) -> None:
        ends = self._clock.monotonic() + _READ_FOR
        while self._gateway.ingest_step() and not self._stop.is_set():
            if self._clock.monotonic() >= ends:
                self._more = True
                return

    def _tidy(self) -> None:
        if self._clock.now() - self._tidied > _TIDY_EVERY:
            self._tidied = self._clock.now()
            self._gateway.tidy()

    def _guarded(self, step: Callable[[], object]) -> None:
        """A step that fails is told and tried again with the next; the thread goes on."""
        try:
            step()
        except Exception:  # nothing may end the thread
            log.exception("ingest step failed")

"""The event channel: a poke wakes the engine. What changed is always pulled, never taken from the channel."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from app.contract.errors import CounterpartError, RetryableError
from app.sync.clock import Clock, Rng
from app.sync.retry import Backoff, Failures
from app.sync.transport import Transport

#: After a refusal there is no point in asking again soon, in seconds; the engine says what is wrong.
_AFTER_REFUSAL = 300.0


@dataclass(frozen=True)
class LiveEvents:
    """Whom the channel tells, on its own thread: it stands, something may have changed, it was cut."""

    connected: Callable[[], None]
    poked: Callable[[], None]
    cut: Callable[[], None]


class LiveChannel:
    """Listens until stopped, on a thread of its own, and reconnects with growing waits."""

    def __init__(
        self, transport: Transport, clock: Clock, rng: Rng, events: LiveEvents, backoff: Backoff
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._rng = rng
        self._events = events
        self._failures = Failures(backoff)
        self._changed = threading.Condition()
        self._wanted = False
        self._stopped = False
        self._hurry = False
        self._thread = threading.Thread(target=self._run, name="counterpart-live", daemon=True)

    def start(self) -> None:
        """Start the thread; it listens once it is wanted."""
        self._thread.start()

    def listen(self, wanted: bool) -> None:
        """Say whether the channel is wanted: not while offline, signed out or before the first sync."""
        with self._changed:
            self._wanted = wanted
            self._changed.notify()

    def retry_now(self) -> None:
        """Cut a wait short: the network or the session is back."""
        with self._changed:
            self._hurry = True
            self._changed.notify()

    def stop(self) -> None:
        """End; an open connection ends when the transport is cut or its next event comes."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def join(self, timeout: float) -> bool:
        """Wait for the thread to end; True when it has."""
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def listen_once(self) -> float:
        """Listen until the channel ends; return the seconds to wait before the next attempt."""
        connected = False
        wait = _AFTER_REFUSAL
        try:
            for _ in self._transport.pokes():
                if self._stopped or not self._wanted:
                    wait = 0.0
                    break
                tell = self._events.poked if connected else self._events.connected
                connected = True
                self._failures.succeeded()
                tell()
            else:
                wait = self._failures.failed(self._clock.monotonic(), self._rng)
        except RetryableError as error:
            wait = self._failures.failed(self._clock.monotonic(), self._rng, error.retry_after)
        except CounterpartError:
            wait = _AFTER_REFUSAL
        if connected:
            self._events.cut()
        return wait

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted or self._stopped)
                self._hurry = False
                if self._stopped:
                    return
            wait = self.listen_once()
            with self._changed:
                self._changed.wait_for(lambda: self._hurry or self._stopped, wait)

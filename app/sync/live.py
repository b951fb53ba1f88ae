"""The event channel: a poke wakes the engine. What changed is always pulled, never taken from the channel."""

from __future__ import annotations

import threading
from collections.abc import Callable

from app.contract.errors import CounterpartError, PermanentError, RetryableError
from app.sync.clock import Clock, Rng
from app.sync.retry import Backoff, Failures
from app.sync.transport import Transport

#: After a refusal there is no point in asking again soon; the engine says what is wrong.
_AFTER_REFUSAL = 300.0


class LiveChannel(threading.Thread):
    """Listens until stopped, reconnecting with growing waits; calls `poked` for each event and each connection."""

    def __init__(
        self, transport: Transport, clock: Clock, rng: Rng, poked: Callable[[], None], backoff: Backoff
    ) -> None:
        super().__init__(name="counterpart-live", daemon=True)
        self._transport = transport
        self._clock = clock
        self._rng = rng
        self._poked = poked
        self._failures = Failures(backoff)
        self._stopped = threading.Event()
        self._wanted = threading.Event()
        self._again = threading.Event()

    def listen(self, wanted: bool) -> None:
        """Say whether the channel is wanted: not while offline, signed out or before the first sync."""
        if wanted:
            self._wanted.set()
        else:
            self._wanted.clear()

    def retry_now(self) -> None:
        """Cut a wait short: the network or the session is back."""
        self._again.set()

    def stop(self) -> None:
        """End; a connection that is open ends when the transport is cut."""
        self._stopped.set()
        self._wanted.set()
        self._again.set()

    def run(self) -> None:
        """Listen until stopped."""
        while not self._stopped.is_set():
            self._wanted.wait()
            if self._stopped.is_set():
                return
            wait = self._listen_once()
            if wait > 0:
                self._again.wait(wait)
            self._again.clear()

    def _listen_once(self) -> float:
        try:
            for _ in self._transport.pokes():
                if self._stopped.is_set() or not self._wanted.is_set():
                    return 0.0
                self._failures.succeeded()
                self._poked()
        except RetryableError as error:
            return self._failures.failed(self._clock.monotonic(), self._rng, error.retry_after)
        except PermanentError:
            return _AFTER_REFUSAL
        except CounterpartError:
            return _AFTER_REFUSAL
        return self._failures.failed(self._clock.monotonic(), self._rng)

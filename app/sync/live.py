"""The event channel: a poke wakes the engine. What changed is always pulled, never taken from the channel."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from app.contract.errors import CounterpartError, RetryableError, SignInNeeded
from app.sync.clock import Clock, Rng
from app.sync.retry import Backoff, Failures
from app.sync.transport import Transport

#: After a refusal there is no point in asking again soon, in seconds; the engine says what is wrong.
_AFTER_REFUSAL = 300.0

#: A channel that stood for so many seconds was one. A proxy may say yes and end it at once, again and again.
_STANDS = 30.0


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
        self._firm = False
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
        """Cut a wait short: the network or the session is back.

        One that the gateway asked for stays, and so does that after a channel which had stood: neither was in its way.
        """
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
        since: float | None = None
        asked: float | None = None
        least = 0.0
        ended = False
        try:
            for _ in self._transport.pokes():
                if self._stopped or not self._wanted:
                    return 0.0
                if since is None:
                    since = self._clock.monotonic()
                    self._events.connected()
                else:
                    self._events.poked()
        except RetryableError as error:
            asked = error.retry_after
        except SignInNeeded:
            # The engine may be in a long wait, since this channel was to wake it: it finds out what this means.
            least = _AFTER_REFUSAL
            ended = True
        except CounterpartError:
            least = _AFTER_REFUSAL
        finally:
            if since is not None and self._clock.monotonic() - since >= _STANDS:
                self._failures.succeeded()
            if since is not None or ended:
                self._events.cut()
        wait = max(least, self._failures.failed(self._clock.monotonic(), self._rng, asked))
        self._firm = since is not None or self._failures.strict
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
                self._changed.wait_for(self._cut_short, wait)

    def _cut_short(self) -> bool:
        return self._stopped or (self._hurry and not self._firm)

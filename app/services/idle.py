"""Whether anybody is still there, at a kiosk or at a desk: pure, over a clock that is handed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.services.words import Words
from app.sync.clock import Clock

#: Seconds before a kiosk locks where policy says nothing.
USUAL = 120

#: The last seconds, which are counted down on the screen; of a short wait at most half of it.
COUNTDOWN = 20


@dataclass(frozen=True)
class Using:
    """Somebody is there. `left`: seconds until the countdown begins, so that a timer knows when to look again."""

    left: float


@dataclass(frozen=True)
class CountingDown:
    """Nobody has touched the screen for long. `left`: seconds until it locks; a touch ends the countdown."""

    left: float


@dataclass(frozen=True)
class Idle:
    """The time is over: lock."""


IdleState = Using | CountingDown | Idle


class Elapsed:
    """Seconds since a moment, by whichever clock says more: one stands still in sleep, the other may be set."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ticks = clock.monotonic()
        self._at: datetime = clock.now()

    def seconds(self) -> float:
        """Return how long ago it began; never less than nothing."""
        by_day = (self._clock.now() - self._at).total_seconds()
        return max(0.0, self._clock.monotonic() - self._ticks, by_day)


class IdleWatch:
    """Counts from the last touch. Once idle it stays so, whatever is touched, until it is begun anew."""

    def __init__(self, clock: Clock, seconds: int) -> None:
        """`seconds` without a touch lock the screen; 0: as is usual on a kiosk."""
        self._clock = clock
        self._seconds = seconds or USUAL
        self._countdown = min(COUNTDOWN, self._seconds / 2)
        self._since = Elapsed(clock)

    def touched(self) -> None:
        """Somebody touched the screen or a key."""
        if not isinstance(self.state(), Idle):
            self._since = Elapsed(self._clock)

    def begin(self) -> None:
        """Somebody has just signed in or unlocked."""
        self._since = Elapsed(self._clock)

    def state(self) -> IdleState:
        """Return where it stands now."""
        left = self._seconds - self._since.seconds()
        if left <= 0:
            return Idle()
        if left <= self._countdown:
            return CountingDown(left)
        return Using(left - self._countdown)


def locked_words(seconds: int, tr: Words) -> str:
    """Return what is said of an account that was locked after so many seconds without a touch."""
    minutes, rest = divmod(seconds, 60)
    if rest or not minutes:
        return tr.plural(
            seconds, "Locked after %n second without a touch", "Locked after %n seconds without a touch"
        )
    return tr.plural(
        minutes, "Locked after %n minute without a touch", "Locked after %n minutes without a touch"
    )

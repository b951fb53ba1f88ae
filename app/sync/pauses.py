"""Pauses that the gateway asked for with 429: obeyed by every call, on whatever thread, whoever was told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from app.contract.errors import Busy
from app.sync.clock import Clock
from app.sync.retry import LONGEST_ASKED

#: Somebody who looks on while a call waits is told after so many seconds in all.
PATIENCE = 60.0

Answered = TypeVar("Answered")


def patient(
    call: Callable[[], Answered], wait: Callable[[float], bool], longest: float = PATIENCE
) -> Answered:
    """Make a call, and again after each pause the gateway asks for, as long as those are short.

    `wait` waits so many seconds and tells whether to give up. Raises what the call does, Busy where it takes longer.
    """
    left = longest
    while True:
        try:
            return call()
        except Busy as busy:
            seconds = busy.retry_after
            if seconds is None or not 0 < seconds <= left or wait(seconds):
                raise
            left -= seconds


class Pauses:
    """Until when the gateway wants to hear nothing, by the first part of the path: calls and tokens count apart.

    Several threads call: one that was told to wait must not be followed by others that were not. The wait is the one
    named with 429, an hour at most; a 503 is about one thing that is down, and says nothing of the others.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def check(self, path: str) -> None:
        """Raise Busy with the seconds that are left of a pause."""
        left = self._until.get(_area(path), 0.0) - self._clock.monotonic()
        if left > 0:
            raise Busy("The gateway asked for a pause.", retry_after=left)

    def note(self, path: str, error: Busy) -> None:
        """Begin the pause that was asked for; a longer one that lasts already stays."""
        if error.retry_after is not None and error.retry_after > 0:
            until = self._clock.monotonic() + min(error.retry_after, LONGEST_ASKED)
            self._until[_area(path)] = max(until, self._until.get(_area(path), 0.0))


def _area(path: str) -> str:
    return path.lstrip("/").partition("/")[0]

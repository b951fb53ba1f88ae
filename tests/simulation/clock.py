"""A clock that somebody may have set wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta


class SetClock:
    """What a machine's owner has set its clock to, and a stopwatch that nobody can set."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._start = now()
        self.off_by = timedelta(0)

    def now(self) -> datetime:
        return self._now() + self.off_by

    def monotonic(self) -> float:
        return (self._now() - self._start).total_seconds()

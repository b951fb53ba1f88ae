"""Time, ids and randomness, handed in everywhere so that tests and the simulation can repeat a run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from app.contract.ids import time_ordered_id

#: Returns that many random bytes.
Random = Callable[[int], bytes]


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """Return the time of day in UTC."""

    def monotonic(self) -> float:
        """Return seconds that never go back, for budgets."""


class Ids(Protocol):
    """Makes ids that nobody else makes."""

    def new_id(self) -> str:
        """Return a new UUIDv7."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the time of day in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()


class RandomIds:
    """Ids from a clock and a source of randomness."""

    def __init__(self, clock: Clock, random: Random = os.urandom) -> None:
        self._clock = clock
        self._random = random

    def new_id(self) -> str:
        """Return a new UUIDv7."""
        return time_ordered_id(self._clock.now(), self._random(10))

"""Time, ids and chance as the engine takes them, so that tests and the simulation can hand in their own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from app.contract.ids import time_ordered_id


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """Return the time of day, UTC. It may jump: people and servers set clocks."""

    def monotonic(self) -> float:
        """Return seconds that only ever grow; for durations and waits."""


class Ids(Protocol):
    """Makes ids for records and mutations born here."""

    def new_id(self) -> str:
        """Return a UUIDv7."""


class Rng(Protocol):
    """Chance, for spreading retries. `random.Random` fits."""

    def uniform(self, a: float, b: float, /) -> float:
        """Return a number between `a` and `b`."""


class SystemClock:
    """This computer's clock."""

    def now(self) -> datetime:
        """Return the time of day, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        return time.monotonic()


class SystemIds:
    """UUIDv7 from the given clock and the system's randomness."""

    def __init__(self, clock: Clock, randomness: Callable[[int], bytes] = os.urandom) -> None:
        self._clock = clock
        self._randomness = randomness

    def new_id(self) -> str:
        """Return a UUIDv7."""
        return time_ordered_id(self._clock.now(), self._randomness(10))

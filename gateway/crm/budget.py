"""Sharing out the calls a source system takes: writes first, then fresh reads, then the lanes, then sweeps.

A token bucket with reserves: whoever comes later leaves a share of it untouched, so that a sweep that takes all it can
get still leaves writes theirs. The bucket is smaller than what the system takes in its window, and filled so slowly
that both together stay within it.

All processes share one bucket, which is a row in the database (docs/adr/0011): a process takes a few calls at a time
in a short transaction and gives up those it did not make soon. So two processes need not be told of one another, one
that is idle leaves its part to the others, and what was spent today outlives a restart.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import IntEnum
from threading import Lock

from sqlalchemy import Connection, select

from gateway.bulk import merge_many
from gateway.clock import Clock
from gateway.crm.port import CrmBusy, Rate
from gateway.database import Database
from gateway.tables import budget


class Priority(IntEnum):
    """Who goes first, the lowest number before all others."""

    WRITE = 0
    READ = 1
    LIST = 2
    SWEEP = 3


#: The share of the bucket, and of the day, that calls of a priority leave to those above.
_RESERVE = {Priority.WRITE: 0.0, Priority.READ: 0.1, Priority.LIST: 0.3, Priority.SWEEP: 0.5}
_DAY_RESERVE = {Priority.WRITE: 0.0, Priority.READ: 0.02, Priority.LIST: 0.1, Priority.SWEEP: 0.2}

#: The part of a window's calls that may be made at once.
_BURST = 0.25
#: How long, as a part of the window, and in seconds at most, a process may sit on calls it took.
_HOLD, _HOLD_MOST = 0.1, 1.0
#: The part of the bucket a process takes at once.
_CHUNK = 0.1
#: Seconds in which nobody should come back, even if there would be a call again at once.
_SOON = 0.1

_priority: ContextVar[Priority] = ContextVar("priority", default=Priority.READ)


@contextmanager
def spending(priority: Priority) -> Iterator[None]:
    """Make calls of this priority for as long as it is open. Writes are always `WRITE`."""
    token = _priority.set(priority)
    try:
        yield
    finally:
        _priority.reset(token)


def present_priority() -> Priority:
    """Return what calls are made for now; outside of any lane that is a fresh read."""
    return _priority.get()


@dataclass(frozen=True)
class Plan:
    """What a declared rate comes to. `capacity`: calls at once, `refill`: calls a second, `hold`: seconds."""

    capacity: float
    refill: float
    hold: float
    daily: int

    @classmethod
    def of(cls, rate: Rate) -> Plan:
        """Reckon so that no window of the system's ever holds more than it takes."""
        hold = min(_HOLD_MOST, rate.seconds * _HOLD)
        capacity = float(max(rate.calls * _BURST, min(rate.calls, 2)))
        # With one or two calls a window there is nothing to keep back: they are spread evenly instead.
        refill = max(rate.calls - capacity, rate.calls / 2) / (rate.seconds + hold)
        return cls(capacity, refill, hold, rate.daily)

    def floor(self, priority: Priority) -> float:
        """Return how many calls are left to those above."""
        return min(self.capacity * _RESERVE[priority], self.capacity - 1)

    def day_floor(self, priority: Priority) -> float:
        """Return how many calls of the day are left to those above."""
        return min(self.daily * _DAY_RESERVE[priority], self.daily - 1)

    def chunk(self, priority: Priority) -> int:
        """Return how many calls a process takes at once."""
        return max(1, int((self.capacity - self.floor(priority)) * _CHUNK))


@dataclass(frozen=True)
class Bucket:
    """What is left, as of `at`. `paused_from`: the priority from which on nothing goes until `paused_until`."""

    plan: Plan
    tokens: float
    at: datetime
    day: str
    used: int = 0
    paused_until: datetime | None = None
    paused_from: int = Priority.LIST

    @classmethod
    def full(cls, plan: Plan, now: datetime) -> Bucket:
        """Return a bucket nothing was taken from."""
        return cls(plan, plan.capacity, now, _day(now))

    def refilled(self, now: datetime) -> Bucket:
        """Return the bucket as it is by now. A clock that was set back fills nothing, and holds nothing up either."""
        passed = max(0.0, (now - self.at).total_seconds())
        tokens = min(self.plan.capacity, self.tokens + passed * self.plan.refill)
        used = self.used if self.day == _day(now) else 0
        return replace(self, tokens=tokens, at=now, day=_day(now), used=used)

    def take(self, priority: Priority, least: int, most: int, now: datetime) -> tuple[Bucket, int, float]:
        """Take between `least` and `most` calls. Returns the bucket, how many, and the seconds to wait if none."""
        now_at = self.refilled(now)
        floor = self.plan.floor(priority)
        # What costs more than can ever be there goes when all that can be is there.
        least = min(least, max(1, int(self.plan.capacity - floor)))
        pause = self._pause(priority, now)
        if pause:
            return now_at, 0, pause
        if self.plan.daily and self.plan.daily - now_at.used - self.plan.day_floor(priority) < least:
            return now_at, 0, _to_midnight(now)
        room = math.floor(now_at.tokens - floor + 1e-9)
        if self.plan.daily:
            room = min(room, math.floor(self.plan.daily - now_at.used - self.plan.day_floor(priority)))
        if room < least:
            # A lane comes back when it can do something at a stretch, not for each call alone.
            some = (self.plan.capacity - floor) / 2 if priority >= Priority.LIST else 0.0
            return now_at, 0, max(_SOON, (max(least, some) + floor - now_at.tokens) / self.plan.refill)
        taken = min(most, room) if most > least else least
        return replace(now_at, tokens=now_at.tokens - taken, used=now_at.used + taken), taken, 0.0

    def _pause(self, priority: Priority, now: datetime) -> float:
        if self.paused_until is None or priority < self.paused_from:
            return 0.0
        return max(0.0, (self.paused_until - now).total_seconds())

    def limited(self, retry_after: float, now: datetime) -> Bucket:
        """The system has taken no call: the lanes wait first, and if it still takes none, those above, one by one."""
        again = self.paused_until is not None and self.paused_until > now
        level = max(Priority.WRITE, self.paused_from - 1) if again else Priority.LIST
        until = now + timedelta(seconds=max(retry_after, _SOON))
        if again and self.paused_until is not None:
            until = max(until, self.paused_until)
        return replace(self.refilled(now), tokens=0.0, paused_until=until, paused_from=int(level))

    def left(self, priority: Priority, now: datetime) -> int:
        """Return how many calls of a priority could be made at once."""
        pause = self._pause(priority, now)
        _, taken, _ = self.take(priority, 1, int(self.plan.capacity) + 1, now)
        return 0 if pause else taken


def _day(now: datetime) -> str:
    return now.astimezone(UTC).date().isoformat()


def _to_midnight(now: datetime) -> float:
    tomorrow = now.astimezone(UTC).date() + timedelta(days=1)
    return max(_SOON, (datetime.combine(tomorrow, time(), UTC) - now).total_seconds())


class Budget:
    """One system's calls, for this process. Safe to use on any thread."""

    def __init__(self, database: Database, clock: Clock, system: str, label: str, rate: Rate) -> None:
        self._database = database
        self._clock = clock
        self._system = system
        self._label = label
        self._plan = Plan.of(rate)
        self._lock = Lock()
        #: By priority: calls taken from the bucket and not made, and on the clock nobody can set until when.
        self._purse: dict[Priority, tuple[int, float]] = {}

    def spend(self, priority: Priority, calls: int = 1) -> None:
        """Pay for calls. Raises CrmBusy when there is nothing left for this priority now. Opens a transaction."""
        with self._lock:
            now = self._clock.monotonic()
            held, until = self._purse.get(priority, (0, 0.0))
            held = held if now <= until else 0
            if held < calls:
                held, until = held + self._leased(priority, calls - held), now + self._plan.hold
            self._purse[priority] = (max(0, held - calls), until)

    def _leased(self, priority: Priority, calls: int) -> int:
        now = self._clock.now()
        with self._database.write() as connection:
            bucket = _load(connection, self._system, self._plan, now)
            bucket, taken, wait = bucket.take(priority, calls, self._plan.chunk(priority), now)
            if taken:
                _save(connection, self._system, bucket)
        if not taken:
            raise CrmBusy(f"The calls that {self._label} takes are used up for now.", round(wait, 3))
        return taken

    def limited(self, retry_after: float) -> None:
        """Note that the system has taken no call, and asks for `retry_after` seconds."""
        with self._lock:
            self._purse.clear()
            now = self._clock.now()
            with self._database.write() as connection:
                bucket = _load(connection, self._system, self._plan, now).limited(retry_after, now)
                _save(connection, self._system, bucket)


def bucket_of(connection: Connection, system: str) -> Bucket | None:
    """Return what is left of a system's calls; None where they are not limited, or none was made yet."""
    row = connection.execute(select(budget).where(budget.c.system == system)).first()
    if row is None:
        return None
    plan = Plan(row.capacity, row.refill, 0.0, row.daily)
    return Bucket(plan, row.tokens, row.at, row.day, row.used, row.paused_until, row.paused_from)


def _load(connection: Connection, system: str, plan: Plan, now: datetime) -> Bucket:
    found = bucket_of(connection, system)
    if found is None:
        return Bucket.full(plan, now)
    return replace(found, plan=plan, tokens=min(found.tokens, plan.capacity))


def _save(connection: Connection, system: str, bucket: Bucket) -> None:
    values = {name: value for name, value in vars(bucket).items() if name != "plan"}
    plan = bucket.plan
    values |= {"capacity": plan.capacity, "refill": plan.refill, "daily": plan.daily}
    merge_many(connection, budget, ("system",), [{"system": system, **values}])

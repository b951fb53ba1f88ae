"""The delayed lane: what a system lists as modified, once more, when it cannot be hiding anything any longer.

A search index takes its time, and a transaction that stays open commits with the time at which it began: both appear
behind the fast lane, which has passed by. A system declares how long that may take (`Capabilities.index_lag` and
`late_commit`). This lane goes through everything since the instant it has confirmed before, and confirms what lies that
long before the pass began. Only what it has confirmed counts as read completely.

Where a system declares so little that the fast lane looks back further anyway, a pass of the fast lane confirms as
much. After each sweep this lane looks back further than was declared, in case that was too little.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from gateway.bulk import merge_many
from gateway.clock import Clock
from gateway.crm.port import ChangedId, CrmBusy
from gateway.database import Database
from gateway.ingest.lanes import OBJECT, Done, Listing, Progress, overlap_of, progress_of
from gateway.limits import Limits
from gateway.systems import System
from gateway.tables import delayed_cursor


@dataclass(frozen=True)
class Place:
    """How far the lane has come with one object.

    `confirmed`: the instant, by the system's clock, up to which everything has been read. `asked_at`, `began_at`: when
    the running pass began, by the system's clock and by ours; `passed_at`: when the last complete one did, by ours.
    """

    obj: str
    confirmed: datetime
    since: datetime | None = None
    after: str | None = None
    asked_at: datetime | None = None
    began_at: datetime | None = None
    passed_at: datetime | None = None


def delay_of(system: System) -> timedelta:
    """Return how long a change may stay hidden from `changed_since`, by what the system declares."""
    can = system.port.capabilities
    return timedelta(seconds=can.index_lag + can.late_commit)


def fast_confirms(system: System, limits: Limits) -> bool:
    """Tell whether a pass of the fast lane sees everything that this lane would wait for."""
    return delay_of(system) + _tick(system) <= overlap_of(system, limits)


def _tick(system: System) -> timedelta:
    return timedelta(seconds=2 * system.port.capabilities.clock_step)


def read_up_to(system: System, limits: Limits, fast: Progress, place: Place | None) -> datetime | None:
    """Return the instant, by our clock, up to which an object has been read completely; None: never yet."""
    passed_at = fast.passed_at
    if passed_at and not fast_confirms(system, limits):
        passed_at = place.passed_at if place else None
    return passed_at - delay_of(system) if passed_at else None


def places_of(connection: Connection, system: str) -> dict[str, Place]:
    """Return the places of a system's objects, as far as there are any."""
    rows = connection.execute(select(delayed_cursor).where(delayed_cursor.c.system == system))
    return {
        row.object: Place(
            row.object, row.confirmed, row.since, row.after, row.asked_at, row.began_at, row.passed_at
        )
        for row in rows
    }


def _save(connection: Connection, system: System, places: Iterable[Place]) -> None:
    rows = [
        {"system": system.name, "object": place.obj}
        | {name: value for name, value in vars(place).items() if name != "obj"}
        for place in places
    ]
    merge_many(connection, delayed_cursor, OBJECT, rows)


class DelayedLane:
    """Confirms what the fast lane has read, and finds what came in behind it."""

    def __init__(self, database: Database, listing: Listing, clock: Clock, limits: Limits) -> None:
        self._database = database
        self._listing = listing
        self._clock = clock
        self._limits = limits

    def step(self, system: System) -> Done:
        """Go on with each object whose turn it is, for a few pages. Raises CrmUnavailable; places are kept."""
        with self._database.read() as connection:
            items = progress_of(connection, system)
            places = places_of(connection, system.name)
        done = Done()
        now_at = [self._first(system, item) for item in items if item.obj not in places]
        try:
            for item in sorted(items, key=lambda item: _last_pass(places.get(item.obj))):
                place = places.get(item.obj)
                if place and (place.began_at is not None or self._due(system, item, place)):
                    more, place = self._object(system, item, place)
                    done += more
                    now_at.append(place)
        finally:
            self._keep(system, *now_at)
        return done

    def _first(self, system: System, fast: Progress) -> Place:
        """Begin where the fast lane has asked last: whatever has appeared behind that is this lane's to find."""
        return Place(fast.obj, (fast.asked_at or system.port.now()) - delay_of(system) - _tick(system))

    def _due(self, system: System, fast: Progress, place: Place) -> bool:
        if fast.passed_at is None:
            return False  # nothing was read yet that could be confirmed
        if _looks_far(fast, place):
            return True
        if fast_confirms(system, self._limits) or place.passed_at is None:
            return place.passed_at is None
        # A pass in the future was noted by a clock that has been set back since.
        return not timedelta(0) <= self._clock.now() - place.passed_at < self._limits.delayed_every

    def _object(self, system: System, fast: Progress, place: Place) -> tuple[Done, Place]:
        if place.began_at is None or place.asked_at is None:
            place = self._begun(system, fast, place)
        horizon = (place.asked_at or place.confirmed) - delay_of(system) - _tick(system)
        done = Done()
        for _ in range(self._limits.pages_a_step):
            size = system.port.capabilities.page_size
            try:
                found = self._listing.page(system, place.obj, place.since, place.after)
                done += Done(len(found), self._take_in(system, found, horizon))
            except CrmBusy:
                self._keep(system, place)  # this pass goes on, with what has been listed
                raise
            self._listing.done(system, place.obj)
            if found:
                place = replace(place, since=found[-1].modified_at, after=found[-1].ref.id)
            if len(found) < size:
                ended = replace(place, confirmed=horizon, passed_at=place.began_at, began_at=None)
                return done, replace(ended, since=None, after=None)
            self._keep(system, place)
        return done, place

    def _begun(self, system: System, fast: Progress, place: Place) -> Place:
        asked_at, now = system.port.now(), self._clock.now()
        horizon = asked_at - delay_of(system) - _tick(system)
        # What was confirmed in the future was so by a clock that the system has set back since.
        far = _looks_far(fast, place) or place.confirmed > horizon
        back = 2 * self._limits.sweep_every if far else _tick(system)
        since = min(place.confirmed, horizon) - back
        return replace(place, since=since, after=None, asked_at=asked_at, began_at=now)

    def _take_in(self, system: System, found: Sequence[ChangedId], horizon: datetime) -> int:
        """Read what is not known: for good what lies before the horizon, and as the fast lane does what is newer."""
        late = timedelta(seconds=system.port.capabilities.late_commit)
        settled = max(overlap_of(system, self._limits), late + _tick(system))
        over = [entry for entry in found if entry.modified_at <= horizon]
        fresh = [entry for entry in found if entry.modified_at > horizon]
        return self._listing.take_in(system, over, settled) + self._listing.take_in(
            system, fresh, overlap_of(system, self._limits)
        )

    def _keep(self, system: System, *places: Place) -> None:
        if places:
            with self._database.write() as connection:
                _save(connection, system, places)


def _last_pass(place: Place | None) -> datetime:
    return place.passed_at if place and place.passed_at else _NEVER


_NEVER = datetime.min.replace(tzinfo=UTC)


def _looks_far(fast: Progress, place: Place) -> bool:
    """Tell whether a sweep has come since the last pass."""
    return place.passed_at is not None and fast.swept_at is not None and place.passed_at < fast.swept_at

"""The quick lanes: hints, and what was modified lately. Each gives ids only; content comes from reads by id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Row, select

from gateway.bulk import merge_many
from gateway.clock import Clock, Random
from gateway.crm.port import ChangedId, CrmBusy, CrmUnavailable, Ref
from gateway.database import Database
from gateway.feed import mirror as mirrored
from gateway.feed.mirror import Seen
from gateway.ingest.absorb import Absorber
from gateway.ingest.again import era_of
from gateway.ingest.hints import clear_hints, open_hints
from gateway.limits import Limits
from gateway.systems import System
from gateway.tables import ingest_cursor

log = structlog.get_logger(__name__)

_HINTS_A_STEP = 200
_HINTS_AT_ONCE = 100


@dataclass(frozen=True)
class Done:
    """What one turn of a lane came to. `seen`: ids it was given; `changed`: records that changed.

    `problem`: what went wrong and was dealt with, for people.
    """

    seen: int = 0
    changed: int = 0
    problem: str = ""

    def __add__(self, other: Done) -> Done:
        problem = self.problem or other.problem
        return Done(self.seen + other.seen, self.changed + other.changed, problem)


@dataclass(frozen=True)
class Progress:
    """How far the fast lane and the sweep have come with one object.

    `began_at`: when the running pass began (None: no pass is running), `passed_at`: when the last complete one began.
    `asked_at`: when the last one began, by the system's own clock.
    `since`, `after`: where the running pass goes on. `high`: the newest modification seen, or `asked_at` if that is
    earlier: one in the future would hide all that is modified until then.
    `held_missing`, `held_live`: what a sweep found missing and did not remove without being told to.
    """

    obj: str
    since: datetime | None = None
    after: str | None = None
    high: datetime | None = None
    began_at: datetime | None = None
    passed_at: datetime | None = None
    asked_at: datetime | None = None
    swept_at: datetime | None = None
    held_missing: int = 0
    held_live: int = 0


def progress_of(connection: Connection, system: System) -> list[Progress]:
    """Return the progress of every object of a system, in the mapping's order."""
    rows = connection.execute(select(ingest_cursor).where(ingest_cursor.c.system == system.name))
    known = {row.object: _progress(row) for row in rows}
    return [known.get(obj, Progress(obj)) for obj in system.mapping.objects()]


def _progress(row: Row[*tuple[Any, ...]]) -> Progress:
    fields = {name: value for name, value in row._mapping.items() if name not in ("system", "object")}
    return Progress(obj=row.object, **fields)


def save_progress(connection: Connection, system: System, items: Sequence[Progress]) -> None:
    """Write down how far the fast lane has come with objects; what sweeps note is theirs."""
    rows = [
        {
            "system": system.name,
            "object": item.obj,
            **NOT_HELD,
            **{name: getattr(item, name) for name in _FAST},
        }
        for item in items
    ]
    merge_many(connection, ingest_cursor, OBJECT, rows, kept=tuple(NOT_HELD))


#: What tells objects apart, and what a sweep notes of one, before it has held anything.
OBJECT = ("system", "object")
NOT_HELD = {"held_missing": 0, "held_live": 0}
_FAST = ("since", "after", "high", "began_at", "passed_at", "asked_at")


class Listing:
    """Goes through what a system lists as modified, and reads what is not known as it is. Each lane has its own."""

    def __init__(self, database: Database, absorber: Absorber) -> None:
        self._database = database
        self._absorber = absorber
        #: A page that was listed, when there was no call left to read its rows: it is not asked for again. With one
        #: call at a time nothing would ever come of it otherwise.
        self._listed: dict[tuple[object, ...], Sequence[ChangedId]] = {}

    def page(
        self, system: System, obj: str, since: datetime | None, after: str | None
    ) -> Sequence[ChangedId]:
        """Return the page that begins there. Raises CrmUnavailable."""
        key = (system.name, obj, since, after)
        found = self._listed.pop(key, None)
        if found is None:
            found = system.port.changed_since(obj, since, after, system.port.capabilities.page_size)
        self._listed = {old: page for old, page in self._listed.items() if old[:2] != key[:2]} | {key: found}
        return found

    def done(self, system: System, obj: str) -> None:
        """Forget the page: its rows have been read."""
        self._listed = {old: page for old, page in self._listed.items() if old[:2] != (system.name, obj)}

    def take_in(self, system: System, found: Sequence[ChangedId], settled: timedelta) -> int:
        """Read those rows of a page that need it. Returns how many records changed. Raises CrmUnavailable.

        `settled`: how long after the instant of its last modification a row has to have been read to be known.
        """
        return self._absorber.absorb(system, self._unread(system, found, settled))

    def _unread(self, system: System, found: Sequence[ChangedId], settled: timedelta) -> list[Ref]:
        """Leave out rows that are known as they are: what is written through the gateway comes by here, too."""
        if not found:
            return []
        with self._database.read() as connection:
            known = mirrored.seen(connection, system.name, (entry.ref for entry in found))
        return [entry.ref for entry in found if not _is_known(known.get(entry.ref), entry, settled)]


class FastLane:
    """Asks each object for what was modified lately, a little behind the newest time seen."""

    def __init__(self, database: Database, listing: Listing, clock: Clock, limits: Limits) -> None:
        self._database = database
        self._listing = listing
        self._clock = clock
        self._limits = limits

    def step(self, system: System) -> Done:
        """Go on with every object for a few pages. Raises CrmUnavailable; what was done until then stays done."""
        with self._database.read() as connection:
            items = progress_of(connection, system)
            era = era_of(connection, system.name)
        done = Done()
        passed: list[Progress] = []
        try:
            for item in by_wait(items):
                more, now_at = self._object(system, item, era)
                done += more
                passed.append(now_at)
        except CrmUnavailable:
            self._save(system, passed, era)
            raise
        self._save(system, passed, era)
        return done

    def _save(self, system: System, items: Sequence[Progress], era: int) -> None:
        """Write down how far it has come, unless another process has everything read again since it set out."""
        with self._database.write() as connection:
            if era_of(connection, system.name) == era:
                save_progress(connection, system, items)

    def _object(self, system: System, item: Progress, era: int) -> tuple[Done, Progress]:
        overlap = self._overlap(system)
        asked_at = item.asked_at
        if item.began_at is None or asked_at is None:
            asked_at = system.port.now()
            high = min(item.high, asked_at) if item.high else None
            since, now = high - overlap if high else None, self._clock.now()
            item = replace(item, began_at=now, asked_at=asked_at, since=since, after=None, high=high)
        done = Done()
        for _ in range(self._limits.pages_a_step):
            size = system.port.capabilities.page_size
            try:
                found = self._listing.page(system, item.obj, item.since, item.after)
                done += Done(len(found), self._listing.take_in(system, found, overlap))
            except CrmBusy:
                self._save(system, (item,), era)  # this pass goes on, with what has been listed
                raise
            self._listing.done(system, item.obj)
            if found:
                newest = min(asked_at, max(entry.modified_at for entry in found))
                high = max(item.high, newest) if item.high else newest
                item = replace(item, since=found[-1].modified_at, after=found[-1].ref.id, high=high)
            if len(found) < size:
                return done, replace(item, passed_at=item.began_at, began_at=None, since=None, after=None)
            self._save(system, (item,), era)
        return done, item

    def _overlap(self, system: System) -> timedelta:
        return overlap_of(system, self._limits)


def by_wait(items: Sequence[Progress]) -> list[Progress]:
    """Put first what has waited longest: with few calls left, no object is the last one in every turn."""
    return sorted(items, key=lambda item: (item.passed_at is not None, item.passed_at))


def overlap_of(system: System, limits: Limits) -> timedelta:
    """Return how far the fast lane looks back."""
    return max(limits.overlap, timedelta(seconds=2 * system.port.capabilities.clock_step))


def _is_known(old: Seen | None, entry: ChangedId, settled: timedelta) -> bool:
    """In this revision, or read when the instant of the last modification was safely over."""
    if old is None:
        return False
    if entry.revision and old.revision == entry.revision:
        return True
    read_at = old.read_at
    return (
        old.modified_at == entry.modified_at and read_at is not None and read_at > entry.modified_at + settled
    )


class HintLane:
    """Reads rows somebody said may have changed: webhooks, and what the ledger and the feed come across."""

    def __init__(self, database: Database, absorber: Absorber, random: Random) -> None:
        self._database = database
        self._absorber = absorber
        self._random = random

    def step(self, system: System) -> Done:
        """Follow the open hints, some at a time. Raises CrmUnavailable; what was read until then stays done."""
        tied = Done(0, self._absorber.tie(system, self._random))
        with self._database.read() as connection:
            hints = open_hints(connection, system.name, _HINTS_A_STEP)
        done, size = tied, _HINTS_AT_ONCE
        for part in (hints[start : start + size] for start in range(0, len(hints), size)):
            refs = [hint.ref for hint in part if system.mapping.of_object(hint.ref.obj)]
            done += Done(len(part), self._absorber.absorb(system, refs))
            with self._database.write() as connection:
                clear_hints(connection, system.name, part)
        return done

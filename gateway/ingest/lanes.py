"""The lanes by which changes come in. Each gives ids only; content comes from reads by id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gateway.clock import Clock
from gateway.crm.port import ChangedId, Ref
from gateway.database import Database
from gateway.feed import mirror as mirrored
from gateway.feed.mirror import Seen, Standing
from gateway.ingest.absorb import Absorber, Reading
from gateway.ingest.aside import standing_aside
from gateway.ingest.hints import clear_hints, open_hints
from gateway.limits import Limits
from gateway.systems import System
from gateway.tables import ingest_cursor

log = structlog.get_logger(__name__)

_HINTS_A_STEP = 200


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
    """Write down how far objects have come."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    for item in items:
        values = {name: value for name, value in vars(item).items() if name != "obj"}
        row = dialect.insert(ingest_cursor).values(system=system.name, object=item.obj, **values)
        connection.execute(row.on_conflict_do_update(index_elements=["system", "object"], set_=values))


class FastLane:
    """Asks each object for what was modified lately, a little behind the newest time seen."""

    def __init__(self, database: Database, absorber: Absorber, clock: Clock, limits: Limits) -> None:
        self._database = database
        self._absorber = absorber
        self._clock = clock
        self._limits = limits

    def step(self, system: System) -> int:
        """Go on with every object for a few pages. Returns how many records changed. Raises CrmUnavailable."""
        with self._database.read() as connection:
            items = progress_of(connection, system)
        changed = 0
        passed: list[Progress] = []
        for item in items:
            more, now_at = self._object(system, item)
            changed += more
            passed.append(now_at)
        with self._database.write() as connection:
            save_progress(connection, system, passed)
        return changed

    def _object(self, system: System, item: Progress) -> tuple[int, Progress]:
        overlap = self._overlap(system)
        asked_at = item.asked_at
        if item.began_at is None or asked_at is None:
            asked_at = system.port.now()
            high = min(item.high, asked_at) if item.high else None
            since, now = high - overlap if high else None, self._clock.now()
            item = replace(item, began_at=now, asked_at=asked_at, since=since, after=None, high=high)
        changed = 0
        for _ in range(self._limits.pages_a_step):
            size = system.port.capabilities.page_size
            found = system.port.changed_since(item.obj, item.since, item.after, size)
            changed += self._absorber.absorb(system, self._unread(system, found, overlap))
            if found:
                newest = min(asked_at, max(entry.modified_at for entry in found))
                high = max(item.high, newest) if item.high else newest
                item = replace(item, since=found[-1].modified_at, after=found[-1].ref.id, high=high)
            if len(found) < size:
                return changed, replace(item, passed_at=item.began_at, began_at=None, since=None, after=None)
            with self._database.write() as connection:
                save_progress(connection, system, (item,))
        return changed, item

    def _overlap(self, system: System) -> timedelta:
        return max(self._limits.overlap, timedelta(seconds=2 * system.port.capabilities.clock_step))

    def _unread(self, system: System, found: Sequence[ChangedId], overlap: timedelta) -> list[Ref]:
        """Leave out rows that are known as they are: what is written through the gateway comes by here, too."""
        with self._database.read() as connection:
            known = mirrored.seen(connection, system.name, (entry.ref for entry in found))
        return [entry.ref for entry in found if not _is_known(known.get(entry.ref), entry, overlap)]


def _is_known(old: Seen | None, entry: ChangedId, overlap: timedelta) -> bool:
    """In this revision, or read when the instant of the last modification was safely over."""
    if old is None:
        return False
    if entry.revision and old.revision == entry.revision:
        return True
    read_at = old.read_at
    return (
        old.modified_at == entry.modified_at and read_at is not None and read_at > entry.modified_at + overlap
    )


class HintLane:
    """Reads rows somebody said may have changed."""

    def __init__(self, database: Database, absorber: Absorber) -> None:
        self._database = database
        self._absorber = absorber

    def step(self, system: System) -> int:
        """Follow the open hints. Returns how many records changed. Raises CrmUnavailable."""
        with self._database.read() as connection:
            hints = open_hints(connection, system.name, _HINTS_A_STEP)
        if not hints:
            return 0
        refs = [hint.ref for hint in hints if system.mapping.of_object(hint.ref.obj)]
        changed = self._absorber.absorb(system, refs)
        with self._database.write() as connection:
            clear_hints(connection, system.name, hints)
        return changed


class Sweep:
    """Compares all ids of an object, which finds deletions and whatever the other lanes missed."""

    def __init__(self, database: Database, absorber: Absorber, clock: Clock, limits: Limits) -> None:
        self._database = database
        self._absorber = absorber
        self._clock = clock
        self._limits = limits

    def due(self, system: System) -> str | None:
        """Return the object that has waited longest for its sweep, if one is due."""
        with self._database.read() as connection:
            items = progress_of(connection, system)
        ready = [item for item in items if item.passed_at and self._waited(item)]
        first = min(
            ready,
            key=lambda item: (item.swept_at is not None, item.swept_at or self._clock.now()),
            default=None,
        )
        return first.obj if first else None

    def _waited(self, item: Progress) -> bool:
        # A sweep in the future was noted by a clock that has been set back since.
        now = self._clock.now()
        return item.swept_at is None or not timedelta(0) <= now - item.swept_at < self._limits.sweep_every

    def run(
        self,
        system: System,
        obj: str,
        *,
        confirmed: bool = False,
        between: Callable[[], object] = lambda: None,
    ) -> int:
        """Sweep one object. `confirmed`: a person has agreed to remove what is missing, however much it is.

        `between` is called after each page of ids, for what should not wait until all are read. Returns how many
        records changed. Raises CrmUnavailable.
        """
        there = self._listed(system, obj, between)
        with self._database.read() as connection:
            known = mirrored.source_ids(connection, system.name, obj)
            aside = standing_aside(connection, system.name, obj)
            resting = mirrored.gone_with_parent(connection, system.name, obj)
        live = [source_id for source_id, standing in known.items() if standing is Standing.LIVE]
        lost = dict.fromkeys(Ref(obj, source_id) for source_id in live if source_id not in there)
        there -= resting
        new = [Ref(obj, source_id) for source_id in there if known.get(source_id) in (None, Standing.DELETED)]
        again = [ref for ref in aside if ref not in lost]
        changed = self._absorber.absorb(system, [*new, *again])
        gone = self._gone(system, [*lost])
        missing = sum(len(reading.asked) for reading in gone)
        held = not confirmed and missing > self._absorber.allowed(len(live))
        if held:
            log.warning("sweep held", system=system.name, object=obj, missing=missing, live=len(live))
        else:
            changed += sum(self._absorber.remove(reading) for reading in gone)
        self._note(system, obj, missing if held else 0, len(live) if held else 0)
        return changed

    def _listed(self, system: System, obj: str, between: Callable[[], object]) -> set[str]:
        there: set[str] = set()
        after: str | None = None
        while True:
            ids = system.port.sweep(obj, after, system.port.capabilities.page_size)
            there.update(ids)
            if len(ids) < system.port.capabilities.page_size:
                return there
            after = ids[-1]
            between()

    def _gone(self, system: System, refs: Sequence[Ref]) -> list[Reading]:
        """Return readings of those that a read by id does not find either."""
        size = system.port.capabilities.page_size
        parts = (refs[start : start + size] for start in range(0, len(refs), size))
        return [gone for part in parts if (gone := self._absorber.look(system, part).gone()).asked]

    def _note(self, system: System, obj: str, missing: int, live: int) -> None:
        with self._database.write() as connection:
            item = next(item for item in progress_of(connection, system) if item.obj == obj)
            values = {"swept_at": self._clock.now(), "held_missing": missing, "held_live": live}
            if item.high and item.began_at is None:
                # Once after each sweep the fast lane looks back further than the sweep before: so it finds what
                # committed late with the time of its beginning, or was long in coming into the index.
                values["high"] = item.high - 2 * self._limits.sweep_every
            connection.execute(
                update(ingest_cursor)
                .where(ingest_cursor.c.system == system.name, ingest_cursor.c.object == obj)
                .values(**values)
            )

"""The lanes by which changes travel, as declared things, and how each of them stands: for `check`, console, metrics."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, select

from gateway.bulk import merge_many
from gateway.crm.budget import Bucket, Priority, bucket_of
from gateway.feed.mirror import Standing
from gateway.systems import System
from gateway.tables import delayed_cursor, hint, ingest_cursor, journal_cursor, lane, ledger, mirror, source


class Lane(StrEnum):
    """One way by which a change is brought in. The value is its name everywhere."""

    WEBHOOK = "webhook"
    JOURNAL = "journal"
    FAST = "fast"
    DELAYED = "delayed"
    SWEEP = "sweep"
    READ_BACK = "read_back"


@dataclass(frozen=True)
class Declared:
    """What a lane is for, and what its calls are worth."""

    priority: Priority
    purpose: str


LANES = {
    Lane.WEBHOOK: Declared(Priority.READ, "reads the rows that somebody said have changed"),
    Lane.JOURNAL: Declared(
        Priority.LIST, "asks the system what happened; tells of links and of what is gone"
    ),
    Lane.FAST: Declared(Priority.LIST, "reads what was modified lately"),
    Lane.DELAYED: Declared(
        Priority.LIST, "confirms what can be hidden no longer; the truth about being up to date"
    ),
    Lane.SWEEP: Declared(Priority.SWEEP, "compares all ids; finds what is gone"),
    Lane.READ_BACK: Declared(Priority.WRITE, "takes over what a write left at the system, with its outcome"),
}


@dataclass(frozen=True)
class LaneState:
    """How one lane of one system stands. `READ_BACK` is one for all systems, whose name is empty there.

    `confirmed`: the instant up to which the lane has done its work with every object (journal: when its end was reached
    last; read back: the newest write that was taken over). `waiting_since`: when the oldest hint or open mutation came
    in. `ran_at`, `succeeded_at`, `failed_at`, `error`: the last turn, the last one that went well, and the last that
    did not with its reason, empty when one went well since. `seen`, `changed`: ids and records so far. `backlog`: hints
    not followed, objects in the middle of a pass, or mutations not settled. `held`: by object, how many of how many
    records wait for a person.
    """

    system: str
    lane: Lane
    confirmed: datetime | None = None
    waiting_since: datetime | None = None
    ran_at: datetime | None = None
    succeeded_at: datetime | None = None
    error: str = ""
    failed_at: datetime | None = None
    seen: int = 0
    changed: int = 0
    backlog: int = 0
    held: tuple[tuple[str, int, int], ...] = ()
    bucket: Bucket | None = None

    def lag(self, now: datetime) -> timedelta | None:
        """Return how far the lane is behind; None when that is not known, as before its first round."""
        since = self.confirmed
        if self.lane in (Lane.WEBHOOK, Lane.READ_BACK):
            since = self.waiting_since if self.backlog else now
        return max(timedelta(0), now - since) if since else None

    def budget_left(self, now: datetime) -> int | None:
        """Return how many calls the lane could make at once; None where nothing limits them."""
        return self.bucket.left(LANES[self.lane].priority, now) if self.bucket else None


@dataclass(frozen=True)
class Turn:
    """What is noted of one turn of a lane. `error` is empty when it went well."""

    lane: Lane
    at: datetime
    seen: int = 0
    changed: int = 0
    error: str = ""


def note_turns(connection: Connection, system: str, turns: Iterable[Turn]) -> None:
    """Write down how turns of a system's lanes went."""
    ways: dict[str, list[dict[str, Any]]] = {"failed_at": [], "succeeded_at": []}
    for turn in turns:
        row = {"system": system, "lane": turn.lane.value, "seen": turn.seen, "changed": turn.changed}
        way = "failed_at" if turn.error else "succeeded_at"
        ways[way].append({**row, "ran_at": turn.at, "error": turn.error, way: turn.at})
    for rows in ways.values():
        merge_many(connection, lane, ("system", "lane"), rows, added=("seen", "changed"))


def lanes(connection: Connection, with_journal: Collection[str]) -> list[LaneState]:
    """Return how every lane stands, system by system in the order of their names; what writes do comes last.

    `with_journal`: the systems that keep one; others have no such lane. A lane of a system of which nothing is known
    yet has not had a turn.
    """
    turns = {(row.system, row.lane): row for row in connection.execute(select(lane))}
    cursors = connection.execute(select(ingest_cursor)).all()
    delayed = connection.execute(select(delayed_cursor)).all()
    waiting = {row.system: row for row in connection.execute(_WAITING)}
    read_at = {row.system: row.read_at for row in connection.execute(select(source))}
    told_at = {row.system: row.at for row in connection.execute(select(journal_cursor))}
    systems = {*(system for system, _ in turns), *(row.system for row in cursors), *waiting}
    found = []
    for system in sorted(systems):
        mine = [row for row in cursors if row.system == system]
        hints, bucket = waiting.get(system), bucket_of(connection, system)

        def state(name: Lane, system: str = system, bucket: Bucket | None = bucket, **more: Any) -> LaneState:
            row = turns.get((system, name.value))
            return LaneState(system, name, bucket=bucket, **(_turned(row) if row else {}), **more)

        found += [
            state(
                Lane.WEBHOOK,
                backlog=hints.many if hints else 0,
                waiting_since=hints.oldest if hints else None,
            ),
            *([state(Lane.JOURNAL, confirmed=told_at.get(system))] if system in with_journal else []),
            state(Lane.FAST, confirmed=_earliest(row.passed_at for row in mine), backlog=_running(mine)),
            state(
                Lane.DELAYED,
                confirmed=read_at.get(system),
                backlog=_running([row for row in delayed if row.system == system]),
            ),
            state(
                Lane.SWEEP,
                confirmed=_earliest(row.swept_at for row in mine),
                held=tuple((row.object, row.held_missing, row.held_live) for row in mine if row.held_missing),
            ),
        ]
    return [*found, _read_back(connection)]


@dataclass(frozen=True)
class ObjectRead:
    """How far an object of a system has been read: `records` that stand in the mirror, `whole` once all of it was."""

    system: str
    obj: str
    records: int
    whole: bool


def standing(connection: Connection, systems: Sequence[System]) -> list[ObjectRead]:
    """Return how far each object has been read, in the order of the mappings."""
    live = mirror.c.status == Standing.LIVE.value
    counted = select(mirror.c.system, mirror.c.object, func.count()).where(live)
    many = {
        (system, obj): count
        for system, obj, count in connection.execute(counted.group_by(mirror.c.system, mirror.c.object))
    }
    passed = {
        (row.system, row.object): row.passed_at is not None
        for row in connection.execute(select(ingest_cursor))
    }
    return [
        ObjectRead(system.name, obj, many.get((system.name, obj), 0), passed.get((system.name, obj), False))
        for system in systems
        for obj in system.mapping.objects()
    ]


def _turned(row: Row[Any]) -> dict[str, Any]:
    names = ("ran_at", "succeeded_at", "error", "failed_at", "seen", "changed")
    return {name: getattr(row, name) for name in names}


def _earliest(instants: Iterable[datetime | None]) -> datetime | None:
    """Return the earliest; None when one is missing, or there is none."""
    found = [*instants]
    known = [at for at in found if at]
    return min(known) if known and len(known) == len(found) else None


def _running(rows: Sequence[Row[Any]]) -> int:
    return sum(row.began_at is not None for row in rows)


def _read_back(connection: Connection) -> LaneState:
    is_open = ledger.c.state == "received"
    row = connection.execute(
        select(func.count().label("many"), func.min(ledger.c.received_at).label("oldest")).where(is_open)
    ).one()
    written = ledger.c.written_at
    newest = select(written).where(written.is_not(None)).order_by(ledger.c.seq.desc()).limit(1)
    return LaneState(
        "",
        Lane.READ_BACK,
        confirmed=connection.execute(newest).scalar(),
        waiting_since=row.oldest,
        backlog=row.many,
    )


_WAITING = select(hint.c.system, func.count().label("many"), func.min(hint.c.at).label("oldest")).group_by(
    hint.c.system
)

"""Connectors with their lanes, rows set aside, and mutations that are not done, as the console shows and moves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, select

from app.contract.mutations import Kind
from gateway import ledger as entries
from gateway.core import Gateway
from gateway.crm.port import CrmError, Ref
from gateway.feed import mirror as mirrored
from gateway.ingest.lanes import Progress, progress_of
from gateway.ingest.state import LANES, Lane, LaneState
from gateway.problems import Problem, not_found, too_busy
from gateway.systems import System
from gateway.tables import Instant, account, dead_letter, hint, lease, ledger

#: How often an object's sweep may be missed before it counts as late: one object is swept at a time.
_SWEEPS_LATE = 6

#: Lines on one page.
PAGE = 50


@dataclass(frozen=True)
class LaneLine:
    """How one lane of a system stands. `lag`: how far it is behind, None when that is not known. `budget`: calls it
    could make at once, None where nothing limits them. `problem`: why its last turn failed."""

    words: str
    purpose: str
    lag: timedelta | None
    backlog: int
    succeeded_at: datetime | None
    budget: int | None
    problem: str
    late: bool


@dataclass(frozen=True)
class PassLine:
    """When one kind of record was last gone through. `late`: longer ago than it should be."""

    lane: str
    done_at: datetime | None
    running: bool = False
    late: bool = False


@dataclass(frozen=True)
class ObjectLine:
    """One kind of record a system holds; `words` is what partners know it as."""

    obj: str
    words: str
    passes: tuple[PassLine, ...]


@dataclass(frozen=True)
class HeldLine:
    """A sweep that found so much missing that it asks a person: `missing` of `live` records."""

    obj: str
    words: str
    missing: int
    live: int
    swept_at: datetime | None


@dataclass(frozen=True)
class SystemLine:
    """One source system. `problem`: why it cannot be read, empty when it can."""

    name: str
    label: str
    problem: str
    read_at: datetime | None
    late: bool
    hints: int
    aside: int
    lanes: tuple[LaneLine, ...]
    objects: tuple[ObjectLine, ...]
    held: tuple[HeldLine, ...]


@dataclass(frozen=True)
class DeadLetter:
    """A row that could not be understood or stored."""

    system: str
    obj: str
    id: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class OpenMutation:
    """A mutation that was received and is not done. `why`: what it waits for, in words."""

    seq: int
    user_name: str
    entity: str
    title: str
    kind: str
    received_at: datetime
    captured_at: datetime
    tries: int
    due_at: datetime | None
    why: str


class Machinery:
    """What operations do with what comes in and goes out."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._ground = gateway.ground
        self._database = gateway.ground.database

    # ----------------------------------------------------------------------------------------------- connectors

    def systems(self) -> list[SystemLine]:
        """Return every source system with its lanes."""
        known = {source.system: source for source in self._gateway.sources()}
        now, limits = self._ground.clock.now(), self._ground.limits
        states = self._gateway.lanes()
        found = []
        with self._database.read() as connection:
            hints: dict[str, int] = {row.system: row.many for row in connection.execute(_HINTS)}
            aside: dict[str, int] = {row.system: row.many for row in connection.execute(_ASIDE)}
            for system in self._gateway.systems:
                items = progress_of(connection, system)
                source = known[system.name]
                late = source.read_at is None or now - source.read_at > limits.read_within
                found.append(
                    SystemLine(
                        name=system.name,
                        label=system.port.label,
                        problem=source.stale_reason,
                        read_at=source.read_at,
                        late=late,
                        hints=hints.get(system.name, 0),
                        aside=aside.get(system.name, 0),
                        lanes=tuple(
                            _lane(state, now, limits.read_within)
                            for state in states
                            if state.system == system.name
                        ),
                        objects=tuple(
                            ObjectLine(item.obj, self._words(system, item.obj), self._passes(item, now))
                            for item in items
                        ),
                        held=tuple(
                            HeldLine(
                                item.obj,
                                self._words(system, item.obj),
                                item.held_missing,
                                item.held_live,
                                item.swept_at,
                            )
                            for item in items
                            if item.held_missing
                        ),
                    )
                )
        return found

    def _passes(self, item: Progress, now: datetime) -> tuple[PassLine, ...]:
        limits = self._ground.limits
        fast = item.passed_at is not None and now - item.passed_at > limits.read_within
        slow = item.swept_at is not None and now - item.swept_at > _SWEEPS_LATE * limits.sweep_every
        return (
            PassLine("Changes", item.passed_at, item.began_at is not None, fast),
            PassLine("Sweep", item.swept_at, late=slow),
        )

    def _words(self, system: System, obj: str) -> str:
        """Return what partners know an object as; in the system's own word where it feeds several."""
        fed = {item.entity for item in system.mapping.of_object(obj)}
        labels = [entity.label for entity in self._gateway.setup.manifest.entities if entity.name in fed]
        return labels[0] if len(labels) == 1 else obj

    def retry(self, system: str) -> str:
        """Ask a system whether it answers, and let it be read at once if so. Raises Problem 404, 503."""
        found = self._system(system)
        try:
            found.port.changed_since(found.mapping.objects()[0], None, None, 1)
        except CrmError as error:
            raise too_busy(f"{found.port.label} does not answer: {error}", 5.0) from error
        self._gateway.ingest.try_now(found)
        self._gateway.hint((), found.name)
        return f"{found.port.label} answers, and is being read."

    def release(self, system: str, obj: str, missing: int) -> int:
        """Remove what a held sweep found missing; returns how many records changed.

        `missing`: how many the person was shown. Raises Problem 404, 409 when it is another number by now, 503.
        """
        found = self._system(system)
        with self._database.read() as connection:
            held = {item.obj: item.held_missing for item in progress_of(connection, found)}
        if not held.get(obj):
            raise Problem(409, "not_held", f"No sweep of {obj} waits for anybody any more.")
        if held[obj] != missing:
            raise Problem(
                409, "changed", f"{held[obj]} records are missing by now, not {missing}. Look again."
            )
        try:
            return self._gateway.ingest.sweep(found, obj, confirmed=True)
        except CrmError as error:
            raise too_busy(f"{found.port.label} does not answer: {error}", 5.0) from error

    def read_back(self) -> LaneLine:
        """Return the one lane of all systems: what writes left there is taken over, whichever it was written to."""
        (state,) = (state for state in self._gateway.lanes() if state.lane is Lane.READ_BACK)
        return _lane(state, self._ground.clock.now(), self._ground.limits.read_within)

    # -------------------------------------------------------------------------------------------- rows set aside

    def dead_letters(self, page: int = 1) -> Sequence[DeadLetter]:
        """Return rows that stand aside, the oldest first; one more than a page holds when there are more."""
        query = select(dead_letter).order_by(
            dead_letter.c.at, dead_letter.c.system, dead_letter.c.object, dead_letter.c.source_id
        )
        with self._database.read() as connection:
            rows = connection.execute(query.offset((page - 1) * PAGE).limit(PAGE + 1)).all()
        return [DeadLetter(row.system, row.object, row.source_id, row.reason, row.at) for row in rows]

    def aside_count(self) -> int:
        """Return how many rows stand aside."""
        with self._database.read() as connection:
            return int(connection.execute(select(func.count()).select_from(dead_letter)).scalar_one())

    def read_again(self, system: str, obj: str, source_id: str) -> str:
        """Read a row that stands aside once more; returns why it still does, empty when it does not. Raises Problem."""
        found = self._system(system)
        here = (
            (dead_letter.c.system == system)
            & (dead_letter.c.object == obj)
            & (dead_letter.c.source_id == source_id)
        )
        query = select(dead_letter.c.reason).where(here)
        with self._database.read() as connection:
            if connection.execute(query).first() is None:
                raise not_found()
        try:
            self._ground.absorber.absorb(found, [Ref(obj, source_id)])
        except CrmError as error:
            raise too_busy(f"{found.port.label} does not answer: {error}", 5.0) from error
        with self._database.read() as connection:
            return str(connection.execute(query).scalar() or "")

    # ------------------------------------------------------------------------------------------------- mutations

    def open_mutations(self, page: int = 1) -> Sequence[OpenMutation]:
        """Return mutations that are not done, the oldest first; one more than a page holds when there are more."""
        now = self._ground.clock.now()
        with self._database.read() as connection:
            rows = connection.execute(_OPEN.offset((page - 1) * PAGE).limit(PAGE + 1), {"now": now}).all()
            titles = mirrored.by_gids(connection, {row.gid for row in rows})
        down = {source.system: source.stale_reason for source in self._gateway.sources()}
        names = {entity.name: entity.label for entity in self._gateway.setup.manifest.entities}
        found = []
        for row in rows:
            home = self._gateway.systems.of_entity(row.entity)
            reason = down.get(home.name, "") if home else ""
            record = titles.get(row.gid)
            found.append(
                OpenMutation(
                    seq=row.seq,
                    user_name=row.user_name or row.user_id,
                    entity=names.get(row.entity, row.entity),
                    title=_title(record.data) if record else "not there yet",
                    kind=_KIND_WORDS.get(row.kind, row.kind),
                    received_at=row.received_at,
                    captured_at=row.captured_at,
                    tries=row.failures,
                    due_at=row.due_at,
                    why=_why(row.worked_on, reason, row.due_at, now),
                )
            )
        return found

    def open_count(self) -> int:
        """Return how many mutations are not done."""
        query = select(func.count()).where(ledger.c.state == entries.State.RECEIVED.value)
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def carry_on(self) -> int:
        """Try all that is open now, whenever it would have been due; returns how many are done."""
        with self._database.write() as connection:
            entries.due_at_once(connection)
        return self._gateway.recover()

    def _system(self, name: str) -> System:
        found = self._gateway.systems.named(name)
        if found is None:
            raise not_found()
        return found


_KIND_WORDS = {
    Kind.CREATE: "New",
    Kind.PATCH: "Change",
    Kind.COMMAND: "Step",
    Kind.APPEND: "Addition",
    Kind.DELETE: "Deletion",
}

_LANE_WORDS = {
    Lane.WEBHOOK: "Hints",
    Lane.JOURNAL: "Journal",
    Lane.FAST: "Changes",
    Lane.DELAYED: "Changes, confirmed",
    Lane.SWEEP: "Sweep",
    Lane.READ_BACK: "Read back",
}


def _lane(state: LaneState, now: datetime, within: timedelta) -> LaneLine:
    lag = state.lag(now)
    return LaneLine(
        words=_LANE_WORDS[state.lane],
        purpose=LANES[state.lane].purpose,
        lag=lag,
        backlog=state.backlog,
        # Nobody notes turns of what has none: it went well when a write was last taken over.
        succeeded_at=state.confirmed if state.lane is Lane.READ_BACK else state.succeeded_at,
        budget=state.budget_left(now),
        problem=state.error,
        late=lag is not None and lag > within,
    )


def _title(data: dict[str, object]) -> str:
    for name in ("number", "title", "subject", "customer", "name"):
        if data.get(name):
            return str(data[name])
    return ""


def _why(worked_on: bool, down: str, due_at: datetime | None, now: datetime) -> str:
    if worked_on:
        return "Being carried out now."
    if down:
        return down
    if due_at is not None and due_at > now:
        return "Waits for its next try."
    return "Waits for its turn."


_HINTS = select(hint.c.system, func.count().label("many")).group_by(hint.c.system)
_ASIDE = select(dead_letter.c.system, func.count().label("many")).group_by(dead_letter.c.system)


def _open() -> Select[Any]:
    held = exists().where(lease.c.gid == ledger.c.gid, lease.c.until > bindparam("now", type_=Instant()))
    worked_on = held.label("worked_on")
    columns = ("seq", "user_id", "entity", "gid", "kind", "received_at", "captured_at", "failures", "due_at")
    return (
        select(*(ledger.c[name] for name in columns), account.c.name.label("user_name"), worked_on)
        .outerjoin(account, account.c.id == ledger.c.user_id)
        .where(ledger.c.state == entries.State.RECEIVED.value)
        .order_by(ledger.c.seq)
    )


_OPEN = _open()

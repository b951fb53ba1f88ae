"""Carrying out mutations that have nothing to do with one another: everything is read, decided and written together.

The decisions are those of `execute` and `make`. A record whose row's revision the mirror knows is not read before: the
write is made on condition of that revision, and when the row has moved on, or when nothing is to be written, the row is
read afresh and decided about once more. Whatever turns out to be out of the ordinary is left out of the result, and has
to be carried out alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from app.contract.mutations import Kind, Status
from gateway.asking import BUSY
from gateway.crm.budget import Priority, spending
from gateway.crm.driving import write_all
from gateway.crm.port import (
    CrmConflict,
    CrmError,
    CrmMissing,
    CrmRefused,
    CrmUnavailable,
    Ref,
    RowCreation,
    RowUpdate,
    RowWrite,
    SourceRow,
    Written,
)
from gateway.execute import Executor, Fresh, Intended, actor_of
from gateway.failpoints import Failpoint
from gateway.feed import mirror as mirrored
from gateway.feed.mirror import Mirrored
from gateway.feed.rows import visible
from gateway.grants import Grant
from gateway.ground import Ground
from gateway.ingest.absorb import Reading
from gateway.ledger import Entry
from gateway.make import Maker, Plan
from gateway.mapping import EntityMap
from gateway.settlement import Postponed, Settlement, out_of_reach
from gateway.sight import Sight, look
from gateway.systems import System

#: What is known of an entry so far, by its number in the ledger.
Results = dict[int, Settlement | Postponed]

#: Called with rows of a system that were touched and are not read here.
Hint = Callable[[System, Iterable[Ref]], None]


@dataclass(frozen=True)
class _Ready:
    """An entry whose write is decided. `parent`: the row a child is added to, which is read again with it."""

    entry: Entry
    system: System
    item: EntityMap
    write: RowWrite
    intended: Intended | None = None
    parent: Ref | None = None


_LATE = Postponed(BUSY, 1.0)

#: None: to be carried out alone.
_Decided = _Ready | Settlement | Postponed | None


class Together:
    """Carries out what can be carried out together."""

    def __init__(self, ground: Ground, executor: Executor, maker: Maker, hint: Hint) -> None:
        self._database = ground.database
        self._absorber = ground.absorber
        self._systems = ground.systems
        self._clock = ground.clock
        self._echoes = ground.echoes
        self._reached = ground.failpoints.reached
        self._executor = executor
        self._maker = maker
        self._hint = hint

    def carry_out(self, grant: Grant, entries: Sequence[Entry], in_time: Callable[[], bool]) -> Results:
        """Carry out new entries of different records. Those that have to be carried out alone are left out.

        `in_time`: whether there is time for more; what there is none for is postponed, and so is what is about a system
        that cannot be reached. Whatever is raised may leave writes behind.
        """
        with self._database.read() as connection:
            sight = look(connection, grant, [entry.mutation for entry in entries])
        results: Results = {}
        for part in self._by_system(sight, entries):
            results |= self._of_one_system(sight, part, in_time)
        return results

    def _by_system(self, sight: Sight, entries: Sequence[Entry]) -> list[list[Entry]]:
        """Put entries together that one system is asked about: what keeps one from answering is no other's trouble."""
        found: dict[str, list[Entry]] = {}
        for entry in entries:
            known = sight.known.get(entry.gid)
            home = self._maker.home(sight, entry.mutation)
            found.setdefault(known.system if known else home.name if home else "", []).append(entry)
        return [*found.values()]

    def _of_one_system(self, sight: Sight, entries: Sequence[Entry], in_time: Callable[[], bool]) -> Results:
        try:
            return self._read_decide_write(sight, entries, in_time)
        except CrmUnavailable as error:
            return {entry.seq: out_of_reach(error) for entry in entries}

    def _read_decide_write(
        self, sight: Sight, entries: Sequence[Entry], in_time: Callable[[], bool]
    ) -> Results:
        new = [entry for entry in entries if not _of_present_record(entry)]
        present = [entry for entry in entries if _of_present_record(entry)]
        trusted = self._trusted(sight, present)
        # What the mirror holds is as good as a fresh read as long as the write goes through on its condition.
        results = self._round(
            [(entry, self._new(sight, entry)) for entry in new]
            + [
                (entry, one) for entry in present if (one := self._intends(sight, entry, trusted)) is not None
            ],
            in_time,
        )
        left = [entry for entry in present if entry.seq not in results]
        if left and not in_time():
            return results | {entry.seq: _LATE for entry in left}
        fresh = self._fresh(sight, left)
        # Deciding may ask the system about each, and no write may come after the leases have run out.
        decided = [
            (entry, self._decided(sight, entry, fresh[entry.seq]) if in_time() else _LATE)
            for entry in left
            if entry.seq in fresh
        ]
        return results | self._round(decided, in_time)

    def _round(self, decided: Sequence[tuple[Entry, _Decided]], in_time: Callable[[], bool]) -> Results:
        """Make the writes that were decided on; what is refused for having been decided too early is left out."""
        results: Results = {
            entry.seq: one for entry, one in decided if isinstance(one, Settlement | Postponed)
        }
        ready = [one for _, one in decided if isinstance(one, _Ready)]
        for _, group in groupby(sorted(ready, key=_system_name), key=_system_name):
            results |= self._write([*group], in_time)
        return results

    # ------------------------------------------------------------------------------------------------- reading

    def _trusted(self, sight: Sight, entries: Sequence[Entry]) -> Mapping[int, Fresh]:
        """Take records as the mirror has them, where a write can be made on condition that this is how they are."""
        found: dict[int, Fresh] = {}
        for entry in entries:
            known = sight.seen(entry.gid)
            system = self._systems.named(known.system) if known else None
            entity = sight.grant.view.entity(entry.mutation.entity)
            if known is None or system is None or entity is None or known.entity != entity.name:
                continue
            maps = [item for item in system.mapping.of_object(known.ref.obj) if item.entity == known.entity]
            conditional = known.revision and known.modified_at and system.port.capabilities.conditional_writes
            if conditional and known.modified_at and len(maps) == 1:
                row = SourceRow(known.ref, {}, known.revision, known.modified_at)
                found[entry.seq] = Fresh(known, system, maps[0], entity, row)
        return found

    def _fresh(self, sight: Sight, entries: Sequence[Entry]) -> Mapping[int, Fresh]:
        """Read the rows of records in sight afresh; the mirror agrees with what is returned."""
        wanted: dict[str, list[tuple[Entry, Mirrored]]] = {}
        for entry in entries:
            known = sight.seen(entry.gid)
            if known and known.entity == entry.mutation.entity:
                wanted.setdefault(known.system, []).append((entry, known))
        found: dict[int, Fresh] = {}
        for name, pairs in wanted.items():
            system = self._systems.named(name)
            # Without conditional writes each write is read back and looked at by itself.
            if system and system.port.capabilities.conditional_writes:
                found |= self._fresh_of(sight.grant, system, pairs)
        return found

    def _fresh_of(
        self, grant: Grant, system: System, pairs: Sequence[tuple[Entry, Mirrored]]
    ) -> dict[int, Fresh]:
        rows = self._absorber.refresh_many(system, [known.ref for _, known in pairs])
        # Never as they were before: somebody else may have brought the mirror up to these rows meanwhile, and what was
        # decided by the older content would be written on the condition of the newer revision.
        with self._database.read() as connection:
            now = mirrored.by_gids(connection, [known.gid for _, known in pairs])
        found: dict[int, Fresh] = {}
        for entry, before in pairs:
            known, row = now.get(entry.gid), rows.get(before.ref)
            entity = grant.view.entity(before.entity)
            if known is None or row is None or entity is None or not visible(grant, known):
                continue
            item = system.mapping.of_row(row.ref.obj, row.fields)
            if item:
                found[entry.seq] = Fresh(known, system, item, entity, row)
        return found

    # ------------------------------------------------------------------------------------------------ deciding

    def _intends(self, sight: Sight, entry: Entry, trusted: Mapping[int, Fresh]) -> _Ready | None:
        """Decide by what the mirror has. Only a write can show that this was right; whatever else is decided anew."""
        known = trusted.get(entry.seq)
        decided = self._executor.decide(sight, entry, known) if known else None
        return _ready(sight, entry, known, decided) if known and isinstance(decided, Intended) else None

    def _decided(self, sight: Sight, entry: Entry, fresh: Fresh) -> _Ready | Settlement:
        decided = self._executor.decide_last(sight, entry, fresh)
        return decided if isinstance(decided, Settlement) else _ready(sight, entry, fresh, decided)

    def _new(self, sight: Sight, entry: Entry) -> _Decided:
        if entry.gid in sight.known:
            return None
        plan = self._maker.plan(sight, entry)
        if not isinstance(plan, Plan):
            return plan
        if plan.item.blob:
            return None
        properties = self._maker.properties(sight, entry, plan)
        if isinstance(properties, Settlement):
            return properties
        parent = plan.parent.ref if plan.parent else None
        actor = actor_of(sight.grant, plan.system, entry.device)
        write = RowCreation(plan.item.object, properties, entry.gid, actor, parent)
        return _Ready(entry, plan.system, plan.item, write, parent=parent)

    # ------------------------------------------------------------------------------------------------- writing

    def _write(self, ready: Sequence[_Ready], in_time: Callable[[], bool]) -> Results:
        system = ready[0].system
        began, read_at = self._absorber.moment(system)
        self._reached(Failpoint.BEFORE_CRM_WRITE)
        with self._echoes.caught() as heard:
            written = write_all(system.port, [one.write for one in ready], in_time)
        self._reached(Failpoint.AFTER_CRM_WRITE)
        rows = {row.ref: row for row in written if isinstance(row, SourceRow)}
        with spending(Priority.WRITE):
            parents = self._parents(system, ready, written)
            self._pass_on(system, heard, {*rows, *(parents.asked if parents else ())})
            self._absorber.prepare(Reading(system, began, read_at, tuple(rows), rows))
        written_at = self._clock.now()
        results: Results = {}
        for one, row in zip(ready, written, strict=True):
            if isinstance(row, SourceRow):
                reading = self._absorber.written(system, began, read_at, row)
                results[one.entry.seq] = _done(one, reading, parents, written_at)
            elif (failed := self._failed(one, row)) is not None:
                results[one.entry.seq] = failed
        return results

    def _parents(self, system: System, ready: Sequence[_Ready], written: Sequence[Written]) -> Reading | None:
        """Read the rows again that children were added to: the system may have moved them on by itself."""
        refs = {
            one.parent: None
            for one, row in zip(ready, written, strict=True)
            if one.parent and isinstance(row, SourceRow)
        }
        return self._absorber.read(system, tuple(refs)) if refs else None

    def _pass_on(self, system: System, heard: Sequence[Ref], stored: set[Ref]) -> None:
        rest = [ref for ref in dict.fromkeys(heard) if ref not in stored]
        if rest:
            self._hint(system, rest)

    def _failed(self, one: _Ready, error: CrmError) -> Settlement | Postponed | None:
        match error:
            case CrmRefused():
                return self._executor.said_no(one.item, error)
            case CrmUnavailable():
                return out_of_reach(error)
            case CrmConflict() | CrmMissing():
                return None  # it changed between reading and writing: look at it again, alone
            case _:
                return None


def _done(one: _Ready, reading: Reading, parents: Reading | None, written_at: datetime) -> Settlement:
    if one.intended:
        return one.intended.done(reading, written_at)
    readings: tuple[Reading, ...] = (reading,)
    if one.parent and parents:
        # What the system did to the parent on its own (a new state, a due date) belongs to the same answer.
        readings = (reading, parents.only((one.parent,)))
    return Settlement(Status.APPLIED, readings, written_at=written_at)


def _ready(sight: Sight, entry: Entry, fresh: Fresh, intended: Intended) -> _Ready:
    actor = actor_of(sight.grant, fresh.system, entry.device)
    write = RowUpdate(fresh.row.ref, intended.properties, entry.mutation_id, actor, fresh.row.revision)
    return _Ready(entry, fresh.system, fresh.item, write, intended)


def _of_present_record(entry: Entry) -> bool:
    return entry.mutation.kind not in (Kind.CREATE, Kind.APPEND)


def _system_name(one: _Ready) -> str:
    return one.system.name

"""Reading rows by id and storing them: every lane and the ledger bring content in through here.

What a row points to is read first when it is not known yet, so that references lead to the right gid. The system is
never called while a transaction is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from app.contract.ids import is_gid
from gateway.clock import Clock, Random
from gateway.convert import Unconvertible
from gateway.crm.port import CrmBusy, CrmUnavailable, Ref, SourceRow, SystemRef
from gateway.feed import mirror as mirrored
from gateway.feed.mirror import Standing
from gateway.feed.store import FeedStore
from gateway.feed.writer import Applied, FeedWriter
from gateway.ingest.aside import may_be_a_rows, set_aside, take_back
from gateway.ingest.brake import Brake
from gateway.ingest.hints import add_hints
from gateway.ingest.loose import LooseEnd, forget_loose, leave_loose, loose_ends
from gateway.limits import Limits
from gateway.mapping import EntityMap
from gateway.systems import System, Systems
from gateway.translate import named_rows, own_gid, shared_with, to_record

log = structlog.get_logger(__name__)

#: How far references of references are followed when they are not known yet.
_DEEPEST = 4
#: How often a row is read again because something newer was stored meanwhile.
_REPEATS = 5
_MANY = 100

_UNASKED = Ref("", "")


@dataclass(frozen=True)
class Reading:
    """Rows as they were read. `began`: the head position before, `read_at`: the system's clock before.

    `into`: for rows that are gone, the row they were merged into.
    """

    system: System
    began: int
    read_at: datetime
    asked: tuple[Ref, ...]
    rows: Mapping[Ref, SourceRow]
    into: Mapping[Ref, Ref] = field(default_factory=dict)

    def only(self, refs: Sequence[Ref]) -> Reading:
        """Return the part of it that is about these rows."""
        rows = {ref: self.rows[ref] for ref in refs if ref in self.rows}
        into = {ref: self.into[ref] for ref in refs if ref in self.into}
        return replace(self, asked=tuple(refs), rows=rows, into=into)

    def gone(self) -> Reading:
        """Return the part of it that is about rows that are gone or archived."""
        return self.only([ref for ref in self.asked if _is_gone(self, ref)])


@dataclass(frozen=True)
class Absorbed:
    """What became of the rows of a reading."""

    gids: Mapping[Ref, str]
    stale: tuple[Ref, ...]
    changed: int


class Absorber:
    """Reads rows of source systems into mirror and feed."""

    def __init__(
        self,
        feed: FeedStore,
        clock: Clock,
        limits: Limits,
        others: Systems | None = None,
    ) -> None:
        """`others`: all systems, for rows that rows of another one refer to."""
        self._feed = feed
        self._all = others
        #: By system, on the clock that nobody can set: when it is asked again for what others refer to.
        self._not_before: dict[str, float] = {}
        self._clock = clock
        self.brake = Brake(clock, limits)
        #: Where rows went, as far as it was asked when there were no calls left to go on.
        self._went: Mapping[tuple[str, Ref], Ref | None] = {}

    # ------------------------------------------------------------------------------------------------- reading

    def read(self, system: System, refs: Sequence[Ref]) -> Reading:
        """Read rows by id, and where those went that are gone. Raises CrmUnavailable."""
        return self._complete(self.look(system, refs))

    def look(self, system: System, refs: Sequence[Ref]) -> Reading:
        """Read rows by id, and nothing else. Raises CrmUnavailable."""
        began, read_at = self._feed.head(), system.port.now()
        rows = {row.ref: row for row in system.port.fetch(refs)}
        return Reading(system, began, read_at, tuple(refs), self._with_own_marks(system, rows))

    def written(self, system: System, began: int, read_at: datetime, row: SourceRow) -> Reading:
        """Take a row that a write gave back as a reading that began before the write."""
        return Reading(system, began, read_at, (row.ref,), {row.ref: row})

    def moment(self, system: System) -> tuple[int, datetime]:
        """Return what a reading or write that begins now has to remember: the head and the system's clock."""
        return self._feed.head(), system.port.now()

    def _with_own_marks(self, system: System, rows: Mapping[Ref, SourceRow]) -> Mapping[Ref, SourceRow]:
        """Take the mark from unknown rows that are copies of the row created with it: the gid is that one's alone."""
        marked = [
            (row, item.marker, mark)
            for row in rows.values()
            if (item := system.mapping.of_row(row.ref.obj, row.fields))
            and is_gid(mark := str(row.fields.get(item.marker) or ""))
        ]
        if not marked:
            return rows
        with self._feed.database.read() as connection:
            known = mirrored.known(connection, system.name, [row.ref for row, _, _ in marked])
        copies = {
            row.ref: replace(row, fields={**row.fields, name: None})
            for row, name, mark in marked
            if row.ref not in known and system.port.find_created(row.ref.obj, mark) not in (None, row.ref)
        }
        return {**rows, **copies}

    def _complete(self, reading: Reading) -> Reading:
        """Ask where known rows went that are not there any more."""
        missing = [ref for ref in reading.asked if ref not in reading.rows]
        if not missing:
            return reading
        system = reading.system
        with self._feed.database.read() as connection:
            live = mirrored.live_among(connection, system.name, missing)
        went: dict[Ref, Ref | None] = {}
        try:
            for ref in live:
                known = self._went.get((system.name, ref), _UNASKED)
                went[ref] = system.port.merged_into(ref) if known is _UNASKED else known
        except CrmBusy:
            # Each is a call: the next try goes on where there were none left.
            self._went = {(system.name, ref): winner for ref, winner in went.items()}
            raise
        self._went = {}
        return replace(reading, into={ref: winner for ref, winner in went.items() if winner})

    # ------------------------------------------------------------------------------------------------- storing

    def absorb(self, system: System, refs: Iterable[Ref], *, brake: bool = True, depth: int = 0) -> int:
        """Read rows and store what changed. Returns how many records changed. Raises CrmUnavailable.

        A row that brings about what nobody has foreseen is set aside. `depth`: how far references were followed.
        """
        changed = 0
        pending = list(dict.fromkeys(refs))
        for start in range(0, len(pending), _MANY):
            changed += self._absorb(system, pending[start : start + _MANY], brake, depth)
        return changed

    def _absorb(self, system: System, refs: Sequence[Ref], brake: bool, depth: int) -> int:
        try:
            return self._together(system, refs, brake, depth)
        except Exception as error:
            if not may_be_a_rows(error):
                raise
            log.exception("rows failed together", system=system.name, count=len(refs))
        # Which of them is at fault shows when each is tried alone. What is gone waits: the brake looks at all of it.
        alone = {ref: self._alone(system, ref, depth) for ref in refs}
        fine = [ref for ref, changed in alone.items() if changed is not None]
        changed = sum(changed or 0 for changed in alone.values())
        return changed + (self._together(system, fine, brake, depth) if fine else 0)

    def remove(self, gone: Reading) -> int:
        """Take away what a look did not find, without a brake. Returns how many records changed. Raises CrmUnavailable.

        What fails, or was stored meanwhile, is read again as anything else is.
        """
        try:
            reading = self._complete(gone)
            self.prepare(reading)
            with self._feed.writing() as writer:
                self.brake.count(writer.connection, reading.system.name, reading.asked)
                done = self.apply(writer, reading)
        except Exception as error:
            if not may_be_a_rows(error):
                raise
            log.exception("rows not removed", system=gone.system.name, count=len(gone.asked))
            return self.absorb(gone.system, gone.asked)
        return done.changed + self.absorb(gone.system, done.stale)

    def _alone(self, system: System, ref: Ref, depth: int) -> int | None:
        """Take in one row unless it is gone. Returns how many records changed; None: the row stands aside now."""
        there: Reading | None = None
        try:
            reading = self.read(system, (ref,))
            there = reading.only([] if _is_gone(reading, ref) else [ref])
            self.prepare(reading, depth)
            with self._feed.writing() as writer:
                return self.apply(writer, there).changed
        except Exception as error:
            if not may_be_a_rows(error):
                raise
            log.exception("row set aside", system=system.name, object=ref.obj, row=ref.id)
            reason = f"{type(error).__name__}: {error}"
        with self._feed.writing() as writer:
            set_aside(writer.connection, system.name, ref, reason, self._clock.now())
        row = there.rows.get(ref) if there else None
        item = system.mapping.of_row(ref.obj, row.fields) if row else None
        if there and row and item:
            # A transaction of its own, and without the row's own time: that may be what is wrong with it.
            with self._feed.writing() as writer:
                self._withhold(writer, there, replace(row, modified_at=there.read_at), item)
        return None

    def _together(self, system: System, refs: Sequence[Ref], brake: bool, depth: int) -> int:
        changed = 0
        for _ in range(_REPEATS):
            reading = self.read(system, refs)
            self.prepare(reading, depth)
            with self._feed.writing() as writer:
                done = self.apply(writer, reading, brake=brake)
            changed += done.changed
            refs = done.stale
            if not refs:
                break
        return changed

    def refresh(self, system: System, ref: Ref) -> SourceRow | None:
        """Read one row and bring the mirror up to it. Returns the row the mirror agrees with.

        None: it is gone, is not shared or cannot be understood; or it changes faster than it can be read. Raises
        CrmUnavailable.
        """
        for _ in range(_REPEATS):
            reading = self.read(system, (ref,))
            self.prepare(reading)
            row = reading.rows.get(ref)
            if row and self._agrees(reading, row):
                return row
            with self._feed.writing() as writer:
                done = self.apply(writer, reading)
            if not done.stale:
                return row if row and not row.archived and ref in done.gids else None
        return None

    def refresh_many(self, system: System, refs: Sequence[Ref]) -> Mapping[Ref, SourceRow]:
        """As `refresh`, for rows that differ and once: what was stored meanwhile, or is gone, is left out.

        Raises CrmUnavailable.
        """
        reading = self.read(system, refs)
        self.prepare(reading)
        with self._feed.database.read() as connection:
            agreeing = self._agreeing(connection, reading)
        rest = tuple(ref for ref in refs if ref not in agreeing)
        if not rest:
            return reading.rows
        others = reading.only(rest)
        with self._feed.writing() as writer:
            done = self.apply(writer, others)
        fine = agreeing | (done.gids.keys() - done.stale)
        return {ref: row for ref, row in reading.rows.items() if ref in fine and not row.archived}

    def _agrees(self, reading: Reading, row: SourceRow) -> bool:
        with self._feed.database.read() as connection:
            return row.ref in self._agreeing(connection, replace(reading, rows={row.ref: row}))

    def _agreeing(self, connection: Connection, reading: Reading) -> set[Ref]:
        """Return the rows of a reading that are in the mirror as they were read."""
        system = reading.system
        shared = [
            (row, item)
            for row in reading.rows.values()
            if not row.archived and (item := system.mapping.of_row(row.ref.obj, row.fields))
        ]
        own = [SystemRef(system.name, row.ref) for row, _ in shared]
        named = [one for row, item in shared for one in named_rows(system.name, item, row)]
        mirror = mirrored.known_anywhere(connection, [*own, *named])

        def gid_of(home: str, ref: Ref) -> str:
            known = mirror.get(SystemRef(home, ref))
            if known is None:
                return own_gid(home, ref)
            return known.gid if home == system.name else mirrored.lasting(connection, known)

        found = set()
        for row, item in shared:
            known = mirror.get(SystemRef(system.name, row.ref))
            if known is None or known.standing is not Standing.LIVE:
                continue
            try:
                record = to_record(system.name, item, row, gid_of)
            except Unconvertible:
                continue
            same_tags = record.tags is None or record.tags == known.tags
            if known.content_hash == record.content_hash and known.entity == record.entity and same_tags:
                found.add(row.ref)
        return found

    def prepare(self, reading: Reading, depth: int = 0) -> None:
        """Read in what the rows of a reading point to, as far as it is not known yet."""
        own = reading.system.name
        named = [
            (one, row.ref)
            for row in reading.rows.values()
            for item in reading.system.mapping.of_object(row.ref.obj)
            if item.takes(row.fields)
            for one in named_rows(own, item, row)
        ]
        wanted = dict.fromkeys(
            [*(one for one, _ in named), *(SystemRef(own, ref) for ref in reading.into.values())]
        )
        with self._feed.database.read() as connection:
            known = mirrored.known_anywhere(connection, wanted)
        unknown = [
            one for one in wanted if one not in known and not (one.system == own and one.ref in reading.rows)
        ]
        if not unknown or depth >= _DEEPEST:
            return
        for name, refs in mirrored.by_system(unknown).items():
            system = reading.system if name == own else self._others(name)
            mapped = [ref for ref in refs if system and system.mapping.of_object(ref.obj)]
            if not system or not mapped:
                continue
            if name == own:
                self.absorb(system, mapped, brake=False, depth=depth + 1)
            elif not self._read_elsewhere(system, mapped, depth):
                there = {SystemRef(name, ref) for ref in mapped}
                self._leave_loose(own, [(ref, one) for one, ref in named if one in there])

    def _others(self, name: str) -> System | None:
        return self._all.named(name) if self._all else None

    def _is_named_elsewhere(self, name: str) -> bool:
        links = (link for one in self._all or () for item in one.mapping.maps for link in item.links)
        return any(link.system == name for link in links)

    def _read_elsewhere(self, system: System, refs: Sequence[Ref], depth: int) -> bool:
        """Read rows of another system; False when it cannot be reached now. That must not hold up this one."""
        now = self._clock.monotonic()
        if now < self._not_before.get(system.name, now):
            return False
        try:
            self.absorb(system, refs, brake=False, depth=depth + 1)
        except CrmUnavailable as error:
            log.info("referred to, not read", system=system.name, rows=len(refs), error=str(error))
            self._not_before[system.name] = self._clock.monotonic() + error.retry_after
            return False
        return True

    def _leave_loose(self, system: str, ends: Sequence[tuple[Ref, SystemRef]]) -> None:
        with self._feed.database.write() as connection:
            leave_loose(
                connection, [LooseEnd(SystemRef(system, ref), to) for ref, to in ends], self._clock.now()
            )

    def tie(self, system: System, random: Random) -> int:
        """Read the rows of a system that others refer to and that could not be read then; what refers to them follows.

        Returns how many records changed. Raises CrmUnavailable.
        """
        with self._feed.database.read() as connection:
            ends = loose_ends(connection, system.name, _MANY)
        if not ends:
            return 0
        mapped = [
            ref for ref in dict.fromkeys(end.to.ref for end in ends) if system.mapping.of_object(ref.obj)
        ]
        changed = self.absorb(system, mapped, brake=False)
        with self._feed.database.write() as connection:
            for name, refs in mirrored.by_system(end.row for end in ends).items():
                add_hints(connection, name, refs, random, self._clock.now())
            forget_loose(connection, ends)
        return changed

    def apply(
        self, writer: FeedWriter, reading: Reading, *, by: str | None = None, brake: bool = False
    ) -> Absorbed:
        """Store a reading inside a writing transaction. `by`: the portal user whose write is confirmed by it."""
        before = writer.rows
        gone = [ref for ref in reading.asked if _is_gone(reading, ref)]
        if brake:
            gone = self.brake.let_go(writer.connection, reading.system.name, gone)
        gids: dict[Ref, str] = {}
        stale: list[Ref] = []
        aside: set[Ref] = set()
        rows = _parents_first(reading)
        self._read_ahead(writer, reading, rows)
        for row in rows:
            gid, applied = self._put(writer, reading, row, by, aside)
            if gid:
                gids[row.ref] = gid
            if applied is Applied.STALE:
                stale.append(row.ref)
        merged: list[str] = []
        for ref in gone:
            gid, applied = self._remove(writer, reading, ref)
            if gid:
                gids[ref] = gid
            if applied is Applied.STALE:
                stale.append(ref)
            elif gid and ref in reading.into and applied is Applied.CHANGED:
                merged.append(gid)
        self._tell_others(writer, reading.system, merged)
        take_back(writer.connection, reading.system.name, [ref for ref in reading.asked if ref not in aside])
        return Absorbed(gids, tuple(stale), writer.rows - before)

    def _tell_others(self, writer: FeedWriter, system: System, merged: Sequence[str]) -> None:
        """Have rows of other systems read again that name what was merged into something else here."""
        if merged and self._is_named_elsewhere(system.name):
            writer.flush()
            rows = mirrored.naming(writer.connection, merged, system.name)
            for name, refs in mirrored.by_system(rows).items():
                add_hints(writer.connection, name, refs, writer.random, self._clock.now())

    def _read_ahead(self, writer: FeedWriter, reading: Reading, rows: Sequence[SourceRow]) -> None:
        system = reading.system
        shared = [(row, item) for row in rows if (item := system.mapping.of_row(row.ref.obj, row.fields))]
        own = [SystemRef(system.name, row.ref) for row in rows]
        named = [one for row, item in shared for one in named_rows(system.name, item, row)]
        born = [str(row.fields.get(item.marker) or "") for row, item in shared if item.marker]
        writer.read_ahead([*dict.fromkeys([*own, *named])], [gid for gid in born if gid])

    def _put(
        self, writer: FeedWriter, reading: Reading, row: SourceRow, by: str | None, aside: set[Ref]
    ) -> tuple[str | None, Applied]:
        system = reading.system
        item = system.mapping.of_row(row.ref.obj, row.fields)
        if item is None:
            return None, self._hide(writer, reading, row)
        try:
            record = to_record(system.name, item, row, writer.gids_for(system.name))
        except Unconvertible as error:
            set_aside(writer.connection, system.name, row.ref, str(error), self._clock.now())
            aside.add(row.ref)
            return None, self._withhold(writer, reading, row, item)
        return writer.put(system.name, record, reading.began, reading.read_at, by)

    def _hide(self, writer: FeedWriter, reading: Reading, row: SourceRow) -> Applied:
        entity = reading.system.mapping.of_object(row.ref.obj)[0].entity
        name, began = reading.system.name, reading.began
        return writer.hide(name, entity, row.ref, began, reading.read_at, row.modified_at)

    def _withhold(self, writer: FeedWriter, reading: Reading, row: SourceRow, item: EntityMap) -> Applied:
        """A row that stands aside is seen in its last form only by whom it is still shared with."""
        name = reading.system.name
        shown = writer.shown(name, row.ref)
        if shown is None:
            return Applied.SAME
        try:
            shared = shared_with(name, item, row, writer.gids_for(name))
        except Exception as error:
            # Whatever it is about the row: nobody can tell whose it is now.
            if not may_be_a_rows(error):
                raise
            return self._hide(writer, reading, row)
        if shown == (item.entity, writer.tags_under(*shared)):
            return Applied.SAME
        return self._hide(writer, reading, row)

    def _remove(self, writer: FeedWriter, reading: Reading, ref: Ref) -> tuple[str | None, Applied]:
        name, row = reading.system.name, reading.rows.get(ref)
        maps = reading.system.mapping.of_object(ref.obj)
        if row and maps and writer.gid_of(name, ref) is None:
            # Archived before it was ever shared: note that it has been read, so that it is not read again and again.
            at, began = row.modified_at, reading.began
            return None, writer.hide(name, maps[0].entity, ref, began, reading.read_at, at)
        winner = reading.into.get(ref)
        into = writer.gid_of(name, winner) if winner else None
        modified_at = row.modified_at if row else None
        return writer.remove(name, ref, reading.began, reading.read_at, into, modified_at)


def joined(readings: Iterable[Reading]) -> list[Reading]:
    """Put readings of one moment together, so that they are stored together; the moments in the order they came."""
    moments: dict[tuple[str, int, datetime], list[Reading]] = {}
    for reading in readings:
        moments.setdefault((reading.system.name, reading.began, reading.read_at), []).append(reading)
    return [
        replace(
            parts[0],
            asked=tuple(dict.fromkeys(ref for part in parts for ref in part.asked)),
            rows={ref: row for part in parts for ref, row in part.rows.items()},
            into={ref: winner for part in parts for ref, winner in part.into.items()},
        )
        for parts in moments.values()
    ]


def _is_gone(reading: Reading, ref: Ref) -> bool:
    row = reading.rows.get(ref)
    return row is None or row.archived


def _parents_first(reading: Reading) -> list[SourceRow]:
    order = {obj: index for index, obj in enumerate(reading.system.mapping.objects())}
    rows = [row for ref, row in reading.rows.items() if not row.archived and ref.obj in order]
    return sorted(rows, key=lambda row: order[row.ref.obj])

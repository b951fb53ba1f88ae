"""The sweep: compares all ids of an object, which finds deletions and whatever the other lanes missed.

Where what a row is linked to may change without moving its modification time, no list of ids shows it either: there the
sweep reads every row anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from sqlalchemy import Connection

from gateway.bulk import merge_many
from gateway.clock import Clock
from gateway.crm.port import CrmUnavailable, Ref
from gateway.database import Database
from gateway.feed import mirror as mirrored
from gateway.feed.mirror import Standing
from gateway.ingest.absorb import Absorber, Reading
from gateway.ingest.again import era_of
from gateway.ingest.aside import standing_aside
from gateway.ingest.brake import held_of, hold
from gateway.ingest.lanes import NOT_HELD, OBJECT, Done, Progress, progress_of
from gateway.limits import Limits
from gateway.systems import System
from gateway.tables import ingest_cursor

log = structlog.get_logger(__name__)


@dataclass
class _UnderWay:
    """A sweep that has begun. It is kept when the system takes no more calls, and gone on with.

    That time passes meanwhile does no harm: an id that was not listed is looked for by itself before anything goes,
    and what is found gone is thrown away if its record was stored since (the fence). `lost` is None until all ids are
    listed. `anew`: what is to be read again, of which `read` rows have been; `looked`: how many of the lost were looked
    for. `was_held`: the object waited for a person as it began; `era`: that of its beginning; `agreed`: what is gone
    may go.
    """

    confirmed: bool
    was_held: bool
    era: int
    there: set[str] = field(default_factory=set)
    after: str | None = None
    listed: bool = False
    lost: list[Ref] | None = None
    live: int = 0
    anew: Sequence[Ref] = ()
    read: int = 0
    looked: int = 0
    gone: list[Reading] = field(default_factory=list)
    agreed: bool = False
    done: Done = field(default_factory=Done)


class Sweep:
    """Compares all ids of an object."""

    def __init__(self, database: Database, absorber: Absorber, clock: Clock, limits: Limits) -> None:
        self._database = database
        self._absorber = absorber
        self._clock = clock
        self._limits = limits
        self._under_way: dict[tuple[str, str], _UnderWay] = {}

    def due(self, system: System) -> str | None:
        """Return the object that has waited longest for its sweep, if one is due; one that has begun comes first."""
        with self._database.read() as connection:
            items = progress_of(connection, system)
        begun = next((item.obj for item in items if (system.name, item.obj) in self._under_way), None)
        ready = [item for item in items if item.passed_at and self._waited(item)]
        first = min(
            ready,
            key=lambda item: (item.swept_at is not None, item.swept_at or self._clock.now()),
            default=None,
        )
        return begun or (first.obj if first else None)

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
    ) -> Done:
        """Sweep one object. `confirmed`: a person has agreed to remove what is missing, however much it is.

        `between` is called after each page, for what should not wait until all are read. Raises CrmUnavailable; the
        next call for this object then goes on where this one was.
        """
        key = (system.name, obj)
        sweep, begun = self._under_way.pop(key, None), self._begun(system, obj, confirmed=confirmed)
        if sweep is None or sweep.era != begun.era or (confirmed and not sweep.confirmed):
            # What a person agrees to is what is missing now.
            sweep = begun
        try:
            self._list(system, obj, sweep, between)
            if sweep.lost is None:
                sweep.lost = self._compare(system, obj, sweep)
            self._read_anew(system, sweep, between)
            self._look(system, sweep)
            self._end(system, obj, sweep)
        except CrmUnavailable:
            self._under_way[key] = sweep
            raise
        return sweep.done

    def _end(self, system: System, obj: str, sweep: _UnderWay) -> None:
        """Take away what is gone, or hold it."""
        missing = sum(len(reading.asked) for reading in sweep.gone)
        if sweep.confirmed:
            self._release(system, obj)
        elif not sweep.agreed and self._holds(system, obj, sweep, missing):
            log.warning("sweep held", system=system.name, object=obj, missing=missing, live=sweep.live)
            self._note(system, obj, sweep, missing)
            return
        sweep.agreed = True
        while sweep.gone:
            sweep.done += Done(0, self._absorber.remove(sweep.gone[0]))
            del sweep.gone[0]
        if sweep.confirmed:
            self._release(system, obj)
        # What was held since the sweep began is no concern of what it has found.
        self._note(system, obj, sweep, 0 if sweep.was_held else None)

    def _list(self, system: System, obj: str, sweep: _UnderWay, between: Callable[[], object]) -> None:
        size = system.port.capabilities.page_size
        while not sweep.listed:
            ids = system.port.sweep(obj, sweep.after, size)
            sweep.there.update(ids)
            sweep.done += Done(len(ids), 0)
            sweep.listed = len(ids) < size
            if not sweep.listed:
                sweep.after = ids[-1]
                between()

    def _compare(self, system: System, obj: str, sweep: _UnderWay) -> list[Ref]:
        """Read what is new, and what stands aside, and return what is missing."""
        with self._database.read() as connection:
            known = mirrored.source_ids(connection, system.name, obj)
            aside = standing_aside(connection, system.name, obj)
            resting = mirrored.gone_with_parent(connection, system.name, obj)
        live = [source_id for source_id, standing in known.items() if standing is Standing.LIVE]
        lost = dict.fromkeys(Ref(obj, source_id) for source_id in live if source_id not in sweep.there)
        silent = system.port.capabilities.silent_links
        there = sweep.there - resting
        new = [Ref(obj, source_id) for source_id in there if known.get(source_id) in (None, Standing.DELETED)]
        again = [ref for ref in aside if ref not in lost]
        sweep.live = len(live)
        sweep.done += Done(0, self._absorber.absorb(system, [*new, *again]))
        just_read = {*new, *again}
        # Also what rests with a parent that is gone: it may have been linked to another one since.
        rest = (Ref(obj, source_id) for source_id in sorted(sweep.there) if silent)
        sweep.anew = [ref for ref in rest if ref not in just_read]
        return [*lost]

    def _read_anew(self, system: System, sweep: _UnderWay, between: Callable[[], object]) -> None:
        """Read every row that was known already, page by page: its links may have changed, and nothing tells so."""
        size = system.port.capabilities.page_size
        while sweep.read < len(sweep.anew):
            part = sweep.anew[sweep.read : sweep.read + size]
            sweep.done += Done(0, self._absorber.absorb(system, part))
            sweep.read += len(part)
            between()

    def _look(self, system: System, sweep: _UnderWay) -> None:
        """Look for what is missing by its id: the list may be wrong."""
        size, lost = system.port.capabilities.page_size, sweep.lost or []
        while sweep.looked < len(lost):
            part = lost[sweep.looked : sweep.looked + size]
            gone = self._absorber.look(system, part).gone()
            # A row that is there though no list shows it may have become nobody's: it is read as any other is.
            there = [ref for ref in part if ref not in gone.asked]
            sweep.done += Done(0, self._absorber.absorb(system, there)) if there else Done()
            sweep.looked += len(part)
            if gone.asked:
                sweep.gone.append(gone)

    def _begun(self, system: System, obj: str, *, confirmed: bool) -> _UnderWay:
        with self._database.read() as connection:
            held = held_of(connection, system.name, obj) > 0
            return _UnderWay(confirmed, held, era_of(connection, system.name))

    def _holds(self, system: System, obj: str, sweep: _UnderWay, missing: int) -> bool:
        """Tell whether what is missing waits for a person. What was held once is so until nothing is missing."""
        with self._database.read() as connection:
            held = held_of(connection, system.name, obj) > 0
            allows = self._absorber.brake.allows(connection, system.name, obj, missing, sweep.live)
        return missing > 0 and (held or not allows)

    def _release(self, system: System, obj: str) -> None:
        with self._database.write() as connection:
            hold(connection, system.name, obj, 0, 0)
            self._absorber.brake.release(connection, system.name, obj)

    def _note(self, system: System, obj: str, sweep: _UnderWay, held: int | None) -> None:
        """Note that the sweep has ended; `held` None: what is held stays so.

        One that began before everything had to be read again does not count as one since.
        """
        with self._database.write() as connection:
            if sweep.era == era_of(connection, system.name):
                _swept(connection, system, obj, self._clock)
            if held is not None:
                hold(connection, system.name, obj, held, sweep.live)


def _swept(connection: Connection, system: System, obj: str, clock: Clock) -> None:
    row = {"system": system.name, "object": obj, **NOT_HELD, "swept_at": clock.now()}
    merge_many(connection, ingest_cursor, OBJECT, [row], kept=tuple(NOT_HELD))


def held_objects(items: Sequence[Progress]) -> dict[str, tuple[int, int]]:
    """Return by object how many of how many records wait for a person."""
    return {item.obj: (item.held_missing, item.held_live) for item in items if item.held_missing}

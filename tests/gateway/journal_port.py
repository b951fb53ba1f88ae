"""The small system with a journal: what happened, links and deletions included, for as long as it keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from gateway.core import Gateway
from gateway.crm.port import Actor, CrmExpired, CrmUnavailable, JournalPage, Ref
from gateway.ingest.hints import open_hints
from gateway.ingest.state import Lane, LaneState
from gateway.limits import Limits
from gateway.tables import journal_cursor
from tests.gateway.memory_port import MemoryPort, _Row
from tests.gateway.world import World


class JournalPort(MemoryPort):
    """`gateway.crm.port.KeepsJournal` besides. Places are numbers of entries."""

    entries: list[Ref]
    #: The first entry that is still kept.
    kept_from: int
    #: Whether the journal alone does not answer.
    dumb: bool
    #: What it was asked: the places.
    asked: list[str | None]

    @classmethod
    def of(cls, port: MemoryPort) -> JournalPort:
        """Return a system that is as this one, and keeps a journal from now on."""
        found = cls(port.now)
        vars(found).update(vars(port))
        found.entries, found.kept_from, found.dumb, found.asked = [], 0, False, []
        return found

    def add(self, obj: str, **fields: Any) -> Ref:
        ref = super().add(obj, **fields)
        self._tell(ref)
        return ref

    def delete(self, ref: Ref) -> None:
        super().delete(ref)
        self._tell(ref)

    def link(self, ref: Ref, **fields: Any) -> None:
        """Link a row to another one: its time does not move, and the journal tells of it."""
        self.rows[ref].fields.update(fields)
        self._tell(ref)

    def _write(self, ref: Ref, fields: Mapping[str, Any], actor: Actor, via: str, marker: str = "") -> _Row:
        row = super()._write(ref, fields, actor, via, marker)
        self._tell(ref)
        return row

    def _tell(self, ref: Ref) -> None:
        if "entries" in vars(self):
            self.entries.append(ref)

    def forget(self) -> None:
        """Keep nothing of what has been told so far."""
        self.kept_from = len(self.entries)

    def journal(self, after: str | None, limit: int) -> JournalPage:
        """Tell what happened."""
        self._call("journal")
        self.asked.append(after)
        if self.dumb:
            raise CrmUnavailable("The journal does not answer.", 30.0)
        if after is None:
            return JournalPage((), str(len(self.entries)))
        start = int(after)
        if start < self.kept_from:
            raise CrmExpired("This offset is not known.")
        refs = self.entries[start : start + limit]
        end = start + len(refs)
        return JournalPage(tuple(refs), str(end), more=end < len(self.entries))


def journalled(world: World) -> JournalPort:
    """Let a world's system keep a journal from now on."""
    world.port = port = JournalPort.of(world.port)
    world.gateway = world.restarted()
    return port


#: Nothing but the journal finds anything in the course of a test.
RARELY = Limits(sweep_every=timedelta(days=9))


def begun(world: World) -> JournalPort:
    """A world whose system keeps a journal, with everything read and swept once."""
    port = journalled(world)
    step(world, 12)
    return port


def step(world: World, times: int = 1, seconds: float = 5) -> int:
    """Let time pass, with a step of ingest every few seconds; returns how many records changed."""
    changed = 0
    for _ in range(times):
        world.clock.forward(seconds)
        changed += world.gateway.ingest_step()
    return changed


def state(gateway: Gateway) -> LaneState:
    """How the journal lane stands."""
    return next(one for one in gateway.lanes() if one.lane is Lane.JOURNAL)


def place(world: World) -> str | None:
    """Where the journal is read on."""
    with world.database.read() as connection:
        found: str | None = connection.execute(select(journal_cursor.c.place)).scalar()
    return found


def hinted(world: World) -> set[Ref]:
    """The rows that are to be read."""
    with world.database.read() as connection:
        return {hint.ref for hint in open_hints(connection, "memory", 1000)}

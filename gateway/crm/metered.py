"""A port that pays for each call out of its system's budget."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from gateway.crm.budget import Budget, Priority, present_priority
from gateway.crm.port import (
    Actor,
    Capabilities,
    ChangedId,
    CrmBusy,
    CrmPort,
    DescribesObjects,
    FieldChange,
    FileBody,
    JournalPage,
    KeepsJournal,
    KeepsPeople,
    Ref,
    RowWrite,
    SourceRow,
    WritesMany,
    Written,
)
from gateway.crm.schema import ObjectSchema, WantedProperty


def metered(port: CrmPort, budget: Budget) -> CrmPort:
    """Return the port with a meter before it; what it offers besides stays as it is."""
    offered = tuple(part for protocol, part in _PARTS.items() if isinstance(port, protocol))
    kind: type[Metered] = type("Metered", (*offered, Metered), {}) if offered else Metered
    return kind(port, budget)


class Metered:
    """`gateway.crm.port.CrmPort` before another one. Every call may raise CrmBusy before it is made."""

    def __init__(self, port: CrmPort, budget: Budget) -> None:
        self._port = port
        self._budget = budget

    @contextmanager
    def _paid(self, calls: int = 1, *, writes: bool = False) -> Iterator[None]:
        self._budget.spend(Priority.WRITE if writes else present_priority(), calls)
        try:
            yield
        except CrmBusy as busy:
            self._budget.limited(busy.retry_after)
            raise

    def _pages(self, many: int) -> int:
        """A call about many rows is taken to be as many calls as they fill pages."""
        return max(1, -(-many // self.capabilities.page_size))

    @property
    def system(self) -> str:
        """The system's short name."""
        return self._port.system

    @property
    def label(self) -> str:
        """The system's name for people."""
        return self._port.label

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        return self._port.capabilities

    def now(self) -> datetime:
        """Return the system's clock."""
        return self._port.now()

    def changed_since(
        self, obj: str, since: datetime | None, after: str | None, limit: int
    ) -> Sequence[ChangedId]:
        """Return rows that changed."""
        with self._paid():
            return self._port.changed_since(obj, since, after, limit)

    def fetch(self, refs: Sequence[Ref]) -> Sequence[SourceRow]:
        """Return rows."""
        with self._paid(self._pages(len(refs))):
            return self._port.fetch(refs)

    def sweep(self, obj: str, after: str | None, limit: int) -> Sequence[str]:
        """Return ids."""
        with self._paid():
            return self._port.sweep(obj, after, limit)

    def merged_into(self, ref: Ref) -> Ref | None:
        """Return where a row went."""
        with self._paid():
            return self._port.merged_into(ref)

    def create(self, obj: str, fields: Mapping[str, Any], marker: str, actor: Actor) -> SourceRow:
        """Create a row."""
        with self._paid(writes=True):
            return self._port.create(obj, fields, marker, actor)

    def update(
        self, ref: Ref, fields: Mapping[str, Any], marker: str, actor: Actor, if_revision: str | None
    ) -> SourceRow:
        """Write fields."""
        with self._paid(writes=True):
            return self._port.update(ref, fields, marker, actor, if_revision)

    def append(
        self, obj: str, parent: Ref, fields: Mapping[str, Any], marker: str, actor: Actor
    ) -> SourceRow:
        """Add a child."""
        with self._paid(writes=True):
            return self._port.append(obj, parent, fields, marker, actor)

    def archive(self, ref: Ref, marker: str, actor: Actor, if_revision: str | None) -> None:
        """Archive a row."""
        with self._paid(writes=True):
            self._port.archive(ref, marker, actor, if_revision)

    def was_written(self, ref: Ref, marker: str) -> bool:
        """Look for a marker."""
        with self._paid():
            return self._port.was_written(ref, marker)

    def find_created(self, obj: str, marker: str) -> Ref | None:
        """Look for a row born with a marker."""
        with self._paid():
            return self._port.find_created(obj, marker)

    def last_changes(self, ref: Ref, fields: Sequence[str]) -> Mapping[str, FieldChange]:
        """Tell who changed what last."""
        with self._paid():
            return self._port.last_changes(ref, fields)

    def attach(
        self, obj: str, parent: Ref, fields: Mapping[str, Any], body: FileBody, marker: str, actor: Actor
    ) -> SourceRow:
        """Store a file."""
        with self._paid(writes=True):
            return self._port.attach(obj, parent, fields, body, marker, actor)

    def open_file(self, ref: Ref) -> FileBody:
        """Return bytes."""
        with self._paid():
            return self._port.open_file(ref)


class _MeteredMany(Metered):
    """As `Metered`, where the system takes many writes in one call."""

    def write_many(self, writes: Sequence[RowWrite]) -> Sequence[Written]:
        """Carry out many writes."""
        assert isinstance(self._port, WritesMany)
        with self._paid(writes=True):
            return self._port.write_many(writes)


class _MeteredPeople(Metered):
    """As `Metered`, where the system writes only for people it knows."""

    def person(self, company: Ref, name: str, email: str, taken: Collection[str]) -> Ref:
        """Return a contact."""
        assert isinstance(self._port, KeepsPeople)
        with self._paid(writes=True):
            return self._port.person(company, name, email, taken)


class _MeteredJournal(Metered):
    """As `Metered`, where the system keeps a journal."""

    def journal(self, after: str | None, limit: int) -> JournalPage:
        """Return what happened."""
        assert isinstance(self._port, KeepsJournal)
        with self._paid():
            return self._port.journal(after, limit)


class _MeteredDescribed(Metered):
    """As `Metered`, where the system tells what its objects are made of."""

    def describe(self, obj: str) -> ObjectSchema | None:
        """Return what an object is made of."""
        assert isinstance(self._port, DescribesObjects)
        with self._paid():
            return self._port.describe(obj)

    def add_property(self, obj: str, wanted: WantedProperty) -> None:
        """Make a property."""
        assert isinstance(self._port, DescribesObjects)
        with self._paid(writes=True):
            self._port.add_property(obj, wanted)


_PARTS: Mapping[type[Any], type[Metered]] = {
    WritesMany: _MeteredMany,
    KeepsPeople: _MeteredPeople,
    KeepsJournal: _MeteredJournal,
    DescribesObjects: _MeteredDescribed,
}

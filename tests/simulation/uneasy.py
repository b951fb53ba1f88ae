"""A source system with bad habits, in front of the real one: what a CRM in the field does to whoever syncs with it.

Its index lags, a transaction commits late behind everybody's cursor, its pages are tiny, and other people act in the
middle of a call. Reads by id are true, except for rows of a transaction that has not committed yet.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.port import (
    Actor,
    Capabilities,
    ChangedId,
    CrmUnavailable,
    FieldChange,
    FileBody,
    Ref,
    RowUpdate,
    RowWrite,
    SourceRow,
    Written,
)

#: Rows a page of it holds.
PAGE = 5

#: Seconds its transactions stay open, and its index lags, at most. It says so.
OPEN = 30
LAG = 3


class Slip(StrEnum):
    """Where in a call somebody else acts."""

    AFTER_READ = "after the rows were read"
    BEFORE_WRITE = "before the write"
    AFTER_WRITE = "after the write"


@dataclass(frozen=True)
class _Open:
    """A row inside a transaction that has not committed: what everybody else still sees of it."""

    before: SourceRow
    since: datetime


class UneasyCrm:
    """`gateway.crm.port.CrmPort` over the embedded CRM."""

    def __init__(self, real: EmbeddedCrm, *, conditional: bool, page: int = PAGE) -> None:
        self.real = real
        self.lag = timedelta(0)
        self.down = False
        self.slips: list[tuple[Slip, Callable[[], object]]] = []
        self.guests: list[Callable[[], object]] = []
        self.calls: Callable[[], None] = lambda: None
        self.seen: Counter[str] = Counter()
        self._open: dict[Ref, _Open] = {}
        self._capabilities = replace(
            real.capabilities,
            page_size=page,
            conditional_writes=conditional,
            writes_a_call=200,
            index_lag=float(LAG),
            late_commit=float(OPEN),
        )

    # -- bad habits ---------------------------------------------------------------------------------------
    def begin_late(self, ref: Ref, change: Callable[[], object]) -> None:
        """Change a row in a transaction that stays open: its time is now, it is seen only once it commits."""
        before = self.real.read(ref)
        change()
        self._open[ref] = _Open(before, self.real.now())

    def commit_late(self) -> int:
        """Commit what is open; nobody is told. Returns how many rows it was."""
        done = len(self._open)
        self._open.clear()
        return done

    def commit_old(self, most: timedelta) -> None:
        """Commit transactions that have been open for longer than `most`."""
        now = self.real.now()
        self._open = {ref: one for ref, one in self._open.items() if now - one.since <= most}

    def _slip(self, where: Slip) -> None:
        """Let somebody else act now, on a thread of their own, as they would in a server."""
        acts = [do for at, do in self.slips if at is where]
        self.slips = [(at, do) for at, do in self.slips if at is not where]
        for do in acts:
            self.seen[f"slip: {where}"] += 1
            thread = threading.Thread(target=do)
            thread.start()
            thread.join()

    def _called(self) -> None:
        self.calls()
        if self.down:
            self.seen["CRM down"] += 1
            raise CrmUnavailable("The CRM does not answer.", 1.0)

    # -- reading ------------------------------------------------------------------------------------------
    @property
    def system(self) -> str:
        """The real one's name."""
        return self.real.system

    @property
    def label(self) -> str:
        """The real one's label."""
        return self.real.label

    @property
    def capabilities(self) -> Capabilities:
        """What it says it can do."""
        return self._capabilities

    def now(self) -> datetime:
        """Return the CRM's clock."""
        return self.real.now()

    def changed_since(
        self, obj: str, since: datetime | None, after: str | None, limit: int
    ) -> Sequence[ChangedId]:
        """Leave out what the index has not taken in and what has not committed."""
        self._called()
        now = self.real.now()
        found = self.real.changed_since(obj, since, after, limit)
        there = [
            one
            for one in found
            # A stamp that is yet to come says nothing of how long the index has had for it.
            if not now - self.lag < one.modified_at <= now and one.ref not in self._open
        ]
        if len(there) < len(found):
            self.seen["search did not show all"] += 1
            if len(found) == limit and there:
                # A short page would say that this was the end: fill it up from behind the gap.
                more = self.changed_since(obj, found[-1].modified_at, found[-1].ref.id, limit - len(there))
                return [*there, *more]
        return there

    def fetch(self, refs: Sequence[Ref]) -> Sequence[SourceRow]:
        """Return rows as whoever reads now sees them."""
        self._called()
        if not self._capabilities.conditional_writes:
            self._slip(Slip.AFTER_READ)  # see `_before_write`
        rows = [self._open[row.ref].before if row.ref in self._open else row for row in self.real.fetch(refs)]
        self._slip(Slip.AFTER_READ)
        if self.guests:
            self.seen["another device in the middle of a call"] += 1
            self.guests.pop(0)()
        return rows

    def sweep(self, obj: str, after: str | None, limit: int) -> Sequence[str]:
        """Return ids."""
        self._called()
        return self.real.sweep(obj, after, limit)

    def merged_into(self, ref: Ref) -> Ref | None:
        """Return the winner of a merge."""
        return self.real.merged_into(ref)

    def was_written(self, ref: Ref, marker: str) -> bool:
        """Look for a marker."""
        self._called()
        return self.real.was_written(ref, marker)

    def find_created(self, obj: str, marker: str) -> Ref | None:
        """Look for a row born with a marker."""
        self._called()
        return self.real.find_created(obj, marker)

    def last_changes(self, ref: Ref, fields: Sequence[str]) -> Mapping[str, FieldChange]:
        """Tell who changed what last."""
        return self.real.last_changes(ref, fields)

    def open_file(self, ref: Ref) -> FileBody:
        """Return bytes."""
        self._called()
        return self.real.open_file(ref)

    # -- writing ------------------------------------------------------------------------------------------
    def _locked(self, ref: Ref) -> None:
        if ref in self._open:
            self.seen["row locked"] += 1
            raise CrmUnavailable("Another transaction holds this row.", 1.0)

    def create(self, obj: str, fields: Mapping[str, Any], marker: str, actor: Actor) -> SourceRow:
        """Create a row."""
        self._called()
        row = self.real.create(obj, fields, marker, actor)
        self._slip(Slip.AFTER_WRITE)
        return row

    def update(
        self, ref: Ref, fields: Mapping[str, Any], marker: str, actor: Actor, if_revision: str | None
    ) -> SourceRow:
        """Write columns."""
        self._called()
        self._locked(ref)
        self._before_write()
        row = self.real.update(ref, fields, marker, actor, if_revision)
        self._slip(Slip.AFTER_WRITE)
        return row

    def _before_write(self) -> None:
        # A system without conditional writes cannot tell who was overwritten between reading and writing; that
        # window is the system's, and is played only where it can be closed.
        if self._capabilities.conditional_writes:
            self._slip(Slip.BEFORE_WRITE)

    def write_many(self, writes: Sequence[RowWrite]) -> Sequence[Written]:
        """Carry out many writes."""
        self._called()
        for write in writes:
            if isinstance(write, RowUpdate):
                self._locked(write.ref)
        self._before_write()
        done = self.real.write_many(writes)
        self._slip(Slip.AFTER_WRITE)
        return done

    def append(
        self, obj: str, parent: Ref, fields: Mapping[str, Any], marker: str, actor: Actor
    ) -> SourceRow:
        """Add a child."""
        self._called()
        row = self.real.append(obj, parent, fields, marker, actor)
        self._slip(Slip.AFTER_WRITE)
        return row

    def attach(
        self, obj: str, parent: Ref, fields: Mapping[str, Any], body: FileBody, marker: str, actor: Actor
    ) -> SourceRow:
        """Store a file."""
        self._called()
        return self.real.attach(obj, parent, fields, body, marker, actor)

    def archive(self, ref: Ref, marker: str, actor: Actor, if_revision: str | None) -> None:
        """Archive a row."""
        self._called()
        self._locked(ref)
        self.real.archive(ref, marker, actor, if_revision)

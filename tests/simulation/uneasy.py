"""A source system with bad habits, in front of the real one: what a CRM in the field does to whoever syncs with it.

Its index lags, a transaction commits late behind everybody's cursor, its pages are tiny, and other people act in the
middle of a call. Reads by id are true, except for rows of a transaction that has not committed yet. Which of its habits
it has, and how it tells times, is its `Quirks`.
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
    CrmBusy,
    CrmExpired,
    CrmUnavailable,
    FieldChange,
    FileBody,
    JournalPage,
    Ref,
    RowUpdate,
    RowWrite,
    SourceRow,
    Written,
)
from tests.simulation.quirks import Quirks


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

    def __init__(self, real: EmbeddedCrm, quirks: Quirks) -> None:
        self.real = real
        self.quirks = quirks
        self.lag = timedelta(0)
        self.down = False
        #: How many calls it will not take.
        self.refusing = 0
        self.slips: list[tuple[Slip, Callable[[], object]]] = []
        self.guests: list[Callable[[], object]] = []
        self.calls: Callable[[], None] = lambda: None
        self.seen: Counter[str] = Counter()
        self._open: dict[Ref, _Open] = {}
        #: What has happened, and from where on it is still kept.
        self._happened: list[Ref] = []
        self._kept_from = 0
        self._silent = False
        real.on_commit(self._note)

    # -- bad habits ---------------------------------------------------------------------------------------
    def begin_late(self, ref: Ref, change: Callable[[], object]) -> None:
        """Change a row in a transaction that stays open: its time is now, it is seen only once it commits."""
        before = self.real.read(ref)
        self._silent = True
        try:
            change()
        finally:
            self._silent = False
        self._open[ref] = _Open(before, self.real.now())

    def commit_late(self) -> int:
        """Commit what is open; nobody is told. Returns how many rows it was."""
        done = len(self._open)
        self._note(tuple(self._open))
        self._open.clear()
        return done

    def commit_old(self, most: timedelta) -> None:
        """Commit transactions that have been open for longer than `most`."""
        now = self.real.now()
        old = tuple(ref for ref, one in self._open.items() if now - one.since > most)
        self._note(old)
        for ref in old:
            del self._open[ref]

    def silently(self, ref: Ref, change: Callable[[], object]) -> None:
        """Change what a row is linked to, or what others show of it: no other row's time moves, nor that of a link.

        The journal tells of this row alone.
        """
        before = self._times()
        self._silent = True
        try:
            change()
        finally:
            self._silent = False
        links = self.quirks.moves_silently
        with self.real.database.write() as unit:
            for (obj, row_id), (at, rev) in before.items():
                if links or (obj, str(row_id)) != (ref.obj, ref.id):
                    unit.connection.exec_driver_sql(
                        f"UPDATE {obj} SET modified_ms = ?, rev = ? WHERE id = ?", (at, rev, row_id)
                    )
        self._note((ref,))
        self.seen["changed silently"] += 1

    def _times(self) -> dict[tuple[str, int], tuple[int, int]]:
        with self.real.database.read() as connection:
            return {
                (obj, row_id): (at, rev)
                for obj in ("registration", "ticket", "note", "attachment")
                for row_id, at, rev in connection.exec_driver_sql(f"SELECT id, modified_ms, rev FROM {obj}")
            }

    def _note(self, refs: tuple[Ref, ...]) -> None:
        if not self._silent:
            self._happened += refs

    def forget(self) -> None:
        """Keep nothing in the journal of what has happened so far."""
        self._kept_from = len(self._happened)

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
        if self.refusing:
            self.refusing -= 1
            self.seen["429"] += 1
            raise CrmBusy("Too many requests.", 3.0)

    def _told(self, row: SourceRow) -> SourceRow:
        """Return a row with its times as the system tells them."""
        at = self.quirks.told(row.modified_at)
        return replace(
            row, modified_at=at, revision=row.revision if self.quirks.own_revisions else at.isoformat()
        )

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
        return self.quirks.can

    def now(self) -> datetime:
        """Return the CRM's clock as it tells it."""
        return self.quirks.told(self.real.now())

    def changed_since(
        self, obj: str, since: datetime | None, after: str | None, limit: int
    ) -> Sequence[ChangedId]:
        """Leave out what the index has not taken in and what has not committed."""
        self._called()
        return self._listed(obj, since, after, limit)

    def _listed(self, obj: str, since: datetime | None, after: str | None, limit: int) -> Sequence[ChangedId]:
        found = self._in_order(obj, since, after, limit)
        there = [one for one in found if self._is_shown(one)]
        if len(there) < len(found):
            self.seen["search did not show all"] += 1
            if len(found) == limit and there:
                # A short page would say that this was the end: fill it up from behind the gap.
                more = self._listed(obj, found[-1].modified_at, found[-1].ref.id, limit - len(there))
                return [*there, *more]
        return there

    def _is_shown(self, one: ChangedId) -> bool:
        # A stamp that is yet to come says nothing of how long the index has had for it.
        now = self.real.now()
        return not now - self.lag < one.modified_at <= now and one.ref not in self._open

    def _in_order(
        self, obj: str, since: datetime | None, after: str | None, limit: int
    ) -> Sequence[ChangedId]:
        """Return a page in the order of times as they are told. Only rows with revisions of their own list them."""
        if not self.quirks.coarse:
            found = self.real.changed_since(obj, since, after, limit)
            listed = self.quirks.name == "embedded"
            return found if listed else [ChangedId(one.ref, one.modified_at) for one in found]
        whole = self.real.changed_since(obj, self.quirks.told(since) if since else None, None, 1_000_000)
        told = [ChangedId(one.ref, self.quirks.told(one.modified_at)) for one in whole]
        ordered = sorted(told, key=_place)
        start = (since, int(after)) if since and after else None
        return [
            one
            for one in ordered
            if (since is None or one.modified_at >= since) and (start is None or _place(one) > start)
        ][:limit]

    def fetch(self, refs: Sequence[Ref]) -> Sequence[SourceRow]:
        """Return rows as whoever reads now sees them."""
        self._called()
        if not self.quirks.can.conditional_writes:
            self._slip(Slip.AFTER_READ)  # see `_before_write`
        seen = (self._open[row.ref].before if row.ref in self._open else row for row in self.real.fetch(refs))
        rows = [self._told(row) for row in seen]
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
        return self._told(row)

    def update(
        self, ref: Ref, fields: Mapping[str, Any], marker: str, actor: Actor, if_revision: str | None
    ) -> SourceRow:
        """Write columns."""
        self._called()
        self._locked(ref)
        self._before_write()
        row = self.real.update(ref, fields, marker, actor, if_revision)
        self._slip(Slip.AFTER_WRITE)
        return self._told(row)

    def _before_write(self) -> None:
        # A system without conditional writes cannot tell who was overwritten between reading and writing; that
        # window is the system's, and is played only where it can be closed.
        if self.quirks.can.conditional_writes:
            self._slip(Slip.BEFORE_WRITE)

    def append(
        self, obj: str, parent: Ref, fields: Mapping[str, Any], marker: str, actor: Actor
    ) -> SourceRow:
        """Add a child."""
        self._called()
        row = self.real.append(obj, parent, fields, marker, actor)
        self._slip(Slip.AFTER_WRITE)
        return self._told(row)

    def attach(
        self, obj: str, parent: Ref, fields: Mapping[str, Any], body: FileBody, marker: str, actor: Actor
    ) -> SourceRow:
        """Store a file."""
        self._called()
        return self._told(self.real.attach(obj, parent, fields, body, marker, actor))

    def archive(self, ref: Ref, marker: str, actor: Actor, if_revision: str | None) -> None:
        """Archive a row."""
        self._called()
        self._locked(ref)
        self.real.archive(ref, marker, actor, if_revision)


class TakesMany(UneasyCrm):
    """One that takes many writes in one call."""

    def write_many(self, writes: Sequence[RowWrite]) -> Sequence[Written]:
        """Carry out many writes."""
        self._called()
        for write in writes:
            if isinstance(write, RowUpdate):
                self._locked(write.ref)
        self._before_write()
        done = self.real.write_many(writes)
        self._slip(Slip.AFTER_WRITE)
        return [self._told(one) if isinstance(one, SourceRow) else one for one in done]


class TellsWhatHappened(UneasyCrm):
    """One that keeps a journal."""

    def journal(self, after: str | None, limit: int) -> JournalPage:
        """Tell which rows something has happened to."""
        self._called()
        end = len(self._happened)
        if after is None:
            return JournalPage((), str(end))
        start = int(after)
        if start < self._kept_from:
            self.seen["journal expired"] += 1
            raise CrmExpired("This offset is not known any more.")
        refs = self._happened[start : start + limit]
        self.seen["journal told"] += len(refs)
        return JournalPage(tuple(refs), str(start + len(refs)), more=start + len(refs) < end)


def uneasy(real: EmbeddedCrm, quirks: Quirks) -> UneasyCrm:
    """Return the system with these habits, and with the calls that it has."""
    parts = [
        part
        for part, has in ((TakesMany, quirks.can.writes_a_call > 1), (TellsWhatHappened, quirks.journal))
        if has
    ]
    kind: type[UneasyCrm] = type("Uneasy", (*parts, UneasyCrm), {}) if parts else UneasyCrm
    return kind(real, quirks)


def _place(one: ChangedId) -> tuple[datetime, int]:
    return one.modified_at, int(one.ref.id)

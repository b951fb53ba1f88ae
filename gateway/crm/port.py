"""The port behind which a source system stands.

Ids, timestamps, states and field names on this side of the port are the *system's own*; a mapping (data, one file a
system) turns them into entity types, gids and fields. Ingest and ledger adapt to what a system declares it can do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol, runtime_checkable

from gateway.crm.schema import ObjectSchema, WantedProperty
from gateway.crm.webhook import WebhookScheme


@dataclass(frozen=True)
class Ref:
    """One row of a system: object name and the system's own id, both as text."""

    obj: str
    id: str


class SystemRef(NamedTuple):
    """One row of one of several systems."""

    system: str
    ref: Ref


@dataclass(frozen=True)
class SourceRow:
    """One row as the system holds it now, in the system's own field names; values are JSON-like, never floats.

    `revision`: opaque, changes with every write, empty when the system has none. `modified_at` is the system's clock.
    Both move on too when what the fields tell of another row (a name behind a reference) changes there.
    """

    ref: Ref
    fields: Mapping[str, Any]
    revision: str
    modified_at: datetime
    archived: bool = False


@dataclass(frozen=True)
class FieldChange:
    """Who changed one field last, when and by which way, as the system tells it."""

    field: str
    by: str
    at: datetime
    via: str


@dataclass(frozen=True)
class Actor:
    """For whom a write is made: the system's id of the contact or user, a name for its history, the device's name."""

    id: str
    name: str
    device: str = ""


@dataclass(frozen=True)
class Rate:
    """How many calls a system takes: `calls` within any `seconds`, and `daily` in a day of UTC (0: no such limit)."""

    calls: int
    seconds: float
    daily: int = 0


@dataclass(frozen=True)
class Capabilities:
    """What a system can do. `clock_step` is the resolution of its modification times in seconds.

    `writes_a_call`: how many writes one call of `WritesMany.write_many` takes; 1 where there is no such call.
    `index_lag`: seconds after a commit by which `changed_since` shows it for certain. `late_commit`: seconds by which a
    row may be older, by its `modified_at`, than its commit: how long transactions stay open where that time is of
    their beginning. `rate`: None where calls are not limited. `webhook`: how the system signs what it sends, if it
    sends anything over HTTP. `silent_links`: what a row is linked to may change without moving its `modified_at`;
    sweeps then read every row anew. `journal`: whether what `KeepsJournal` offers is to be asked, where a port has it.
    """

    conditional_writes: bool
    history: bool
    webhooks: bool
    markers: bool
    clock_step: float
    page_size: int = 100
    writes_a_call: int = 1
    index_lag: float = 0.0
    late_commit: float = 0.0
    rate: Rate | None = None
    webhook: WebhookScheme | None = None
    silent_links: bool = False
    journal: bool = True


@dataclass(frozen=True)
class ChangedId:
    """A hint: this row may have changed at about `modified_at`.

    `revision`: that of `SourceRow`, where the system tells it here too; a row known in that revision is not read again.
    """

    ref: Ref
    modified_at: datetime
    revision: str = ""


@dataclass(frozen=True)
class FileBody:
    """Bytes of a file the system keeps, with what it says about them."""

    sha256: str
    size: int
    media_type: str
    name: str
    chunks: Iterator[bytes] = field(compare=False)


class CrmError(Exception):
    """Base of what a connector raises; foreign errors are translated in the connector."""


class CrmUnavailable(CrmError):
    """Down, limited or locked: try again after `retry_after` seconds. Nothing was written, or it is not known.

    `code` tells a client why its mutation waits.
    """

    code = "later"

    def __init__(self, message: str, retry_after: float = 2.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class CrmBusy(CrmUnavailable):
    """The system answers, and takes no more calls for now (HTTP 429 and the like)."""

    code = "budget"


class CrmUnauthorised(CrmUnavailable):
    """The system does not accept what we sign in with. Nothing was written. The message says what to look at."""

    def __init__(self, message: str, retry_after: float = 60.0) -> None:
        super().__init__(message, retry_after)


class CrmExpired(CrmError):
    """The system does not know this place in its journal any more: what happened since must be found by other ways."""


class CrmRefused(CrmError):
    """The system's own validation refused the write. `fields` maps its field names to its words."""

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})


class CrmConflict(CrmError):
    """A conditional write met a newer revision: read again and decide again."""


class CrmMissing(CrmError):
    """The row is not there (any more). `into` names the row it was merged into, if the system says so."""

    def __init__(self, message: str, into: Ref | None = None) -> None:
        super().__init__(message)
        self.into = into


@dataclass(frozen=True)
class RowUpdate:
    """One call of `CrmPort.update`, to be made together with others."""

    ref: Ref
    fields: Mapping[str, Any]
    marker: str
    actor: Actor
    if_revision: str | None


@dataclass(frozen=True)
class RowCreation:
    """One call of `CrmPort.create`, or of `CrmPort.append` where there is a `parent`."""

    obj: str
    fields: Mapping[str, Any]
    marker: str
    actor: Actor
    parent: Ref | None = None


RowWrite = RowUpdate | RowCreation

#: What became of one write: the row as it is now, or what `CrmPort` would have raised.
Written = SourceRow | CrmError


@runtime_checkable
class WritesMany(Protocol):
    """What a port offers besides where its system takes many writes in one call."""

    def write_many(self, writes: Sequence[RowWrite]) -> Sequence[Written]:
        """Carry out writes in this order, each as if it were alone: one that fails takes none of the others along.

        The writes are of rows that differ, and at most `Capabilities.writes_a_call`. Raises CrmUnavailable when it is
        not known what became of them.
        """


@dataclass(frozen=True)
class JournalPage:
    """What a journal tells from one place on. `next`: the place after it; `more`: whether that is not the end."""

    refs: Sequence[Ref]
    next: str
    more: bool = False


@runtime_checkable
class KeepsJournal(Protocol):
    """What a port offers besides where its system can be asked what happened, links and deletions included."""

    def journal(self, after: str | None, limit: int) -> JournalPage:
        """Return the rows of which something is told after that place; None: nothing, and where it ends now.

        Raises CrmExpired.
        """


@runtime_checkable
class DescribesObjects(Protocol):
    """What a port offers besides where its system tells what its objects are made of."""

    def describe(self, obj: str) -> ObjectSchema | None:
        """Return what an object is made of, as far as the mapping may name it; None where there is no such object.

        Raises CrmUnavailable.
        """

    def add_property(self, obj: str, wanted: WantedProperty) -> None:
        """Make a property, or add to its choices those that are wanted. Raises CrmRefused, CrmUnavailable."""


@runtime_checkable
class KeepsPeople(Protocol):
    """What a port offers besides where its system writes only for people it knows."""

    def person(self, company: Ref, name: str, email: str, taken: Collection[str]) -> Ref:
        """Return the contact of a company with that address (lower case) whose id is not taken; adds one otherwise."""


class CrmPort(Protocol):
    """One source system."""

    @property
    def system(self) -> str:
        """Short name used in derived ids and configuration, such as `embedded`."""

    @property
    def label(self) -> str:
        """Name shown to people."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""

    def now(self) -> datetime:
        """Return the system's clock (UTC)."""

    def changed_since(
        self, obj: str, since: datetime | None, after: str | None, limit: int
    ) -> Sequence[ChangedId]:
        """Return rows with `modified_at >= since`, ordered by (modified_at, id), after id `after` of that instant."""

    def fetch(self, refs: Sequence[Ref]) -> Sequence[SourceRow]:
        """Return the rows that exist (archived ones too, marked so); those that are gone are absent."""

    def sweep(self, obj: str, after: str | None, limit: int) -> Sequence[str]:
        """Return ids of rows that are neither archived nor deleted, in id order after `after`."""

    def merged_into(self, ref: Ref) -> Ref | None:
        """Return the row this one was merged into, if the system remembers."""

    def create(self, obj: str, fields: Mapping[str, Any], marker: str, actor: Actor) -> SourceRow:
        """Create a row, once per marker: a repeated marker returns the row made before. Raises CrmRefused."""

    def update(
        self, ref: Ref, fields: Mapping[str, Any], marker: str, actor: Actor, if_revision: str | None
    ) -> SourceRow:
        """Write the named fields only; with `if_revision` only when nothing changed. Raises CrmConflict, CrmRefused.

        Returns the row as the write left it: values may have been brought into the system's own form.
        """

    def append(
        self, obj: str, parent: Ref, fields: Mapping[str, Any], marker: str, actor: Actor
    ) -> SourceRow:
        """Add a child row, once per marker."""

    def archive(self, ref: Ref, marker: str, actor: Actor, if_revision: str | None) -> None:
        """Delete or archive a row. A row that is gone already is success."""

    def was_written(self, ref: Ref, marker: str) -> bool:
        """Tell whether a write with this marker reached the row; used to recover after a crash."""

    def find_created(self, obj: str, marker: str) -> Ref | None:
        """Return the row created with this marker, if any: the oldest, where it was copied, marker and all."""

    def last_changes(self, ref: Ref, fields: Sequence[str]) -> Mapping[str, FieldChange]:
        """Return who changed each field last; empty when the system keeps no history."""

    def attach(
        self, obj: str, parent: Ref, fields: Mapping[str, Any], body: FileBody, marker: str, actor: Actor
    ) -> SourceRow:
        """Store a file under a parent row, once per marker."""

    def open_file(self, ref: Ref) -> FileBody:
        """Return the bytes of a file or document row. Raises CrmMissing."""

"""Lists, records, and what hangs on a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.store.states import SyncState


@dataclass(frozen=True)
class RecordView:
    """One record as the user sees it, pending edits included.

    `data` holds raw values by field name; `title`, `subtitle`, `number` are filled from the manifest's fields.
    `state_label` and `tone` are empty when the entity type has no states. `version` is None when born here.
    """

    id: int
    gid: str
    entity: str
    data: Mapping[str, Any]
    sync: SyncState
    title: str
    subtitle: str
    number: str
    state: str
    state_label: str
    tone: str
    version: str | None


@dataclass(frozen=True)
class Doubt:
    """Why a time this computer gave is wrong: `words` to stand behind it, `text` as a sentence."""

    words: str
    text: str


@dataclass(frozen=True)
class TimelineEntry:
    """One event of a record: the vendor's own, or one of mine that is still under way (`sync` says so).

    `receipt` names the signed evidence the words end with (*R-7F3C*), `mutation_id` what it is about. `where`: from
    which place it was done, where that is known. `doubt`: why `at` is wrong.
    """

    at: datetime | None
    by: str
    kind: str
    text: str
    icon: str
    tone: str
    sync: SyncState
    receipt: str = ""
    mutation_id: str = ""
    where: str = ""
    doubt: Doubt | None = None


@dataclass(frozen=True)
class ListView:
    """Which list: of an entity type, narrowed by a chip and a search, in an order ("" is the manifest's)."""

    entity: str
    chip: str = ""
    text: str = ""
    sort: str = ""


@dataclass(frozen=True)
class Listing:
    """A list: row ids in order, the records of every chip under the same search, and sums by currency.

    `whole` False: the first rows only, and nothing counted yet.
    """

    ids: Sequence[int]
    counts: Mapping[str, int]
    totals: Mapping[str, Decimal]
    whole: bool = True


@dataclass(frozen=True)
class Figure:
    """How many records, and their sums by currency."""

    count: int
    totals: Mapping[str, Decimal]


@dataclass(frozen=True)
class Option:
    """One value a reference field may take."""

    gid: str
    label: str
    detail: str


@dataclass(frozen=True)
class Due:
    """A point in time with its urgency, such as *Today 12:00*, *5 days* or *4 h 55 m left*."""

    words: str
    tone: str
    at: datetime | None


@dataclass(frozen=True)
class FileView:
    """A file on a record or message. `gid` is the file record's; empty for one that is still part of a draft."""

    gid: str
    sha256: str
    name: str
    size: int
    media_type: str
    by: str
    at: datetime | None
    sync: SyncState
    here: bool


@dataclass(frozen=True)
class MessageView:
    """One message of a conversation. `mutation_id` is set while it can still be edited or cancelled.

    `doubt`: why `at` is wrong, while it is this computer's.
    """

    gid: str
    author: str
    initials: str
    mine: bool
    vendor: bool
    body: str
    at: datetime | None
    sync: SyncState
    files: tuple[FileView, ...]
    mutation_id: str = ""
    problem: str = ""
    doubt: Doubt | None = None

"""Documents: where their copies stand, what changed, what keeping them takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.store.states import SyncState


@dataclass(frozen=True)
class ChangedSince:
    """What is new in a document since its user read it: one line, the vendor's note, and where the texts differ."""

    title: str
    note: str
    differences: Sequence[Difference]


@dataclass(frozen=True)
class Confirmation:
    """The user's word that they read a document: given (`done`), or asked for. `possible`: their role may give it."""

    done: bool
    words: str
    sync: SyncState = SyncState.SYNCED
    possible: bool = False
    late: bool = False


@dataclass(frozen=True)
class Difference:
    """One place where two texts differ: what was there and what is; either may be empty."""

    before: str
    after: str


class DocState(StrEnum):
    """Where the bytes of a document are."""

    ABSENT = "absent"
    QUEUED = "queued"
    RUNNING = "running"
    FAILED = "failed"
    HERE = "here"


@dataclass(frozen=True)
class DocumentState:
    """The local copy of one document. Sizes in bytes; `words` for a line such as *12.4 of 38.0 MB*."""

    sha256: str
    state: DocState
    have: int
    size: int
    kept: bool
    error: str
    words: str


@dataclass(frozen=True)
class DocMark:
    """A document's standing: *Current*, *Superseded*, *Expired*, *Ends in 7 days*. `icon` names one of `resources`."""

    label: str
    tone: str
    icon: str


@dataclass(frozen=True)
class Download:
    """One transfer that is queued or under way; how fast it goes is told by `TransferProgress`."""

    sha256: str
    name: str
    upload: bool
    have: int
    size: int
    state: DocState
    error: str
    bytes_words: str


@dataclass(frozen=True)
class Storage:
    """Bytes by use. `free` is what the disk has left; `limit` the most that documents may take, None for no limit."""

    documents: int
    records: int
    unsent: int
    free: int
    limit: int | None = None

    @property
    def used(self) -> int:
        """Bytes in the encrypted store."""
        return self.documents + self.records + self.unsent

"""What the engine tells the outside: plain frozen events. Only the bridge turns them into Qt signals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.contract.changes import Source


class Mode(StrEnum):
    """What the freshness chip tells."""

    FIRST_SYNC = "first_sync"
    LIVE = "live"
    SYNCING = "syncing"
    OFFLINE = "offline"  # the user's switch, or the gateway cannot be reached
    SIGN_IN = "sign_in"  # the session has ended; everything entered is kept
    PROBLEM = "problem"  # a person or an update has to act


@dataclass(frozen=True)
class Status:
    """How the client stands. Times are UTC.

    `as_of`: when the mirror last equalled the gateway. `since`: when the present mode began. `proven_at`: when both
    sides were last proven identical and nothing changed since. `cause`, `kept`, `next_step`: why it is not live.
    `by_choice`: the user switched to offline. `missing`: so many records are held here that the gateway no longer
    shows, and a person may agree to remove them. `clock_off`: minutes by which this computer's clock is ahead of the
    gateway's, negative when it is behind, 0 while that is nothing anybody has to mind.
    """

    mode: Mode
    as_of: datetime | None
    since: datetime
    proven_at: datetime | None = None
    sources: tuple[Source, ...] = ()
    cause: str = ""
    kept: str = ""
    next_step: str = ""
    by_choice: bool = False
    missing: int = 0
    clock_off: int = 0


@dataclass(frozen=True)
class StatusChanged:
    """The status differs from the one told before."""

    status: Status


@dataclass(frozen=True)
class FirstSyncProgress:
    """Records so far and in all; rate in records a second; `remaining` in seconds, None while unknown.

    `by_entity` maps entity type to (done, total).
    """

    done: int
    total: int
    rate: float
    remaining: float | None
    by_entity: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class RecordsChanged:
    """A page or an outcome was committed. `gids` is None when too many to name."""

    entities: frozenset[str]
    gids: frozenset[str] | None


@dataclass(frozen=True)
class OutboxChanged:
    """Something in the outbox or among the conflicts changed."""


@dataclass(frozen=True)
class TransferProgress:
    """Bytes of one blob; `rate` in bytes a second. `state`: running, done, failed, cancelled."""

    sha256: str
    name: str
    upload: bool
    done: int
    total: int
    rate: float
    state: str


@dataclass(frozen=True)
class BucketProof:
    """Result for one entity type: records held, and for each of 16 buckets whether it was identical.

    `counts`: records of each bucket. `mended`: how many of each had differed and were fetched again before that.
    """

    entity: str
    records: int
    identical: tuple[bool, ...]
    counts: tuple[int, ...] = ()
    mended: tuple[int, ...] = ()


@dataclass(frozen=True)
class Proof:
    """What a verification showed.

    `identical`: every bucket equal at the named moment. `inconclusive`: something visible changed meanwhile, or the
    mirror is not complete; nothing is claimed then and `note` says so. `repaired`: records fetched again because
    they differed. `rehashed`: stored bytes were hashed afresh (full verify) rather than stored hashes compared.
    """

    at: datetime
    seconds: float
    identical: bool
    inconclusive: bool
    rehashed: bool
    entities: tuple[BucketProof, ...]
    repaired: int
    sources: tuple[Source, ...]
    note: str = ""


@dataclass(frozen=True)
class ProofDone:
    """A verification has ended."""

    proof: Proof


@dataclass(frozen=True)
class ManifestChanged:
    """The effective manifest or the user's own entry differs; forms, lists and places are to be built again."""


@dataclass(frozen=True)
class ActivityAdded:
    """A line was added to the activity list."""


@dataclass(frozen=True)
class ReceiptArrived:
    """A receipt that somebody asked for is here; or `problem` says why not, with the key it carries if that is it."""

    mutation_id: str
    problem: str = ""
    strange_key: str = ""


@dataclass(frozen=True)
class WipeWanted:
    """The gateway told this device to destroy what it holds of this account; `order` is confirmed when that is done."""

    order: str


Event = (
    StatusChanged
    | FirstSyncProgress
    | RecordsChanged
    | OutboxChanged
    | TransferProgress
    | ProofDone
    | ManifestChanged
    | ActivityAdded
    | ReceiptArrived
    | WipeWanted
)

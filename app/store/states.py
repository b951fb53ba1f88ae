"""The closed sets of states that the store keeps."""

from __future__ import annotations

from enum import StrEnum


class SyncState(StrEnum):
    """How a shown record stands against the gateway."""

    SYNCED = "synced"
    DRAFT = "draft"
    WAITING = "waiting"
    SENDING = "sending"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"


class ItemState(StrEnum):
    """Where a mutation stands in the outbox."""

    QUEUED = "queued"
    SENDING = "sending"
    DEFERRED = "deferred"
    SETTLED = "settled"
    QUARANTINED = "quarantined"


class Ending(StrEnum):
    """Endings of a mutation that no gateway outcome names."""

    SUPERSEDED = "superseded"  # a later mutation carries the intent
    CANCELLED = "cancelled"  # taken back before it was sent
    DISCARDED = "discarded"  # given up by the user after it had failed


class ConflictKind(StrEnum):
    """What a person has to decide about."""

    FIELDS = "fields"
    GONE = "gone"


class DraftState(StrEnum):
    """Whether a draft is being written or has been handed in."""

    OPEN = "open"
    SUBMITTED = "submitted"


class BlobState(StrEnum):
    """Whether all bytes of a blob are here and verified."""

    PARTIAL = "partial"
    COMPLETE = "complete"


class Direction(StrEnum):
    """Where a blob came from: pulled from the gateway, or added on this computer."""

    DOWN = "down"
    UP = "up"


class GoneReason(StrEnum):
    """Why a record left: deleted at the source, or no longer visible to this user."""

    TOMBSTONE = "tombstone"
    REVOKED = "revoked"

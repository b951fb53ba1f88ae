"""Records as they travel: positional rows, so that a page parses fast and can go to SQLite as it is."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict


class Row(NamedTuple):
    """One visible record: `[gid, entity, version, hash, data]`.

    `version` is opaque. `hash` is `record_hash(data)`. `data` holds the fields of the effective manifest, among them
    `created_at` and `updated_at` (UTC), the state field, and `parent` for append-only children.
    """

    gid: str
    entity: str
    version: str
    hash: str
    data: dict[str, Any]


class Gone(NamedTuple):
    """One record that left: `[gid, entity, reason, into]`; reason is "tombstone" or "revoked".

    `into` names the record it was merged into at the source, if any.
    """

    gid: str
    entity: str
    reason: str
    into: str | None


class Record(BaseModel):
    """One record on its own, as outcomes carry it."""

    model_config = ConfigDict(frozen=True)

    gid: str
    entity: str
    version: str
    hash: str
    data: dict[str, Any]

"""Ids: who creates a record makes its id, and the id never changes."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from functools import lru_cache

#: Namespace of ids derived from a source system's own ids.
_SOURCE_NAMESPACE = uuid.UUID("6f1f7f0e-5a0b-5c58-9a5e-0d6f0c6b3c11")

#: Namespace of ids of mutations that are sent again because what they follow was taken in the end.
_ANEW_NAMESPACE = uuid.UUID("0d6b3d0c-8d0e-5f4e-9a35-53d9d0a2f0f7")

_GID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME_ORDERED = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def time_ordered_id(now: datetime, randomness: bytes) -> str:
    """Return a UUIDv7 (RFC 9562) for `now` from 10 random bytes; both are handed in so that tests repeat."""
    if len(randomness) != 10:
        raise ValueError("a UUIDv7 needs exactly 10 random bytes")
    stamp = int(now.astimezone(UTC).timestamp() * 1000) & ((1 << 48) - 1)
    tail = int.from_bytes(randomness, "big")
    rand_a = (tail >> 62) & 0xFFF
    rand_b = tail & ((1 << 62) - 1)
    return str(uuid.UUID(int=(stamp << 80) | (0x7 << 76) | (rand_a << 64) | (0b10 << 62) | rand_b))


@lru_cache(maxsize=8192)
def source_gid(system: str, obj: str, source_id: str) -> str:
    """Return the id of a record born in a source system; a rebuilt gateway derives the same one."""
    return str(uuid.uuid5(_SOURCE_NAMESPACE, f"{system}/{obj}/{source_id}"))


def id_anew(mutation_id: str) -> str:
    """Return the id under which an intent is expressed anew when that happens by itself."""
    return str(uuid.uuid5(_ANEW_NAMESPACE, mutation_id))


def is_gid(text: str) -> bool:
    """Tell whether `text` is a UUID in its canonical lower-case form."""
    return _GID.fullmatch(text) is not None


def is_time_ordered(text: str) -> bool:
    """Tell whether `text` is an id as clients make them (`time_ordered_id`); one of a source's rows never is."""
    return _TIME_ORDERED.fullmatch(text) is not None

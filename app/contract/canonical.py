"""One byte form for one value, so that hashes made on both sides are comparable."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical(value: Any) -> str:
    """Return JSON text with sorted keys, no spaces and no escapes that are not needed.

    Raises ValueError for floats: money and quantities travel as decimal strings, since a float has no one byte form.
    """
    _refuse_floats(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def content_hash(text: str) -> str:
    """Return the hash of a canonical record's text: 32 hexadecimal characters (128 bits of SHA-256)."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def record_hash(data: Mapping[str, Any]) -> str:
    """Return the hash of a record's data as the receiving user sees it."""
    return content_hash(canonical(data))


def _refuse_floats(value: Any) -> None:
    # Asked of every record on its way, so that what most values are is settled without a call of its own.
    match value:
        case str():
            pass
        case dict():
            for item in value.values():
                if not isinstance(item, str):
                    _refuse_floats(item)
        case list() | tuple():
            for item in value:
                if not isinstance(item, str):
                    _refuse_floats(item)
        case float():
            raise ValueError("a float has no canonical form; use a decimal string")
        case _:
            pass

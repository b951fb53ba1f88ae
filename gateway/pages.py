"""Pages on the wire: members in the contract's order, records spliced in as the text they are stored as."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from app.contract.changes import ChangesPage, SnapshotPage


def changes_body(envelope: ChangesPage, gone: Sequence[Sequence[str | None]], puts: Sequence[str]) -> bytes:
    """Return the body of `/changes`."""
    fields = envelope.model_dump(mode="json", exclude={"gone", "puts"})
    return _body({**fields, "gone": gone}, puts)


def snapshot_body(envelope: SnapshotPage, puts: Sequence[str]) -> bytes:
    """Return the body of `/snapshot`."""
    return _body(envelope.model_dump(mode="json", exclude={"puts"}), puts)


def _body(envelope: dict[str, Any], puts: Sequence[str]) -> bytes:
    start = json.dumps(envelope, separators=(",", ":"), ensure_ascii=False)[:-1] + ',"puts":['
    if not puts:
        return f"{start}]}}".encode()
    # A page is close to a megabyte: it is put together once, and not copied to get its beginning and end.
    pieces = list(puts)
    pieces[0] = start + pieces[0]
    pieces[-1] += "]}"
    return ",".join(pieces).encode()

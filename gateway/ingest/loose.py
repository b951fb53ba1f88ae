"""Loose ends: rows that were taken in while another system, of which they name a row, could not be reached.

They stand in the mirror with the id that row has when it is born in its own system. When that system is back, the row
is read, and what names it is read once more: a row born on a client has another id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from gateway.bulk import merge_many
from gateway.crm.port import Ref, SystemRef
from gateway.tables import loose_end

_KEY = ("system", "object", "source_id", "to_system", "to_object", "to_source_id")


@dataclass(frozen=True)
class LooseEnd:
    """`row` refers to `to`, a row of another system that was not to be read then."""

    row: SystemRef
    to: SystemRef


def leave_loose(connection: Connection, ends: Sequence[LooseEnd], at: datetime) -> None:
    """Note loose ends. `at`: when it was tried."""
    merge_many(connection, loose_end, _KEY, [{**_key(end), "at": at} for end in dict.fromkeys(ends)])


def loose_ends(connection: Connection, to_system: str, limit: int) -> list[LooseEnd]:
    """Return loose ends that wait for a system."""
    rows = connection.execute(select(loose_end).where(loose_end.c.to_system == to_system).limit(limit))
    return [
        LooseEnd(
            SystemRef(row.system, Ref(row.object, row.source_id)),
            SystemRef(row.to_system, Ref(row.to_object, row.to_source_id)),
        )
        for row in rows
    ]


def forget_loose(connection: Connection, ends: Sequence[LooseEnd]) -> None:
    """Forget loose ends: both rows are read, or about to be."""
    for end in ends:
        mine = [loose_end.c[name] == value for name, value in _key(end).items()]
        connection.execute(delete(loose_end).where(*mine))


def _key(end: LooseEnd) -> dict[str, str]:
    row, to = end.row, end.to
    return dict(
        zip(_KEY, (row.system, row.ref.obj, row.ref.id, to.system, to.ref.obj, to.ref.id), strict=True)
    )

"""When each source system was last read completely, and why it is stale if it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from app.contract.changes import Source
from gateway.bulk import merge_many
from gateway.systems import System
from gateway.tables import source


def mark_read(connection: Connection, system: System, read_at: datetime | None) -> None:
    """Note that everything changed up to `read_at` has been read."""
    _note(connection, system, {"stale_reason": ""} | ({"read_at": read_at} if read_at else {}))


def mark_stale(connection: Connection, system: System, reason: str) -> None:
    """Note that the system could not be read."""
    _note(connection, system, {"stale_reason": reason})


def _note(connection: Connection, system: System, values: dict[str, object]) -> None:
    merge_many(connection, source, ("system",), [{"system": system.name, **values}])


def sources(connection: Connection, systems: Sequence[System]) -> tuple[Source, ...]:
    """Return how old the truth of each system is."""
    rows = {row.system: row for row in connection.execute(_ALL)}
    found = []
    for system in systems:
        row = rows.get(system.name)
        found.append(
            Source(
                system=system.name,
                label=system.port.label,
                read_at=row.read_at if row else None,
                stale_reason=row.stale_reason if row else "",
                entities=tuple(
                    dict.fromkeys(item.entity for item in system.mapping.maps if item.parent is None)
                ),
            )
        )
    return tuple(found)


_ALL = select(source)

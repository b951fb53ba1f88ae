"""Hints: rows that may have changed. They are kept in the database until the row was read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from gateway.bulk import merge_many
from gateway.clock import Random
from gateway.crm.port import Ref
from gateway.tables import hint


@dataclass(frozen=True)
class Hint:
    """One row to read. `mark` changes when the row is hinted at again meanwhile."""

    ref: Ref
    mark: str


def add_hints(
    connection: Connection, system: str, refs: Iterable[Ref], random: Random, at: datetime | None = None
) -> None:
    """Note rows that may have changed. `at`: when that was said; a row that waits already waits since it did."""
    rows = [
        {"system": system, "object": ref.obj, "source_id": ref.id, "mark": random(8).hex(), "at": at}
        for ref in refs
    ]
    merge_many(connection, hint, ("system", "object", "source_id"), rows, kept=("at",))


def open_hints(connection: Connection, system: str, limit: int) -> list[Hint]:
    """Return rows to read."""
    rows = connection.execute(select(hint).where(hint.c.system == system).limit(limit))
    return [Hint(Ref(row.object, row.source_id), row.mark) for row in rows]


def clear_hints(connection: Connection, system: str, done: Sequence[Hint]) -> None:
    """Forget hints that were followed; one that was renewed meanwhile stays."""
    for item in done:
        connection.execute(
            delete(hint).where(
                hint.c.system == system,
                hint.c.object == item.ref.obj,
                hint.c.source_id == item.ref.id,
                hint.c.mark == item.mark,
            )
        )


def any_hints(connection: Connection, system: str) -> bool:
    """Tell whether some hints at a system's rows were not followed yet."""
    return connection.execute(select(hint.c.mark).where(hint.c.system == system).limit(1)).first() is not None

"""Rows that could not be understood or stored. They block nothing, and are read again when they change and with each
sweep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from gateway.bulk import merge_many
from gateway.crm.port import CrmUnavailable, Ref
from gateway.tables import dead_letter

_MOST_WORDS = 2000


@dataclass(frozen=True)
class DeadLetter:
    """A row that stands aside. `first_at`: since when; `at`: when it was tried last, `tries`: how often so far."""

    system: str
    ref: Ref
    reason: str
    first_at: datetime
    at: datetime
    tries: int


def dead_letters(connection: Connection, most: int = 1000) -> list[DeadLetter]:
    """Return the rows that stand aside, those first that have done so for longest."""
    first = dead_letter.c.first_at
    query = select(dead_letter).order_by(first, dead_letter.c.at, dead_letter.c.source_id).limit(most)
    return [
        DeadLetter(
            row.system, Ref(row.object, row.source_id), row.reason, row.first_at or row.at, row.at, row.tries
        )
        for row in connection.execute(query)
    ]


def may_be_a_rows(error: Exception) -> bool:
    """Whether one row may have brought it about: what is wrong with the system or the database is so for all rows."""
    if isinstance(error, DBAPIError):
        return isinstance(error, IntegrityError | DataError | ProgrammingError)
    return not isinstance(error, CrmUnavailable)


def set_aside(connection: Connection, system: str, ref: Ref, reason: str, at: datetime) -> None:
    """Note a row, and why it stands aside."""
    key = {"system": system, "object": ref.obj, "source_id": ref.id}
    row = {**key, "reason": storable(reason)[:_MOST_WORDS], "at": at, "first_at": at, "tries": 1}
    merge_many(connection, dead_letter, tuple(key), [row], kept=("first_at",), added=("tries",))


def storable(text: str) -> str:
    """A reason may quote the very characters that cannot be written."""
    return text if text.isprintable() else text.encode("unicode_escape").decode()


def take_back(connection: Connection, system: str, refs: Sequence[Ref]) -> None:
    """Rows that were read once more, or are gone, stand aside no longer."""
    for obj in {ref.obj for ref in refs}:
        ids = [ref.id for ref in refs if ref.obj == obj]
        key = {"system": system, "object": obj, "source_ids": ids}
        if connection.execute(_ASIDE, key).first():
            connection.execute(_NOT_ASIDE, key)


def standing_aside(connection: Connection, system: str, obj: str) -> list[Ref]:
    """Return the rows of one object that stand aside."""
    found = select(dead_letter.c.source_id).where(dead_letter.c.system == system, dead_letter.c.object == obj)
    return [Ref(obj, source_id) for source_id in connection.execute(found).scalars()]


_IS_ASIDE = (
    (dead_letter.c.system == bindparam("system"))
    & (dead_letter.c.object == bindparam("object"))
    & dead_letter.c.source_id.in_(bindparam("source_ids", expanding=True))
)
_ASIDE = select(dead_letter.c.at).where(_IS_ASIDE)
_NOT_ASIDE = delete(dead_letter).where(_IS_ASIDE)

"""Rows that could not be understood or stored. They block nothing, and are read again when they change and with each
sweep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from gateway.crm.port import CrmUnavailable, Ref
from gateway.tables import dead_letter

_MOST_WORDS = 2000


def may_be_a_rows(error: Exception) -> bool:
    """Whether one row may have brought it about: what is wrong with the system or the database is so for all rows."""
    if isinstance(error, DBAPIError):
        return isinstance(error, IntegrityError | DataError | ProgrammingError)
    return not isinstance(error, CrmUnavailable)


def set_aside(connection: Connection, system: str, ref: Ref, reason: str, at: datetime) -> None:
    """Note a row, and why it stands aside."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    said = {"reason": _storable(reason)[:_MOST_WORDS], "at": at}
    key = {"system": system, "object": ref.obj, "source_id": ref.id}
    row = dialect.insert(dead_letter).values(**key, **said)
    connection.execute(row.on_conflict_do_update(index_elements=list(key), set_=said))


def _storable(text: str) -> str:
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

"""The highest id each table has ever given out: an id is never used twice, also when its row has gone."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Connection, text


class Ids(Protocol):
    """What the database remembers of the ids it gave out."""

    def last(self, connection: Connection, table: str) -> int:
        """Return the highest id that was given out in a table, 0 when there was none."""

    def used(self, connection: Connection, table: str, last: int) -> None:
        """Note that ids up to `last` were given out by the CRM itself."""


class _SqliteIds:
    """SQLite keeps them for tables with AUTOINCREMENT, and counts ids it was handed."""

    def last(self, connection: Connection, table: str) -> int:
        return int(connection.execute(_SEQUENCE, {"name": table}).scalar() or 0)

    def used(self, connection: Connection, table: str, last: int) -> None:
        """It knows."""


class _PostgresqlIds:
    """PostgreSQL keeps them in a sequence, which has to be told."""

    def last(self, connection: Connection, table: str) -> int:
        return int(connection.execute(_LAST_VALUE, {"name": f"{table}_id_seq"}).scalar() or 0)

    def used(self, connection: Connection, table: str, last: int) -> None:
        connection.execute(_SET, {"name": f"{table}_id_seq", "last": last})


def ids_of(dialect: str) -> Ids:
    """Return how a kind of database remembers ids."""
    return _PostgresqlIds() if dialect == "postgresql" else _SqliteIds()


_SEQUENCE = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
_LAST_VALUE = text("SELECT pg_sequence_last_value(CAST(:name AS regclass))")
_SET = text("SELECT setval(CAST(:name AS regclass), :last)")

"""The CRM's database, SQLite or PostgreSQL: one writer at a time, and a word to whoever listens after each commit."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import Enum, auto
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateColumn

from gateway.crm.embedded.models import Base
from gateway.crm.embedded.times import to_ms
from gateway.crm.embedded.unit import Unit
from gateway.crm.port import CrmUnavailable, Ref
from gateway.database import is_postgresql, postgresql_engine

Listener = Callable[[tuple[Ref, ...]], None]

#: On PostgreSQL the CRM's tables stand apart from the gateway's, and its writers have a lock of their own.
_SCHEMA = "crm"
_WRITE_LOCK = 0x6372_6D00_0001

#: How long a second process may hold the database before a write gives up, in milliseconds.
_BUSY_MS = 5000


class Database:
    """A database in SQLite, in memory when the address is `sqlite://`, or in PostgreSQL."""

    def __init__(self, url: str, now: Callable[[], datetime], vendor: str = "") -> None:
        self.now = now
        self._vendor = vendor
        self.in_memory = url in {"sqlite://", "sqlite:///:memory:"}
        self.engine = _open_engine(url, self.in_memory)
        self._locks = f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})" if is_postgresql(self.engine) else ""
        self._lock = threading.RLock()
        self._listeners: list[Listener] = []
        with self._begun() as connection:
            if self._locks:
                connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}")
            Base.metadata.create_all(connection)
            _complete(connection)

    def listen(self, listener: Listener) -> None:
        """Call `listener` with the touched rows after every commit, on the writing thread."""
        self._listeners.append(listener)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Lend a connection for reading; what it reads in one go belongs together."""
        if not self.in_memory:
            with _translated(), self.engine.connect() as connection:
                yield connection
            return
        # One connection serves every thread when the database lives in memory, so readers take turns with writers.
        with self._lock, self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Unit]:
        """Run one transaction; on success the listeners hear which rows it touched."""
        with self._lock, _translated(), self._begun() as connection:
            unit = Unit(connection, to_ms(self.now()), self._vendor)
            yield unit
            unit.flush()
        refs = tuple(unit.touched)
        if refs:
            for listener in self._listeners:
                listener(refs)

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        with self.engine.connect() as plain:
            connection = plain.execution_options(writes=True)
            with connection.begin():
                if self._locks:
                    connection.exec_driver_sql(self._locks)
                yield connection

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def _complete(connection: Connection) -> None:
    """Give the tables of an older database the columns that came since. They are blank, as in rows nobody filled in."""
    standing = {name: columns for (_, name), columns in inspect(connection).get_multi_columns().items()}
    for table in Base.metadata.sorted_tables:
        known = {item["name"] for item in standing[table.name]}
        for column in table.columns:
            if column.name not in known and column.nullable:
                told = CreateColumn(column).compile(connection.engine)
                connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {told}")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise CrmUnavailable(f"The CRM's database is busy: {error.orig}") from error


class Rule(Enum):
    """A rule of the tables that a write broke."""

    NEEDED = auto()
    UNIQUE = auto()
    OTHER = auto()


def broken_rule(error: IntegrityError) -> tuple[Rule, str]:
    """Return which rule a write broke, and the column if the database names it."""
    if isinstance(error.orig, psycopg.Error):
        told = error.orig.diag
        if isinstance(error.orig, psycopg.errors.NotNullViolation):
            return Rule.NEEDED, told.column_name or ""
        if isinstance(error.orig, psycopg.errors.UniqueViolation):
            # Named after table and column: `registration_reg_no_key`.
            name = (told.constraint_name or "").removeprefix(f"{told.table_name}_")
            return Rule.UNIQUE, name.removesuffix("_key")
        return Rule.OTHER, ""
    words, _, column = str(error.orig).partition(": ")
    name = column.rpartition(".")[2]
    if words.startswith("NOT NULL"):
        return Rule.NEEDED, name
    return (Rule.UNIQUE, name) if words.startswith("UNIQUE") else (Rule.OTHER, "")


def _open_engine(url: str, memory: bool) -> Engine:
    if url.startswith("postgresql"):
        return postgresql_engine(url, schema=_SCHEMA)
    if memory:
        engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: Any) -> None:
        # Transactions begin where `_begin` below says so, not where the driver guesses.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        if not memory:
            connection.execute("PRAGMA journal_mode = WAL")
            # What is confirmed here the gateway tells as applied, and nobody writes it a second time.
            connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine

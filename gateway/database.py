"""The gateway's database, SQLite or PostgreSQL: short read and write transactions on SQLAlchemy Core.

Write transactions are one after the other, also those of several processes: the lock is taken at their start
(`BEGIN IMMEDIATE` on SQLite, an advisory lock on PostgreSQL), so that what one has read cannot change before it
commits, and positions are given out in commit order. A read transaction sees one moment throughout.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as OutOfTime
from sqlalchemy.pool import StaticPool

_IMMEDIATE = "counterpart_immediate"

#: Bytes of a database that are read in place instead of being copied page by page.
_MAPPED = 2 * 1024 * 1024 * 1024 - 65_536

#: The advisory lock of whoever writes on PostgreSQL. `gateway` and its version, as a number nobody else takes.
WRITE_LOCK = 0x6761_7465_0001

#: Where processes on one PostgreSQL hear from each other.
CHANNEL = "counterpart"

#: How long a process may wait for its turn to write, and how long a transaction may stand still before the server ends
#: it: a process that hangs must not keep all others from writing. In milliseconds.
_PATIENCE = 10_000
_STANDSTILL = 30_000


class Database:
    """Read and write transactions over one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        #: Whether other processes on other machines may use it too.
        self.shared = is_postgresql(engine)
        #: This process among those that share the database.
        self.node = uuid4().hex[:12]
        # Waiting writers would poll on SQLite, and hold connections on PostgreSQL; a queue in the process is fairer.
        self._queue = threading.RLock()
        # A database in memory has one connection for all threads, so its readers stand in line, too.
        self._readers: AbstractContextManager[object] = (
            self._queue if isinstance(engine.pool, StaticPool) else nullcontext()
        )
        self._reading = engine
        if self.shared:
            self._reading = engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that sees one moment of the database."""
        with self._readers, self._reading.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that may write; commits at the end, rolls back on any error."""
        with self._queue, self.engine.connect() as plain:
            connection = plain.execution_options(**{_IMMEDIATE: True})
            with connection.begin():
                if self.shared:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")
                yield connection

    def announce(self, connection: Connection, *words: str) -> None:
        """Have the other processes hear something once this transaction has committed; see `feed/relay.py`."""
        if self.shared:
            payload = " ".join((self.node, *words))
            connection.execute(_NOTIFY, {"channel": CHANNEL, "payload": payload})

    @contextmanager
    def own_connection(self) -> Iterator[psycopg.Connection[Any]]:
        """Open a connection to PostgreSQL outside the pool, without transactions: to listen on, or to hold a lock."""
        lent = self.engine.raw_connection()
        connection = lent.driver_connection
        lent.detach()
        assert isinstance(connection, psycopg.Connection)
        with connection:
            connection.rollback()  # of what the pool looked at
            connection.autocommit = True
            yield connection

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


_NOTIFY = text("SELECT pg_notify(:channel, :payload)")


class WrongOrder(ValueError):
    """A PostgreSQL database that compares texts by a language's rules instead of byte by byte."""


def open_engine(address: str, connections: int = 20) -> Engine:
    """Return an engine for an address such as `postgresql://user@host/name` or `sqlite:///path`.

    Raises WrongOrder, ValueError for an address that is neither.
    """
    try:
        url = make_url(address)
    except ArgumentError:
        # Not quoted: it may hold a password.
        raise ValueError("The setting database is no address. Write postgresql://user@host/name.") from None
    if url.get_backend_name() == "sqlite":
        return file_engine(Path(url.database or ""))
    if url.get_backend_name() != "postgresql":
        raise ValueError(f"{url.get_backend_name()} is not supported. Use postgresql or sqlite.")
    engine = postgresql_engine(address, connections=connections)
    try:
        check_order(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def postgresql_engine(address: str, *, connections: int = 20, schema: str = "") -> Engine:
    """Return an engine over PostgreSQL. `connections`: at most so many at a time; `schema`: where tables are."""
    options = {"lock_timeout": _PATIENCE, "idle_in_transaction_session_timeout": _STANDSTILL}
    given = " ".join(f"-c {name}={value}" for name, value in options.items())
    return create_engine(
        make_url(address).set(drivername="postgresql+psycopg"),
        connect_args={
            "options": f"{given} -c search_path={schema}" if schema else given,
            # So that whoever looks into pg_stat_activity or pg_locks finds the process.
            "application_name": f"counterpart-gateway {os.getpid()}",
        },
        pool_size=connections,
        max_overflow=0,
        # A server that was restarted has closed what the pool holds; that is noticed before, not by a caller.
        pool_pre_ping=True,
    )


_BYTE_ORDER = "SELECT 'B' < 'a' AND '-' < '0'"


def check_order(engine: Engine) -> None:
    """Make sure that texts are in byte order, as ids and tags are compared here and there. Raises WrongOrder."""
    with engine.connect() as connection:
        if connection.exec_driver_sql(_BYTE_ORDER).scalar():
            return
    name = engine.url.database
    raise WrongOrder(
        f"The database {name} orders texts by a language's rules. Make it anew with: "
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C';"
    )


def is_postgresql(engine: Engine) -> bool:
    """Tell whether an engine leads to PostgreSQL."""
    return engine.dialect.name == "postgresql"


def is_unavailable(error: BaseException) -> bool:
    """Tell whether a database did not answer, or not in time: what was asked may work a little later."""
    if isinstance(error, OperationalError) and isinstance(error.orig, sqlite3.Error):
        # SQLite calls much operational that is not, such as a table that is not there.
        return error.orig.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or isinstance(error, OperationalError | OutOfTime)


def memory_engine() -> Engine:
    """Return an engine over a private SQLite database in memory: one connection, shared by all callers."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    return _tuned(engine)


def file_engine(path: Path) -> Engine:
    """Return an engine over a SQLite file; it is made readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=True)
    return _tuned(
        create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False, "timeout": 10})
    )


def _tuned(engine: Engine) -> Engine:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        # The driver's own transaction control is off: `begin` below says which kind is opened.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "busy_timeout=10000",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            f"mmap_size={_MAPPED}",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get(_IMMEDIATE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine

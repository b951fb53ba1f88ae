"""The gateway's database: short read and write transactions on SQLAlchemy Core.

A write transaction takes the write lock at its start (`BEGIN IMMEDIATE` on SQLite), so that what it read cannot change
before it commits and positions are given out in commit order. A read transaction sees one moment throughout.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

_IMMEDIATE = "counterpart_immediate"

#: Bytes of a database that are read in place instead of being copied page by page.
_MAPPED = 2 * 1024 * 1024 * 1024 - 65_536


class Database:
    """Read and write transactions over one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        # SQLite lets waiting writers poll; a queue inside the process is fairer and quicker.
        self._queue = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that sees one moment of the database."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that may write; commits at the end, rolls back on any error."""
        with self._queue, self.engine.connect() as plain:
            connection = plain.execution_options(**{_IMMEDIATE: True})
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


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

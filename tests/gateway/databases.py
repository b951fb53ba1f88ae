"""The databases gateway tests run on: each test once over SQLite, and once over a real PostgreSQL."""

from __future__ import annotations

import atexit
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine

from gateway.assembly import file_database, memory_database
from gateway.crm.embedded.database import Database as CrmDatabase
from gateway.database import Database, open_engine
from gateway.tables import metadata
from tests.postgres import server

SQLITE, POSTGRESQL = "sqlite", "postgresql"

#: For tests of what stands before the database or above it (pages, protocols, lanes, budgets): on PostgreSQL at night,
#: but for one a module.
AT_THE_SURFACE = pytest.mark.databases(SQLITE, at_night=(POSTGRESQL,))
ON_BOTH = pytest.mark.databases(SQLITE, POSTGRESQL)

#: Databases one test keeps at a time; a property test makes a world for each example.
_KEPT = 30


class Lender:
    """Lends empty databases of one kind to the test that runs, and takes them back when it is over."""

    def __init__(self) -> None:
        self.kind = SQLITE
        self._lent: deque[Callable[[], None]] = deque()
        self._before = 0

    @property
    def lent(self) -> int:
        """How many things are lent now; one test, which begins with it, takes back what comes after."""
        self._before = len(self._lent)
        return self._before

    def database(self, folder: Path | None = None) -> Database:
        """Return a gateway's database with its tables. `folder`: where SQLite keeps it; in memory without."""
        if self.kind == SQLITE and folder:
            return _file_database(folder / "gateway.sqlite3")
        engine = _shelf.in_memory() if self.kind == SQLITE else _shelf.on_server()
        self._note(lambda: _shelf.put_back(engine))
        return Database(engine)

    def service_address(self) -> str:
        """Return what the setting `database` says for an empty database, which the service itself brings up."""
        return "" if self.kind == SQLITE else self.empty_address()

    def empty_address(self) -> str:
        """Return the address of a PostgreSQL database without tables."""
        name = server().create()
        self._note(lambda: server().drop(name))
        return server().address(name)

    def address(self) -> str:
        """Return the address of a PostgreSQL database that has the gateway's tables."""
        engine = _shelf.on_server()
        self._note(lambda: _shelf.put_back(engine))
        return server().address(engine.url.database or "")

    def crm_address(self, folder: Path | None = None) -> str:
        """Return the address of an empty database for the embedded CRM."""
        if self.kind == SQLITE:
            return f"sqlite:///{folder / 'crm.sqlite3'}" if folder else "sqlite://"
        return self.address()

    def copy(self, database: Database) -> Database:
        """Return a copy of a database, as a backup that is put back would be."""
        copied = self.database()
        if self.kind == SQLITE:
            with database.engine.connect() as live, copied.engine.connect() as kept:
                _copy(live, kept)
            return copied
        copied.close()
        database.close()  # only a database nobody uses is copied; its pool opens again by itself
        name, original = copied.engine.url.database or "", database.engine.url.database or ""
        _shelf.let_go(name)
        _shelf.let_go(original)
        server().drop(name)
        server().create(original, name)
        return copied

    def image(self, database: Database) -> Image:
        """Return all that is in a database, for others to begin with."""
        if self.kind == SQLITE:
            kept = memory_database()
            with database.engine.connect() as live, kept.engine.connect() as image:
                _copy(live, image)
            return kept
        with psycopg.connect(server().address(database.engine.url.database or "")) as connection:
            tables = [f"SELECT {_FILL.format(name=name)} FROM {name} AS t" for name in _shape().tables]
            counters = [f"SELECT {_COUNT.format(name=name)} FROM {name}" for name in _shape().counters]
            rows = connection.execute(" UNION ALL ".join(tables + counters).encode()).fetchall()
        return ";".join(text for (text,) in rows if text)

    def begun(self, image: Image) -> Database:
        """Return a database that holds what an image does."""
        database = self.database()
        if isinstance(image, Database):
            with image.engine.connect() as kept, database.engine.connect() as begun:
                _copy(kept, begun)
        else:
            _shelf.fill(database.engine, image)
        return database

    def closing(self, close: Callable[[], None]) -> None:
        """Have something closed before its database is thrown away."""
        self._note(close)

    def take_back(self, but: int = 0) -> None:
        """Throw away what was lent, but for the first so many."""
        while len(self._lent) > but:
            self._lent.pop()()
        self._before = 0

    def _note(self, give_back: Callable[[], None]) -> None:
        self._lent.append(give_back)
        if len(self._lent) - self._before > _KEPT:
            oldest = self._lent[self._before]
            del self._lent[self._before]
            oldest()


#: What was in a database: another one in memory, or statements.
Image = Database | str

_FILL = (
    """format('INSERT INTO {name} SELECT * FROM json_populate_recordset(NULL::{name}, %L)', json_agg(t))"""
)
_COUNT = """format('SELECT setval(''{name}'', %s, %L)', last_value, is_called)"""


@dataclass(frozen=True)
class _Shape:
    """What a database is made of: `text` tells two apart; its tables, and what counts up in them."""

    text: str
    tables: tuple[str, ...]
    counters: tuple[str, ...]

    @classmethod
    def of(cls, connection: psycopg.Connection[Any]) -> _Shape:
        rows = connection.execute(_SHAPE.encode()).fetchall()
        tables, counters = (tuple(name for name, kind, _ in rows if kind == wanted) for wanted in "rS")
        return cls("\n".join(text for _, _, text in rows), tables, counters)

    @property
    def empty(self) -> str:
        """The statements that empty it."""
        deletes = [f"DELETE FROM {name}" for name in self.tables]
        return ";".join([*deletes, *(f"ALTER SEQUENCE {name} RESTART" for name in self.counters)])


_SHAPE = """
SELECT format('%I.%I', nspname, relname) AS name, relkind::text,
       concat_ws(' ', nspname, relname, relkind, relnatts, relchecks, relhastriggers)
FROM pg_class JOIN pg_namespace ON relnamespace = pg_namespace.oid
WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg%' AND relkind IN ('r', 'i', 'S') ORDER BY name"""


class _Shelf:
    """Databases with tables and without rows. Emptying one costs a tenth of what making one does.

    The engines are kept, too: each would compile the same statements again.
    """

    def __init__(self) -> None:
        self._in_memory: list[Engine] = []
        self._on_server: list[Engine] = []
        self._aside: dict[str, psycopg.Connection[Any]] = {}
        atexit.register(self._close)

    def in_memory(self) -> Engine:
        """Return an engine over SQLite in memory that nobody uses."""
        return self._in_memory.pop() if self._in_memory else memory_database().engine

    def on_server(self) -> Engine:
        """Return an engine over PostgreSQL that nobody uses."""
        if self._on_server:
            return self._on_server.pop()
        return open_engine(server().address(server().create(_template())))

    def put_back(self, engine: Engine) -> None:
        """Empty one for the next test; one whose shape a test has changed is thrown away."""
        if engine.dialect.name == SQLITE:
            with engine.connect() as connection, _blank().engine.connect() as blank:
                _copy(blank, connection)
            self._in_memory.append(engine)
            return
        engine.dispose()
        name = engine.url.database or ""
        aside = self._alone(name)
        shape = _Shape.of(aside)
        if shape == _shape():
            aside.execute(shape.empty.encode())
            self._on_server.append(engine)
        else:
            self.let_go(name)
            server().drop(name)

    def _alone(self, name: str) -> psycopg.Connection[Any]:
        """Return a connection to a database nobody else is connected to."""
        try:
            if name in self._aside:
                self._aside[name].execute(_ALONE)
                return self._aside[name]
        except psycopg.OperationalError:  # a test has ended all that there were
            self.let_go(name)
        aside = self._beside(name)
        aside.execute(_ALONE)
        return aside

    def _beside(self, name: str) -> psycopg.Connection[Any]:
        if name not in self._aside:
            self._aside[name] = psycopg.connect(server().address(name), autocommit=True)
            # Triggers, which would keep the audit log from being emptied, are for others than a replica.
            self._aside[name].execute("SET session_replication_role = replica")
        return self._aside[name]

    def fill(self, engine: Engine, statements: str) -> None:
        """Carry out the statements of an image."""
        self._beside(engine.url.database or "").execute(statements.encode())

    def let_go(self, name: str) -> None:
        """Close the connection that empties a database: nobody may be there when it is copied."""
        if name in self._aside:
            self._aside.pop(name).close()

    def _close(self) -> None:
        for name in [*self._aside]:
            self.let_go(name)


_ALONE = """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""

_shelf = _Shelf()


def _copy(source: Connection, target: Connection) -> None:
    """Make one SQLite database what another one is."""
    pages, into = source.connection.driver_connection, target.connection.driver_connection
    assert pages is not None
    assert into is not None
    pages.backup(into)


@cache
def _blank() -> Database:
    return memory_database()


def reopened(database: Database) -> Database:
    """Return the same database as another process would open it."""
    return Database(open_engine(database.engine.url.render_as_string(hide_password=False)))


@cache
def _template() -> str:
    """Make the database that all others are copied from."""
    name = server().create()
    database = Database(open_engine(server().address(name)))
    with database.write() as connection:
        metadata.create_all(connection)
    database.close()
    CrmDatabase(server().address(name), lambda: datetime.now(UTC)).close()
    return name


@cache
def _shape() -> _Shape:
    with psycopg.connect(server().address(_template())) as connection:
        return _Shape.of(connection)


@cache
def _begun() -> bytes:
    """Return the file of a database that was brought up to this version, as a new gateway has it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "gateway.sqlite3"
        database = file_database(path)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        return path.read_bytes()


def _file_database(path: Path) -> Database:
    if not path.exists():
        path.write_bytes(_begun())
    return file_database(path)


#: The one lender of this process; a fixture says of which kind.
lender = Lender()

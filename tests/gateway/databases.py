"""The databases gateway tests run on: each test once over SQLite, and once over a real PostgreSQL."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from gateway.assembly import file_database, memory_database
from gateway.crm.embedded.database import Database as CrmDatabase
from gateway.database import Database, open_engine
from gateway.tables import metadata
from tests.postgres import server

SQLITE, POSTGRESQL = "sqlite", "postgresql"

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
        if self.kind == SQLITE:
            return file_database(folder / "gateway.sqlite3") if folder else memory_database()
        database = Database(open_engine(self.address()))
        self._lent[-1] = _both(database.close, self._lent[-1])
        return database

    def service_address(self) -> str:
        """Return what the setting `database` says for an empty database, which the service itself brings up."""
        return "" if self.kind == SQLITE else self.address(empty=True)

    def address(self, *, empty: bool = False) -> str:
        """Return the address of a PostgreSQL database that has the gateway's tables, or none when `empty`."""
        name = server().create() if empty else server().create(_template())
        self._note(lambda: server().drop(name))
        return server().address(name)

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
                source, target = live.connection.driver_connection, kept.connection.driver_connection
                assert source is not None
                assert target is not None
                source.backup(target)
            return copied
        copied.close()
        database.close()  # only a database nobody uses is copied; its pool opens again by itself
        name, original = copied.engine.url.database or "", database.engine.url.database or ""
        server().drop(name)
        server().create(original, name)
        return copied

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


def reopened(database: Database) -> Database:
    """Return the same database as another process would open it."""
    return Database(open_engine(database.engine.url.render_as_string(hide_password=False)))


def _both(first: Callable[[], None], second: Callable[[], None]) -> Callable[[], None]:
    def both() -> None:
        first()
        second()

    return both


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


#: The one lender of this process; a fixture says of which kind.
lender = Lender()

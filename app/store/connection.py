"""One connection to one encrypted file: pragmas, transactions, and errors in the contract's words."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.contract.errors import (
    DiskFull,
    LocalError,
    StoreBusy,
    StoreDamaged,
    StoreNewer,
    UpdateNeeded,
    WrongKey,
)
from app.store import pages
from app.store.cipher import dbapi2
from app.store.copies import copy_of, keep_copy
from app.store.failpoints import Failpoints
from app.store.faults import translated
from app.store.migrations.known import KNOWN_STEPS, taken
from app.store.turns import Turns

if TYPE_CHECKING:
    from app.store.tables import Database

#: Milliseconds to wait for another connection's write; a large file that is written anew takes seconds.
BUSY_TIMEOUT = 10_000

#: Milliseconds to wait for those who read what the log holds, before it is left for later.
_READER_TIMEOUT = 500

#: Pages of the log after which a commit folds it into the file: the engine's do it long before a person's have to.
_FOLD_PATIENT, _FOLD = 4_000, 16_000

_PRAGMAS = (
    f"busy_timeout = {BUSY_TIMEOUT}",
    "synchronous = FULL",
    "secure_delete = ON",
    "foreign_keys = ON",
    "temp_store = MEMORY",
    "trusted_schema = OFF",
)


class Connection:
    """Runs SQL for the parts of one `Store`. Belongs to the thread that opened it."""

    def __init__(
        self, path: Path, raw: dbapi2.Connection, turns: Turns | None = None, *, patient: bool = False
    ) -> None:
        self.path = path
        self.failpoints = Failpoints()
        self._raw = raw
        self._turns = turns
        self._patient = patient
        self._depth = 0
        self._read_only = False
        self._keep: Callable[[int], None] | None = None

    @classmethod
    def open(cls, path: Path, key: bytes, turns: Turns | None = None, *, patient: bool = False) -> Connection:
        """Open and migrate, creating the file if there is none. `turns`, `patient`: see `Turns`.

        Before a file of an older version is migrated, a copy of it is kept beside it (`app.store.copies`).

        Raises WrongKey, StoreDamaged, StoreBusy, DiskFull, StoreNewer (the file belongs to a newer version).
        """
        adopt_salvaged(path)
        existed = path.exists() and path.stat().st_size > 0
        raw = None
        try:
            raw = _unlocked(path, key)
            connection = cls.over(path, raw, turns, patient=patient, keep=lambda had: _keep(path, key, had))
        except dbapi2.Error as error:
            _close(raw)
            expected = translated(error)
            if isinstance(expected, StoreDamaged) and existed and not _is_ours(path, key):
                raise WrongKey from error
            if expected is None:
                raise
            raise expected from error
        except BaseException:
            _close(raw)
            raise
        return connection

    @classmethod
    def look(cls, path: Path, key: bytes) -> Connection:
        """Open a file that is there only to read it: SQLite itself refuses every write. Nothing is migrated.

        Raises WrongKey, StoreDamaged, StoreBusy, UpdateNeeded (another version of Counterpart made it).
        """
        raw = None
        try:
            raw = _unlocked(path, key)
            for pragma in (*_PRAGMAS, "query_only = ON"):
                raw.execute(f"PRAGMA {pragma}").fetchall()
            raw.execute("SELECT count(*) FROM sqlite_schema").fetchall()
            connection = cls(path, raw)
            if set(connection.steps()) != set(KNOWN_STEPS):
                raise UpdateNeeded("This account was last opened with another version of Counterpart.")
        except dbapi2.Error as error:
            _close(raw)
            expected = translated(error)
            if isinstance(expected, StoreDamaged) and not _is_ours(path, key):
                raise WrongKey from error
            if expected is None:
                raise
            raise expected from error
        except BaseException:
            _close(raw)
            raise
        return connection

    @classmethod
    def examine(cls, path: Path, key: bytes) -> Connection:
        """Open a file that is there without ever writing to it, nor to its log, not even on closing.

        Whatever made it is accepted. Raises WrongKey, StoreDamaged, StoreBusy, LocalError.
        """
        raw = None
        try:
            raw = _unlocked(path, key, read_only=True)
            for pragma in (
                f"busy_timeout = {_READER_TIMEOUT}",
                "temp_store = MEMORY",
                "trusted_schema = OFF",
            ):
                raw.execute(f"PRAGMA {pragma}").fetchall()
            raw.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        except dbapi2.Error as error:
            _close(raw)
            expected = translated(error)
            if isinstance(expected, StoreDamaged) and not _is_ours(path, key):
                raise WrongKey from error
            raise (expected or StoreDamaged()) from error
        except BaseException:
            _close(raw)
            raise
        return cls(path, raw)

    @classmethod
    def over(
        cls,
        path: Path,
        raw: dbapi2.Connection,
        turns: Turns | None = None,
        *,
        patient: bool = False,
        keep: Callable[[int], None] | None = None,
    ) -> Connection:
        """Take over SQLite's own connection to a file that can be read by now: tune it, and migrate the file.

        `keep`: keeps a copy of a file that has taken so many steps; called before others are taken.
        """
        _tune(raw)
        connection = cls(path, raw, turns, patient=patient)
        connection._keep = keep
        connection.run(f"PRAGMA wal_autocheckpoint = {_FOLD_PATIENT if patient else _FOLD}")
        connection._migrate()
        return connection

    def shrink(self) -> None:
        """Free the pages that are kept in memory."""
        self.run("PRAGMA shrink_memory")

    def interrupt(self) -> None:
        """Break off the statement that runs now; any thread may call it."""
        self._raw.interrupt()

    def close(self) -> None:
        """Close. The last connection of all folds the write-ahead log into the file."""
        self._raw.close()

    def run(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Run one statement; return how many rows it changed."""
        with self._in_our_words():
            return int(self._raw.execute(sql, params).rowcount)

    def insert(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Run one insertion; return the row's id."""
        with self._in_our_words():
            return int(self._raw.execute(sql, params).lastrowid)

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row."""
        with self._in_our_words():
            self._raw.executemany(sql, rows)

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        with self._in_our_words():
            return list(self._raw.execute(sql, params).fetchall())

    def each(self, sql: str, params: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a long query as they come, without holding all of them."""
        with self._in_our_words():
            yield from self._raw.execute(sql, params)

    def row(self, sql: str, params: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """Return the first row of a query."""
        with self._in_our_words():
            found: tuple[Any, ...] | None = self._raw.execute(sql, params).fetchone()
            return found

    def value(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """Return the first column of the first row, or None."""
        found = self.row(sql, params)
        return None if found is None else found[0]

    @contextmanager
    def transaction(self, *, gives_way: bool = False) -> Iterator[None]:
        """Commit what is written inside as one, or nothing of it.

        Nested, it becomes a savepoint: an inner block that fails takes back only its own writes. One that `gives_way`
        is taken back with GaveWay when somebody who is not patient has to write.
        """
        if self._read_only:
            raise ValueError("a block that only reads cannot begin to write")
        with nullcontext() if self._depth else self._turn(gives_way):
            name = f"level_{self._depth}"
            self.run(f"SAVEPOINT {name}" if self._depth else "BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
                self.run(f"RELEASE {name}" if self._depth > 1 else "COMMIT")
            except BaseException:
                self._take_back(name)
                raise
            finally:
                self._depth -= 1

    def _turn(self, gives_way: bool) -> AbstractContextManager[None]:
        if self._turns is None:
            return nullcontext()
        give_way = self._raw.interrupt if gives_way else None
        return self._turns.taken(BUSY_TIMEOUT / 1000, patient=self._patient, give_way=give_way)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read one unchanging state with several queries; inside a transaction that is so anyway."""
        if self._depth or self._read_only:
            yield
            return
        self.run("BEGIN")
        self._read_only = True
        try:
            yield
        finally:
            self._read_only = False
            self.run("ROLLBACK")

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction of this connection is open."""
        return self._depth > 0 or self._read_only

    @cached_property
    def db(self) -> Database:
        """The same connection for sqlite-utils."""
        from app.store.tables import Database  # noqa: PLC0415  # not for opening a file: see there

        return Database(self._raw)

    def steps(self) -> tuple[str, ...]:
        """Return the migrations this file has taken."""
        return taken(lambda sql, params: self._raw.execute(sql, params).fetchall())

    def size(self) -> int:
        """Return how many bytes the file takes."""
        return int(self.value("PRAGMA page_count")) * int(self.value("PRAGMA page_size"))

    def need_room(self) -> None:
        """Make sure that the file can be written anew: it comes to lie in a copy and in the log. Raises DiskFull."""
        if shutil.disk_usage(self.path.parent).free < 2 * self.size():
            raise DiskFull

    def rewrite(self, *, gives_way: bool = False) -> None:
        """Write the whole file anew, so that no stale bytes stay in the slack of its pages.

        The copy in between lies encrypted on disk, not in memory: it can be as large as the store. As long as only that
        is being made, one that `gives_way` is taken back with GaveWay when somebody who is not patient has to write.
        """
        self.run("PRAGMA temp_store = FILE")
        try:
            with self._turn(gives_way):
                self.run("VACUUM")
        finally:
            self.run("PRAGMA temp_store = MEMORY")

    def truncate_log(self) -> bool:
        """Fold the write-ahead log into the file and empty it. False when a reader still needs it."""
        self.run("PRAGMA wal_checkpoint(PASSIVE)")  # most of the work, and nobody has to wait for it
        with self._turn(gives_way=False):
            # Nobody can save while it waits for a reader.
            self.run(f"PRAGMA busy_timeout = {_READER_TIMEOUT}")
            try:
                found = self.row("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                self.run(f"PRAGMA busy_timeout = {BUSY_TIMEOUT}")
        return found is not None and found[0] == 0

    def _take_back(self, name: str) -> None:
        # SQLite has rolled back by itself when the disk was full or the file broke.
        if not self._raw.in_transaction:
            return
        if self._depth > 1:
            self._raw.execute(f"ROLLBACK TO {name}")
            self._raw.execute(f"RELEASE {name}")
        else:
            self._raw.execute("ROLLBACK")

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        try:
            yield
        except dbapi2.Error as error:
            expected = translated(error)
            if expected is None:
                raise
            raise expected from error

    def _migrate(self) -> None:
        had = set(self.steps())
        if not had <= set(KNOWN_STEPS):
            raise StoreNewer
        if had == set(KNOWN_STEPS):
            return
        from app.store.migrations.steps import migrations  # noqa: PLC0415  # once in the life of a release

        # All pending steps in one transaction; another process that opens at the same moment waits and finds them done.
        with self.transaction():
            applied = len(self.steps())
            if applied and self._keep is not None and migrations.pending(self.db):
                self._keep(applied)
            migrations.apply(self.db)


def _unlocked(path: Path, key: bytes, *, read_only: bool = False) -> dbapi2.Connection:
    if not read_only:
        _made_private(path)
    where = f"{path.absolute().as_uri()}?mode=ro" if read_only else str(path)
    raw = dbapi2.connect(where, isolation_level=None, timeout=BUSY_TIMEOUT / 1000, uri=read_only)
    try:
        raw.execute("PRAGMA cipher_log_level = NONE")
        # The default rather than this file's own size: the nameless copy that VACUUM makes takes the default, and with
        # pages of two sizes it wrote garbage into every file that was larger than what SQLite keeps in memory.
        raw.execute(f"PRAGMA cipher_default_page_size = {pages.PAGE_SIZE}")
        raw.execute(pages.key_pragma(key))
        if not raw.execute("PRAGMA cipher_version").fetchone():
            raise LocalError(
                "This build cannot encrypt, so the store was not opened.", kept="Nothing was written."
            )
    except BaseException:
        raw.close()
        raise
    return raw


def _made_private(path: Path) -> None:
    """Make a new file so that only this user may read it; its log takes the same rights from it."""
    with suppress(OSError):  # it is there; or it cannot be made, and SQLite says why
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _keep(path: Path, key: bytes, schema: int) -> None:
    """Keep a copy of a file as it is committed, while nobody else can write to it."""
    fresh = copy_of(path, schema).with_name(f"{copy_of(path, schema).name}.new")
    fresh.unlink(missing_ok=True)
    keep_copy(path, _unlocked(path, key), _unlocked(fresh, key), schema)


def _tune(raw: dbapi2.Connection) -> None:
    for pragma in _PRAGMAS:
        raw.execute(f"PRAGMA {pragma}").fetchall()
    _switch_to_log(raw)
    raw.execute("SELECT count(*) FROM sqlite_schema").fetchall()


def _switch_to_log(raw: dbapi2.Connection) -> None:
    """Make the file keep a write-ahead log, which it then does for good.

    SQLite refuses this at once, whatever the time to wait, while another connection to a new file does the same.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT / 1000
    while True:
        try:
            if raw.execute("PRAGMA journal_mode = WAL").fetchone()[0] == "wal":
                return
        except dbapi2.OperationalError as error:
            if not isinstance(translated(error), StoreBusy):
                raise
        if time.monotonic() > deadline:
            raise StoreBusy
        time.sleep(0.01)


def open_to_read(path: Path, key: bytes) -> dbapi2.Connection:
    """Open a file of whatever version only to read it. Raises WrongKey, StoreDamaged, StoreBusy."""
    raw = None
    try:
        raw = _unlocked(path, key)
        raw.execute("PRAGMA query_only = ON").fetchall()
        raw.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    except dbapi2.Error as error:
        _close(raw)
        expected = translated(error)
        if isinstance(expected, StoreDamaged) and not _is_ours(path, key):
            raise WrongKey from error
        raise expected or error from error
    return raw


def salvaged_beside(path: Path) -> Path:
    """Return where a salvage finishes the file that is to take the damaged one's place."""
    return path.with_name(path.name + ".salvaging")


def adopt_salvaged(path: Path) -> None:
    """Put a salvaged file in its place, if the damaged one has been moved out of it already."""
    beside = salvaged_beside(path)
    if beside.exists() and not path.exists():
        beside.replace(path)


def _close(raw: dbapi2.Connection | None) -> None:
    if raw is not None:
        raw.close()


def _is_ours(path: Path, key: bytes) -> bool:
    """Whether the key fits the file; one too small to hold a page is damaged rather than somebody else's."""
    return path.stat().st_size < pages.PAGE_SIZE or pages.key_fits(path, key)

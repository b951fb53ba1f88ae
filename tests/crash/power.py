"""A power cut: SQLite over a file system written here, that keeps what is written to it unsynced until it is synced.

Everything that SQLite does to its files is noted in order, so that one run has as many power cuts as it has writes:
each is the files as they stood at the last sync, with none, some or torn parts of what was written since.

This is plain SQLite, through apsw, as the encrypted build's binding has no way in for a file system. Above it stands
the real store with its pragmas, migrations and transactions. One thing differs: such a file system has no memory to
share between connections, so the lock is exclusive. What is written when, and synced when, is the same.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Any, cast

import apsw

from app.store.cipher import dbapi2
from app.store.connection import Connection
from app.store.database import Store

_SECTOR = 512
_NUMBERS = count()
_FILE = "/store.db"


@dataclass(frozen=True)
class Write:
    name: str
    offset: int
    data: bytes

    def onto(self, content: bytearray) -> None:
        if len(content) < self.offset:
            content.extend(bytes(self.offset - len(content)))
        content[self.offset : self.offset + len(self.data)] = self.data

    def torn(self, rng: random.Random) -> Iterator[Write]:
        """What of it reached the platter: some of its sectors."""
        for at in range(0, len(self.data), _SECTOR):
            if rng.random() < 0.5:
                yield Write(self.name, self.offset + at, self.data[at : at + _SECTOR])


@dataclass(frozen=True)
class Cut:
    """A file was cut to a size."""

    name: str
    size: int

    def onto(self, content: bytearray) -> None:
        del content[self.size :]


@dataclass(frozen=True)
class Sync:
    name: str


@dataclass(frozen=True)
class Delete:
    name: str


@dataclass(frozen=True)
class Said:
    """The user was told at this moment that something is saved."""

    what: str


class Loss(StrEnum):
    """What becomes of what was written and not synced. None of it is lost when only the process ends, at that write."""

    NONE = "none of it is lost"
    ALL = "all of it is lost"
    SOME = "some of it is there"
    TORN = "some parts of it are there"


Op = Write | Cut | Sync | Delete | Said


class Disk:
    """Files in memory, and everything that was done to them."""

    def __init__(self, files: dict[str, bytearray] | None = None) -> None:
        self.files = files or {}
        self.log: list[Op] = []

    def do(self, op: Op) -> None:
        """Do something to the files, and note it."""
        self.log.append(op)
        match op:
            case Write() | Cut():
                op.onto(self.files.setdefault(op.name, bytearray()))
            case Delete():
                self.files.pop(op.name, None)
            case Sync() | Said():
                pass

    def after_cut(self, at: int, loss: Loss, rng: random.Random) -> Disk:
        """The disk as it is after the power went before the operation of that number."""
        files: dict[str, bytearray] = {}
        waiting: dict[str, list[Write | Cut]] = {}
        for op in self.log[:at]:
            match op:
                case Write() | Cut():
                    files.setdefault(op.name, bytearray())
                    waiting.setdefault(op.name, []).append(op)
                case Sync():
                    for one in waiting.pop(op.name, []):
                        one.onto(files[op.name])
                case Delete():
                    files.pop(op.name, None)
                    waiting.pop(op.name, None)
                case Said():
                    pass
        for name, ops in waiting.items():
            for one in ops:
                for left in _left(one, loss, rng):
                    left.onto(files[name])
        return Disk(files)


def _left(op: Write | Cut, loss: Loss, rng: random.Random) -> Iterable[Write | Cut]:
    match loss:
        case Loss.NONE:
            return (op,)
        case Loss.ALL:
            return ()
        case Loss.TORN if isinstance(op, Write):
            return op.torn(rng)
        case Loss.SOME | Loss.TORN:
            return (op,) if rng.random() < 0.5 else ()


class _File:
    """One open file, as SQLite asks for it."""

    def __init__(self, disk: Disk, name: str) -> None:
        self._disk = disk
        self._name = name
        disk.files.setdefault(name, bytearray())

    def xRead(self, amount: int, offset: int) -> bytes:
        return bytes(self._disk.files[self._name][offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.do(Write(self._name, offset, bytes(data)))

    def xTruncate(self, size: int) -> None:
        self._disk.do(Cut(self._name, size))

    def xSync(self, flags: int) -> None:
        self._disk.do(Sync(self._name))

    def xFileSize(self) -> int:
        return len(self._disk.files[self._name])

    def xLock(self, level: int) -> None:
        """Nobody else is there."""

    def xUnlock(self, level: int) -> None:
        """Nobody else is there."""

    def xCheckReservedLock(self) -> bool:
        return False

    def xSectorSize(self) -> int:
        return 4096

    def xDeviceCharacteristics(self) -> int:
        # As the file systems of Unix and Windows say: a write harms no bytes beside those it writes.
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE

    def xFileControl(self, op: int, pointer: int) -> bool:
        return False

    def xClose(self) -> None:
        """What was not synced stays where it is until the power goes."""


class _FileSystem(apsw.VFS):
    def __init__(self, name: str, disk: Disk) -> None:
        self._disk = disk
        super().__init__(name, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> Any:
        flags[1] = flags[0]
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        return _File(self._disk if path else Disk(), path or "temporary")

    def xAccess(self, pathname: str, flags: int) -> bool:
        return pathname in self._disk.files

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self._disk.do(Delete(filename))

    def xFullPathname(self, name: str) -> str:
        return name


class _Rows:
    """A statement that has run, as the driver of the encrypted build shows it."""

    def __init__(self, rows: list[tuple[Any, ...]], description: Any, rowcount: int, lastrowid: int) -> None:
        self._rows = iter(rows)
        self.description = description
        self.rowcount = rowcount
        self.lastrowid = lastrowid

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self._rows

    def fetchone(self) -> tuple[Any, ...] | None:
        return next(self._rows, None)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return [*self._rows]


class _Driver:
    """apsw's connection with the manners of the driver that the store is used to."""

    def __init__(self, raw: apsw.Connection) -> None:
        self._raw = raw

    def execute(self, sql: str, params: Sequence[Any] = ()) -> _Rows:
        cursor = self._raw.cursor()
        cursor.execute(sql, tuple(params))
        try:
            description = cursor.get_description()
        except apsw.ExecutionCompleteError:
            description = ()
        writes = not sql.lstrip().upper().startswith(("SELECT", "PRAGMA", "BEGIN", "COMMIT"))
        rows = cursor.fetchall()
        return _Rows(rows, description, self._raw.changes() if writes else -1, self._raw.last_insert_rowid())

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> _Rows:
        for row in rows:
            self.execute(sql, row)
        return _Rows([], (), self._raw.changes(), self._raw.last_insert_rowid())

    @property
    def in_transaction(self) -> bool:
        return self._raw.in_transaction

    def interrupt(self) -> None:
        self._raw.interrupt()

    def close(self) -> None:
        self._raw.close()


@contextmanager
def store_on(disk: Disk) -> Iterator[Store]:
    """Open the real store over a disk; at the end the power goes: nothing is closed in good order that matters."""
    name = f"counterpart-{next(_NUMBERS)}"
    system = _FileSystem(name, disk)
    raw = apsw.Connection(_FILE, vfs=name)
    try:
        raw.execute("PRAGMA locking_mode = EXCLUSIVE")
        yield Store(Connection.over(Path(_FILE), cast(dbapi2.Connection, _Driver(raw))))
    finally:
        raw.close(True)
        system.unregister()

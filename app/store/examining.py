"""Looks at an account's file without ever writing to it: whether it opens, is whole, and how much is in it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from app.contract.errors import CounterpartError
from app.store.connection import Connection
from app.store.database import Store
from app.store.faults import GaveWay
from app.store.migrations.known import KNOWN_STEPS
from app.store.pages import PAGE_SIZE


@dataclass(frozen=True)
class Outside:
    """What is seen without the key. Sizes in bytes; `whole_pages`: the file ends where a page does."""

    size: int
    log: int
    whole_pages: bool


@dataclass(frozen=True)
class Inside:
    """What the key shows. `intact` None: there was no time to look at all of it.

    `steps`, `pending`, `unknown`: how many steps of the schema it has taken, lacks, and has of a newer version.
    """

    intact: bool | None
    steps: int
    pending: int
    unknown: int
    records: int = 0
    outbox: Mapping[str, int] = field(default_factory=dict)
    conflicts: int = 0
    drafts: int = 0
    complete: bool = False
    as_of: datetime | None = None
    proven_at: datetime | None = None
    cipher: str = ""
    sqlite: str = ""


def outside(path: Path) -> Outside:
    """Look at the file from outside. Raises OSError."""
    log = path.with_name(path.name + "-wal")
    size = path.stat().st_size
    return Outside(size, log.stat().st_size if log.exists() else 0, size > 0 and size % PAGE_SIZE == 0)


def inside(path: Path, key: bytes, seconds: float) -> Inside:
    """Open the file to read, and look whether it is whole, for so many seconds at most.

    Raises WrongKey, StoreDamaged, StoreBusy, LocalError.
    """
    connection = Connection.examine(path, key)
    try:
        taken = set(connection.steps())
        unknown = len(taken - set(KNOWN_STEPS))
        pending = len(set(KNOWN_STEPS) - taken)
        found = Inside(
            intact=_intact(connection, seconds),
            steps=len(taken),
            pending=pending,
            unknown=unknown,
            cipher=str(connection.value("PRAGMA cipher_version") or ""),
            sqlite=str(connection.value("SELECT sqlite_version()") or ""),
        )
        return found if unknown or pending else _counted(connection, found)
    finally:
        connection.close()


def _intact(connection: Connection, seconds: float) -> bool | None:
    """Every page of the file proves itself by its code; SQLite's own structure is checked after that."""
    bell = threading.Timer(seconds, connection.interrupt)
    bell.daemon = True
    bell.start()
    try:
        if connection.rows("PRAGMA cipher_integrity_check"):
            return False
        return connection.rows("PRAGMA quick_check(1)") == [("ok",)]
    except GaveWay:
        return None
    except CounterpartError:
        return False
    finally:
        bell.cancel()


def _counted(connection: Connection, found: Inside) -> Inside:
    store = Store(connection)
    checkpoint = store.cursors.read()
    return replace(
        found,
        records=int(connection.value("SELECT count(*) FROM record")),
        outbox={state.value: count for state, count in sorted(store.outbox.counts().items())},
        conflicts=store.conflicts.count(),
        drafts=int(connection.value("SELECT count(*) FROM draft")),
        complete=checkpoint.complete,
        as_of=checkpoint.as_of,
        proven_at=checkpoint.proven_at,
    )

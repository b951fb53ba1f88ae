"""SHA-256 of files whose system keeps another checksum or none: reckoned once from the bytes, and remembered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection, delete, select, update

from gateway.bulk import merge_many
from gateway.clock import Clock
from gateway.database import Database
from gateway.tables import file_digest

#: What nobody has asked for in this time is forgotten, and reckoned once more should somebody ask.
_KEPT = timedelta(days=365)
#: That somebody asks is noted no more often than this: every reading of a file's row asks.
_NOTED = timedelta(days=30)


@dataclass(frozen=True)
class KnownFile:
    """What is known of a file's bytes."""

    sha256: str
    size: int


class Digests(Protocol):
    """Remembers what files come to. A key names a file *and* the state of its bytes: id with version or checksum."""

    def get(self, key: str) -> KnownFile | None:
        """Return what was noted."""

    def put(self, key: str, known: KnownFile) -> None:
        """Note it."""


class MemoryDigests:
    """For tests, and for one run of a command."""

    def __init__(self) -> None:
        self._known: dict[str, KnownFile] = {}

    def get(self, key: str) -> KnownFile | None:
        """Return what was noted."""
        return self._known.get(key)

    def put(self, key: str, known: KnownFile) -> None:
        """Note it."""
        self._known[key] = known


class StoredDigests:
    """In the gateway's database: for all its processes, and over restarts."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def get(self, key: str) -> KnownFile | None:
        """Return what was noted."""
        is_it = file_digest.c.key == key
        with self._database.read() as connection:
            row = connection.execute(select(file_digest).where(is_it)).first()
        if row is None:
            return None
        now = self._clock.now()
        if now - row.noted_at > _NOTED:
            with self._database.write() as connection:
                connection.execute(update(file_digest).where(is_it).values(noted_at=now))
        return KnownFile(row.sha256, row.size)

    def put(self, key: str, known: KnownFile) -> None:
        """Note it."""
        row = {"key": key, "sha256": known.sha256, "size": known.size, "noted_at": self._clock.now()}
        with self._database.write() as connection:
            merge_many(connection, file_digest, ("key",), [row])


class DigestsOf:
    """The digests of one system: another one's files may have the same ids."""

    def __init__(self, digests: Digests, system: str) -> None:
        self._digests = digests
        self._system = system

    def get(self, key: str) -> KnownFile | None:
        """Return what was noted."""
        return self._digests.get(f"{self._system}/{key}")

    def put(self, key: str, known: KnownFile) -> None:
        """Note it."""
        self._digests.put(f"{self._system}/{key}", known)


def forget_old_digests(connection: Connection, now: datetime) -> None:
    """Forget what nobody has asked for in a year."""
    connection.execute(delete(file_digest).where(file_digest.c.noted_at < now - _KEPT))


def digest_of(digests: Digests, key: str, read: Callable[[], Iterable[bytes]]) -> KnownFile:
    """Return what a file comes to, reading its bytes only when that is not known yet."""
    known = digests.get(key)
    if known is None:
        sha256, size = hashlib.sha256(), 0
        for piece in read():
            sha256.update(piece)
            size += len(piece)
        known = KnownFile(sha256.hexdigest(), size)
        digests.put(key, known)
    return known

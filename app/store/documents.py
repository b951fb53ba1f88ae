"""Bytes of documents and attachments, in chunks inside the encrypted file.

Inside means: encrypted, committed, deleted and survived together with the records that name them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.store.connection import Connection
from app.store.failpoints import StorePoint
from app.store.states import BlobState, Direction
from app.store.timestamps import moment, moment_or_none, stamp

#: Bytes of one chunk.
CHUNK = 256 * 1024

_COLUMNS = """
    blob.sha256, blob.size, blob.media_type, blob.name, blob.have, blob.state, blob.direction, blob.pinned, blob.unsent,
    blob.wanted, blob.last_used, blob.error, blob.verified_at
"""

#: Whether anything visible or unsent names a blob's SHA-256, given as ?1.
# A file that is added has a size; what only quotes a hash, such as the word that something was read, holds no bytes.
_NAMED = """
    EXISTS (SELECT 1 FROM record WHERE sha256 = ?1)
    OR EXISTS (SELECT 1 FROM shadow WHERE sha256 = ?1)
    OR EXISTS (SELECT 1 FROM draft, json_each(draft.children) AS child
               WHERE json_extract(child.value, '$.data.sha256') = ?1)
    OR EXISTS (SELECT 1 FROM outbox, json_each(outbox.blobs) AS named
               WHERE outbox.state <> 'settled' AND named.value = ?1)
    OR EXISTS (SELECT 1 FROM outbox WHERE state <> 'settled' AND json_extract(body, '$.changes.sha256') = ?1
               AND json_extract(body, '$.changes.size') IS NOT NULL)
"""

#: Blobs that may go when space is short, least recently used first.
_EVICTABLE = """
    SELECT sha256, have FROM blob
    WHERE NOT pinned AND NOT unsent AND NOT wanted
    AND NOT EXISTS (SELECT 1 FROM draft, json_each(draft.children) AS child
                    WHERE json_extract(child.value, '$.data.sha256') = blob.sha256)
    AND NOT EXISTS (SELECT 1 FROM outbox, json_each(outbox.blobs) AS named
                    WHERE outbox.state <> 'settled' AND named.value = blob.sha256)
    ORDER BY last_used, sha256
"""


@dataclass(frozen=True)
class Blob:
    """One blob; sizes in bytes. `have` bytes are here. `wanted`: it is to be pulled. `error`: why that failed."""

    sha256: str
    size: int
    media_type: str
    name: str
    have: int
    state: BlobState
    direction: Direction
    pinned: bool
    unsent: bool
    wanted: bool
    last_used: datetime
    error: str
    verified_at: datetime | None


@dataclass(frozen=True)
class Usage:
    """Bytes held: documents and sent attachments, what was not sent yet, and everything else in the file."""

    documents: int
    unsent: int
    records: int


class Blobs:
    """Keeps blobs by their SHA-256."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, sha256: str) -> Blob | None:
        """Return what is known of a blob."""
        row = self._connection.row(f"SELECT {_COLUMNS} FROM blob WHERE sha256 = ?", (sha256,))
        return None if row is None else _blob(row)

    def all(self) -> list[Blob]:
        """Return all blobs, last used first."""
        return self._where("1 ORDER BY last_used DESC, sha256")

    def add(
        self, sha256: str, size: int, media_type: str, name: str, chunks: Iterable[bytes], now: datetime
    ) -> Blob:
        """Keep bytes of this user that are still to be sent. Raises ValueError if they are not what was said."""
        with self._connection.transaction():
            before = self.get(sha256)
            if before is None or before.state is not BlobState.COMPLETE:
                self._connection.run("DELETE FROM blob WHERE sha256 = ?", (sha256,))
                self._open(sha256, size, media_type, name, Direction.UP, now)
                for chunk in chunks:
                    self._extend(sha256, chunk)
                if self._digest(sha256) != (sha256, size):
                    raise ValueError("the bytes changed while they were read")
            self._connection.run(
                "UPDATE blob SET state = ?, unsent = 1, wanted = 0, last_used = ?, verified_at = ? WHERE sha256 = ?",
                (BlobState.COMPLETE, stamp(now), stamp(now), sha256),
            )
            self._connection.failpoints.reached(StorePoint.FILE_TAKEN)
            return self._expect(sha256)

    def add_file(self, path: Path, media_type: str, name: str, now: datetime) -> Blob:
        """Keep a file's bytes to be sent. Raises OSError if it cannot be read, ValueError if it changes meanwhile."""
        digest, size = hashlib.sha256(), 0
        for chunk in _file_chunks(path):
            digest.update(chunk)
            size += len(chunk)
        return self.add(digest.hexdigest(), size, media_type, name, _file_chunks(path), now)

    def want(self, sha256: str, size: int, media_type: str, name: str, now: datetime) -> Blob:
        """Ask for a blob to be pulled; what has arrived of it before is kept."""
        with self._connection.transaction():
            if self.get(sha256) is None:
                self._open(sha256, size, media_type, name, Direction.DOWN, now)
            self._connection.run(
                "UPDATE blob SET wanted = state <> ?, error = '', last_used = ? WHERE sha256 = ?",
                (BlobState.COMPLETE, stamp(now), sha256),
            )
            return self._expect(sha256)

    def append(self, sha256: str, offset: int, data: bytes) -> int:
        """Add pulled bytes at `offset`, which is where they end so far; return how many are here now."""
        with self._connection.transaction():
            blob = self._expect(sha256)
            if blob.state is BlobState.COMPLETE or offset != blob.have or offset + len(data) > blob.size:
                raise ValueError("bytes for a place they do not belong to")
            have = self._extend(sha256, data)
            self._connection.failpoints.reached(StorePoint.PIECE_KEPT)
            return have

    def finish(self, sha256: str, now: datetime) -> bool:
        """Check a pulled blob against its SHA-256 and keep it; False when the bytes were wrong and thrown away."""
        with self._connection.transaction():
            blob = self._expect(sha256)
            if self._digest(sha256) == (sha256, blob.size):
                self._connection.run(
                    "UPDATE blob SET state = ?, wanted = 0, error = '', verified_at = ?, last_used = ?"
                    " WHERE sha256 = ?",
                    (BlobState.COMPLETE, stamp(now), stamp(now), sha256),
                )
                self._connection.failpoints.reached(StorePoint.DOCUMENT_WHOLE)
                return True
            self._empty(sha256, "What arrived was not this document.")
            return False

    def verify(self, sha256: str, now: datetime) -> bool:
        """Hash the stored bytes again. Wrong ones that can be pulled again are thrown away."""
        with self._connection.transaction():
            blob = self._expect(sha256)
            if self._digest(sha256) == (sha256, blob.size):
                self._connection.run("UPDATE blob SET verified_at = ? WHERE sha256 = ?", (stamp(now), sha256))
                return True
            if not blob.unsent:
                self._empty(sha256, "The copy on this computer was damaged.")
            return False

    def read(self, sha256: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from `start` up to `end` (default: all that are here). Raises KeyError."""
        stop = self._expect(sha256).have if end is None else min(end, self._expect(sha256).have)
        for index in range(start // CHUNK, (stop + CHUNK - 1) // CHUNK):
            data = self._connection.value(
                "SELECT data FROM blob_chunk WHERE sha256 = ? AND n = ?", (sha256, index)
            )
            if data is None:
                raise KeyError(sha256)
            piece = data[max(0, start - index * CHUNK) : stop - index * CHUNK]
            if piece:
                yield piece

    def content(self, sha256: str) -> bytes:
        """Return all bytes of a complete blob. Raises KeyError when it is not complete."""
        if self._expect(sha256).state is not BlobState.COMPLETE:
            raise KeyError(sha256)
        return b"".join(self.read(sha256))

    def pin(self, sha256: str, pinned: bool) -> None:
        """Keep a blob whatever space is left, or stop doing so."""
        self._set("pinned = ?", int(pinned), sha256)

    def mark_sent(self, sha256: str) -> None:
        """Note that the gateway holds every byte."""
        self._set("unsent = ?", 0, sha256)

    def mark_unsent(self, sha256: str) -> None:
        """Note that the gateway does not hold it (any more), so that it is sent again."""
        self._set("unsent = ?", 1, sha256)

    def touch(self, sha256: str, now: datetime) -> None:
        """Note that a blob was used."""
        self._set("last_used = ?", stamp(now), sha256)

    def fail(self, sha256: str, error: str) -> None:
        """Stop pulling or sending a blob and say why; what has arrived is kept."""
        with self._connection.transaction():
            self._set("error = ?", error, sha256)
            self._set("wanted = ?", 0, sha256)

    def cancel(self, sha256: str) -> None:
        """Give up a pull and drop what has arrived of it."""
        with self._connection.transaction():
            self._connection.run(
                "DELETE FROM blob WHERE sha256 = ? AND state = ? AND NOT unsent", (sha256, BlobState.PARTIAL)
            )

    def uploads(self) -> list[Blob]:
        """Return what is to be sent: unsent blobs that open items of the outbox name, in the outbox's order."""
        rows = self._connection.rows(
            f"SELECT {_COLUMNS} FROM outbox, json_each(outbox.blobs) AS named JOIN blob ON blob.sha256 = named.value"
            " WHERE outbox.state NOT IN ('settled', 'quarantined') AND blob.unsent ORDER BY outbox.seq, named.key"
        )
        return [*{row[0]: _blob(row) for row in rows}.values()]

    def downloads(self) -> list[Blob]:
        """Return what is to be pulled, first asked for first."""
        return self._where(f"wanted AND state = '{BlobState.PARTIAL}' ORDER BY rowid")

    def named(self, sha256: str) -> bool:
        """Whether a visible record, a draft or an open item of the outbox names a blob."""
        return bool(self._connection.value(f"SELECT {_NAMED}", (sha256,)))

    def release(self, shas: Iterable[str]) -> None:
        """Drop those of these blobs, and their text, that nothing names any more."""
        with self._connection.transaction():
            for sha256 in shas:
                if not self.named(sha256):
                    self._connection.run("DELETE FROM blob WHERE sha256 = ?", (sha256,))
                    self._connection.run("DELETE FROM document_text WHERE sha256 = ?", (sha256,))

    def release_unnamed(self) -> None:
        """Drop every blob, and every document's text, that nothing names; after a snapshot has replaced records."""
        rows = self._connection.rows("SELECT sha256 FROM blob UNION SELECT sha256 FROM document_text")
        self.release(sha256 for (sha256,) in rows)

    def evict(self, quota: int, besides: str = "") -> int:
        """Drop sent blobs, least recently used first, until all of them take at most `quota` bytes.

        Pinned, unsent and half-pulled ones stay, what a draft or the outbox names, and the one named `besides`. Returns
        the bytes freed.
        """
        with self._connection.transaction():
            used = self._sum("NOT unsent")
            freed = 0
            for sha256, have in self._connection.rows(_EVICTABLE):
                if used - freed <= quota:
                    break
                if sha256 == besides:
                    continue
                self._connection.run("DELETE FROM blob WHERE sha256 = ?", (sha256,))
                freed += have
            return freed

    def usage(self) -> Usage:
        """Return what takes how much space."""
        pages, free, size = (
            int(self._connection.value(f"PRAGMA {name}"))
            for name in ("page_count", "freelist_count", "page_size")
        )
        documents, unsent = self._sum("NOT unsent"), self._sum("unsent")
        return Usage(documents, unsent, max(0, (pages - free) * size - documents - unsent))

    def _open(
        self, sha256: str, size: int, media_type: str, name: str, direction: Direction, now: datetime
    ) -> None:
        self._connection.run(
            "INSERT INTO blob(sha256, size, media_type, name, state, direction, last_used) VALUES(?, ?, ?, ?, ?, ?, ?)",
            (sha256, size, media_type, name, BlobState.PARTIAL, direction, stamp(now)),
        )

    def _extend(self, sha256: str, data: bytes) -> int:
        have = int(self._connection.value("SELECT have FROM blob WHERE sha256 = ?", (sha256,)))
        index, filled = divmod(have, CHUNK)
        if filled:
            begun = self._connection.value(
                "SELECT data FROM blob_chunk WHERE sha256 = ? AND n = ?", (sha256, index)
            )
            data, have = begun + data, have - filled
        pieces = [(sha256, index + at // CHUNK, data[at : at + CHUNK]) for at in range(0, len(data), CHUNK)]
        self._connection.run_many(
            "INSERT OR REPLACE INTO blob_chunk(sha256, n, data) VALUES(?, ?, ?)", pieces
        )
        have += len(data)
        self._connection.run("UPDATE blob SET have = ? WHERE sha256 = ?", (have, sha256))
        return have

    def _empty(self, sha256: str, error: str) -> None:
        self._connection.run("DELETE FROM blob_chunk WHERE sha256 = ?", (sha256,))
        self._connection.run(
            "UPDATE blob SET have = 0, state = ?, wanted = 0, error = ?, verified_at = NULL WHERE sha256 = ?",
            (BlobState.PARTIAL, error, sha256),
        )

    def _digest(self, sha256: str) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        for piece in self.read(sha256):
            digest.update(piece)
            size += len(piece)
        return digest.hexdigest(), size

    def _expect(self, sha256: str) -> Blob:
        blob = self.get(sha256)
        if blob is None:
            raise KeyError(sha256)
        return blob

    def _where(self, where: str) -> list[Blob]:
        return [_blob(row) for row in self._connection.rows(f"SELECT {_COLUMNS} FROM blob WHERE {where}")]

    def _set(self, assignment: str, value: Any, sha256: str) -> None:
        with self._connection.transaction():
            self._connection.run(f"UPDATE blob SET {assignment} WHERE sha256 = ?", (value, sha256))

    def _sum(self, where: str) -> int:
        return int(self._connection.value(f"SELECT coalesce(sum(have), 0) FROM blob WHERE {where}"))


def _blob(row: tuple[Any, ...]) -> Blob:
    return Blob(
        sha256=row[0],
        size=row[1],
        media_type=row[2],
        name=row[3],
        have=row[4],
        state=BlobState(row[5]),
        direction=Direction(row[6]),
        pinned=bool(row[7]),
        unsent=bool(row[8]),
        wanted=bool(row[9]),
        last_used=moment(row[10]),
        error=row[11],
        verified_at=moment_or_none(row[12]),
    )


def _file_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk

"""Where file bytes are kept, by the SHA-256 of their content. Knows nothing of users or records."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

_PIECE = 256 * 1024

#: Free bytes on a disk below which a person should look at it.
_ROOM = 500 * 1024 * 1024


class DamagedBlob(Exception):
    """Bytes that are not what their name says; they were thrown away."""


class TooManyPieces(Exception):
    """An upload that comes in more pieces than the store can take."""


class BlobStore(Protocol):
    """Finished blobs by hash, and unfinished uploads by id.

    A store may be at the other end of a network: it is not called while a transaction is open. One that cannot be
    reached raises Problem 503 from every call.
    """

    def write_part(self, upload: str, offset: int, data: bytes) -> None:
        """Write bytes of an upload at `offset`; whatever stood behind it is cut off. May raise TooManyPieces."""

    def part_size(self, upload: str) -> int:
        """Return how many bytes of an unfinished upload are here."""

    def finish_part(self, upload: str, sha256: str) -> None:
        """Turn an upload into a blob; `drop_part` then throws away what is left of it.

        Raises DamagedBlob when the content has another hash.
        """

    def drop_part(self, upload: str) -> None:
        """Throw an unfinished upload away."""

    def keep(self, sha256: str, pieces: Iterator[bytes]) -> int:
        """Store a blob; returns its size in bytes. Raises DamagedBlob when the content has another hash."""

    def size(self, sha256: str) -> int | None:
        """Return how many bytes of a blob are here, None when it is not."""

    def read(self, sha256: str, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from `start` up to, not including, `end`."""

    def drop(self, sha256: str) -> None:
        """Throw a blob away."""

    def old_parts(self, before: datetime) -> Iterator[str]:
        """Yield the ids of uploads of which nothing was written since `before`."""

    def old_blobs(self, before: datetime) -> Iterator[str]:
        """Yield the hashes of blobs that were stored before then."""

    def forget_broken(self, before: datetime) -> None:
        """Throw away what writes left behind that were broken off before then."""

    def problem(self) -> str:
        """Say what is wrong with the store and how to mend it; empty when nothing is."""


class DiskBlobs:
    """Blobs as files under one folder, readable by their owner alone; a file appears under its name when whole."""

    def __init__(self, folder: Path) -> None:
        self._blobs = folder / "blobs"
        self._parts = folder / "uploads"
        for path in (self._blobs, self._parts):
            path.mkdir(parents=True, exist_ok=True, mode=0o700)

    def write_part(self, upload: str, offset: int, data: bytes) -> None:
        """Write bytes of an upload at `offset`."""
        with os.fdopen(_private(self._parts / upload), "r+b") as file:
            file.truncate(offset)
            file.seek(offset)
            file.write(data)
            file.flush()
            # The database will say that these bytes are here, also after a power cut.
            os.fsync(file.fileno())

    def part_size(self, upload: str) -> int:
        """Return how many bytes of an unfinished upload are here."""
        path = self._parts / upload
        return path.stat().st_size if path.exists() else 0

    def finish_part(self, upload: str, sha256: str) -> None:
        """Turn an upload into a blob."""
        part = self._parts / upload
        with os.fdopen(_private(part), "r+b") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        if found != sha256:
            self.drop_part(upload)
            raise DamagedBlob(sha256)
        self._place(part, sha256)

    def drop_part(self, upload: str) -> None:
        """Throw an unfinished upload away."""
        (self._parts / upload).unlink(missing_ok=True)

    def keep(self, sha256: str, pieces: Iterator[bytes]) -> int:
        """Store a blob."""
        part = self._parts / f"{sha256}-{os.urandom(6).hex()}"
        digest, size = hashlib.sha256(), 0
        with os.fdopen(_private(part), "r+b") as file:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        if digest.hexdigest() != sha256:
            part.unlink()
            raise DamagedBlob(sha256)
        self._place(part, sha256)
        return size

    def size(self, sha256: str) -> int | None:
        """Return how many bytes of a blob are here."""
        path = self._path(sha256)
        return path.stat().st_size if path.is_file() else None

    def read(self, sha256: str, start: int, end: int) -> Iterator[bytes]:
        """Yield a part of a blob."""
        with self._path(sha256).open("rb") as file:
            file.seek(start)
            while start < end:
                piece = file.read(min(_PIECE, end - start))
                if not piece:
                    return
                start += len(piece)
                yield piece

    def drop(self, sha256: str) -> None:
        """Throw a blob away."""
        self._path(sha256).unlink(missing_ok=True)

    def old_parts(self, before: datetime) -> Iterator[str]:
        """Yield the ids of uploads of which nothing was written since `before`."""
        return (path.name for path in _older(self._parts, before) if not _is_broken(path))

    def old_blobs(self, before: datetime) -> Iterator[str]:
        """Yield the hashes of blobs that were stored before then."""
        return (path.name for folder in self._blobs.iterdir() for path in _older(folder, before))

    def forget_broken(self, before: datetime) -> None:
        """Throw away files that were being kept when the process ended."""
        for path in _older(self._parts, before):
            if _is_broken(path):
                path.unlink(missing_ok=True)

    def problem(self) -> str:
        """Say what keeps files from being stored."""
        path = self._parts / f"check-{os.urandom(6).hex()}"
        try:
            with os.fdopen(_private(path), "r+b") as file:
                file.write(b"check")
            path.unlink()
            free = shutil.disk_usage(self._blobs).free
        except OSError as error:
            return f"Files cannot be stored in {self._parts.parent}: {error.strerror}."
        if free < _ROOM:
            return f"Only {free // 1_000_000} MB are free where files are stored, {self._blobs}. Make room."
        return ""

    def _path(self, sha256: str) -> Path:
        return self._blobs / sha256[:2] / sha256

    def _place(self, part: Path, sha256: str) -> None:
        path = self._path(sha256)
        path.parent.mkdir(exist_ok=True, mode=0o700)
        part.replace(path)
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Have a power cut leave a file under the name it was given; Windows does so by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _older(folder: Path, before: datetime) -> Iterator[Path]:
    for path in folder.iterdir():
        try:
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
                yield path
        except FileNotFoundError:
            continue  # another process was quicker


def _is_broken(path: Path) -> bool:
    """Whether a file among the uploads is one that was being kept as a blob: a hash and something random."""
    return len(path.name) > 64 and path.name[64] == "-"


def _private(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)


class MemoryBlobs:
    """Blobs in memory, for the simulation and for tests."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}
        self._parts: dict[str, bytes] = {}

    def write_part(self, upload: str, offset: int, data: bytes) -> None:
        """Write bytes of an upload at `offset`."""
        self._parts[upload] = self._parts.get(upload, b"")[:offset] + data

    def part_size(self, upload: str) -> int:
        """Return how many bytes of an unfinished upload are here."""
        return len(self._parts.get(upload, b""))

    def finish_part(self, upload: str, sha256: str) -> None:
        """Turn an upload into a blob."""
        self.keep(sha256, iter((self._parts.pop(upload, b""),)))

    def drop_part(self, upload: str) -> None:
        """Throw an unfinished upload away."""
        self._parts.pop(upload, None)

    def keep(self, sha256: str, pieces: Iterator[bytes]) -> int:
        """Store a blob."""
        data = b"".join(pieces)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise DamagedBlob(sha256)
        self._blobs[sha256] = data
        return len(data)

    def size(self, sha256: str) -> int | None:
        """Return how many bytes of a blob are here."""
        return len(self._blobs[sha256]) if sha256 in self._blobs else None

    def read(self, sha256: str, start: int, end: int) -> Iterator[bytes]:
        """Yield a part of a blob."""
        yield self._blobs[sha256][start:end]

    def drop(self, sha256: str) -> None:
        """Throw a blob away."""
        self._blobs.pop(sha256, None)

    def old_parts(self, before: datetime) -> Iterator[str]:
        """There are none: what is in memory does not outlive the process that knows of it."""
        return iter(())

    def old_blobs(self, before: datetime) -> Iterator[str]:
        """There are none, as above."""
        return iter(())

    def forget_broken(self, before: datetime) -> None:
        """There is nothing broken off in memory."""

    def problem(self) -> str:
        """Nothing can be wrong with it."""
        return ""

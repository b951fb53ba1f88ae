"""SHA-256 of files whose system keeps another checksum or none: reckoned once from the bytes, and remembered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol


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

"""Who makes the call that is being answered, told by those who find out to those who count, limit and log.

A shell opens a note for each call; whoever looks a caller up fills it in, on whichever thread. Without a shell, in the
ingest thread or in a simulation, nobody has opened one and nothing happens.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Note:
    """What is known of a caller by now: ids, empty as long as nobody has looked. `companies`: gids."""

    user: str = ""
    device: str = ""
    companies: tuple[str, ...] = ()


_open: ContextVar[Note | None] = ContextVar("caller", default=None)


@contextmanager
def noting(note: Note) -> Iterator[None]:
    """Have what is found out about the caller written into a note."""
    before = _open.set(note)
    try:
        yield
    finally:
        _open.reset(before)


def saw(user: str, device: str = "", companies: Iterable[str] | None = None) -> None:
    """Say who is calling; what is not said stays as it was. Whoever is looked up later on is not the caller."""
    note = _open.get()
    if note is None or note.user not in ("", user):
        return
    note.user = user
    note.device = device or note.device
    if companies is not None:
        note.companies = tuple(sorted(companies))


def present() -> Note | None:
    """Return the note of the call that is being answered."""
    return _open.get()


def veiled(address: str, secret: bytes) -> str:
    """Return a name for where a call came from: the same for the same address, and no way back without the secret."""
    return hmac.digest(hmac.digest(secret, b"addresses", "sha256"), address.encode(), "sha256").hex()[:16]


def short(text: str) -> str:
    """Return a name for something that callers choose themselves, such as a device's id: 12 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12] if text else ""

"""Cursors and snapshot tokens: opaque to the client, signed, bound to one user.

A cursor binds epoch, position with its random stamp, and grant version. While the difference between grants is
being paged it also says between which grants, and how far.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from gateway.problems import cursor_expired


@dataclass(frozen=True)
class Place:
    """A record's place in the order of a walk: entity types by rank, gids within."""

    entity: str = ""
    gid: str = ""


@dataclass(frozen=True)
class Cursor:
    """A position in the feed as one user sees it.

    `grants`: the grant version the mirror was read under; several while a difference is paged and the grant changed
    again. `towards`: the grant version the difference leads to, 0 when none is paged. `place`: how far it has come.
    """

    epoch: str
    position: int
    stamp: str
    grants: tuple[int, ...]
    towards: int = 0
    place: Place = Place()


@dataclass(frozen=True)
class SnapshotToken:
    """Where a snapshot goes on, the position at which it began, and how many records there were then."""

    epoch: str
    position: int
    stamp: str
    grant: int
    place: Place
    counts: dict[str, int]


class Signer:
    """Writes and reads tokens. What is not ours, or is another user's, counts as expired."""

    def __init__(self, secret: bytes) -> None:
        self._secret = hmac.digest(secret, b"cursor", "sha256")

    def write_cursor(self, user: str, cursor: Cursor) -> str:
        """Return a cursor's token."""
        place = [cursor.place.entity, cursor.place.gid]
        fields = [cursor.epoch, cursor.position, cursor.stamp, list(cursor.grants), cursor.towards, place]
        return self._write(user, "c", fields)

    def read_cursor(self, user: str, token: str) -> Cursor:
        """Return the cursor of a token. Raises Problem 410."""
        epoch, position, stamp, grants, towards, (entity, gid) = self._read(user, "c", token, 6)
        return Cursor(epoch, position, stamp, tuple(grants), towards, Place(entity, gid))

    def write_snapshot(self, user: str, token: SnapshotToken) -> str:
        """Return a snapshot's token."""
        place = [token.place.entity, token.place.gid]
        fields = [token.epoch, token.position, token.stamp, token.grant, place, token.counts]
        return self._write(user, "s", fields)

    def read_snapshot(self, user: str, token: str) -> SnapshotToken:
        """Return where a snapshot goes on. Raises Problem 410."""
        epoch, position, stamp, grant, (entity, gid), counts = self._read(user, "s", token, 6)
        return SnapshotToken(epoch, position, stamp, grant, Place(entity, gid), counts)

    def _write(self, user: str, kind: str, fields: list[Any]) -> str:
        body = json.dumps([kind, *fields], separators=(",", ":")).encode()
        return _text(self._mac(user, body) + body)

    def _read(self, user: str, kind: str, token: str, count: int) -> list[Any]:
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            raise cursor_expired() from None
        if _text(raw) != token:  # signs that mean nothing were in it
            raise cursor_expired()
        mac, body = raw[:16], raw[16:]
        if not hmac.compare_digest(mac, self._mac(user, body)):
            raise cursor_expired()
        found: list[Any] = json.loads(body)
        if found[0] != kind or len(found) != count + 1:
            raise cursor_expired()
        return found[1:]

    def _mac(self, user: str, body: bytes) -> bytes:
        return hmac.new(self._secret, user.encode() + b"\x00" + body, hashlib.sha256).digest()[:16]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")

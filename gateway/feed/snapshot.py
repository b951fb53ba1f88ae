"""Answers `/snapshot`: everything visible as it is now, by entity type in rank order and gid within.

It ends with the cursor of the position at which it began, so that `/changes` from there completes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from gateway.feed.cursor import Cursor, Place, SnapshotToken
from gateway.feed.positions import head, moment
from gateway.feed.reader import answers, check_history
from gateway.feed.rows import present_counts
from gateway.feed.walk import Room, present
from gateway.grants import Grant
from gateway.problems import cursor_expired


@dataclass(frozen=True)
class SnapshotPart:
    """One page: puts as JSON texts, and either where it goes on or the cursor it ends with."""

    puts: tuple[str, ...]
    counts: dict[str, int]
    following: SnapshotToken | None
    cursor: Cursor | None


def begin(connection: Connection, grant: Grant, epoch: str) -> SnapshotToken:
    """Start a snapshot at the head."""
    at = head(connection)
    counts = present_counts(connection, grant)
    _, stamp = moment(connection, at)
    return SnapshotToken(epoch, at, stamp or "", grant.version, Place(), counts)


def page(connection: Connection, grant: Grant, epoch: str, token: SnapshotToken, room: Room) -> SnapshotPart:
    """Return the page at `token`. Raises Problem 410 when history or grant are not what they were at its beginning."""
    check_history(connection, epoch, token.epoch, token.position, token.stamp)
    if token.grant != grant.version:
        raise cursor_expired()
    met, more = present(connection, grant.tags, grant.view.order, token.place, room)
    puts, _ = answers(connection, grant, met)
    if more:
        following = replace(token, place=Place(met[-1][1], met[-1][0]))
        return SnapshotPart(puts, token.counts, following, None)
    cursor = Cursor(token.epoch, token.position, token.stamp, (grant.version,))
    return SnapshotPart(puts, token.counts, None, cursor)

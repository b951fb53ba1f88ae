"""Answers `/digest`: checksums over what the user sees at the head, to be compared with their mirror's."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from app.contract.digest import Buckets, bucket_of, buckets
from gateway.feed import mirror as mirrored
from gateway.feed.cursor import Cursor
from gateway.feed.reader import check_history
from gateway.feed.rows import seen_text
from gateway.feed.walk import moved_since
from gateway.feed.writer import PRESENT
from gateway.grants import Grant
from gateway.tables import feed, mirror

_MANY = 500


def is_current(connection: Connection, grant: Grant, epoch: str, cursor: Cursor) -> bool:
    """Tell whether nothing visible changed since the cursor. Raises Problem 410 for an unknown position."""
    check_history(connection, epoch, cursor.epoch, cursor.position, cursor.stamp)
    if cursor.towards or cursor.grants != (grant.version,):
        return False
    return not moved_since(connection, grant.tags, cursor.position)


def sums(connection: Connection, grant: Grant) -> dict[str, Buckets]:
    """Return the buckets of every entity type the user sees."""
    return {entity: buckets(_hashes(connection, grant, entity)) for entity in grant.view.order}


def bucket_hashes(connection: Connection, grant: Grant, entity: str, index: int) -> dict[str, str]:
    """Return gid to hash of one bucket."""
    return {gid: digest for gid, digest in _hashes(connection, grant, entity) if bucket_of(gid) == index}


def _hashes(connection: Connection, grant: Grant, entity: str) -> Iterator[tuple[str, str]]:
    standing = (
        select(feed.c.gid)
        .where(feed.c.tag.in_(grant.tags), feed.c.entity == entity, feed.c.present == PRESENT)
        .distinct()
    )
    if entity not in grant.view.cut:
        rows = connection.execute(select(mirror.c.gid, mirror.c.hash).where(mirror.c.gid.in_(standing)))
        yield from ((row.gid, row.hash) for row in rows)
        return
    gids = [row.gid for row in connection.execute(standing)]
    for start in range(0, len(gids), _MANY):
        for record in mirrored.by_gids(connection, gids[start : start + _MANY]).values():
            yield record.gid, seen_text(grant, record)[1]

"""Answers `/digest`: checksums over what the user sees at the head, to be compared with their mirror's."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, func, select

from app.contract.digest import Buckets, bucket_of, buckets
from gateway.feed.cursor import Cursor
from gateway.feed.reader import check_history
from gateway.feed.rows import cut_text
from gateway.feed.walk import moved_since
from gateway.feed.writer import PRESENT
from gateway.grants import Grant
from gateway.tables import feed, mirror


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


def _hashes(connection: Connection, grant: Grant, entity: str) -> Iterable[tuple[str, str]]:
    given = {"tags": sorted(grant.tags), "entity": entity}
    if entity in grant.view.whole:
        text: str | None = connection.execute(_HASHES, given).scalar_one()
        return ((line[:_GID], line[_GID:]) for line in text.split("\n")) if text else ()
    texts = connection.execute(_TEXTS, given)
    return ((gid, cut_text(grant, entity, text)[1]) for gid, text in texts)


_GID = 36
_STANDING = select(feed.c.gid).where(
    feed.c.tag.in_(bindparam("tags", expanding=True)),
    feed.c.entity == bindparam("entity"),
    feed.c.present == PRESENT,
)
# One text, put together by the database: hundreds of thousands of rows would each take the interpreter's lock in turn,
# and hold up every other call for as long as it lasts.
_HASHES = select(func.aggregate_strings(mirror.c.gid + mirror.c.hash, "\n")).where(
    mirror.c.gid.in_(_STANDING)
)
_TEXTS = select(mirror.c.gid, mirror.c.data).where(mirror.c.gid.in_(_STANDING))

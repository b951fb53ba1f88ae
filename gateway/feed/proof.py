"""Answers `/digest`: checksums over what the user sees at the head, to be compared with their mirror's."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select

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
        return connection.execute(_HASHES, given).all()
    texts = connection.execute(_TEXTS, given)
    return ((gid, cut_text(grant, entity, text)[1]) for gid, text in texts)


_STANDING = (
    select(feed.c.gid)
    .where(
        feed.c.tag.in_(bindparam("tags", expanding=True)),
        feed.c.entity == bindparam("entity"),
        feed.c.present == PRESENT,
    )
    .distinct()
)
_HASHES = select(mirror.c.gid, mirror.c.hash).where(mirror.c.gid.in_(_STANDING))
_TEXTS = select(mirror.c.gid, mirror.c.data).where(mirror.c.gid.in_(_STANDING))

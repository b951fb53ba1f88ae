"""Answers `/digest`: checksums over what the user sees at the head, to be compared with their mirror's."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator
from operator import xor
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, bindparam, func, literal, select

from app.contract.digest import EMPTY, GID_END, GID_START, HASH_DIGITS, Buckets, added, bucket_of, buckets
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
    return {
        entity: _summed(connection, _given(grant, entity))
        if entity in grant.view.whole
        else buckets(_hashes(connection, grant, entity))
        for entity in grant.view.order
    }


def bucket_hashes(connection: Connection, grant: Grant, entity: str, index: int) -> dict[str, str]:
    """Return gid to hash of one bucket."""
    return {gid: digest for gid, digest in _hashes(connection, grant, entity) if bucket_of(gid) == index}


def _hashes(connection: Connection, grant: Grant, entity: str) -> Iterator[tuple[str, str]]:
    given = _given(grant, entity)
    if entity in grant.view.whole:
        yield from ((gid, digest) for gid, digest in connection.execute(_HASHES, given))
    else:
        texts = connection.execute(_TEXTS, given)
        yield from ((gid, cut_text(grant, entity, text)[1]) for gid, text in texts)


def _given(grant: Grant, entity: str) -> dict[str, Any]:
    return {"tags": sorted(grant.tags), "entity": entity}


def _summed(connection: Connection, given: dict[str, Any]) -> Buckets:
    """Sum what the contract's `item` says of each record.

    The database hands over one text, of which an array is made. Hundreds of thousands of rows would each take the
    interpreter's lock in turn, and hold up every other call for as long as it lasts.
    """
    text: str | None = connection.execute(_NUMBERS, given).scalar_one()
    numbers = array("Q", bytes.fromhex(text or ""))
    if sys.byteorder == "little":
        numbers.byteswap()
    return added(EMPTY, map(xor, numbers[0::2], numbers[1::2]))


_STANDING = select(feed.c.gid).where(
    feed.c.tag.in_(bindparam("tags", expanding=True)),
    feed.c.entity == bindparam("entity"),
    feed.c.present == PRESENT,
)
#: What stands has a hash. Asked for one, SQLite takes the index that holds it, rather than look up each record.
_IS_STANDING = mirror.c.gid.in_(_STANDING) & (mirror.c.hash > "")
_HASHES = select(mirror.c.gid, mirror.c.hash).where(_IS_STANDING)
_TEXTS = select(mirror.c.gid, mirror.c.data).where(mirror.c.gid.in_(_STANDING))


def _digits(text: ColumnElement[str], start: int, end: int) -> ColumnElement[str]:
    return func.substr(text, start + 1, end - start, type_=String)


#: The two numbers that the contract combines for each record, of 16 hexadecimal digits each.
_OF_HASH = literal("0") + _digits(mirror.c.hash, 0, HASH_DIGITS) + _digits(mirror.c.gid, GID_END, GID_END + 1)
_OF_GID = literal("0000") + _digits(mirror.c.gid, GID_START, GID_END) + literal("0")
_NUMBERS = select(func.aggregate_strings(_OF_HASH + _OF_GID, "")).where(_IS_STANDING)

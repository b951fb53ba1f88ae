"""Answers `/changes`: what changed since a cursor, or first the difference between two grants."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, or_

from gateway.feed import mirror as mirrored
from gateway.feed.cursor import Cursor, Place
from gateway.feed.positions import head, stamp_of
from gateway.feed.rows import gone_row, put_text, visible
from gateway.feed.walk import Step, by_place, since
from gateway.feed.writer import PRESENT
from gateway.grants import EarlierGrant, Grant, Grants
from gateway.problems import cursor_expired
from gateway.tables import feed


@dataclass(frozen=True)
class Part:
    """One page's content: puts as JSON texts, what left, and the cursor that leads on."""

    puts: tuple[str, ...]
    gone: tuple[list[str | None], ...]
    cursor: Cursor
    more: bool


def check_history(connection: Connection, epoch: str, cursor_epoch: str, position: int, stamp: str) -> None:
    """Refuse a position this history does not contain: the gateway was set back, or it is another one. Problem 410."""
    if cursor_epoch != epoch or position > head(connection) or stamp_of(connection, position) != stamp:
        raise cursor_expired()


def changes(
    connection: Connection, grants: Grants, grant: Grant, epoch: str, cursor: Cursor, limit: int
) -> Part:
    """Return the page that follows `cursor` under the grant that holds now. Raises Problem 410."""
    check_history(connection, epoch, cursor.epoch, cursor.position, cursor.stamp)
    if cursor.towards and cursor.towards != grant.version:
        # The grant changed again while its difference was paged: the mirror is somewhere between several grants.
        cursor = replace(
            cursor, grants=(*cursor.grants, cursor.towards), towards=grant.version, place=Place()
        )
    elif not cursor.towards and cursor.grants != (grant.version,):
        cursor = replace(cursor, towards=grant.version, place=Place())
    if cursor.towards:
        earlier = [grants.earlier(connection, grant.user, version) for version in cursor.grants]
        known = [item for item in earlier if item is not None]
        if len(known) < len(earlier):
            raise cursor_expired()
        return _difference(connection, grant, known, cursor, limit)
    return _feed(connection, grant, cursor, limit)


def _feed(connection: Connection, grant: Grant, cursor: Cursor, limit: int) -> Part:
    steps, more = since(connection, grant.tags, cursor.position, limit)
    at = steps[-1].position if more else head(connection)
    puts, gone = answers(connection, grant, steps)
    following = replace(cursor, position=at, stamp=stamp_of(connection, at) or "")
    return Part(puts, gone, following, more)


def _difference(
    connection: Connection, grant: Grant, earlier: Sequence[EarlierGrant], cursor: Cursor, limit: int
) -> Part:
    wanted = _wanted(grant, earlier, cursor.position)
    steps, more = by_place(connection, wanted, cursor.place, limit)
    puts, gone = answers(connection, grant, steps)
    if more:
        following = replace(cursor, place=Place(steps[-1].entity, steps[-1].gid))
    else:
        # What changed since the position under the tags held now follows from the feed.
        following = replace(cursor, grants=(grant.version,), towards=0, place=Place())
    return Part(puts, gone, following, more=True)


def _wanted(
    grant: Grant, earlier: Sequence[EarlierGrant], position: int
) -> Mapping[str, Mapping[str, ColumnElement[bool]]]:
    """Where to look: gained tags for what stands there, lost tags also for what left after the position, and all
    held tags for entity types whose visible fields changed."""
    held_throughout = frozenset.intersection(*(item.tags for item in earlier))
    held_ever = frozenset.union(*(item.tags for item in earlier))
    gained: Collection[str] = grant.tags - held_throughout
    lost: Collection[str] = held_ever - grant.tags
    stands = feed.c.present == PRESENT
    difference: dict[str, ColumnElement[bool]] = dict.fromkeys(gained, stands)
    difference |= dict.fromkeys(lost, or_(stands, feed.c.position > position))
    wanted: dict[str, dict[str, ColumnElement[bool]]] = {}
    for entity in grant.view.order:
        reshaped = any(item.views.get(entity) != grant.view.hashes[entity] for item in earlier)
        wanted[entity] = {**dict.fromkeys(grant.tags, stands), **difference} if reshaped else difference
    return wanted


def answers(
    connection: Connection, grant: Grant, steps: Sequence[Step]
) -> tuple[tuple[str, ...], tuple[list[str | None], ...]]:
    """Answer for each record from its present state: put when it is visible now, gone otherwise."""
    entities = {step.gid: step.entity for step in steps}
    records = mirrored.by_gids(connection, list(entities))
    puts: list[str] = []
    gone: list[list[str | None]] = []
    for gid, entity in entities.items():
        record = records.get(gid)
        if record and visible(grant, record):
            puts.append(put_text(grant, record))
        else:
            gone.append(gone_row(connection, grant, record, gid, entity))
    return tuple(puts), tuple(gone)

"""Answers `/changes`: what changed since a cursor, or first the difference between two grants."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from gateway.feed.cursor import Cursor, Place
from gateway.feed.mirror import Standing
from gateway.feed.positions import moment
from gateway.feed.rows import cut_text, gone_rows
from gateway.feed.walk import Look, Met, Room, by_place, since
from gateway.grants import EarlierGrant, Grant, Grants
from gateway.problems import cursor_expired

_LIVE, _DELETED = Standing.LIVE.value, Standing.DELETED.value


@dataclass(frozen=True)
class Part:
    """One page's content: puts as JSON texts, what left, and the cursor that leads on."""

    puts: tuple[str, ...]
    gone: tuple[list[str | None], ...]
    cursor: Cursor
    more: bool


def check_history(connection: Connection, epoch: str, cursor_epoch: str, position: int, stamp: str) -> int:
    """Refuse a position this history does not contain: the gateway was set back, or it is another one. Problem 410.

    Returns the head.
    """
    head, stamped = moment(connection, position)
    if cursor_epoch != epoch or position > head or stamped != stamp:
        raise cursor_expired()
    return head


def changes(
    connection: Connection, grants: Grants, grant: Grant, epoch: str, cursor: Cursor, room: Room
) -> Part:
    """Return the page that follows `cursor` under the grant that holds now. Raises Problem 410."""
    head = check_history(connection, epoch, cursor.epoch, cursor.position, cursor.stamp)
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
        return _difference(connection, grant, known, cursor, room)
    return _feed(connection, grant, cursor, head, room)


def _feed(connection: Connection, grant: Grant, cursor: Cursor, head: int, room: Room) -> Part:
    if cursor.position == head:
        return Part((), (), cursor, more=False)
    met, more = since(connection, grant.tags, cursor.position, room)
    at = met[-1][2] if more else head
    puts, gone = answers(connection, grant, met)
    _, stamp = moment(connection, at)
    return Part(puts, gone, replace(cursor, position=at, stamp=stamp or ""), more)


def _difference(
    connection: Connection, grant: Grant, earlier: Sequence[EarlierGrant], cursor: Cursor, room: Room
) -> Part:
    wanted = _wanted(grant, earlier, cursor.position)
    met, more = by_place(connection, wanted, cursor.place, room)
    puts, gone = answers(connection, grant, met)
    if more:
        following = replace(cursor, place=Place(met[-1][1], met[-1][0]))
    else:
        # What changed since the position under the tags held now follows from the feed.
        following = replace(cursor, grants=(grant.version,), towards=0, place=Place())
    return Part(puts, gone, following, more=True)


def _wanted(grant: Grant, earlier: Sequence[EarlierGrant], position: int) -> Mapping[str, Look]:
    """Where to look: gained tags for what stands there, lost tags also for what left after the position, and all
    held tags for entity types whose visible fields changed."""
    held_throughout = frozenset.intersection(*(item.tags for item in earlier))
    held_ever = frozenset.union(*(item.tags for item in earlier))
    lost = held_ever - grant.tags
    wanted: dict[str, Look] = {}
    for entity in grant.view.order:
        reshaped = any(item.views.get(entity) != grant.view.hashes[entity] for item in earlier)
        wanted[entity] = Look(grant.tags if reshaped else grant.tags - held_throughout, lost, position)
    return wanted


def answers(
    connection: Connection, grant: Grant, met: Iterable[Met]
) -> tuple[tuple[str, ...], tuple[list[str | None], ...]]:
    """Answer for each record from its present state: put when it is visible now, gone otherwise.

    Written for pages of many: a row's texts are joined as they are stored, and the same tags are judged once.
    """
    judged: dict[str | None, bool] = {}
    puts: list[str] = []
    gone: list[tuple[str, str, bool]] = []
    for gid, entity, _, status, version, digest, text, tags, held_as in met:
        sees = judged.get(tags)
        if sees is None:
            sees = judged[tags] = tags is not None and grant.sees(frozenset(json.loads(tags)))
        if sees and status == _LIVE and held_as in grant.view.fields:
            seen, seen_hash = text, digest
            if held_as not in grant.view.whole:
                seen, seen_hash = cut_text(grant, held_as, text or "{}")
            # Ids, versions and hashes have no character that JSON would have to escape.
            puts.append(f'["{gid}",{grant.view.quoted[held_as]},"{version}","{seen_hash}",{seen}]')
        else:
            gone.append((gid, entity, status == _DELETED))
    return tuple(puts), gone_rows(connection, grant, gone) if gone else ()

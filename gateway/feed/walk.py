"""Walking the feed by tag, with the mirror's rows joined in: one statement a page.

Each tag is looked under by itself and stops early, so cost follows what is read, not what exists. The statements are
built once for each number of tags.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Select,
    String,
    Subquery,
    bindparam,
    literal,
    or_,
    select,
    union,
)

from gateway.feed.cursor import Place
from gateway.feed.writer import PRESENT
from gateway.tables import feed, mirror

#: Tags that are looked under in one statement: databases limit how many parts one may have.
_TOGETHER = 60


#: One record met on a walk: what the feed says of it, and the mirror's row as it is now, as a plain tuple of
#: (gid, entity, position, status, version, hash, text, tags, held as). The entity is the feed's. The position is 0 on a
#: walk by place. What comes after it is the mirror's, None where it has no such row; `held as` is its entity.
Met = tuple[str, str, int, str | None, str | None, str | None, str | None, str | None, str | None]

_GID, _POSITION, _TEXT = itemgetter(0), itemgetter(2), itemgetter(6)


@dataclass(frozen=True)
class Room:
    """What one page has room for: so many records, and records until their texts come to so many characters.

    However long a record is, the first one has room.
    """

    records: int
    text: int

    def filled(self, met: list[Met], more: bool) -> tuple[list[Met], bool]:
        """Return those there is room for, and whether there are more."""
        text = 0
        for number, item in enumerate(met):
            if number == self.records or text >= self.text:
                return met[:number], True
            text += len(_TEXT(item) or "")
        return met, more


@dataclass(frozen=True)
class Look:
    """Where to look for records of one entity type.

    `stands`: tags under which what stands there is met. `lost`: tags under which also what left after `since` is.
    """

    stands: frozenset[str]
    lost: frozenset[str] = frozenset()
    since: int = 0


_OF_MIRROR = (
    mirror.c.status,
    mirror.c.version,
    mirror.c.hash,
    mirror.c.data.label("text"),
    mirror.c.tags,
    mirror.c.entity.label("held_entity"),
)


def since(connection: Connection, tags: Collection[str], position: int, room: Room) -> tuple[list[Met], bool]:
    """Return the first records whose feed rows follow `position`, in feed order, and whether there are more."""
    given = {"position": position, "most": room.records + 1}
    found = [
        _met(connection, page_statement(len(part)), {**_named(part), **given})
        for part in _parts(sorted(tags))
    ]
    return room.filled(*_first(found, _POSITION, room.records))


def moved_since(connection: Connection, tags: Collection[str], position: int) -> bool:
    """Tell whether anything under these tags changed after `position`."""
    met, _ = since(connection, tags, position, Room(1, 1))
    return bool(met)


def named(connection: Connection, gids: Sequence[str]) -> list[Met]:
    """Return these records, also those the mirror has no row for."""
    held = {item[0]: item for item in _met(connection, _NAMED, {"gids": list(gids)})}
    return [held.get(gid) or (gid, "", 0, None, None, None, None, None, None) for gid in gids]


def present(
    connection: Connection, tags: frozenset[str], order: Sequence[str], after: Place, room: Room
) -> tuple[list[Met], bool]:
    """Return the first records that stand under any of the tags, by entity type in `order` and gid."""
    return by_place(connection, dict.fromkeys(order, Look(tags)), after, room)


def by_place(
    connection: Connection, wanted: Mapping[str, Look], after: Place, room: Room
) -> tuple[list[Met], bool]:
    """Return the first records after a place, and whether there are more.

    `wanted`: entity types in walking order, each with where to look.
    """
    met: list[Met] = []
    for entity, start in _remaining(tuple(wanted), after):
        found, _ = _of_entity(connection, entity, wanted[entity], start, room.records + 1 - len(met))
        met, more = room.filled(met + found, more=False)
        if more:
            return met, True
    return met, False


def _remaining(order: Sequence[str], after: Place) -> Iterator[tuple[str, str]]:
    reached = after.entity not in order
    for entity in order:
        if entity == after.entity:
            reached = True
            yield entity, after.gid
        elif reached:
            yield entity, ""


def _of_entity(
    connection: Connection, entity: str, look: Look, start: str, limit: int
) -> tuple[list[Met], bool]:
    common = {"entity": entity, "start": start, "since": look.since, "most": limit}
    found = [
        _met(connection, _by_gid(len(part), lost), {**_named(part), **common})
        for lost, tags in ((False, look.stands), (True, look.lost))
        for part in _parts(sorted(tags))
    ]
    return _first(found, _GID, limit)


def _met(connection: Connection, statement: Select[Any], given: Mapping[str, Any]) -> list[Met]:
    """Run a statement whose columns are the members of `Met`."""
    result = connection.execute(statement, given)
    # Texts and numbers need no conversion, so the driver's tuples are taken as they are: making rows of them, and
    # records of the rows, is a tenth of a page's time. Whoever reads them takes them apart by place.
    assert result.cursor is not None
    found: list[Met] = list(result.cursor.fetchall())
    result.close()
    return found


def _first(found: Sequence[list[Met]], key: Callable[[Met], Any], limit: int) -> tuple[list[Met], bool]:
    """Merge what several statements found into the first `limit`; a record met twice counts once."""
    # Sorted here and not by the database, which would carry every record's text through its sorter. They come in
    # order as it is, so there is nothing to move.
    met = sorted(chain.from_iterable(found), key=key)
    if len(found) > 1:
        met = list({key(item): item for item in met}.values())
    return met[:limit], len(met) > limit


def _parts(tags: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(tags), _TOGETHER):
        yield tags[start : start + _TOGETHER]


def _named(tags: Sequence[str]) -> dict[str, Any]:
    return {f"tag{number}": tag for number, tag in enumerate(tags)}


# ------------------------------------------------------------------------------------------------------ statements
_NAMED = select(mirror.c.gid, literal("").label("asked_as"), literal(0).label("position"), *_OF_MIRROR).where(
    mirror.c.gid.in_(bindparam("gids", expanding=True))
)


def _tag(number: int) -> BindParameter[str]:
    return bindparam(f"tag{number}")


@lru_cache(maxsize=_TOGETHER)
def page_statement(tags: int) -> Select[Any]:
    """Records whose feed rows follow a position under any of so many tags, in feed order.

    A record stands under several tags with one position: the union makes those rows one.
    """
    looks = [
        # The position comes first: the union tells rows apart by it, and not by comparing texts.
        select(feed.c.position, feed.c.gid, feed.c.entity)
        .where(feed.c.tag == _tag(number), feed.c.position > bindparam("position"))
        .order_by(feed.c.position)
        .limit(bindparam("most"))
        .subquery()
        for number in range(tags)
    ]
    met = _together(looks)
    first = select(met).order_by(met.c.position).limit(bindparam("most")).subquery()
    return _with_mirror(first)


@lru_cache(maxsize=2 * _TOGETHER)
def _by_gid(tags: int, lost: bool) -> Select[Any]:
    """Records of one entity type that stand under any of so many tags, or also left it lately, by gid."""
    stands = feed.c.present == PRESENT
    wanted = or_(stands, feed.c.position > bindparam("since")) if lost else stands
    looks = [
        select(feed.c.gid)
        .where(feed.c.tag == _tag(number), feed.c.entity == bindparam("entity"))
        .where(feed.c.gid > bindparam("start"), wanted)
        .order_by(feed.c.gid)
        .limit(bindparam("most"))
        .subquery()
        for number in range(tags)
    ]
    met = _together(looks)
    gids = select(met.c.gid).order_by(met.c.gid).limit(bindparam("most")).subquery()
    entity = bindparam("entity", type_=String).label("entity")
    first = select(gids.c.gid, entity, literal(0).label("position")).subquery()
    return _with_mirror(first)


def _together(looks: Sequence[Subquery]) -> Subquery:
    return looks[0] if len(looks) == 1 else union(*(select(look) for look in looks)).subquery()


def _with_mirror(first: Subquery) -> Select[Any]:
    held = first.outerjoin(mirror, mirror.c.gid == first.c.gid)
    return select(first.c.gid, first.c.entity, first.c.position, *_OF_MIRROR).select_from(held)

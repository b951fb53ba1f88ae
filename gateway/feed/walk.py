"""Walking the feed by tag. Every query names one tag and stops early, so cost follows what is read, not what exists."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select

from gateway.feed.cursor import Place
from gateway.feed.writer import PRESENT
from gateway.tables import feed


@dataclass(frozen=True)
class Step:
    """One record met on a walk."""

    gid: str
    entity: str
    position: int


def since(
    connection: Connection, tags: Collection[str], position: int, limit: int
) -> tuple[list[Step], bool]:
    """Return up to `limit` feed rows after `position` in feed order, and whether there are more."""
    found: list[list[Step]] = []
    for tag in sorted(tags):
        rows = connection.execute(
            select(feed.c.gid, feed.c.entity, feed.c.position)
            .where(feed.c.tag == tag, feed.c.position > position)
            .order_by(feed.c.position)
            .limit(limit + 1)
        )
        found.append([Step(row.gid, row.entity, row.position) for row in rows])
    # A record stands under several tags with one position: those rows are one step.
    merged: dict[int, Step] = {}
    for step in heapq.merge(*found, key=lambda step: step.position):
        merged[step.position] = step
        if len(merged) > limit:
            break
    steps = list(merged.values())
    return steps[:limit], len(steps) > limit


def moved_since(connection: Connection, tags: Collection[str], position: int) -> bool:
    """Tell whether anything under these tags changed after `position`."""
    steps, _ = since(connection, tags, position, 1)
    return bool(steps)


def present(
    connection: Connection, tags: Collection[str], order: Sequence[str], after: Place, limit: int
) -> tuple[list[Step], bool]:
    """Return up to `limit` records that stand under any of the tags, by entity type in `order` and gid."""
    everything = dict.fromkeys(tags, feed.c.present == PRESENT)
    return by_place(connection, dict.fromkeys(order, everything), after, limit)


def by_place(
    connection: Connection,
    wanted: Mapping[str, Mapping[str, ColumnElement[bool]]],
    after: Place,
    limit: int,
) -> tuple[list[Step], bool]:
    """Return up to `limit` records after a place, and whether there are more.

    `wanted`: entity types in walking order, each with the tags to look under and the condition for that tag.
    """
    steps: list[Step] = []
    for entity, start in _remaining(tuple(wanted), after):
        room = limit + 1 - len(steps)
        steps += _of_entity(connection, entity, wanted[entity], start, room)
        if len(steps) > limit:
            return steps[:limit], True
    return steps, False


def _remaining(order: Sequence[str], after: Place) -> Iterator[tuple[str, str]]:
    reached = after.entity not in order
    for entity in order:
        if entity == after.entity:
            reached = True
            yield entity, after.gid
        elif reached:
            yield entity, ""


def _of_entity(
    connection: Connection, entity: str, wanted: Mapping[str, ColumnElement[bool]], start: str, limit: int
) -> list[Step]:
    found: list[list[Step]] = []
    for tag, condition in sorted(wanted.items(), key=lambda item: item[0]):
        rows = connection.execute(
            select(feed.c.gid, feed.c.position)
            .where(feed.c.tag == tag, feed.c.entity == entity, feed.c.gid > start, condition)
            .order_by(feed.c.gid)
            .limit(limit)
        )
        found.append([Step(row.gid, entity, row.position) for row in rows])
    merged: dict[str, Step] = {}
    for step in heapq.merge(*found, key=lambda step: step.gid):
        merged[step.gid] = step
        if len(merged) > limit:
            break
    return list(merged.values())[:limit]

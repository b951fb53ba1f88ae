"""Records as one user sees them: role cuts are made here and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, exists, func, select

from app.contract.canonical import canonical, content_hash
from app.contract.manifest import project
from app.contract.records import Record
from gateway.feed import mirror as mirrored
from gateway.feed.mirror import Mirrored, Standing
from gateway.feed.writer import DELETED, PRESENT
from gateway.grants import Grant
from gateway.tables import feed


def seen_text(grant: Grant, record: Mirrored) -> tuple[str, str]:
    """Return a record's canonical JSON as the user sees it, and its hash."""
    if record.entity in grant.view.whole:
        return record.text, record.hash
    return cut_text(grant, record.entity, record.text)


def cut_text(grant: Grant, entity: str, text: str) -> tuple[str, str]:
    """Return what is left of a record's canonical JSON under the grant's role, and its hash."""
    seen = grant.view.entity(entity)
    left = canonical(project(seen, json.loads(text))) if seen else "{}"
    return left, content_hash(left)


def gone_row(
    connection: Connection, grant: Grant, record: Mirrored | None, gid: str, entity: str
) -> list[str | None]:
    """Return one member of `gone` for a record the user does not see (any more).

    A deletion is told to those who saw the record up to it; to everybody else it is a revocation.
    """
    deleted = record is not None and record.standing is Standing.DELETED
    if record is None or not deleted or not _saw(connection, grant, [gid]):
        return [gid, entity, "revoked", None]
    into = mirrored.by_gid(connection, record.into) if record.into else None
    return [gid, entity, "tombstone", into.gid if into and visible(grant, into) else None]


def gone_rows(
    connection: Connection, grant: Grant, gone: Sequence[tuple[str, str, bool]]
) -> tuple[list[str | None], ...]:
    """Return the members of `gone` for many: gid, entity type, and whether the record was deleted at its source."""
    deleted = _saw(connection, grant, [gid for gid, _, was_deleted in gone if was_deleted])
    records = mirrored.by_gids(connection, deleted) if deleted else {}
    return tuple(
        gone_row(connection, grant, records[gid], gid, entity)
        if gid in records
        else [gid, entity, "revoked", None]
        for gid, entity, _ in gone
    )


def _saw(connection: Connection, grant: Grant, gids: Sequence[str]) -> set[str]:
    """Return those of these records that the user saw up to their deletion."""
    if not gids:
        return set()
    found = select(feed.c.gid).where(
        feed.c.gid.in_(gids), feed.c.tag.in_(grant.tags), feed.c.present == DELETED
    )
    return set(connection.execute(found).scalars())


def visible(grant: Grant, record: Mirrored | None) -> bool:
    """Tell whether the user sees a record."""
    return (
        record is not None
        and record.standing is Standing.LIVE
        and record.entity in grant.view.fields
        and grant.sees(record.tags)
    )


def seen(connection: Connection, grant: Grant, gid: str) -> Mirrored | None:
    """Return the record with that gid if the user sees it."""
    record = mirrored.by_gid(connection, gid)
    return record if record and visible(grant, record) else None


def as_record(grant: Grant, record: Mirrored) -> Record:
    """Return a record on its own, as outcomes carry it."""
    text, digest = seen_text(grant, record)
    return Record(
        gid=record.gid, entity=record.entity, version=record.version, hash=digest, data=json.loads(text)
    )


def present_counts(connection: Connection, grant: Grant) -> dict[str, int]:
    """Return how many records the user sees, by entity type in the order they are sent.

    What stands under the largest tag is counted as it is; under each further one only what no earlier one has. So a
    tag with a great many records is counted from its index, and only the small ones are compared.
    """
    counts = dict.fromkeys(grant.view.order, 0)
    sizes: dict[str, dict[str, int]] = {}
    for tag, entity, many in connection.execute(_SIZES, {"tags": sorted(grant.tags)}):
        sizes.setdefault(entity, {})[tag] = many
    for entity, by_tag in sizes.items():
        largest, *others = sorted(by_tag, key=lambda tag: (-by_tag[tag], tag))
        counts[entity] = by_tag[largest]
        for place, tag in enumerate(others, 1):
            given = {"tag": tag, "entity": entity, "earlier": [largest, *others][:place]}
            counts[entity] += connection.execute(_NEW_UNDER, given).scalar_one()
    return counts


_SIZES = (
    select(feed.c.tag, feed.c.entity, func.count())
    .where(feed.c.tag.in_(bindparam("tags", expanding=True)), feed.c.present == PRESENT)
    .group_by(feed.c.tag, feed.c.entity)
)
_earlier = feed.alias("earlier")
_NEW_UNDER = select(func.count()).where(
    feed.c.tag == bindparam("tag"),
    feed.c.entity == bindparam("entity"),
    feed.c.present == PRESENT,
    ~exists().where(
        _earlier.c.gid == feed.c.gid,
        _earlier.c.tag.in_(bindparam("earlier", expanding=True)),
        _earlier.c.present == PRESENT,
    ),
)

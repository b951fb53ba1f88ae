"""Records as one user sees them: role cuts are made here and nowhere else."""

from __future__ import annotations

import json

from sqlalchemy import Connection, func, select

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
    entity = grant.view.entity(record.entity)
    if entity is None or record.entity in grant.view.cut:
        text = canonical(project(entity, record.data)) if entity else "{}"
        return text, content_hash(text)
    return record.text, record.hash


def put_text(grant: Grant, record: Mirrored) -> str:
    """Return one member of `puts`: `[gid, entity, version, hash, data]`."""
    text, digest = seen_text(grant, record)
    start = json.dumps([record.gid, record.entity, record.version, digest])
    return f"{start[:-1]},{text}]"


def gone_row(
    connection: Connection, grant: Grant, record: Mirrored | None, gid: str, entity: str
) -> list[str | None]:
    """Return one member of `gone` for a record the user does not see (any more).

    A deletion is told to those who saw the record up to it; to everybody else it is a revocation.
    """
    saw = connection.execute(
        select(feed.c.tag)
        .where(feed.c.gid == gid, feed.c.tag.in_(grant.tags), feed.c.present == DELETED)
        .limit(1)
    ).first()
    if saw is None or record is None or record.standing is not Standing.DELETED:
        return [gid, entity, "revoked", None]
    into = mirrored.by_gid(connection, record.into) if record.into else None
    return [gid, entity, "tombstone", into.gid if into and visible(grant, into) else None]


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
    """Return how many records the user sees, by entity type in the order they are sent."""
    rows = connection.execute(
        select(feed.c.entity, func.count(feed.c.gid.distinct()).label("many"))
        .where(feed.c.tag.in_(grant.tags), feed.c.present == PRESENT)
        .group_by(feed.c.entity)
    )
    return {**dict.fromkeys(grant.view.order, 0), **{row.entity: row.many for row in rows}}

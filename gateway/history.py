"""The beginning of a gateway's history: its epoch, its counter, and the manifest its records are kept by."""

from __future__ import annotations

import json

from sqlalchemy import Connection, delete, insert, select, update

from app.contract.canonical import canonical, content_hash, record_hash
from app.contract.manifest import Manifest, project
from gateway.clock import Ids, Random
from gateway.feed import positions
from gateway.feed.mirror import Standing
from gateway.feed.store import FeedStore
from gateway.feed.writer import PRESENT
from gateway.migrate import NewerDatabase, is_ahead, revision_of
from gateway.systems import Systems
from gateway.tables import delayed_cursor, feed, ingest_cursor, meta, mirror, position

EPOCH = "epoch"
SHAPE = "shape"
#: The epoch before a restore, until the gateway that is started then has told of it.
ENDED = "ended_epoch"


def begin(store: FeedStore, manifest: Manifest, systems: Systems, ids: Ids, random: Random) -> str:
    """Start a new database, or take up an old one; returns the epoch. Raises NewerDatabase."""
    with store.database.write() as connection:
        epoch = _get(connection, EPOCH)
        if epoch is None:
            epoch = ids.new_id()
            _set(connection, EPOCH, epoch)
        if connection.execute(select(position.c.value)).first() is None:
            positions.begin(connection, random)
        shape = _shape(manifest, systems)
        before = _get(connection, SHAPE)
        if before not in (None, shape) and is_ahead(revision_of(connection)):
            raise NewerDatabase(
                "A newer gateway keeps its records by another manifest or mapping; this one would cut them back."
                " Start the newer one."
            )
    if before != shape:
        _reshape(store, manifest, shape)
    return epoch


def new_epoch(connection: Connection, ids: Ids) -> tuple[str, str]:
    """End this history's epoch and begin another one; returns both. Every cursor given out before is 410 then."""
    before, epoch = _get(connection, EPOCH) or "", ids.new_id()
    _set(connection, EPOCH, epoch)
    _set(connection, ENDED, before)
    return before, epoch


def ended_epoch(connection: Connection) -> str:
    """Return the epoch that a restore has ended and nobody has told of yet, and forget it; empty for none."""
    ended = _get(connection, ENDED) or ""
    if ended:
        connection.execute(delete(meta).where(meta.c.name == ENDED))
    return ended


def _shape(manifest: Manifest, systems: Systems) -> str:
    fields = {entity.name: sorted(entity.by_name) for entity in manifest.entities}
    return content_hash(canonical([fields, [system.mapping.model_dump_json() for system in systems]]))


def _reshape(store: FeedStore, manifest: Manifest, shape: str) -> None:
    """Cut fields the manifest does not name any more out of every record, and have everything read again.

    A record that changed gets a new position. Whatever else a new manifest or mapping brings comes in with the next
    pass of the fast lane.
    """
    with store.writing() as writer:
        connection = writer.connection
        live = select(mirror.c.gid, mirror.c.entity, mirror.c.data, mirror.c.hash).where(
            mirror.c.status == Standing.LIVE.value
        )
        for row in connection.execute(live).all():
            entity = manifest.entity(row.entity)
            data = project(entity, _loads(row.data)) if entity else {}
            digest = record_hash(data)
            if digest == row.hash:
                continue
            at = writer.positions.next()
            shaped = {
                "data": canonical(data),
                "hash": digest,
                "content_hash": "",
                "version": f"{at:x}-{digest[:16]}",
                "position": at,
                "fence": at,
            }
            connection.execute(update(mirror).where(mirror.c.gid == row.gid).values(shaped))
            stands = (feed.c.gid == row.gid) & (feed.c.present == PRESENT)
            connection.execute(update(feed).where(stands).values(position=at))
        connection.execute(delete(ingest_cursor))
        connection.execute(delete(delayed_cursor))
        connection.execute(update(mirror).values(read_at=None, revision=""))
        _set(connection, SHAPE, shape)


def _loads(text: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(text)
    return found


def _get(connection: Connection, name: str) -> str | None:
    value: str | None = connection.execute(select(meta.c.value).where(meta.c.name == name)).scalar()
    return value


def _set(connection: Connection, name: str, value: str) -> None:
    connection.execute(delete(meta).where(meta.c.name == name))
    connection.execute(insert(meta).values(name=name, value=value))

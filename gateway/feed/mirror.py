"""Reading the mirror: records as the source systems hold them, in full, before any role's cuts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, or_, select

from gateway.crm.port import Ref, SystemRef
from gateway.tables import mirror


class Standing(StrEnum):
    """Where a row stands. Hidden: the mapping does not share it, so its content is not kept."""

    LIVE = "live"
    DELETED = "deleted"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Mirrored:
    """One record in the mirror."""

    gid: str
    entity: str
    system: str
    ref: Ref
    standing: Standing
    text: str
    hash: str
    content_hash: str
    version: str
    tags: frozenset[str]
    parent: str | None
    blob: str | None
    into: str | None
    position: int
    fence: int
    changed_text: str
    modified_at: datetime | None
    read_at: datetime | None
    revision: str

    @cached_property
    def data(self) -> dict[str, Any]:
        """The whole record."""
        found: dict[str, Any] = json.loads(self.text)
        return found

    @cached_property
    def changed(self) -> dict[str, tuple[int, str]]:
        """Field to the position of its last change and the portal user who made it ("" for the system's side)."""
        return {name: (at, by) for name, (at, by) in json.loads(self.changed_text).items()}


def _from_row(row: Row[*tuple[Any, ...]]) -> Mirrored:
    return Mirrored(
        gid=row.gid,
        entity=row.entity,
        system=row.system,
        ref=Ref(row.object, row.source_id),
        standing=Standing(row.status),
        text=row.data,
        hash=row.hash,
        content_hash=row.content_hash,
        version=row.version,
        tags=frozenset(json.loads(row.tags)),
        parent=row.parent,
        blob=row.blob,
        into=row.into_gid,
        position=row.position,
        fence=row.fence,
        changed_text=row.changed,
        modified_at=row.modified_at,
        read_at=row.read_at,
        revision=row.revision,
    )


#: How many merges one after the other are followed.
_MERGES = 10

# Asked for every row that is read, so they are put together once.
_BY_GID = select(mirror).where(mirror.c.gid == bindparam("gid"))
_IS_ROW = (
    (mirror.c.system == bindparam("system"))
    & (mirror.c.object == bindparam("object"))
    & (mirror.c.source_id == bindparam("source_id"))
)
_BY_REF = select(mirror).where(_IS_ROW)
_BY_GIDS = select(mirror).where(mirror.c.gid.in_(bindparam("gids", expanding=True)))
_ARE_ROWS = (
    (mirror.c.system == bindparam("system"))
    & (mirror.c.object == bindparam("object"))
    & mirror.c.source_id.in_(bindparam("source_ids", expanding=True))
)
_IS_LIVE = mirror.c.status == Standing.LIVE.value
_LIVE_AMONG = select(mirror.c.source_id).where(_ARE_ROWS, _IS_LIVE)
_BY_REFS = select(mirror).where(_ARE_ROWS)
_SEEN = select(mirror.c.source_id, mirror.c.revision, mirror.c.modified_at, mirror.c.read_at).where(_ARE_ROWS)
_PARENTS_AMONG = (
    select(mirror.c.parent).distinct().where(mirror.c.parent.in_(bindparam("gids", expanding=True)))
)
_CHILD_COUNTS = (
    select(mirror.c.parent, mirror.c.entity, func.count().label("many"))
    .where(
        mirror.c.parent.in_(bindparam("parents", expanding=True)),
        mirror.c.status == Standing.LIVE.value,
    )
    .group_by(mirror.c.parent, mirror.c.entity)
)


def by_gid(connection: Connection, gid: str) -> Mirrored | None:
    """Return the record with that gid, whatever its standing."""
    row = connection.execute(_BY_GID, {"gid": gid}).first()
    return None if row is None else _from_row(row)


def by_gids(connection: Connection, gids: Iterable[str]) -> dict[str, Mirrored]:
    """Return the records with those gids."""
    rows = connection.execute(_BY_GIDS, {"gids": [*gids]}).all()
    return {row.gid: _from_row(row) for row in rows}


def by_ref(connection: Connection, system: str, ref: Ref) -> Mirrored | None:
    """Return the record that stands for a system's row."""
    key = {"system": system, "object": ref.obj, "source_id": ref.id}
    row = connection.execute(_BY_REF, key).first()
    return None if row is None else _from_row(row)


def children(connection: Connection, parent: str) -> list[Mirrored]:
    """Return the children of a record, of any standing."""
    return [_from_row(row) for row in connection.execute(select(mirror).where(mirror.c.parent == parent))]


def child_counts(connection: Connection, parents: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return how many live children records have, by entity type; those without any are left out."""
    found: dict[str, dict[str, int]] = {}
    for row in connection.execute(_CHILD_COUNTS, {"parents": [*parents]}) if parents else ():
        found.setdefault(row.parent, {})[row.entity] = row.many
    return found


def holders(connection: Connection, sha256: str) -> list[Mirrored]:
    """Return the live records that name these bytes."""
    found = select(mirror).where(mirror.c.blob == sha256, mirror.c.status == Standing.LIVE.value)
    return [_from_row(row) for row in connection.execute(found)]


def source_ids(connection: Connection, system: str, obj: str) -> dict[str, Standing]:
    """Return the standing of every row of one object."""
    found = select(mirror.c.source_id, mirror.c.status).where(
        mirror.c.system == system, mirror.c.object == obj
    )
    return {source_id: Standing(status) for source_id, status in connection.execute(found)}


def gone_with_parent(connection: Connection, system: str, obj: str) -> set[str]:
    """Return the rows of one object that are deleted, and whose parent is not there either."""
    parent = mirror.alias("of")
    found = select(mirror.c.source_id).where(
        mirror.c.system == system,
        mirror.c.object == obj,
        mirror.c.status == Standing.DELETED.value,
        parent.c.gid == mirror.c.parent,
        parent.c.status != Standing.LIVE.value,
    )
    return {*connection.execute(found).scalars()}


def known(connection: Connection, system: str, refs: Iterable[Ref]) -> dict[Ref, Mirrored]:
    """Return the records that stand for these rows, as far as there are any."""
    found: dict[Ref, Mirrored] = {}
    for obj, source_ids in _by_object(refs).items():
        key = {"system": system, "object": obj, "source_ids": source_ids}
        for row in connection.execute(_BY_REFS, key).all():
            record = _from_row(row)
            found[record.ref] = record
    return found


def known_anywhere(connection: Connection, rows: Iterable[SystemRef]) -> dict[SystemRef, Mirrored]:
    """Return the records that stand for these rows of any systems, as far as there are any."""
    found: dict[SystemRef, Mirrored] = {}
    for system, refs in by_system(rows).items():
        records = known(connection, system, refs)
        found |= {SystemRef(system, ref): record for ref, record in records.items()}
    return found


def lasting(connection: Connection, record: Mirrored) -> str:
    """Return the gid a record goes by now: that of the one it was merged into, and so on, if it was."""
    for _ in range(_MERGES):
        if record.standing is not Standing.DELETED or not record.into:
            break
        into = by_gid(connection, record.into)
        if into is None:
            break
        record = into
    return record.gid


def naming(connection: Connection, gids: Iterable[str], besides: str) -> list[SystemRef]:
    """Return the rows of other systems than one whose records hold one of these gids. Looks at all there are."""
    holds = or_(*(mirror.c.data.contains(gid, autoescape=True) for gid in gids))
    found = select(mirror.c.system, mirror.c.object, mirror.c.source_id).where(
        mirror.c.system != besides, _IS_LIVE, holds
    )
    return [SystemRef(row.system, Ref(row.object, row.source_id)) for row in connection.execute(found)]


def by_system(rows: Iterable[SystemRef]) -> dict[str, list[Ref]]:
    """Return rows by their systems, each row once."""
    found: dict[str, list[Ref]] = {}
    for system, ref in dict.fromkeys(rows):
        found.setdefault(system, []).append(ref)
    return found


def live_among(connection: Connection, system: str, refs: Iterable[Ref]) -> list[Ref]:
    """Return those of these rows that stand for live records."""
    found: list[Ref] = []
    for obj, source_ids in _by_object(refs).items():
        key = {"system": system, "object": obj, "source_ids": source_ids}
        there = {row.source_id for row in connection.execute(_LIVE_AMONG, key)}
        found += [Ref(obj, source_id) for source_id in dict.fromkeys(source_ids) if source_id in there]
    return found


def count_live(connection: Connection, system: str, obj: str) -> int:
    """Return how many live records one object has."""
    is_live = (mirror.c.system == system) & (mirror.c.object == obj) & _IS_LIVE
    return int(connection.execute(select(func.count()).select_from(mirror).where(is_live)).scalar_one())


@dataclass(frozen=True)
class Seen:
    """How a row was when it was last read."""

    revision: str
    modified_at: datetime | None
    read_at: datetime | None


def seen(connection: Connection, system: str, refs: Iterable[Ref]) -> dict[Ref, Seen]:
    """Return how these rows were read last, as far as they were; without what stands in them."""
    found: dict[Ref, Seen] = {}
    for obj, source_ids in _by_object(refs).items():
        key = {"system": system, "object": obj, "source_ids": source_ids}
        for source_id, *how in connection.execute(_SEEN, key).all():
            found[Ref(obj, source_id)] = Seen(*how)
    return found


def _by_object(refs: Iterable[Ref]) -> dict[str, list[str]]:
    ids: dict[str, list[str]] = {}
    for ref in dict.fromkeys(refs):
        ids.setdefault(ref.obj, []).append(ref.id)
    return ids


def parents_among(connection: Connection, gids: Sequence[str]) -> list[str]:
    """Return those of these gids that children name as their parent."""
    return list(connection.execute(_PARENTS_AMONG, {"gids": gids}).scalars())

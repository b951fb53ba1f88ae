"""Writing the mirror and the feed: together, in one transaction, with one position for each changed record."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum, auto
from functools import cache
from itertools import count
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from app.contract.merge import same
from gateway.bulk import run_many
from gateway.clock import Random
from gateway.crm.port import Ref, SystemRef
from gateway.feed import mirror as mirrored
from gateway.feed.mirror import Mirrored, Standing
from gateway.feed.positions import Positions
from gateway.tables import feed, mirror
from gateway.translate import SourceRecord, own_gid

PRESENT, LEFT, DELETED = 1, 0, 2

_ADD = insert(mirror)
_ROW = update(mirror).where(mirror.c.gid == bindparam("this"))


class Applied(Enum):
    """What became of a row that was read."""

    CHANGED = auto()
    SAME = auto()
    STALE = auto()  # the read began before the record's last write or read was in: read it again


class FeedWriter:
    """One writing transaction over mirror and feed.

    `tags` collects whose view may have changed; `rows` counts changed records; `revived` collects children of records
    that came back, whose content has to be read again. `by` names the portal user whose write is being confirmed.
    A read is handed in with the head position at which it began: what was applied since is newer, so an older read
    is thrown away (the fence).

    What `put` writes is kept back and written together: by `flush`, before anything is read again, and at the end.
    """

    def __init__(self, connection: Connection, random: Random) -> None:
        self.connection = connection
        self.random = random
        self.positions = Positions(connection, random)
        self.tags: set[str] = set()
        self.rows = 0
        self.revived: list[tuple[str, Ref]] = []
        self._upsert = _upsert(connection.dialect.name)
        self._ahead: dict[tuple[str, Ref], Mirrored | None] = {}
        self._gids: dict[tuple[str, Ref], str] = {}
        self._tags: dict[str, frozenset[str]] = {}
        self._free: set[str] = set()
        self._inserts: list[Mapping[str, Any]] = []
        self._updates: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
        self._told: list[Mapping[str, Any]] = []
        self._new: dict[str, frozenset[str]] = {}

    def close(self) -> None:
        """Write what was kept back, and seal the commit."""
        self.flush()
        self.positions.seal()

    # ----------------------------------------------------------------------------------------- many rows at once

    def read_ahead(self, rows: Sequence[SystemRef], born: Sequence[str]) -> None:
        """Read together what will be asked for one by one: rows by ref, and whether new rows' gids are free."""
        self.flush()
        found = mirrored.known_anywhere(self.connection, rows)
        for row in rows:
            record = found.get(row)
            self._ahead[row] = record
            if record:
                self._gids[row] = record.gid
                self._note_tags(record)
        wanted = {*born, *(own_gid(*row) for row in rows if row not in found)}
        self._free = wanted - mirrored.by_gids(self.connection, wanted).keys() if wanted else set()

    def flush(self) -> None:
        """Write what was kept back."""
        inserts, updates, told, new = self._inserts, self._updates, self._told, self._new
        self._inserts, self._updates, self._told, self._new = [], {}, [], {}
        run_many(self.connection, _ADD, inserts)
        for rows in updates.values():
            run_many(self.connection, _ROW, rows)
        run_many(self.connection, self._upsert, told)
        for gid in mirrored.parents_among(self.connection, [*new]) if new else ():
            self._retag_children(gid, new[gid])

    def gid_of(self, system: str, ref: Ref) -> str | None:
        """Return the gid of the record that stands for a row, None when there is none."""
        key = (system, ref)
        if key in self._gids:
            return self._gids[key]
        record = self._record_of(system, ref)
        return record.gid if record else None

    def gid_for(self, system: str, ref: Ref) -> str:
        """Return the gid of the record that stands for a row, or will when it is born in the system."""
        known = self.gid_of(system, ref)
        if known:
            return known
        # Its own may be taken: a row's marker can hold any id.
        return next(gid for others in count() if self._is_free(gid := own_gid(system, ref, others)))

    def gids_for(self, own: str) -> Callable[[str, Ref], str]:
        """Return how a row of the system `own` names rows: `gid_for`, or what a row of another was merged into.

        Within a system its own references follow a merge; another one goes on naming what is not there any more.
        """

        def gid_for(system: str, ref: Ref) -> str:
            record = self._record_of(system, ref) if system != own else None
            return mirrored.lasting(self.connection, record) if record else self.gid_for(system, ref)

        return gid_for

    def shown(self, system: str, ref: Ref) -> tuple[str, frozenset[str]] | None:
        """Return entity type and tags of the record that stands for a row, None when nobody may see one."""
        record = self._record_of(system, ref)
        return (record.entity, record.tags) if record and record.standing is Standing.LIVE else None

    def tags_under(self, tags: frozenset[str] | None, parent: str | None) -> frozenset[str]:
        """Return the tags of a record: its own, or its parent's when it has none (None)."""
        return tags if tags is not None else self._tags_of_parent(parent)

    def _record_of(self, system: str, ref: Ref) -> Mirrored | None:
        key = (system, ref)
        if key in self._ahead:
            return self._ahead[key]
        self.flush()
        return mirrored.by_ref(self.connection, system, ref)

    def _note_tags(self, record: Mirrored) -> None:
        self._tags[record.gid] = record.tags if record.standing is Standing.LIVE else frozenset()

    def _update(self, gid: str, values: Mapping[str, Any]) -> None:
        self._updates.setdefault(tuple(values), []).append({**values, "this": gid})

    def _children(self, gid: str) -> list[Mirrored]:
        self.flush()
        return mirrored.children(self.connection, gid)

    # ------------------------------------------------------------------------------------------------- putting

    def put(
        self, system: str, record: SourceRecord, began: int, read_at: datetime, by: str | None = None
    ) -> tuple[str, Applied]:
        """Store a row as it was read. Returns the record's gid and what became of the row."""
        old = self._record_of(system, record.ref)
        gid = old.gid if old else self._new_gid(system, record)
        if old and old.fence > began:
            return gid, Applied.STALE
        if old and self._went_with_parent(old, record):
            self._touch(old, record, read_at, confirmed=False)
            return gid, Applied.SAME
        tags = self.tags_under(record.tags, record.parent)
        if old and self._unchanged(old, record, tags):
            self._touch(old, record, read_at, confirmed=by is not None)
            return gid, Applied.SAME
        at = self.positions.next()
        values = {
            "entity": record.entity,
            "status": Standing.LIVE.value,
            "data": record.text,
            "hash": record.hash,
            "content_hash": record.content_hash,
            "version": f"{at:x}-{record.content_hash[:16]}",
            "tags": json.dumps(sorted(tags)),
            "parent": record.parent,
            "blob": record.blob,
            "into_gid": None,
            "position": at,
            "fence": at,
            "changed": json.dumps(_changes(old, record.data, at, by or "")),
            "modified_at": record.modified_at,
            "read_at": read_at,
            "revision": record.revision,
        }
        self._store(gid, system, record.ref, old, values)
        self._tags[gid] = tags
        self._tell(gid, record.entity, old.tags if old else frozenset(), tags, at)
        if old is None:
            self._new[gid] = tags
        elif old.tags != tags or old.standing is not Standing.LIVE:
            self._retag_children(gid, tags)
        if old and old.standing is not Standing.LIVE:
            gone = (c for c in self._children(gid) if c.standing is not Standing.LIVE)
            self.revived.extend((child.system, child.ref) for child in gone)
        return gid, Applied.CHANGED

    def _new_gid(self, system: str, record: SourceRecord) -> str:
        """A marker names the gid, unless another row has it already (systems copy properties when a row is cloned)."""
        if record.born and self._is_free(record.born):
            return record.born
        return self.gid_for(system, record.ref)

    def _is_free(self, gid: str) -> bool:
        if gid in self._free:
            return True
        self.flush()
        return mirrored.by_gid(self.connection, gid) is None

    def _went_with_parent(self, old: Mirrored, record: SourceRecord) -> bool:
        """Whether a row is gone because its parent is, which is not there yet. It comes back with it (`revived`)."""
        if old.standing is not Standing.DELETED or record.parent is None:
            return False
        self.flush()
        parent = mirrored.by_gid(self.connection, record.parent)
        return parent is not None and parent.standing is not Standing.LIVE

    def _unchanged(self, old: Mirrored, record: SourceRecord, tags: frozenset[str]) -> bool:
        return (
            old.standing is Standing.LIVE
            and old.content_hash == record.content_hash
            and old.entity == record.entity
            and old.tags == tags
        )

    def _touch(self, old: Mirrored, record: SourceRecord, read_at: datetime, *, confirmed: bool) -> None:
        values: dict[str, Any] = {
            # A row that is away may move to another parent, and comes back with that one.
            "parent": record.parent,
            "modified_at": record.modified_at,
            "read_at": read_at,
            "revision": record.revision,
        }
        if confirmed:
            # The write is over: reads that began before it must not be believed any more.
            values["fence"] = self.positions.next()
        self._ahead.pop((old.system, old.ref), None)
        self._update(old.gid, values)

    def _store(
        self, gid: str, system: str, ref: Ref, old: Mirrored | None, values: Mapping[str, Any]
    ) -> None:
        self.rows += 1
        self._ahead.pop((system, ref), None)
        self._gids[system, ref] = gid
        self._free.discard(gid)
        if old:
            self._update(gid, values)
        else:
            self._inserts.append(
                {"gid": gid, "system": system, "object": ref.obj, "source_id": ref.id, **values}
            )

    # ------------------------------------------------------------------------------------------------ removing

    def remove(
        self,
        system: str,
        ref: Ref,
        began: int,
        read_at: datetime,
        into: str | None = None,
        modified_at: datetime | None = None,
    ) -> tuple[str | None, Applied]:
        """Take a row away that is gone or archived at its source, and its children with it.

        `modified_at`: when an archived row was last modified; so the fast lane knows that it has been read.
        """
        old = self._record_of(system, ref)
        if old is None:
            return None, Applied.SAME
        if old.fence > began:
            return old.gid, Applied.STALE
        self._ahead.pop((system, ref), None)
        if old.standing is not Standing.LIVE:
            self.connection.execute(_ROW, {"this": old.gid, "read_at": read_at, **_modified(modified_at)})
            return old.gid, Applied.SAME
        self._take_away(old, Standing.DELETED, read_at, into)
        if modified_at:
            self.connection.execute(_ROW, {"this": old.gid, "modified_at": modified_at})
        return old.gid, Applied.CHANGED

    def hide(
        self, system: str, entity: str, ref: Ref, began: int, read_at: datetime, modified_at: datetime
    ) -> Applied:
        """Note a row that is not shared; if it was, it is gone now."""
        old = self._record_of(system, ref)
        if old is None:
            values = {
                "entity": entity,
                "status": Standing.HIDDEN.value,
                **_EMPTY,
                "parent": None,
                "into_gid": None,
                "position": 0,
                "fence": began,
                "modified_at": modified_at,
                "read_at": read_at,
            }
            self._store(self.gid_for(system, ref), system, ref, None, values)
            self.rows -= 1
            return Applied.SAME
        if old.fence > began:
            return Applied.STALE
        self._ahead.pop((system, ref), None)
        if old.standing is not Standing.LIVE:
            seen = {"status": Standing.HIDDEN.value, "modified_at": modified_at, "read_at": read_at}
            self.connection.execute(_ROW, {**seen, "this": old.gid})
            return Applied.SAME
        self._take_away(old, Standing.HIDDEN, read_at, None)
        return Applied.CHANGED

    def _take_away(self, old: Mirrored, standing: Standing, read_at: datetime, into: str | None) -> None:
        at = self.positions.next()
        values = {
            "status": standing.value,
            **_EMPTY,
            "parent": old.parent,
            "into_gid": into,
            "position": at,
            "fence": at,
            "read_at": read_at,
        }
        self.rows += 1
        self._forget(old)
        self.connection.execute(_ROW, {**values, "this": old.gid})
        self._tell(old.gid, old.entity, old.tags, frozenset(), at, gone=DELETED)
        for child in self._children(old.gid):
            if child.standing is Standing.LIVE:
                self._take_away(child, standing, read_at, None)

    def _forget(self, old: Mirrored) -> None:
        """What was read ahead of a record holds no longer."""
        self.flush()
        self._ahead.pop((old.system, old.ref), None)
        self._tags.pop(old.gid, None)

    # ---------------------------------------------------------------------------------------------------- tags

    def _tags_of_parent(self, parent: str | None) -> frozenset[str]:
        if parent is None:
            return frozenset()
        if parent not in self._tags:
            self.flush()
            record = mirrored.by_gid(self.connection, parent)
            if record is None:
                return frozenset()
            self._note_tags(record)
        return self._tags[parent]

    def _retag_children(self, parent: str, tags: frozenset[str]) -> None:
        for child in self._children(parent):
            if child.standing is not Standing.LIVE or child.tags == tags:
                continue
            at = self.positions.next()
            values = {"tags": json.dumps(sorted(tags)), "position": at, "fence": at}
            self.rows += 1
            self._forget(child)
            self.connection.execute(_ROW, {**values, "this": child.gid})
            self._tell(child.gid, child.entity, child.tags, tags, at)
            self._retag_children(child.gid, tags)

    def _tell(
        self,
        gid: str,
        entity: str,
        before: frozenset[str],
        after: frozenset[str],
        at: int,
        gone: int = LEFT,
    ) -> None:
        self.tags |= before | after
        rows = [(tag, PRESENT) for tag in after] + [(tag, gone) for tag in before - after]
        common = {"gid": gid, "entity": entity, "position": at}
        self._told += [{"tag": tag, "present": present, **common} for tag, present in rows]


_EMPTY: Mapping[str, Any] = {
    "data": "{}",
    "hash": "",
    "content_hash": "",
    "version": "",
    "tags": "[]",
    "blob": None,
    "changed": "{}",
    "revision": "",
}


def _modified(at: datetime | None) -> dict[str, datetime]:
    return {"modified_at": at} if at else {}


def _changes(old: Mirrored | None, new: Mapping[str, Any], at: int, by: str) -> dict[str, tuple[int, str]]:
    if old is None or old.standing is not Standing.LIVE:
        return dict.fromkeys(new, (at, by))
    before = old.data
    touched = {name for name in {*before, *new} if not same(before.get(name), new.get(name))}
    return {**old.changed, **dict.fromkeys(touched, (at, by))}


@cache
def _upsert(dialect: str) -> Insert:
    row = (postgresql if dialect == "postgresql" else sqlite).insert(feed)
    changed = {name: row.excluded[name] for name in ("position", "present", "entity")}
    upsert: Insert = row.on_conflict_do_update(index_elements=["tag", "gid"], set_=changed)
    return upsert

"""Server truth: what the gateway said last about every record this user may see.

The mirror is the `shadow` row where there is one, and the `record` row otherwise. A page of records goes from the
wire into SQLite as bytes: SQLite takes the JSON apart and checks it, and Python touches only rows that something
local lies over, and rows that are not as they should be.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.contract.canonical import canonical, content_hash
from app.contract.errors import BadAnswer, HostileAnswer
from app.contract.ids import is_gid
from app.contract.manifest import Manifest
from app.contract.records import Record, Row
from app.contract.said import said
from app.store.connection import Connection
from app.store.cursors import Cursors
from app.store.documents import Blobs
from app.store.failpoints import StorePoint
from app.store.indexes import begin_indexes, build_indexes, has_index
from app.store.page_rows import (
    CHANGED,
    FORGIVE,
    NAMED,
    ODD_ROWS,
    OF_ANOTHER,
    STORE_PAGE,
    fault_of,
    taken_apart,
)
from app.store.projection import Projection
from app.store.proof import real_hash
from app.store.revocation import Revocation
from app.store.search import Search
from app.store.states import ConflictKind, GoneReason

#: More changed records than this are not named one by one.
MOST_NAMED = 500

#: The most text kept of a row that cannot be understood, in characters.
_MOST_RAW = 20_000

#: New rows by entity type, during a first sync; by their ids, or every page would count all that is there.
_TALLY = "SELECT entity, count(*) FROM record NOT INDEXED WHERE id > ? GROUP BY entity"


@dataclass(frozen=True)
class Applied:
    """What a page changed. `gids` is None when there are too many to name, as during a snapshot.

    `quarantined`: rows that could not be understood. `unknown`: entity types the manifest does not know; their
    records are kept all the same. `rows` counts the rows kept by entity type, during a first sync only; `read` those
    the page had.
    """

    gids: frozenset[str] | None
    entities: frozenset[str]
    quarantined: int = 0
    unknown: frozenset[str] = frozenset()
    rows: Mapping[str, int] = field(default_factory=dict)
    read: int = 0


@dataclass(frozen=True)
class Removed:
    """What became of a record that left. `pending`: something local about it is still open or set aside."""

    entity: str | None
    pending: bool


@dataclass(frozen=True)
class Truth:
    """Server truth about one record."""

    gid: str
    entity: str
    version: str
    hash: str
    data: Mapping[str, Any]


class Mirror:
    """Writes what the gateway said, and reads it back to be compared."""

    def __init__(
        self,
        connection: Connection,
        cursors: Cursors,
        projection: Projection,
        search: Search,
        blobs: Blobs,
        revocation: Revocation,
    ) -> None:
        self._connection = connection
        self._cursors = cursors
        self._projection = projection
        self._search = search
        self._blobs = blobs
        self._revocation = revocation

    def apply_puts(
        self,
        puts: bytes,
        manifest: Manifest,
        generation: int | None = None,
        *,
        most: int | None = None,
        asked: Collection[str] | None = None,
    ) -> Applied:
        """Store a page's JSON array of rows. Rows take `generation`, by default the checkpoint's.

        Until the mirror is complete nothing is indexed for search; `Search.build` does that afterwards. Raises
        BadAnswer when the page is not JSON, HostileAnswer when it has more rows than `most` or one of another record
        than those `asked` for; a single row that is not as it should be is set aside instead.
        """
        with self._connection.transaction():
            checkpoint = self._cursors.read()
            stamp = checkpoint.generation if generation is None else generation
            page = self._checked(puts)
            read = self._connection.value("SELECT json_array_length(?)", (page,))
            if most is not None and read > most:
                raise HostileAnswer("The gateway sent more records in a page than it was asked for.")
            if asked is not None and self._connection.rows(OF_ANOTHER, (page, json.dumps([*asked]))):
                raise HostileAnswer("The gateway sent a record that it was not asked for.")
            changed = self._connection.rows(CHANGED, (page,)) if checkpoint.complete else []
            before = self._connection.value("SELECT max(id) FROM record") or 0
            stored = self._connection.run(STORE_PAGE, (page, stamp))
            tally = {} if checkpoint.complete else self._tally(page, before, stored)
            odd = []
            if stored != read:
                odd = self._connection.rows(ODD_ROWS, (page,))
            gids, entities = {row[0] for row in changed}, {*tally, *(row[1] for row in changed)}
            self._forgive(page)
            quarantined = 0
            for (text,) in odd:
                row = self._store_odd(text, stamp)
                quarantined += row is None
                if row is not None:
                    gids.add(row.gid)
                    entities.add(row.entity)
            if checkpoint.complete:
                self._search.index(gids)
                self._blobs.release({row[2] for row in changed if row[2] is not None})
            return Applied(
                frozenset(gids) if checkpoint.complete and len(gids) <= MOST_NAMED else None,
                frozenset(entities),
                quarantined,
                frozenset(entities - manifest.by_name.keys()),
                tally,
                read,
            )

    def put(self, record: Record) -> None:
        """Store one record as an outcome carried it, and refresh what is shown."""
        with self._connection.transaction():
            row = Row(record.gid, record.entity, record.version, record.hash, record.data)
            if fault := fault_of([*row]):
                raise HostileAnswer(
                    said("The gateway answered with a record that is not one: {fault}.", fault=fault)
                )
            before = self._connection.value("SELECT sha256 FROM record WHERE gid = ?", (record.gid,))
            self._store(row, canonical(record.data), self._cursors.read().generation)
            self._connection.run("DELETE FROM quarantine_row WHERE gid = ?", (record.gid,))
            if before is not None:
                self._blobs.release({before})

    def put_truth(self, records: Iterable[Record]) -> None:
        """Store records that outcomes carried and that something local lies over; the caller refreshes them.

        Raises HostileAnswer, in a transaction that has to be taken back.
        """
        rows = []
        for record in records:
            if fault := fault_of([record.gid, record.entity, record.version, record.hash, record.data]):
                raise HostileAnswer(
                    said("The gateway answered with a record that is not one: {fault}.", fault=fault)
                )
            rows.append((record.entity, record.version, record.hash, canonical(record.data), record.gid))
        self._connection.run_many(
            "UPDATE shadow SET entity = ?, version = ?, hash = ?, data = ?, last = NULL,"
            f" generation = {self._cursors.read().generation} WHERE gid = ?",
            rows,
        )
        self._forgive_records([row[-1] for row in rows])

    def _forgive_records(self, gids: Sequence[str]) -> None:
        if gids and self._connection.value("SELECT EXISTS (SELECT 1 FROM quarantine_row)"):
            self._connection.run_many("DELETE FROM quarantine_row WHERE gid = ?", ((gid,) for gid in gids))

    def remove(self, gid: str, reason: str, into: str | None = None) -> Removed:
        """Take away a record that left, "tombstone" or "revoked".

        A deleted record with something local about it stays shown as it was, since its user has to decide. Of a
        revoked one nothing stays but what the user typed, set aside in the outbox. `into`, where the record was
        merged at the source, is for the caller to act upon.
        """
        with self._connection.transaction():
            entity, pending = self._present(gid)
            if GoneReason(reason) is GoneReason.REVOKED:
                self._revocation.forget(gid)
                pending = self._present(gid)[1]
            elif pending:
                self._connection.run(
                    "UPDATE shadow SET last = coalesce(data, last), data = NULL, version = NULL, hash = ''"
                    " WHERE gid = ?",
                    (gid,),
                )
                # A clash with what is gone is one no more: what is to be decided now is what becomes of the edit.
                self._connection.run(
                    "UPDATE conflict SET kind = ?1, clashes = '[]',"
                    " last = coalesce((SELECT last FROM shadow WHERE gid = ?2), last) WHERE gid = ?2",
                    (ConflictKind.GONE, gid),
                )
                self._projection.refresh(gid)
            else:
                self._drop(gid)
            return Removed(entity, pending)

    def sweep_generation(self, generation: int) -> Applied:
        """End a snapshot: take away what it did not see, in the transaction of its cursor.

        What is not seen may have been revoked, so nothing of it stays; pending work about it waits for its outcome.
        """
        with self._connection.transaction():
            rows = self._connection.rows(
                "SELECT gid, entity, 0 FROM record WHERE generation < ?1"
                " AND NOT EXISTS (SELECT 1 FROM shadow WHERE shadow.gid = record.gid)"
                " UNION ALL SELECT gid, entity, 1 FROM shadow WHERE generation < ?1 AND data IS NOT NULL",
                (generation,),
            )
            for gid, _, pending in rows:
                if pending:
                    self._connection.run(
                        "UPDATE shadow SET data = NULL, last = NULL, version = NULL, hash = '' WHERE gid = ?",
                        (gid,),
                    )
                    self._revocation.forget_seen(gid)
                else:
                    self._revocation.forget(gid, for_good=False)
            if rows:
                self._cursors.require_scrub()
            self._blobs.release_unnamed()
            self._connection.failpoints.reached(StorePoint.SWEPT)
            gids = frozenset(row[0] for row in rows)
            return Applied(gids if len(gids) <= MOST_NAMED else None, frozenset(row[1] for row in rows))

    def truth(self, gid: str) -> Truth | None:
        """Return what the server has, or None when it has no such record."""
        shadow = self._connection.row(
            "SELECT gid, entity, version, hash, data FROM shadow WHERE gid = ?", (gid,)
        )
        row = shadow or self._connection.row(
            "SELECT gid, entity, version, hash, data FROM record WHERE gid = ?", (gid,)
        )
        if row is None or row[4] is None:
            return None
        return Truth(row[0], row[1], row[2] or "", row[3], json.loads(row[4]))

    def hashes(self, entity: str | None = None, rehash: bool = False) -> Iterator[tuple[str, str, str]]:
        """Yield `(entity, gid, hash)` of every record of the mirror; with `rehash` from the bytes that are stored."""
        rows = self._connection.rows(_mirror_of("hash, data" if rehash else "hash, NULL"), (entity,))
        for name, gid, content, data in rows:
            yield name, gid, _stored_hash(data, content) if rehash else content

    def bucket(self, entity: str, index: int, rehash: bool = False) -> dict[str, str]:
        """Return gid to hash of one bucket, 0 to 15, of an entity type."""
        rows = self._connection.rows(
            f"SELECT gid, hash, data FROM ({_mirror_of('hash, data')}) WHERE substr(gid, -1) = ?2",
            (entity, f"{index:x}"),
        )
        return {gid: _stored_hash(data, content) if rehash else content for gid, content, data in rows}

    def quarantined(self) -> list[tuple[str, str]]:
        """Return `(gid, reason)` of server rows that could not be understood."""
        return [
            (row[0], row[1])
            for row in self._connection.rows("SELECT gid, reason FROM quarantine_row ORDER BY gid")
        ]

    def build_indexes(self, manifest: Manifest, *, give_way: bool = False) -> None:
        """Make the indexes for what a manifest sorts and filters by; after a first sync, and after it has changed.

        Raises GaveWay when it may and somebody has to write; it goes on from there when it is called again.
        """
        build_indexes(self._connection, manifest, give_way=give_way)

    def begin(self, manifest: Manifest, expected: Mapping[str, int]) -> None:
        """Prepare for a first sync of so many records by entity type."""
        begin_indexes(self._connection, manifest, expected)

    def indexed(self, entity: str) -> bool:
        """Tell whether the index of an entity type is there."""
        return has_index(self._connection, entity)

    def _tally(self, page: bytes, before: int, stored: int) -> dict[str, int]:
        """New rows, those above the id `before`, by entity type; 0 for a type of which rows only changed."""
        new: dict[str, int] = dict(self._connection.rows(_TALLY, (before,)))
        if sum(new.values()) == stored:
            return new  # all of them, as nearly always in a first sync
        named = dict.fromkeys((name for (name,) in self._connection.rows(NAMED, (page,)) if name), 0)
        return {**named, **new}

    def _checked(self, puts: bytes) -> bytes:
        """The page in SQLite's binary form of JSON, so that its text is read once."""
        if not puts.startswith(b"["):
            raise BadAnswer
        try:
            page = self._connection.value(
                "SELECT CASE WHEN json_valid(?1) THEN jsonb(?1) END", (puts.decode(),)
            )
        except UnicodeDecodeError as error:
            raise BadAnswer from error
        if page is None:
            raise BadAnswer
        return bytes(page)

    def _store_odd(self, text: str, generation: int) -> Row | None:
        """Store a row that something local lies over; set one aside that is not as it should be."""
        value, reason = taken_apart(text)
        if reason:
            gid = value[0] if isinstance(value, list) and value and isinstance(value[0], str) else ""
            self._connection.run(
                "INSERT OR REPLACE INTO quarantine_row(gid, raw, reason) VALUES(?, ?, ?)",
                (gid if is_gid(gid) else f"row {content_hash(text)}", text[:_MOST_RAW], reason),
            )
            return None
        row = Row(*value[:5])
        self._store(row, canonical(row.data), generation)
        self._connection.run("DELETE FROM quarantine_row WHERE gid = ?", (row.gid,))
        return row

    def _store(self, row: Row, text: str, generation: int) -> None:
        values = (row.entity, row.version, row.hash, text, generation, row.gid)
        changed = self._connection.run(
            "UPDATE shadow SET entity = ?, version = ?, hash = ?, data = ?, last = NULL, generation = ? WHERE gid = ?",
            values,
        )
        if changed:
            self._projection.refresh(row.gid)
            return
        self._connection.run(
            "INSERT INTO record(entity, version, hash, data, generation, gid) VALUES(?, ?, ?, ?, ?, ?)"
            " ON CONFLICT(gid) DO UPDATE SET entity = excluded.entity, version = excluded.version,"
            " hash = excluded.hash, data = excluded.data, generation = excluded.generation",
            values,
        )
        self._search.index([row.gid])

    def _forgive(self, page: bytes) -> None:
        """Good rows take the place of those of their gid that could not be understood."""
        if self._connection.value("SELECT EXISTS (SELECT 1 FROM quarantine_row)"):
            self._connection.run(FORGIVE, (page,))

    def _present(self, gid: str) -> tuple[str | None, bool]:
        shadow = self._connection.value("SELECT entity FROM shadow WHERE gid = ?", (gid,))
        entity = self._connection.value("SELECT entity FROM record WHERE gid = ?", (gid,))
        return shadow or entity, shadow is not None

    def _drop(self, gid: str) -> None:
        named = self._connection.value("SELECT sha256 FROM record WHERE gid = ?", (gid,))
        self._connection.run("DELETE FROM record WHERE gid = ?", (gid,))
        self._connection.run("DELETE FROM quarantine_row WHERE gid = ?", (gid,))
        if named is not None:
            self._blobs.release({named})


def _mirror_of(columns: str) -> str:
    """SQL for these columns of the mirror of one entity type (?1, NULL: all)."""
    return (
        f"SELECT entity, gid, {columns} FROM shadow"
        " WHERE data IS NOT NULL AND (?1 IS NULL OR entity = ?1)"
        f" UNION ALL SELECT entity, gid, {columns} FROM record"
        " WHERE (?1 IS NULL OR entity = ?1) AND NOT EXISTS (SELECT 1 FROM shadow WHERE shadow.gid = record.gid)"
    )


def _stored_hash(text: str, expected: str) -> str:
    """The hash of the stored bytes. They are canonical as they came from the wire; only otherwise they are parsed."""
    return expected if content_hash(text) == expected else real_hash(text)

"""What the user sees: the rows of `record`, kept equal to server truth with everything local laid over it.

Invariants, tested: a `shadow` row exists for a gid exactly while something local about it exists; without one the
`record` row is server truth itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.contract.mutations import Mutation
from app.store.connection import Connection
from app.store.cursors import Cursors
from app.store.query import (
    EVERYTHING,
    Condition,
    amount_expression,
    match_expression,
    text_literal,
    value_expression,
)
from app.store.replay import Local, OpenDraft, Pending, Unresolved, replay
from app.store.search import Search
from app.store.states import DraftState, ItemState, SyncState

__all__ = ["Projection", "Shown", "SyncState"]

_COLUMNS = "record.id, record.gid, record.entity, record.version, record.data, record.sync"


@dataclass(frozen=True)
class Shown:
    """One record as the user sees it. `version` is the server's, None while it has none."""

    id: int
    gid: str
    entity: str
    version: str | None
    data: dict[str, Any]
    sync: SyncState


class Projection:
    """Reads the shown records, and brings one up to date after anything about it has changed."""

    def __init__(self, connection: Connection, cursors: Cursors, search: Search) -> None:
        self._connection = connection
        self._cursors = cursors
        self._search = search

    def refresh(self, gid: str) -> None:
        """Make the shown record equal to truth plus what is local; call it in the transaction of the change."""
        with self._connection.transaction():
            entity, local = self._local(gid)
            if local.empty:
                self._drop_shadow(gid)
            else:
                self._lay_over(gid, entity, local)

    def get(self, gid: str) -> Shown | None:
        """Return one record."""
        row = self._connection.row(f"SELECT {_COLUMNS} FROM record WHERE gid = ?", (gid,))
        return None if row is None else _shown(row)

    def many(self, gids: Iterable[str]) -> dict[str, Shown]:
        """Return the records of these gids that are there."""
        rows = self._connection.rows(
            f"SELECT {_COLUMNS} FROM record WHERE gid IN (SELECT value FROM json_each(?))",
            (json.dumps([*gids]),),
        )
        return {row[1]: _shown(row) for row in rows}

    def children(self, parent: str, entity: str | None = None) -> list[Shown]:
        """Return the records whose field `parent` names this one, in the order they came."""
        rows = self._connection.rows(
            f"SELECT {_COLUMNS} FROM record WHERE parent = ?1 AND (?2 IS NULL OR entity = ?2) ORDER BY record.id",
            (parent, entity),
        )
        return [_shown(row) for row in rows]

    def ids(
        self, entity: str, condition: Condition = EVERYTHING, order: str = "record.id", most: int = -1
    ) -> list[int]:
        """Return the ids of the records that meet the condition, in an order of `query`; all, or at `most` so many."""
        rows = self._connection.rows(
            f"SELECT record.id FROM record WHERE {_of(entity)} AND ({condition.sql}) ORDER BY {order} LIMIT ?",
            (*condition.params, most),
        )
        return [row[0] for row in rows]

    def hits(self, text: str, *, conversation: bool) -> str:
        """Return, as a JSON array, the ids of records that hold all words, or one of whose messages or files does."""
        match = match_expression(text)
        found = "SELECT rowid FROM search WHERE search MATCH ?1"
        if conversation:
            found += (
                " UNION SELECT record.id FROM record AS child JOIN record ON record.gid = child.parent"
                " WHERE child.parent IS NOT NULL AND child.id IN (SELECT rowid FROM search WHERE search MATCH ?1)"
            )
        if not match:
            return "[]"
        return str(self._connection.value(f"SELECT json_group_array(rowid) FROM ({found})", (match,)))

    def at_most(self, entity: str, most: int) -> bool:
        """Tell whether there are no more records of a type than so many, without counting on."""
        found = self._connection.value(f"SELECT 1 FROM record WHERE {_of(entity)} LIMIT 1 OFFSET ?", (most,))
        return found is None

    def rows(self, ids: Sequence[int]) -> list[Shown]:
        """Return the records of these ids in this order; those that have left meanwhile are left out."""
        rows = self._connection.rows(
            f"SELECT {_COLUMNS} FROM json_each(?) AS wanted JOIN record ON record.id = wanted.value"
            " ORDER BY wanted.key",
            (json.dumps([*ids]),),
        )
        return [_shown(row) for row in rows]

    def count(self, entity: str, condition: Condition = EVERYTHING) -> int:
        """Return how many records meet the condition."""
        return int(
            self._connection.value(
                f"SELECT count(*) FROM record WHERE {_of(entity)} AND ({condition.sql})", condition.params
            )
        )

    def totals(
        self, entity: str, amount: str, currency: str, condition: Condition = EVERYTHING
    ) -> dict[str, Decimal]:
        """Return the sum of a money field by currency, to the penny. Records without an amount count nothing."""
        value = amount_expression(amount)
        rows = self._connection.rows(
            # GROUP BY takes nothing from an index of expressions; a step before it does.
            f"WITH each AS MATERIALIZED (SELECT coalesce({value_expression(currency)}, '') AS code,"
            f" CAST(round({value} * 100) AS INTEGER) AS pence FROM record"
            f" WHERE {_of(entity)} AND {value} IS NOT NULL AND ({condition.sql}))"
            " SELECT code, sum(pence) FROM each GROUP BY code ORDER BY code",
            condition.params,
        )
        return {code: Decimal(total).scaleb(-2) for code, total in rows}

    def tally(self, entity: str, field: str, condition: Condition = EVERYTHING) -> dict[str | None, int]:
        """Return how many records have each value of a field; None stands for a blank one."""
        rows = self._connection.rows(
            f"WITH each AS MATERIALIZED (SELECT {value_expression(field)} AS value FROM record"
            f" WHERE {_of(entity)} AND ({condition.sql})) SELECT value, count(*) FROM each GROUP BY value",
            condition.params,
        )
        return dict(rows)

    def _local(self, gid: str) -> tuple[str, Local]:
        """Read everything local about a record, and the entity type it names."""
        items = self._connection.rows(
            "SELECT body, state, coalesce(json_extract(problem, '$.kind'), 'unknown') FROM outbox"
            " WHERE gid = ? AND state <> 'settled' ORDER BY seq",
            (gid,),
        )
        clashes = self._connection.rows(
            "SELECT entity, base, mine FROM conflict WHERE gid = ? ORDER BY detected_at, mutation_id", (gid,)
        )
        draft = self._connection.row(
            "SELECT entity, data, problems <> '{}' OR note <> '' FROM draft WHERE gid = ? AND state = ?",
            (gid, DraftState.OPEN),
        )
        pending = tuple(_pending(*item) for item in items)
        names = (
            [item.mutation.entity for item in pending]
            + [row[0] for row in clashes]
            + ([draft[0]] if draft else [])
        )
        local = Local(
            pending=pending,
            conflicts=tuple(Unresolved(json.loads(base), json.loads(mine)) for _, base, mine in clashes),
            draft=None if draft is None else OpenDraft(json.loads(draft[1]), bool(draft[2])),
        )
        return (names[0] if names else ""), local

    def _drop_shadow(self, gid: str) -> None:
        shadow = self._connection.row(
            "SELECT entity, version, hash, data, generation FROM shadow WHERE gid = ?", (gid,)
        )
        if shadow is None:
            return
        entity, version, content_hash, data, generation = shadow
        self._connection.run("DELETE FROM shadow WHERE gid = ?", (gid,))
        if data is None:
            self._connection.run("DELETE FROM record WHERE gid = ?", (gid,))
        else:
            self._write(gid, entity, (version, content_hash, data, SyncState.SYNCED, generation))

    def _lay_over(self, gid: str, entity: str, local: Local) -> None:
        self._connection.run(
            "INSERT OR IGNORE INTO shadow(gid, entity, version, hash, data, generation)"
            " SELECT gid, entity, version, hash, data, generation FROM record WHERE gid = ?",
            (gid,),
        )
        self._connection.run("INSERT OR IGNORE INTO shadow(gid, entity) VALUES(?, ?)", (gid, entity))
        shadow = self._connection.row(
            "SELECT entity, version, hash, data, last, generation FROM shadow WHERE gid = ?", (gid,)
        )
        assert shadow is not None
        name, version, content_hash, data, last, generation = shadow
        manifest = self._cursors.manifest()
        spec = manifest.entity(name) if manifest is not None else None
        replayed = replay(spec, _parsed(data), _parsed(last), local)
        if replayed.data is None:
            self._connection.run("DELETE FROM record WHERE gid = ?", (gid,))
        else:
            self._write(gid, name, (version, content_hash, _text(replayed.data), replayed.sync, generation))

    def _write(self, gid: str, entity: str, columns: tuple[str | None, str, str, SyncState, int]) -> None:
        self._connection.run(
            "INSERT INTO record(gid, entity, version, hash, data, sync, generation) VALUES(?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT(gid) DO UPDATE SET entity = excluded.entity, version = excluded.version,"
            " hash = excluded.hash, data = excluded.data, sync = excluded.sync, generation = excluded.generation",
            (gid, entity, *columns),
        )
        self._search.index([gid])


def _pending(body: str, state: str, problem: str) -> Pending:
    return Pending(Mutation.model_validate_json(body), ItemState(state), problem)


def _shown(row: tuple[Any, ...]) -> Shown:
    return Shown(row[0], row[1], row[2], row[3], json.loads(row[4]), SyncState(row[5]))


def _parsed(text: str | None) -> dict[str, Any] | None:
    return None if text is None else json.loads(text)


def _text(data: dict[str, Any]) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _of(entity: str) -> str:
    """The entity as a literal: SQLite does not use a partial index for a parameter."""
    return f"entity = {text_literal(entity)}"

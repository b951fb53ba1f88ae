"""What the user sees: the rows of `record`, kept equal to server truth with everything local laid over it.

Invariants, tested: a `shadow` row exists for a gid exactly while something local about it exists; without one the
`record` row is server truth itself.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.store.amounts import LARGE, large_pence, pence_expression, pounds
from app.store.bodies import Bodies
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
        self.bodies = Bodies()

    def refresh(self, gid: str) -> None:
        """Make the shown record equal to truth plus what is local; call it in the transaction of the change."""
        self.refresh_many((gid,))

    def refresh_many(self, gids: Iterable[str]) -> None:
        """As `refresh`, for many records with a few statements for all of them."""
        wanted = [*dict.fromkeys(gids)]
        with self._connection.transaction():
            local = self._local(wanted)
            self._drop_shadows([gid for gid in wanted if gid not in local])
            self._lay_over(local)

    def show_sending(self, gids: Iterable[str]) -> None:
        """Show that mutations of these records are on their way; what they hold stays as it is shown."""
        self._connection.run(
            "UPDATE record SET sync = ? WHERE sync = ? AND gid IN (SELECT value FROM json_each(?))",
            (SyncState.SENDING, SyncState.WAITING, json.dumps([*gids])),
        )

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

    def hits(self, text: str, *, conversation: bool) -> list[int] | None:
        """Return the ids of records that hold all words, or one of whose messages or files does.

        Some may come twice. None when there is no word to look for.
        """
        match = match_expression(text)
        if not match:
            return None
        # One value: the interpreter is free while it is put together.
        found = self._connection.value(
            "SELECT json_group_array(rowid) FROM search WHERE search MATCH ?", (match,)
        )
        hits: list[int] = json.loads(found)
        if conversation:
            # Told to go by the parents there are: most of what matches has none.
            parents = self._connection.rows(
                "SELECT id FROM record WHERE gid IN (SELECT parent FROM record INDEXED BY record_parent"
                " WHERE parent IS NOT NULL AND id IN (SELECT rowid FROM search WHERE search MATCH ?))",
                (match,),
            )
            hits += [row_id for (row_id,) in parents]
        return hits

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
        rows = self._connection.rows(
            # GROUP BY takes nothing from an index of expressions; a step before it does.
            f"WITH each AS MATERIALIZED (SELECT id, coalesce({value_expression(currency)}, '') AS code,"
            f" {pence_expression(amount)} AS pence FROM record"
            f" WHERE {_of(entity)} AND {amount_expression(amount)} IS NOT NULL AND ({condition.sql}))"
            f" SELECT code, coalesce(sum(nullif(pence, {LARGE})), 0),"
            f" group_concat(CASE WHEN pence = {LARGE} THEN id END) FROM each GROUP BY code ORDER BY code",
            condition.params,
        )
        totals = {}
        for code, total, large in rows:
            more = large_pence(self._connection, amount, map(int, large.split(","))) if large else {}
            totals[code] = pounds(total + sum(more.values()))
        return totals

    def tally(self, entity: str, field: str, condition: Condition = EVERYTHING) -> dict[str | None, int]:
        """Return how many records have each value of a field; None stands for a blank one."""
        rows = self._connection.rows(
            f"WITH each AS MATERIALIZED (SELECT {value_expression(field)} AS value FROM record"
            f" WHERE {_of(entity)} AND ({condition.sql})) SELECT value, count(*) FROM each GROUP BY value",
            condition.params,
        )
        return dict(rows)

    def tally_by(self, entity: str, one: str, other: str) -> list[tuple[str | None, str | None, int]]:
        """Return each pair of values of two fields with how many records have it; None stands for a blank one."""
        return self._connection.rows(
            f"WITH each AS MATERIALIZED (SELECT {value_expression(one)} AS one, {value_expression(other)} AS other"
            f" FROM record WHERE {_of(entity)}) SELECT one, other, count(*) FROM each GROUP BY 1, 2"
        )

    def states_of(self, ids: Sequence[int], field: str) -> dict[tuple[str, SyncState], int]:
        """Count records, given by their ids, by the value of a field ("" for a blank one) and how they are synced."""
        rows = self._connection.rows(
            f"WITH each AS MATERIALIZED (SELECT coalesce({value_expression(field)}, '') AS value, sync FROM record"
            " WHERE id IN (SELECT value FROM json_each(?))) SELECT value, sync, count(*) FROM each GROUP BY 1, 2",
            (json.dumps([*ids]),),
        )
        return {(str(value), SyncState(sync)): count for value, sync, count in rows}

    def staged(
        self, entity: str, state: str, amount: str = "", currency: str = ""
    ) -> list[tuple[int, str | None, str, int | None]]:
        """Return row id, state, currency and pence of every record of a type, in one pass over them.

        Without an amount field the last two are "" and None.
        """
        pence = pence_expression(amount) if amount else "NULL"
        code = f"coalesce({value_expression(currency)}, '')" if currency else "''"
        rows = self._connection.rows(
            f"SELECT record.id, {value_expression(state)}, {code}, {pence} FROM record WHERE {_of(entity)}"
        )
        wanted = [row[0] for row in rows if row[3] == LARGE]
        if not wanted:
            return rows
        large = large_pence(self._connection, amount, wanted)
        return [(*row[:3], large.get(row[0], row[3])) for row in rows]

    def _local(self, gids: Sequence[str]) -> dict[str, tuple[str, Local]]:
        """Read everything local about records, with the entity type it names; those without any are left out."""
        wanted = json.dumps(gids)
        pending: dict[str, list[Pending]] = defaultdict(list)
        unresolved: dict[str, list[Unresolved]] = defaultdict(list)
        drafts: dict[str, OpenDraft] = {}
        entities: dict[str, str] = {}
        for _, gid, body, state, problem in sorted(self._connection.rows(_PENDING, (wanted,))):
            pending[gid].append(Pending(self.bodies.read(body), ItemState(state), problem))
            entities.setdefault(gid, pending[gid][0].mutation.entity)
        for gid, entity, base, mine in self._connection.rows(_UNRESOLVED, (wanted,)):
            unresolved[gid].append(Unresolved(json.loads(base), json.loads(mine)))
            entities.setdefault(gid, entity)
        for gid, entity, data, returned in self._connection.rows(_DRAFTS, (wanted, DraftState.OPEN)):
            drafts[gid] = OpenDraft(json.loads(data), bool(returned))
            entities.setdefault(gid, entity)
        return {
            gid: (entity, Local(tuple(pending[gid]), tuple(unresolved[gid]), drafts.get(gid)))
            for gid, entity in entities.items()
        }

    def _drop_shadows(self, gids: Sequence[str]) -> None:
        """Nothing local lies over these records any more: server truth is what is shown."""
        wanted = json.dumps(gids)
        known = self._connection.rows(_SHADOWED, (wanted,)) if gids else []
        if not known:
            return
        self._connection.run(_SHOW_TRUTH, (SyncState.SYNCED, wanted))
        absent = [gid for gid, there in known if not there]
        self._connection.run_many("DELETE FROM record WHERE gid = ?", ((gid,) for gid in absent))
        self._connection.run(f"DELETE FROM shadow WHERE {_WANTED}", (wanted,))
        self._search.index([gid for gid, there in known if there])

    def _lay_over(self, local: Mapping[str, tuple[str, Local]]) -> None:
        """Show these records as truth with everything local over it."""
        if not local:
            return
        wanted = json.dumps([*local])
        self._connection.run(_SHADOW_RECORDS, (wanted,))
        self._connection.run_many(
            "INSERT OR IGNORE INTO shadow(gid, entity) VALUES(?, ?)",
            ((gid, entity) for gid, (entity, _) in local.items()),
        )
        manifest = self._cursors.manifest()
        marked: list[tuple[SyncState, str]] = []
        shown: list[tuple[Any, ...]] = []
        hidden: list[tuple[str]] = []
        for row in self._connection.rows(_LAID, (wanted,)):
            gid, data, last, columns, now = row[0], row[1], row[2], row[3:7], row[7:]
            entity = manifest.entity(columns[0]) if manifest is not None else None
            replayed = replay(entity, _parsed(data), _parsed(last), local[gid][1])
            if replayed.data is None:
                hidden.append((gid,))
                continue
            text = _text(replayed.data)
            if now == (*columns, text):
                marked.append((replayed.sync, gid))
            else:
                shown.append((gid, *columns, text, replayed.sync))
        self._connection.run_many("DELETE FROM record WHERE gid = ?", hidden)
        self._connection.run_many("UPDATE record SET sync = ? WHERE gid = ?", marked)
        self._connection.run_many(_SHOW, shown)
        if shown:
            self._search.index([row[0] for row in shown])


#: Rows of the gids named by a JSON array.
_WANTED = "gid IN (SELECT value FROM json_each(?))"

# CROSS JOIN has SQLite begin with the gids, of which there are few, and not with all that is open.
_PENDING = """
    SELECT outbox.seq, outbox.gid, body, state, coalesce(json_extract(problem, '$.kind'), 'unknown')
    FROM json_each(?) AS wanted CROSS JOIN outbox ON outbox.gid = wanted.value WHERE state <> 'settled'
"""
_UNRESOLVED = (
    f"SELECT gid, entity, base, mine FROM conflict WHERE {_WANTED} ORDER BY detected_at, mutation_id"
)
_DRAFTS = f"""
    SELECT gid, entity, data, problems <> '{{}}' OR note <> '' FROM draft WHERE {_WANTED} AND state = ?
"""
_SHADOWED = f"SELECT gid, data IS NOT NULL FROM shadow WHERE {_WANTED}"
_SHADOW_RECORDS = f"""
    INSERT OR IGNORE INTO shadow(gid, entity, version, hash, data, generation)
    SELECT gid, entity, version, hash, data, generation FROM record WHERE {_WANTED}
"""
_ON_CONFLICT = """
    ON CONFLICT(gid) DO UPDATE SET entity = excluded.entity, version = excluded.version, hash = excluded.hash,
        data = excluded.data, sync = excluded.sync, generation = excluded.generation
"""
_SHOW_TRUTH = f"""
    INSERT INTO record(gid, entity, version, hash, data, sync, generation)
    SELECT gid, entity, version, hash, data, ?, generation FROM shadow WHERE {_WANTED} AND data IS NOT NULL
    {_ON_CONFLICT}
"""
_SHOW = f"""
    INSERT INTO record(gid, entity, version, hash, generation, data, sync) VALUES(?, ?, ?, ?, ?, ?, ?)
    {_ON_CONFLICT}
"""
_LAID = """
    SELECT shadow.gid, shadow.data, shadow.last, shadow.entity, shadow.version, shadow.hash, shadow.generation,
        record.entity, record.version, record.hash, record.generation, record.data
    FROM json_each(?) AS wanted CROSS JOIN shadow ON shadow.gid = wanted.value
    LEFT JOIN record ON record.gid = shadow.gid
"""


def _shown(row: tuple[Any, ...]) -> Shown:
    return Shown(row[0], row[1], row[2], row[3], json.loads(row[4]), SyncState(row[5]))


def _parsed(text: str | None) -> dict[str, Any] | None:
    return None if text is None else json.loads(text)


def _text(data: dict[str, Any]) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _of(entity: str) -> str:
    """The entity as a literal: SQLite does not use a partial index for a parameter."""
    return f"entity = {text_literal(entity)}"

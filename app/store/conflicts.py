"""Mutations that a person has to decide about. Only an outcome of the gateway makes one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from app.contract.mutations import FieldClash, Mutation
from app.store.connection import Connection
from app.store.projection import Projection
from app.store.states import ConflictKind
from app.store.timestamps import moment, stamp

_CLASHES = TypeAdapter(tuple[FieldClash, ...])
_COLUMNS = (
    "mutation_id, gid, entity, kind, clashes, mutation, mine, base, last, label, detected_at, mine_at, device"
)


@dataclass(frozen=True)
class Conflict:
    """One undecided mutation.

    `mine` and `base` hold every touched field, not only the clashing ones: a mutation is atomic, so none of it was
    written. `last` is what the record was when it was deleted at the source (kind GONE). `mine_at` is the device's
    clock when the user made the edit.
    """

    mutation_id: str
    gid: str
    entity: str
    kind: ConflictKind
    clashes: tuple[FieldClash, ...]
    mutation: Mutation
    mine: Mapping[str, Any]
    base: Mapping[str, Any]
    last: Mapping[str, Any] | None
    label: str
    detected_at: datetime
    mine_at: datetime
    device: str = ""


class Conflicts:
    """The undecided mutations; while one is here its `mine` stays on the shown record."""

    def __init__(self, connection: Connection, projection: Projection) -> None:
        self._connection = connection
        self._projection = projection

    def add(self, conflict: Conflict) -> None:
        """Keep a conflict; one of the same mutation is replaced."""
        with self._connection.transaction():
            self.add_many((conflict,))
            self._projection.refresh(conflict.gid)

    def add_many(self, conflicts: Iterable[Conflict]) -> None:
        """Keep conflicts; their records are the caller's to refresh."""
        marks = ", ".join("?" * 13)
        self._connection.run_many(
            f"INSERT OR REPLACE INTO conflict({_COLUMNS}) VALUES({marks})", map(_row, conflicts)
        )

    def fold(self, mutation_id: str, changes: Mapping[str, Any], base: Mapping[str, Any]) -> None:
        """Add a successor's changes to what the user wants. `base` counts for fields not touched before."""
        with self._connection.transaction():
            conflict = self.get(mutation_id)
            if conflict is None:
                raise KeyError(mutation_id)
            self._connection.run(
                "UPDATE conflict SET mine = ?, base = ? WHERE mutation_id = ?",
                (_text({**conflict.mine, **changes}), _text({**base, **conflict.base}), mutation_id),
            )
            self._projection.refresh(conflict.gid)

    def get(self, mutation_id: str) -> Conflict | None:
        """Return one conflict."""
        found = self._where("mutation_id = ?", (mutation_id,))
        return found[0] if found else None

    def of(self, gid: str) -> list[Conflict]:
        """Return the conflicts of one record, oldest first."""
        return self._where("gid = ?", (gid,))

    def all(self) -> list[Conflict]:
        """Return all conflicts, oldest first."""
        return self._where("1", ())

    def count(self) -> int:
        """Return how many there are."""
        return int(self._connection.value("SELECT count(*) FROM conflict"))

    def resolve(self, mutation_id: str) -> None:
        """Drop a conflict that has been decided; the decision itself is a new mutation in the same transaction."""
        with self._connection.transaction():
            gid = self._connection.value("SELECT gid FROM conflict WHERE mutation_id = ?", (mutation_id,))
            self._connection.run("DELETE FROM conflict WHERE mutation_id = ?", (mutation_id,))
            if gid is not None:
                self._projection.refresh(gid)

    def _where(self, where: str, params: tuple[str, ...]) -> list[Conflict]:
        rows = self._connection.rows(
            f"SELECT {_COLUMNS} FROM conflict WHERE {where} ORDER BY detected_at, mutation_id", params
        )
        return [conflict_of(row) for row in rows]


def conflict_of(row: tuple[Any, ...]) -> Conflict:
    """Read a row of the table, columns in the order of its definition."""
    return Conflict(
        mutation_id=row[0],
        gid=row[1],
        entity=row[2],
        kind=ConflictKind(row[3]),
        clashes=_CLASHES.validate_json(row[4]),
        mutation=Mutation.model_validate_json(row[5]),
        mine=json.loads(row[6]),
        base=json.loads(row[7]),
        last=None if row[8] is None else json.loads(row[8]),
        label=row[9],
        detected_at=moment(row[10]),
        mine_at=moment(row[11]),
        device=row[12],
    )


def _row(conflict: Conflict) -> tuple[Any, ...]:
    return (
        conflict.mutation_id,
        conflict.gid,
        conflict.entity,
        conflict.kind,
        _CLASHES.dump_json(conflict.clashes).decode(),
        conflict.mutation.model_dump_json(),
        _text(conflict.mine),
        _text(conflict.base),
        None if conflict.last is None else _text(conflict.last),
        conflict.label,
        stamp(conflict.detected_at),
        stamp(conflict.mine_at),
        conflict.device,
    )


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False)

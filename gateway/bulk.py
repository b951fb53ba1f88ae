"""One statement for many rows, put into the driver's words once: SQLAlchemy would look at each row anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Table, Update
from sqlalchemy.dialects import postgresql, sqlite

_Convert = Callable[[Any], Any]


def run_many(connection: Connection, statement: Insert | Update, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run a statement for each row; all rows have the keys of the first, in its order.

    Raises KeyError when a row lacks one that the statement needs.
    """
    if not rows:
        return
    prepared = _prepared(statement, tuple(rows[0]), connection.dialect)
    connection.exec_driver_sql(prepared.sql, [prepared.values(row) for row in rows])


def merge_many(
    connection: Connection,
    table: Table,
    key: tuple[str, ...],
    rows: Sequence[Mapping[str, Any]],
    *,
    kept: tuple[str, ...] = (),
    added: tuple[str, ...] = (),
) -> None:
    """Write rows that all name the same columns; one whose `key` is there already takes over what the new one says.

    Of what it says the columns `kept` are for new rows only, and the numbers `added` are added to those there.
    """
    if rows:
        run_many(connection, _merging(connection.dialect.name, table, key, tuple(rows[0]), kept, added), rows)


@lru_cache(maxsize=256)
def _merging(
    dialect: str,
    table: Table,
    key: tuple[str, ...],
    columns: tuple[str, ...],
    kept: tuple[str, ...],
    added: tuple[str, ...],
) -> Insert:
    row = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    new = row.excluded
    changed = {
        name: table.c[name] + new[name] if name in added else new[name]
        for name in columns
        if name not in key and name not in kept
    }
    merging: Insert = row.on_conflict_do_update(index_elements=list(key), set_=changed)
    return merging


@dataclass(frozen=True)
class _Prepared:
    """SQL text; the name and the conversion of each value, in their order; whether the driver wants them by place."""

    sql: str
    names: tuple[tuple[str, _Convert | None], ...]
    positional: bool

    def values(self, row: Mapping[str, Any]) -> Any:
        """Return a row's values as the driver takes them."""
        if self.positional:
            return tuple(
                [row[name] if convert is None else convert(row[name]) for name, convert in self.names]
            )
        return {name: row[name] if convert is None else convert(row[name]) for name, convert in self.names}


@lru_cache(maxsize=256)
def _prepared(statement: Insert | Update, keys: tuple[str, ...], dialect: Dialect) -> _Prepared:
    compiled = statement.compile(dialect=dialect, column_keys=list(keys))
    order = getattr(compiled, "positiontup", None)
    names = tuple(order if order is not None else compiled.binds)
    converts = (compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names)
    return _Prepared(str(compiled), tuple(zip(names, converts, strict=True)), order is not None)

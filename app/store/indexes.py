"""Partial expression indexes for what a manifest sorts and filters by, one set per entity type."""

from __future__ import annotations

from app.contract.manifest import EntityType, Manifest
from app.store.connection import Connection
from app.store.query import field_expression, identifier, sort_key, text_literal

_PREFIX = "field:"

#: Operators whose field is compared by its own value; the others look at several states or at other tables.
_INDEXED = frozenset({"eq", "in", "within_days", "before_today", "mine"})


def build_indexes(connection: Connection, manifest: Manifest) -> None:
    """Make the indexes that are missing and drop those the manifest no longer asks for."""
    wanted = dict(statement for entity in manifest.entities for statement in _statements(entity))
    rows = connection.rows(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND substr(name, 1, ?) = ?",
        (len(_PREFIX), _PREFIX),
    )
    there = dict(rows)
    for name, sql in there.items():
        if wanted.get(name) != sql:
            connection.run(f"DROP INDEX {identifier(name)}")
    for name, sql in wanted.items():
        if there.get(name) != sql:
            # One transaction each, so that the user's own writes get their turn in between.
            with connection.transaction():
                connection.run(sql)


def _statements(entity: EntityType) -> list[tuple[str, str]]:
    filters = [one for chip in entity.list.chips for one in chip.filters if one.op in _INDEXED and one.field]
    expressions = {
        field_expression(entity, one.field): f"{_PREFIX}{entity.name}:{one.field}" for one in filters
    }
    sort = entity.list.sort.removeprefix("-")
    if sort:
        expressions.setdefault(sort_key(entity, sort), f"{_PREFIX}{entity.name}:{sort}:sort")
    return [
        (
            name,
            f"CREATE INDEX {identifier(name)} ON record({expression}) WHERE entity = {text_literal(entity.name)}",
        )
        for expression, name in expressions.items()
    ]

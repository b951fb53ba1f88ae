"""One covering index per entity type, for what its list sorts by, filters by and shows, and for its proof.

A partial index over expressions: SQLite answers a chip, a count, a total or a sort by any column from it alone, without
taking the JSON of a single record apart. No statistics are collected: ANALYZE keeps samples of the values, and a
revocation could not reach those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.contract.manifest import EntityType, Manifest
from app.store.connection import Connection
from app.store.query import CLOSING_FIELDS, field_expression, identifier, sort_key, text_literal

_PREFIX = "list:"

# `app.contract.digest.item` in SQL: a literal in base 16 is JSON5, and SQLite has no exclusive or.
_HASH = "(('0x' || substr(hash, 1, 14) || substr(gid, 36)) ->> '$')"
_GID = "(('0x' || substr(gid, 25, 11) || '0') ->> '$')"
ITEM = f"({_HASH} | {_GID}) - ({_HASH} & {_GID})"


#: An entity type with no more records than this has its index from the beginning of a first sync on.
_FEW = 2_000


def build_indexes(connection: Connection, manifest: Manifest, *, give_way: bool = False) -> None:
    """Make the indexes that are missing and drop those the manifest no longer asks for.

    `give_way`: raise GaveWay when somebody who is not patient has to write meanwhile; those made so far stay.
    """
    wanted = dict(_statement(entity) for entity in manifest.entities)
    wanted.update(pair for entity in manifest.entities for pair in _by_reference(entity, manifest))
    there = _there(connection)
    for name, sql in there.items():
        if wanted.get(name) != sql:
            connection.run(f"DROP INDEX {identifier(name)}")
    for name, sql in wanted.items():
        if there.get(name) != sql:
            # One transaction each, so that the user's own writes get their turn in between.
            with connection.transaction(gives_way=give_way):
                connection.run(sql)
    # It serves while a first sync is under way; beside the others it would only lead the planner astray.
    connection.run("DROP INDEX IF EXISTS record_entity")


def begin_indexes(connection: Connection, manifest: Manifest, expected: Mapping[str, int]) -> None:
    """Make the indexes of entity types of which few records are expected, while there are none.

    Each index made later reads all records once; that is worth it only where keeping it up during a first sync would
    cost more.
    """
    there = _there(connection)
    for entity in manifest.entities:
        name, sql = _statement(entity)
        if expected.get(entity.name, 0) <= _FEW and name not in there:
            connection.run(sql)


def _there(connection: Connection) -> dict[str, str]:
    rows = connection.rows(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND substr(name, 1, ?) = ?",
        (len(_PREFIX), _PREFIX),
    )
    return dict(rows)


def has_index(connection: Connection, entity: str) -> bool:
    """Tell whether the index of an entity type is there."""
    found = connection.value(
        "SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?", (f"{_PREFIX}{entity}",)
    )
    return found is not None


def _statement(entity: EntityType) -> tuple[str, str]:
    name = f"{_PREFIX}{entity.name}"
    columns = ", ".join(_expressions(entity))
    where = f"entity = {text_literal(entity.name)}"
    return name, f"CREATE INDEX {identifier(name)} ON record({columns}) WHERE {where}"


def _by_reference(entity: EntityType, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Indexes by which records are found that name another one, where they are shown with it."""
    where = f"entity = {text_literal(entity.name)}"
    related = [one for other in manifest.entities for one in other.related if one.entity == entity.name]
    for field in dict.fromkeys(one.field for one in related if entity.field(one.field) is not None):
        name = f"{_PREFIX}{entity.name}:{field}"
        expression = field_expression(entity, field)
        yield name, f"CREATE INDEX {identifier(name)} ON record({expression}) WHERE {where}"


def _expressions(entity: EntityType) -> list[str]:
    """The key first, then everything else a list of this type looks at, each once."""
    shown = [column.field for column in entity.list.columns]
    filtered = [one.field for chip in entity.list.chips for one in chip.filters]
    amount = entity.field(entity.list.total)
    counted = [entity.list.total, amount.currency_field] if amount is not None else []
    state = [entity.state_field]
    closing = [name for name in CLOSING_FIELDS if counted and entity.field(name) is not None][:1]
    windows = [entity.list.window_field] if entity.list.windows else []
    named = (*state, *filtered, *shown, *counted, *closing, *windows)
    fields = [field_expression(entity, field) for field in named if field]
    key = sort_key(entity, entity.list.sort.removeprefix("-") or "updated_at")
    return [*dict.fromkeys([key, "id", *fields, "sync", ITEM])]

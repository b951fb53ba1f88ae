"""Filters and sorting of a manifest as SQL over `record`. Pure: it builds text and parameters, and runs nothing.

One expression per field, `field_expression`, is used by conditions, orders and indexes alike: SQLite uses an
expression index only for the very same expression.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.contract.manifest import EntityType, FieldSpec, FieldType, Filter
from app.store.states import BlobState


@dataclass(frozen=True)
class Condition:
    """A boolean expression over `record` with its parameters."""

    sql: str
    params: tuple[Any, ...] = ()

    def __or__(self, other: Condition) -> Condition:
        """Return the condition that holds when one of both does."""
        return Condition(f"(({self.sql}) OR ({other.sql}))", (*self.params, *other.params))

    def __and__(self, other: Condition) -> Condition:
        """Return the condition that holds when both do."""
        return Condition(f"({self.sql}) AND ({other.sql})", (*self.params, *other.params))


#: Fields that hold the day on which a record is meant to close.
CLOSING_FIELDS = ("target_close", "term_end")

EVERYTHING = Condition("1")
NOTHING = Condition("0")


@dataclass(frozen=True)
class QueryContext:
    """What a filter may refer to: the entity type, the user's id, today's date."""

    entity: EntityType
    user: str
    today: date


def text_literal(text: str) -> str:
    """Write text as an SQL literal; for the few places where a parameter cannot stand, such as a partial index."""
    return "'" + text.replace("\x00", "").replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Write a name as an SQL identifier."""
    return '"' + name.replace("\x00", "").replace('"', '""') + '"'


def json_field(name: str) -> str:
    """Return the expression of a field's JSON value; NULL for a name that no JSON path can hold."""
    if '"' in name or "\\" in name:
        return "NULL"
    return f"json_extract(data, {text_literal(f'$.{chr(34)}{name}{chr(34)}')})"


def field_expression(entity: EntityType, name: str) -> str:
    """Return the expression by which a field is compared and sorted: amounts as numbers, blank text as NULL."""
    spec = entity.field(name)
    return (
        amount_expression(name)
        if spec is not None and spec.type is FieldType.MONEY
        else value_expression(name)
    )


def value_expression(name: str) -> str:
    """Return the expression of a field that holds no amount."""
    return f"nullif({json_field(name)}, '')"


def amount_expression(name: str) -> str:
    """Return the expression of a money field."""
    return f"CAST({value_expression(name)} AS REAL)"


def chip_condition(context: QueryContext, filters: Sequence[Filter]) -> Condition:
    """Return the condition of a chip: all its filters together."""
    condition = EVERYTHING
    for one in filters:
        found = filter_condition(context, one)
        condition = found if condition is EVERYTHING else condition & found
    return condition


def filter_condition(context: QueryContext, one: Filter) -> Condition:
    """Return the condition of one filter. One with an operator of a newer manifest matches nothing."""
    expression = field_expression(context.entity, one.field)
    match one.op:
        case "eq" | "in":
            return _among(context.entity, one)
        case "not_in":
            among = _among(context.entity, one)
            return Condition(f"coalesce(NOT ({among.sql}), 1)", among.params)
        case "within_days":
            until = context.today + timedelta(days=one.days + 1)
            return Condition(
                f"{expression} >= ? AND {expression} < ?", (context.today.isoformat(), until.isoformat())
            )
        case "before_today":
            return Condition(f"{expression} < ?", (context.today.isoformat(),))
        case "mine":
            return Condition(f"{expression} = ?", (context.user,))
        case "sync":
            return Condition(f"sync IN ({_marks(one.values)})", one.values)
        case "present":
            return Condition(f"{expression} <> '[]'")
        case "absent":
            return Condition(f"coalesce({expression}, '[]') = '[]'")
        case "open":
            return _open(context.entity)
        case "kept":
            return Condition(
                f"EXISTS (SELECT 1 FROM blob WHERE blob.sha256 = {json_field(one.field)} AND blob.pinned"
                f" AND blob.state = '{BlobState.COMPLETE}')"
            )
        case _:
            return NOTHING


def field_equals(entity: EntityType, name: str, value: str | None) -> Condition:
    """Return the condition that a field has a value (as a manifest writes it); None asks for an absent one."""
    if value is None:
        return Condition(f"{field_expression(entity, name)} IS NULL")
    return _among(entity, Filter(op="eq", field=name, values=(value,)))


def text_condition(text: str) -> Condition:
    """Return the condition that a record's indexed text holds all words, the last as a beginning."""
    match = match_expression(text)
    if not match:
        return EVERYTHING
    return Condition("record.id IN (SELECT rowid FROM search WHERE search MATCH ?)", (match,))


def conversation_condition(text: str) -> Condition:
    """Return the condition that a record, or one of its messages or files, holds all words."""
    match = match_expression(text)
    if not match:
        return EVERYTHING
    found = "(SELECT rowid FROM search WHERE search MATCH ?)"
    written = (
        f"SELECT child.parent FROM record AS child WHERE child.parent IS NOT NULL AND child.id IN {found}"
    )
    return Condition(f"record.id IN {found} OR record.gid IN ({written})", (match, match))


def match_expression(text: str) -> str:
    """Turn what a user typed into a full-text query: every word, the last as a beginning. Empty: no words."""
    words = match_words(text)
    return " ".join(f'"{word}"' for word in words) + ("*" if words else "")


def match_words(text: str) -> list[str]:
    """Return the words of what a user typed, as `match_expression` asks for them."""
    return [word for word in re.split(r'[\s"\x00]+', text) if any(char.isalnum() for char in word)]


@dataclass(frozen=True)
class Order:
    """An ORDER BY expression.

    `born_first`: what the server does not know yet comes before all others. `by`: the expression it is about, whose
    blank values come last; `opposite`: the same from its other end, blank values last too.
    """

    key: str
    born_first: bool = False
    by: str = ""
    opposite: str = ""

    @property
    def exact(self) -> str:
        """The whole of it. No index has the version, so that a long list is sorted by `key` and mended."""
        return f"record.version IS NOT NULL, {self.key}" if self.born_first else self.key


#: As they came.
BY_ARRIVAL = Order("record.id")


def list_order(entity: EntityType, sort: str) -> Order:
    """Return the order of a list; `sort` "" is its own. By latest change, what was born here leads."""
    key = sort or entity.list.sort
    spec = entity.field(key.removeprefix("-"))
    latest_first = key.startswith("-") and spec is not None and spec.type is FieldType.DATETIME
    name, descending = key.removeprefix("-"), key.startswith("-")
    if not name:
        return BY_ARRIVAL
    other = sort_order(entity, name if descending else f"-{name}")
    return Order(sort_order(entity, key), latest_first, sort_key(entity, name), other)


def sort_order(entity: EntityType, sort: str) -> str:
    """Return the ORDER BY expression for a manifest's `sort`: blank values last, equal ones by id.

    States and choices follow the manifest's order, texts ignore case.
    """
    name, direction = (sort[1:], "DESC") if sort.startswith("-") else (sort, "ASC")
    if not name:
        return "record.id"
    return f"{sort_key(entity, name)} {direction} NULLS LAST, record.id {direction}"


def sort_key(entity: EntityType, name: str) -> str:
    """Return the expression by which a list is sorted by a field."""
    if name == "sync":
        return "sync"
    spec = entity.field(name)
    ranks = _ranks(entity, name, spec)
    if ranks:
        cases = " ".join(f"WHEN {text_literal(value)} THEN {rank}" for rank, value in enumerate(ranks))
        return f"CASE {field_expression(entity, name)} {cases} END"
    if spec is not None and spec.type in (FieldType.TEXT, FieldType.LONG_TEXT, FieldType.EMAIL):
        return f"{field_expression(entity, name)} COLLATE NOCASE"
    return field_expression(entity, name)


def _ranks(entity: EntityType, name: str, spec: FieldSpec | None) -> tuple[str, ...]:
    if entity.lifecycle is not None and name == entity.lifecycle.field:
        return tuple(state.name for state in entity.lifecycle.states)
    if spec is not None and spec.type is FieldType.CHOICE:
        return tuple(choice.value for choice in spec.choices)
    return ()


def _among(entity: EntityType, one: Filter) -> Condition:
    spec = entity.field(one.field)
    marks = _marks(one.values)
    if spec is not None and spec.type is FieldType.CHOICES:
        path = text_literal(f'$."{one.field}"') if '"' not in one.field else "'$'"
        return Condition(
            f"EXISTS (SELECT 1 FROM json_each(data, {path}) WHERE value IN ({marks}))", one.values
        )
    numeric = spec is not None and spec.type in (FieldType.MONEY, FieldType.INTEGER, FieldType.BOOLEAN)
    values = tuple(map(_number, one.values)) if numeric else one.values
    return Condition(f"{field_expression(entity, one.field)} IN ({marks})", values)


def _number(text: str) -> float | int | None:
    """A manifest's value for a field that holds a number; true and false are 1 and 0, as SQLite reads them."""
    if text in ("true", "false"):
        return int(text == "true")
    try:
        return float(text)
    except ValueError:
        return None


def _open(entity: EntityType) -> Condition:
    if entity.lifecycle is None:
        return EVERYTHING
    closed = tuple(state.name for state in entity.lifecycle.states if not state.open)
    # A state this manifest does not know counts as open: better one row too many than one that nobody sees.
    state = field_expression(entity, entity.lifecycle.field)
    return Condition(f"coalesce({state}, '') NOT IN ({_marks(closed)})", closed)


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" for _ in values)

"""A small SOQL: a parser, and an evaluator over whatever gives a row's fields by their path."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import reduce
from typing import Any

#: Returns the value of a dotted path of a row that is being looked at.
Look = Callable[[str], Any]
Condition = Callable[[Look], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<time>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d))|(?P<date>\d{4}-\d\d-\d\d)"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w.]*)|(?P<sign><=|>=|!=|[=<>(),]))"
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class MalformedQuery(Exception):
    """Text that is no query."""


@dataclass
class Query:
    """What was asked for. `ids`: the ids a condition narrows the rows to, where that is known without looking."""

    fields: list[str]
    children: list[Query]
    obj: str
    where: Condition
    order: list[tuple[str, bool]]
    limit: int | None
    paths: set[str] = field(default_factory=set)
    filtered: set[str] = field(default_factory=set)
    ids: set[str] | None = None


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        place = 0
        text = text.rstrip()
        while place < len(text):
            found = _TOKEN.match(text, place)
            if not found:
                raise MalformedQuery(f"unexpected token: '{text[place : place + 20]}'")
            assert found.lastgroup
            self._tokens.append((found.lastgroup, found.group(found.lastgroup)))
            place = found.end()
        self._at = 0
        self.filtered: set[str] = set()
        self._ids: set[str] | None = None
        self._top_level = True

    def query(self, *, nested: bool = False) -> Query:
        self._word("SELECT")
        fields: list[str] = []
        children: list[Query] = []
        while True:
            if self._take("("):
                children.append(self.query(nested=True))
                self._need(")")
            else:
                fields.append(self._name())
            if not self._take(","):
                break
        self._word("FROM")
        obj = self._name()
        where: Condition = lambda look: True  # noqa: E731
        outer, self.filtered = self.filtered, set()
        self._ids = None
        if self._next_word("WHERE"):
            where = self._any()
        filtered, self.filtered = self.filtered, outer
        order: list[tuple[str, bool]] = []
        if self._next_word("ORDER"):
            self._word("BY")
            order.append(self._ordering())
            while self._take(","):
                order.append(self._ordering())
        limit = None
        if self._next_word("LIMIT"):
            limit = int(self._pop("number"))
        if not nested and self._at != len(self._tokens):
            raise MalformedQuery(f"unexpected token: '{self._tokens[self._at][1]}'")
        paths = {*fields, *filtered, *(name for name, _ in order)}
        return Query(fields, children, obj, where, order, limit, paths, filtered, self._ids)

    def _any(self) -> Condition:
        parts = [self._all()]
        while self._next_word("OR"):
            self._ids = None
            parts.append(self._all())
            self._ids = None
        return reduce(_either, parts)

    def _all(self) -> Condition:
        parts = [self._one()]
        while self._next_word("AND"):
            parts.append(self._one())
        return reduce(_both, parts)

    def _one(self) -> Condition:
        if self._take("("):
            was = self._ids
            found = self._any()
            self._ids = was
            self._need(")")
            return found
        name = self._name()
        self.filtered.add(name)
        if self._next_word("IN"):
            self._need("(")
            values = [self._value()]
            while self._take(","):
                values.append(self._value())
            self._need(")")
            if name == "Id":
                self._ids = {str(value) for value in values}
            wanted = {_comparable(name, value) for value in values}
            return lambda look: _comparable(name, look(name)) in wanted
        sign, value = self._pop("sign"), _comparable(name, self._value())
        if name == "Id" and sign == "=":
            self._ids = {value}
        return _comparison(name, sign, value)

    def _value(self) -> Any:
        kind, text = self._tokens[self._at] if self._at < len(self._tokens) else ("", "the end")
        self._at += 1
        match kind:
            case "text":
                return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text[1:-1])
            case "time":
                return datetime.fromisoformat(text)
            case "date":
                return date.fromisoformat(text)
            case "number":
                return float(text)
            case "name" if text.lower() in ("true", "false", "null"):
                return {"true": True, "false": False, "null": None}[text.lower()]
            case _:
                raise MalformedQuery(f"unexpected token: '{text}'")

    def _ordering(self) -> tuple[str, bool]:
        name = self._name()
        if self._next_word("DESC"):
            return name, True
        self._next_word("ASC")
        return name, False

    def _take(self, sign: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == ("sign", sign):
            self._at += 1
            return True
        return False

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise MalformedQuery(f"expecting '{sign}'")

    def _next_word(self, word: str) -> bool:
        if self._at < len(self._tokens):
            kind, text = self._tokens[self._at]
            if kind == "name" and text.upper() == word:
                self._at += 1
                return True
        return False

    def _word(self, word: str) -> None:
        if not self._next_word(word):
            raise MalformedQuery(f"expecting {word}")

    def _name(self) -> str:
        return self._pop("name")

    def _pop(self, kind: str) -> str:
        if self._at >= len(self._tokens) or self._tokens[self._at][0] != kind:
            raise MalformedQuery(f"expecting a {kind}")
        self._at += 1
        return self._tokens[self._at - 1][1]


def parse(text: str) -> Query:
    """Read a query. Raises MalformedQuery."""
    return _Parser(text).query()


def _comparable(name: str, value: Any) -> Any:
    if isinstance(value, str):
        # Text is compared as people do; ids keep their case.
        last = name.rsplit(".", 1)[-1]
        return value if last == "Id" or last.endswith("Id") else value.lower()
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def _either(one: Condition, other: Condition) -> Condition:
    return lambda look: one(look) or other(look)


def _both(one: Condition, other: Condition) -> Condition:
    return lambda look: one(look) and other(look)


def _comparison(name: str, sign: str, value: Any) -> Condition:
    compare = _SIGNS[sign]
    ordered = sign not in ("=", "!=")
    last = name.rsplit(".", 1)[-1]
    as_it_is = last == "Id" or isinstance(value, datetime)

    def holds(look: Look) -> bool:
        found = look(name)
        if ordered and (found is None or value is None):
            return False
        return bool(compare(found if as_it_is else _comparable(name, found), value))

    return holds

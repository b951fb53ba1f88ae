"""Queries: how ids, texts and times are written in SOQL, and how conditions are put together; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from gateway.mapping import EntityMap

_ID = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_ESCAPED = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def is_id(text: str) -> bool:
    """Tell whether this can be the id of a row."""
    return _ID.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Tell whether this can be the name of an object or a field."""
    return _NAME.fullmatch(text) is not None


def literal(value: Any) -> str:
    """Write a value as it stands in a query."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"
        case _:
            return "'" + "".join(_ESCAPED.get(one, one) for one in str(value)) + "'"


def one_of(name: str, values: Iterable[Any]) -> str:
    """Return the condition that a field holds one of these; there must be one at least."""
    listed = [literal(value) for value in values]
    if len(listed) == 1:
        return f"{name} = {listed[0]}"
    if "null" in listed or set(listed) <= {"true", "false"}:
        return "(" + " OR ".join(f"{name} = {value}" for value in listed) + ")"
    return f"{name} IN ({', '.join(listed)})"


def both(*conditions: str) -> str:
    """Return the condition that all of these hold; empty ones do not count."""
    return " AND ".join(condition for condition in conditions if condition)


def shared(maps: Iterable[EntityMap]) -> str:
    """Return the condition that a row is shared through one of these maps; empty where every row may be.

    Text is compared by Salesforce whatever its case: it may hold for more rows than are shared, never for fewer.
    """
    found = []
    for item in maps:
        if not item.only:
            return ""
        parts = [one_of(name, allowed) for name, allowed in item.only.items()]
        found.append("(" + " AND ".join(parts) + ")")
    return "(" + " OR ".join(found) + ")" if found else ""


def select(names: Iterable[str], obj: str, where: str = "", order: str = "", limit: int | None = None) -> str:
    """Put a query together."""
    # Names come from the vendor's own mapping; every value has gone through `literal`.
    text = f"SELECT {', '.join(names)} FROM {obj}"  # noqa: S608
    text += f" WHERE {where}" if where else ""
    text += f" ORDER BY {order}" if order else ""
    return text + (f" LIMIT {limit}" if limit is not None else "")

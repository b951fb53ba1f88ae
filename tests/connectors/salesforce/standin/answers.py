"""Answers to queries over the stand-in's rows, as one user sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from itertools import islice
from operator import itemgetter
from typing import Any

from tests.connectors.salesforce.standin import ids
from tests.connectors.salesforce.standin.org import Org, Row
from tests.connectors.salesforce.standin.refusals import Refused, no_column
from tests.connectors.salesforce.standin.schema import CHILDREN
from tests.connectors.salesforce.standin.soql import Look, MalformedQuery, Query, parse

#: Fields that hold something in every row.
_FILLED = frozenset({"Id", "SystemModstamp", "CreatedDate", "IsDeleted"})


class Answers:
    """Answers queries over one org."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def value(self, obj: str, row: Mapping[str, Any], path: str) -> Any:
        """Return what a dotted path comes to. Raises Refused where it leads nowhere."""
        first, _, rest = path.partition(".")
        fields = self._org.objects[obj].fields
        if not rest:
            if path not in fields or not fields[path].visible:
                raise no_column(obj, path)
            return row[path]
        one = next((one for one in fields.values() if one.relationship == first and one.visible), None)
        if one is None:
            raise no_column(obj, first)
        key = row.get(one.name)
        target = one.target or (self._org.object_of(key) if key else "Name")
        if not key:
            return None
        found = self._org.rows[target].get(key)
        return self.value(target, found.values, rest) if found else None

    def query(self, text: str, *, everything: bool) -> list[dict[str, Any]]:
        """Answer a query. `everything`: with what is in the recycle bin. Raises Refused."""
        try:
            query = parse(text)
        except MalformedQuery as error:
            raise Refused("MALFORMED_QUERY", str(error)) from error
        with self._org.lock:
            return [self._shown(query, row) for row in self._found(query, everything)]

    def _found(self, query: Query, everything: bool) -> list[dict[str, Any]]:
        obj = query.obj
        if obj.endswith("History"):
            return self._history(query)
        if obj not in self._org.objects:
            raise Refused("INVALID_TYPE", f"sObject type '{obj}' is not supported.")
        if obj == "ContentDocumentLink" and not query.filtered & {"ContentDocumentId", "LinkedEntityId"}:
            words = "Implementation restriction: ContentDocumentLink requires a filter by a single Id"
            raise Refused("MALFORMED_QUERY", words)
        self._check_paths(query)
        rows: Iterable[Row] = self._org.rows[obj].values()
        if query.ids is not None:
            rows = [
                self._org.rows[obj][key]
                for key in {ids.full(one) for one in query.ids}
                if key in self._org.rows[obj]
            ]
        # What is asked leads somewhere (it was checked): a field of the row itself is taken as it is.
        plain = all("." not in path for path in query.paths)
        look = _own if plain else partial(partial, self.value, obj)
        there = [row.values for row in rows if everything or not row.deleted]
        names = [name for name, _ in query.order]
        if names and _FILLED.issuperset(names) and not any(downwards for _, downwards in query.order):
            # Many rows are listed by these: once there are enough, no more is looked at.
            there.sort(key=itemgetter(*names))
            return list(islice((row for row in there if query.where(look(row))), query.limit))
        found = [row for row in there if query.where(look(row))]
        for name, downwards in reversed(query.order):
            found.sort(key=partial(_by, look, name), reverse=downwards)
        return found[: query.limit]

    def _check_paths(self, query: Query) -> None:
        """A path must lead somewhere, also where no row is looked at."""
        for path in query.paths:
            obj, parts = query.obj, path.split(".")
            for part in parts[:-1]:
                one = next(
                    (one for one in self._org.objects[obj].fields.values() if one.relationship == part), None
                )
                if one is None or not one.visible:
                    raise no_column(obj, part)
                obj = one.target
                if not obj:
                    return
            if (
                parts[-1] not in self._org.objects[obj].fields
                or not self._org.objects[obj].fields[parts[-1]].visible
            ):
                raise no_column(obj, parts[-1])
            kind = self._org.objects[obj].fields[parts[-1]]
            if path in query.filtered and kind.type == "textarea" and kind.length > 255:
                words = f"field '{path}' can not be filtered in a query call"
                raise Refused("INVALID_FIELD", words)

    def _history(self, query: Query) -> list[dict[str, Any]]:
        name = query.obj.removesuffix("History").replace("__", "__c")
        if name not in self._org.objects:
            raise Refused("INVALID_TYPE", f"sObject type '{query.obj}' is not supported.")
        link = "ParentId" if name.endswith("__c") else f"{name}Id"
        found = [
            {link: key, "Field": one.field, "CreatedBy.Name": one.by, "CreatedDate": one.at}
            for key, lines in self._org.history.items()
            for one in lines
        ]
        found = [one for one in found if query.where(one.__getitem__)]
        return sorted(found, key=lambda one: one["CreatedDate"], reverse=True)

    def _shown(self, query: Query, row: Mapping[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = {"attributes": {"type": query.obj}}
        for path in query.fields:
            value = row[path] if path in row else self.value(query.obj, row, path)
            place = shown
            *outer, last = path.split(".")
            for part in outer:
                if value is None:
                    place.setdefault(part, None)
                    break
                place = place.setdefault(part, {})
                if place is None:
                    break
            else:
                place[last] = _spelled(value)
        for child in query.children:
            shown[child.obj] = self._children(query.obj, child, row)
        return shown

    def _children(self, obj: str, query: Query, row: Mapping[str, Any]) -> dict[str, Any] | None:
        target, link = CHILDREN[obj][query.obj]
        found = [
            one.values
            for one in self._org.rows[target].values()
            if one.values[link] == row["Id"] and not one.deleted
        ]
        for name, downwards in reversed(query.order):
            found.sort(key=lambda one: _sortable(self.value(target, one, name)), reverse=downwards)
        inner = Query(query.fields, [], target, query.where, [], None)
        records = [self._shown(inner, one) for one in found]
        return {"totalSize": len(records), "done": True, "records": records} if records else None


def _spelled(value: Any) -> Any:
    match value:
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        case date():
            return value.isoformat()
        case Decimal():
            return float(value)
        case _:
            return value


def _sortable(value: Any) -> tuple[bool, Any]:
    return (value is not None, value if value is not None else 0)


def _own(row: Mapping[str, Any]) -> Look:
    return row.__getitem__


def _by(look: Callable[[Mapping[str, Any]], Look], name: str, row: Mapping[str, Any]) -> tuple[bool, Any]:
    return _sortable(look(row)(name))

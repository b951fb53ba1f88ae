"""Rows of Odoo's models with the properties a mapping names, also those that stand behind a reference.

`country_id.code` is read from the country's row, `order_line` with members from the rows of the lines: one further call
for each model that is led to. What an object's maps leave out by `only` is not asked for at all where it is somebody's
internal words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.crm.odoo.client import Client
from gateway.crm.odoo.errors import OdooSaid, translated
from gateway.crm.odoo.models import FieldInfo, Models
from gateway.crm.odoo.values import read

#: How many ids stand in one question.
_MANY = 500

Values = dict[str, Any]


class Reader:
    """Reads rows by id."""

    def __init__(self, client: Client, models: Models, label: str) -> None:
        self._client = client
        self._models = models
        self._label = label

    def search(
        self, model: str, domain: Sequence[Any], fields: Sequence[str], *, order: str = "id", limit: int = 0
    ) -> list[Values]:
        """Return rows as Odoo tells them, archived ones too. Raises CrmUnavailable, CrmUnauthorised."""
        asked: Values = {"domain": list(domain), "fields": list(fields), "order": order}
        if limit:
            asked["limit"] = limit
        try:
            found = self._client.call(model, "search_read", **asked)
        except OdooSaid as error:
            raise translated(error.what, self._label, writing=False) from error
        return list(found)

    def by_id(self, model: str, ids: Iterable[int], fields: Sequence[str]) -> dict[int, Values]:
        """Return rows by id; those that are gone, or not for this user, are absent."""
        wanted = list(dict.fromkeys(ids))
        found: dict[int, Values] = {}
        for start in range(0, len(wanted), _MANY):
            part = wanted[start : start + _MANY]
            found |= {row["id"]: row for row in self.search(model, [["id", "in", part]], fields)}
        return found

    def having(self, model: str, names: Sequence[str]) -> list[str]:
        """Return those of the fields that the model has: some come with a module that need not be installed."""
        known = self._models.fields(model) or {}
        return [name for name in names if name in known]

    def properties(
        self, model: str, ids: Sequence[int], names: Sequence[str], items: Mapping[str, Sequence[str]]
    ) -> dict[int, Values]:
        """Return by id the properties of those names; what the model does not have is None.

        `items`: for properties that are lists of rows, the properties of those rows.
        """
        known = self._models.fields(model) or {}
        here = {name: known[name.partition(".")[0]] for name in names if name.partition(".")[0] in known}
        plain = sorted({"write_date", *(info.name for info in here.values())} & known.keys())
        if "active" in known:
            plain.append("active")
        rows = self.by_id(model, ids, plain)
        found: dict[int, Values] = {}
        for row_id, row in rows.items():
            told = {name: read(info.type, row[info.name]) for name, info in here.items() if "." not in name}
            found[row_id] = (
                dict.fromkeys(names)
                | told
                | {
                    "@written": row.get("write_date"),
                    "@active": row.get("active", True),
                }
            )
        self._follow(here, rows, found)
        for name, members in items.items():
            if name in here:
                self._take_apart(here[name], rows, found, members)
        return found

    def _follow(
        self, here: Mapping[str, FieldInfo], rows: Mapping[int, Values], found: Mapping[int, Values]
    ) -> None:
        """Read what stands behind references, one model after the other."""
        behind: dict[str, list[str]] = defaultdict(list)
        for name, info in here.items():
            if "." in name and info.relation:
                behind[info.name].append(name)
        for field, names in behind.items():
            info = here[names[0]]
            tails = [name.partition(".")[2] for name in names]
            led_to = {target for row in rows.values() for target in _ids(row[field])}
            there = self.properties(info.relation, sorted(led_to), tails, {}) if led_to else {}
            for row_id, row in rows.items():
                for name, tail in zip(names, tails, strict=True):
                    values = [there[target].get(tail) for target in _ids(row[field]) if target in there]
                    if info.many:
                        found[row_id][name] = [value for value in values if value is not None] or None
                    else:
                        found[row_id][name] = values[0] if values else None

    def _take_apart(
        self,
        info: FieldInfo,
        rows: Mapping[int, Values],
        found: Mapping[int, Values],
        members: Sequence[str],
    ) -> None:
        led_to = sorted({target for row in rows.values() for target in _ids(row[info.name])})
        there = self.properties(info.relation, led_to, members, {}) if led_to else {}
        for row_id, row in rows.items():
            lines = [there[target] for target in _ids(row[info.name]) if target in there]
            found[row_id][info.name] = [{name: line.get(name) for name in members} for line in lines] or None


def _ids(value: Any) -> list[int]:
    """Return the ids in a reference, or in a list of rows, as Odoo tells them."""
    if not value:
        return []
    if isinstance(value, int):
        return [value]
    if isinstance(value, list) and len(value) == 2 and isinstance(value[1], str):
        return [int(value[0])]
    return [int(one) for one in value]

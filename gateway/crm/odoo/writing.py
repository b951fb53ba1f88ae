"""Writing rows, and values by what people call them.

A row is created by `load`, Odoo's import, under an external id of ours: the id is unique in the database, so two that
create the same row at once end with one row, and a repeat finds it and leaves it as it is. Measured on Odoo 19: of two
concurrent loads one is told "could not serialize access", and nothing of it stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.crm.odoo.client import Client
from gateway.crm.odoo.computed import OURS
from gateway.crm.odoo.errors import OdooSaid, refusal, translated
from gateway.crm.odoo.models import FieldInfo, Models, shared
from gateway.crm.odoo.reading import Reader
from gateway.crm.odoo.values import cell, row_id, to_write
from gateway.crm.port import CrmMissing, CrmRefused

#: As for data that a module brings once: rows that are there are not written over.
_ONCE = {"mode": "update", "noupdate": True}

#: Marks of the last writes that a row holds.
_MARKS = 20


class Writer:
    """Creates and changes rows."""

    def __init__(self, client: Client, models: Models, reader: Reader, label: str) -> None:
        self._client = client
        self._models = models
        self._reader = reader
        self._label = label

    # ------------------------------------------------------------------------------------------------ values

    def values(self, model: str, properties: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """Return fields as `write` takes them, and the property each comes from. Raises CrmRefused, CrmUnavailable."""
        fields: dict[str, Any] = {}
        named: dict[str, str] = {}
        for name, value in properties.items():
            if name.startswith("@"):
                continue
            info = self._models.field(model, name.partition(".")[0])
            if info is None:
                words = f"{self._label} has no field {name} for this."
                raise CrmRefused(words, {name: words})
            if "." in name:
                fields[info.name] = self._looked_up(info, name, value)
            else:
                fields[info.name] = to_write(info.type, value, name)
            named[info.name] = name
        return fields, named

    def _looked_up(self, info: FieldInfo, name: str, value: Any) -> Any:
        """Return what leads to the rows in which that value stands."""
        tail = name.partition(".")[2]
        if value is None or value in ("", []):
            return [[6, 0, []]] if info.many else False
        if info.many:
            return [[6, 0, [self._one(info, name, tail, one) for one in value]]]
        return self._one(info, name, tail, value)

    def _one(self, info: FieldInfo, name: str, tail: str, value: Any) -> int:
        """Return the row with that value: the first, by its id, and the one of that very id if it is among them."""
        target = self._models.field(info.relation, tail)
        key = row_id(str(value)) if target and target.relation == info.relation else None
        if key is not None and self._reader.search(
            info.relation, [["id", "=", key], [tail, "=", key]], ["id"]
        ):
            return key
        held = [[name, "=", value] for name, value in shared(info.relation).items()]
        found = self._reader.search(info.relation, [[tail, "=", value], *held], ["id"], limit=1)
        if not found:
            words = f"{self._label} has no {info.label} “{value}”."
            raise CrmRefused(words, {name: words})
        return int(found[0]["id"])

    # ------------------------------------------------------------------------------------------------ creating

    def find(self, model: str, marker: str) -> int | None:
        """Return the row of an external id. Raises CrmUnavailable."""
        try:
            found = self._client.call("ir.model.data", "check_object_reference", module=OURS, xml_id=marker)
        except OdooSaid as error:
            if error.what.unknown_external_id:
                return None
            raise translated(error.what, self._label, writing=False) from error
        return int(found[1]) if found and found[0] == model and found[1] else None

    def load(self, model: str, marker: str, properties: Mapping[str, Any]) -> int:
        """Create a row under an external id, or return the one there is. Raises CrmRefused, CrmUnavailable."""
        written, named = self.values(model, properties)
        columns = [self._column(model, name) for name in written]
        row = [f"{OURS}.{marker}", *(cell(value) for value in written.values())]
        try:
            done = self._client.call(
                model,
                "load",
                fields=["id", *columns],
                data=[row],
                context={**_ONCE, "tracking_disable": False},
            )
        except OdooSaid as error:
            raise self._of_write(error, model, named) from error
        if done.get("ids"):
            return int(done["ids"][0])
        # Somebody else may have made it this moment; Odoo tells that in words of the database's language.
        found = self.find(model, marker)
        if found is not None:
            return found
        told = done.get("messages") or ()
        raise refusal(told, self._label, lambda name: named.get(name, name), self._labels(model, named))

    def _column(self, model: str, name: str) -> str:
        """Rows are named by their ids in the database."""
        info = self._models.field(model, name)
        return f"{name}/.id" if info and info.type in ("many2one", "many2many") else name

    # ------------------------------------------------------------------------------------------------ changing

    def write(self, model: str, key: int, properties: Mapping[str, Any], mark: str, marker: str) -> None:
        """Write properties, and the mark of this write with them. Raises CrmMissing, CrmRefused, CrmUnavailable.

        `mark`: the property for marks; empty where there is none.
        """
        written, named = self.values(model, properties)
        if mark and self._models.field(model, mark):
            held = self._reader.by_id(model, [key], [mark]).get(key)
            if held is None:
                raise CrmMissing(f"{self._label} does not have this record any more.")
            written[mark] = " ".join(with_mark(str(held[mark] or ""), marker))
        try:
            self._client.call(model, "write", [key], vals=written)
        except OdooSaid as error:
            if error.what.kind == "MissingError" and self._reader.by_id(model, [key], ["id"]):
                # It is a row it was to be led to that is not there.
                raise CrmRefused(f"{self._label} does not have what this refers to any more.") from error
            raise self._of_write(error, model, named) from error

    def delete(self, model: str, key: int) -> None:
        """Delete a row. Raises CrmMissing, CrmRefused, CrmUnavailable."""
        try:
            self._client.call(model, "unlink", [key])
        except OdooSaid as error:
            raise translated(error.what, self._label, writing=True) from error

    def was_marked(self, model: str, key: int, mark: str, marker: str) -> bool:
        """Tell whether a write with that mark reached the row."""
        if not mark or not self._models.field(model, mark):
            return False
        held = self._reader.by_id(model, [key], [mark]).get(key)
        return held is not None and marker in str(held[mark] or "").split()

    def _labels(self, model: str, named: Mapping[str, str]) -> dict[str, str]:
        """Return the fields that were written by what Odoo's users see them called, in small letters."""
        infos = (self._models.field(model, name) for name in named)
        return {info.label.casefold(): info.name for info in infos if info}

    def _of_write(self, error: OdooSaid, model: str, named: Mapping[str, str]) -> Exception:
        labels = self._labels(model, named)
        found = translated(error.what, self._label, writing=True, labels=labels)
        if isinstance(found, CrmRefused):
            found.fields = {named.get(name, name): words for name, words in found.fields.items()}
        return found


def with_mark(held: str, marker: str) -> Sequence[str]:
    """Return the marks of the last writes, the newest last."""
    return [*(one for one in held.split() if one != marker), marker][-_MARKS:]

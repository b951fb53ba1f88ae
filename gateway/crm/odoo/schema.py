"""Odoo's models as a mapping may name them, and fields and choices that are made on request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.crm.odoo.client import Client
from gateway.crm.odoo.computed import computed_of
from gateway.crm.odoo.errors import OdooSaid, translated
from gateway.crm.odoo.models import FieldInfo, Models, shared
from gateway.crm.odoo.reading import Reader
from gateway.crm.port import CrmRefused
from gateway.crm.schema import Kind, ObjectSchema, Property, WantedProperty

_KINDS: Mapping[str, Kind] = {
    "char": Kind.TEXT,
    "text": Kind.LONG_TEXT,
    "html": Kind.LONG_TEXT,
    "integer": Kind.INTEGER,
    "float": Kind.DECIMAL,
    "monetary": Kind.DECIMAL,
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
    "datetime": Kind.DATETIME,
    "selection": Kind.CHOICE,
    "many2one": Kind.REFERENCE,
    "many2one_reference": Kind.INTEGER,
    "one2many": Kind.ITEMS,
    "many2many": Kind.ITEMS,
}

#: Odoo's type for what is made. Several choices stand in one text, joined by the mapping's separator.
_MADE: Mapping[Kind, str] = {
    Kind.TEXT: "char",
    Kind.LONG_TEXT: "text",
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "float",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.DATETIME: "datetime",
    Kind.CHOICE: "selection",
    Kind.CHOICES: "char",
    Kind.REFERENCE: "many2one",
}

#: Models whose rows are choices: few, and named by people.
_MOST_CHOICES = 200


class Describer:
    """Tells what models are made of, and adds to them."""

    def __init__(self, client: Client, models: Models, reader: Reader, label: str) -> None:
        self._client = client
        self._models = models
        self._reader = reader
        self._label = label

    def describe(self, model: str, names: Sequence[str]) -> ObjectSchema | None:
        """Describe a model with all of its fields, and those of the names that are there."""
        self._models.forget()  # somebody wants to know how it is now
        fields = self._models.fields(model)
        if fields is None:
            return None
        given = self._defaults(model, [name for name, info in fields.items() if info.required])
        found = {name: _property(info, given) for name, info in fields.items()}
        computed = computed_of(model)
        for name in names:
            if name in computed:
                found[name] = computed[name]
            elif "." in name and (one := self._behind(model, name)):
                found[name] = one
        return ObjectSchema(model, model, found, self._models.may(model, "write"))

    def _defaults(self, model: str, names: Sequence[str]) -> frozenset[str]:
        """Return those of the fields that get a value by themselves."""
        for argument in ("fields", "fields_list"):  # 19, and before
            try:
                named: dict[str, Any] = {argument: list(names)}
                found = self._client.call(model, "default_get", **named)
            except OdooSaid:
                continue
            return frozenset(name for name, value in found.items() if value is not False)
        return frozenset()

    def _behind(self, model: str, name: str) -> Property | None:
        """Describe what stands behind a reference. A name that people give is a choice among the rows there are."""
        head, _, tail = name.partition(".")
        info = self._models.field(model, head)
        if info is None or not info.relation:
            return None
        if "." in tail:
            return self._behind(info.relation, tail)
        last = self._models.field(info.relation, tail)
        if last is None:
            return None
        kind = _KINDS.get(last.type, Kind.OTHER)
        choices = self._names(info.relation, tail) if tail == "name" and kind is Kind.TEXT else None
        kind = Kind.CHOICES if info.many else Kind.CHOICE if choices is not None else kind
        return Property(name, info.label, kind, choices, not info.readonly, target=last.relation)

    def _names(self, model: str, tail: str) -> Mapping[str, str] | None:
        held = [[name, "=", value] for name, value in shared(model).items()]
        rows = self._reader.search(model, held, [tail], limit=_MOST_CHOICES + 1)
        return None if len(rows) > _MOST_CHOICES else {str(row[tail]): str(row[tail]) for row in rows}

    # ------------------------------------------------------------------------------------------------- making

    def add(self, model: str, wanted: WantedProperty) -> None:
        """Make a field, or choices of one. Raises CrmRefused, CrmUnavailable."""
        if "." in wanted.name:
            self._add_rows(model, wanted)
            return
        info = self._models.field(model, wanted.name)
        if info is None:
            self._add_field(model, wanted)
        elif info.type == "selection":
            self._add_choices(model, wanted, info)
        self._models.forget()

    def _add_rows(self, model: str, wanted: WantedProperty) -> None:
        """Stages, categories and the like: rows of the model that is led to."""
        head, _, tail = wanted.name.partition(".")
        info = self._models.field(model, head)
        if info is None or tail != "name":
            raise CrmRefused(f"{wanted.name} is nothing that can be made.")
        there = self._names(info.relation, tail) or {}
        for value in wanted.choices:
            if value not in there:
                self._make(info.relation, {tail: value, **shared(info.relation)})

    def _add_field(self, model: str, wanted: WantedProperty) -> None:
        if not wanted.name.startswith("x_"):
            raise CrmRefused(
                f"{self._label} lets fields be made whose names begin with x_; {wanted.name} does not."
            )
        if wanted.kind not in _MADE:
            raise CrmRefused(f"{wanted.name} cannot be made: {wanted.kind.value} is nothing Odoo has.")
        values: dict[str, Any] = {
            "model_id": self._model_id(model),
            "state": "manual",
            "name": wanted.name,
            "field_description": wanted.label,
            "ttype": _MADE[wanted.kind],
        }
        if wanted.kind is Kind.CHOICE:
            values["selection_ids"] = _choices(wanted.choices, 0)
        if wanted.kind is Kind.REFERENCE:
            if not wanted.target:
                raise CrmRefused(f"Make {wanted.name} by hand: the mapping does not say where it leads to.")
            values |= {"relation": wanted.target, "on_delete": "set null"}
        self._make("ir.model.fields", values)

    def _add_choices(self, model: str, wanted: WantedProperty, info: FieldInfo) -> None:
        there = info.selection or {}
        missing = {value: label for value, label in wanted.choices.items() if value not in there}
        if not missing:
            return
        [field] = self._reader.search(
            "ir.model.fields", [["model", "=", model], ["name", "=", wanted.name]], ["state"]
        )
        if field["state"] != "manual":
            raise CrmRefused(f"{wanted.name} is Odoo's own: choices cannot be added to it.")
        for _, _, values in _choices(missing, len(there)):
            self._make("ir.model.fields.selection", {**values, "field_id": field["id"]})

    def _model_id(self, model: str) -> int:
        found = self._reader.search("ir.model", [["model", "=", model]], ["id"])
        if not found:
            raise CrmRefused(f"{self._label} has no model {model}.")
        return int(found[0]["id"])

    def _make(self, model: str, values: Mapping[str, Any]) -> None:
        try:
            self._client.call(model, "create", vals_list=[dict(values)])
        except OdooSaid as error:
            if error.what.kind == "AccessError":
                raise CrmRefused(
                    f"The API user may not add to {model}. Give it the group Administration / Access Rights (and "
                    "that of a manager of the app for stages) while fields are made, or make them by hand."
                ) from error
            raise translated(error.what, self._label, writing=True) from error


def _choices(choices: Mapping[str, str], first: int) -> list[list[Any]]:
    return [
        [0, 0, {"value": value, "name": label, "sequence": first + number}]
        for number, (value, label) in enumerate(choices.items())
    ]


def _property(info: FieldInfo, given: frozenset[str]) -> Property:
    return Property(
        info.name,
        info.label,
        _KINDS.get(info.type, Kind.OTHER),
        info.selection,
        not info.readonly,
        info.required and info.name not in given,
        target=info.relation,
    )

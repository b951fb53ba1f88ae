"""What an account's objects are made of, in a mapping's own names; and making what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, assert_never

from gateway.crm.hubspot.catalogue import Catalogue
from gateway.crm.hubspot.client import Client, schema_path
from gateway.crm.hubspot.errors import refusal
from gateway.crm.hubspot.names import (
    FileFact,
    Label,
    Linked,
    LinkedItems,
    Member,
    Name,
    Naming,
    NoteFact,
    OwnerName,
    Parent,
    Plain,
)
from gateway.crm.hubspot.types import ATTACHMENTS, CONTACTS, HTML, PIPELINE_OF, path_of
from gateway.crm.port import CrmRefused
from gateway.crm.schema import Kind, ObjectSchema, Property, WantedProperty

_GROUP = "counterpart"
#: How properties begin that are made for the portal.
_OURS = "counterpart_"

#: A kind as HubSpot's `type` and `fieldType`.
_MADE: Mapping[Kind, tuple[str, str]] = {
    Kind.TEXT: ("string", "text"),
    Kind.LONG_TEXT: ("string", "textarea"),
    Kind.INTEGER: ("number", "number"),
    Kind.DECIMAL: ("number", "number"),
    Kind.BOOLEAN: ("bool", "booleancheckbox"),
    Kind.DATE: ("date", "date"),
    Kind.DATETIME: ("datetime", "date"),
    Kind.CHOICE: ("enumeration", "select"),
    Kind.CHOICES: ("enumeration", "checkbox"),
}
_FACTS = {"sha256": Kind.TEXT, "size": Kind.INTEGER, "name": Kind.TEXT, "media_type": Kind.TEXT}


class Describer:
    """Describes objects."""

    def __init__(self, client: Client, catalogue: Catalogue, naming: Callable[[str], Naming]) -> None:
        self._client = client
        self._catalogue = catalogue
        self._naming = naming
        #: Objects that have the group of ours.
        self._grouped: set[str] = set()

    def describe(self, obj: str) -> ObjectSchema | None:
        """Return what an object is made of; None where there is no such object. Raises CrmUnavailable."""
        self._catalogue.forget(path_of(obj))
        told = self._catalogue.properties(path_of(obj))
        if told is None:
            return None
        naming = self._naming(obj)
        found = {name: _property(name, one) for name, one in told.items()}
        for name, one in naming.names.items():
            if name not in found:
                made = self._named(naming, one, found)
                if made is not None:
                    found[name] = made
        label = "Files on notes" if obj == ATTACHMENTS else obj.replace("_", " ").capitalize()
        return ObjectSchema(obj, label, found)

    def _named(self, naming: Naming, one: Name, plain: Mapping[str, Property]) -> Property | None:
        """Describe what is not a property of the record itself; None where what it rests on is not there."""
        match one:
            case Plain():
                return None
            case Label(name, base):
                labels = self._labels(naming, base)
                known = plain.get(base)
                if known is None:
                    return None
                choices = {label: label for label in labels} or None
                return Property(name, known.label, Kind.CHOICE, choices, known.writable, known.required)
            case OwnerName(name, base):
                return Property(name, "Owner", Kind.TEXT, writable=False) if base in plain else None
            case Member(name, base, obj, _):
                return Property(name, name, Kind.TEXT, writable=False, target=obj) if base in plain else None
            case FileFact(name, base, fact):
                there = base in plain or (naming.obj == ATTACHMENTS and base == "file")
                # Of a file that is brought in, these come with its bytes.
                return Property(name, name, _FACTS[fact], writable=base == "file") if there else None
            case Linked(name, obj, label, member):
                way = self._catalogue.way(path_of(naming.obj), obj, label)
                if way is None:
                    return None
                if member:
                    return Property(name, name, Kind.TEXT, writable=False, target=obj)
                return Property(name, label or obj, Kind.REFERENCE, target=obj)
            case LinkedItems(name, obj, _):
                return Property(name, obj, Kind.ITEMS, writable=False, target=obj)
            case Parent(name):
                if name == "@parent":
                    return Property(name, "On", Kind.REFERENCE)
                return Property(name, "On (object)", Kind.CHOICE, {obj: obj for obj in naming.parents})
            case NoteFact(name):
                return _note_fact(name)
            case _:
                assert_never(one)

    def _labels(self, naming: Naming, base: str) -> list[str]:
        obj = path_of(naming.obj)
        if base in PIPELINE_OF:
            pipelines = naming.pipelines(PIPELINE_OF[base])
            stages = self._catalogue.stages(obj)
            return [one.label for one in stages if not pipelines or one.pipeline_label in pipelines]
        if base in PIPELINE_OF.values():
            return list(dict.fromkeys(one.pipeline_label for one in self._catalogue.stages(obj)))
        return list(self._catalogue.choices(obj, base).values())

    # ---------------------------------------------------------------------------------------------------- making

    def add(self, obj: str, wanted: WantedProperty) -> None:
        """Make a property in a group of ours, or add to its choices. Raises CrmRefused, CrmUnavailable."""
        path = path_of(obj)
        if wanted.kind is Kind.REFERENCE and wanted.name.startswith(_OURS):
            # HubSpot links by associations alone: an id of ours stands in a line of text.
            wanted = replace(wanted, kind=Kind.TEXT)
        if wanted.name.endswith(".label") or wanted.name.startswith("@") or wanted.kind not in _MADE:
            words = "Pipelines, stages and links are set up by an administrator in HubSpot's settings."
            raise CrmRefused(f"{self._client.label} cannot be given this.", {wanted.name: words})
        known = self._catalogue.properties(path) or {}
        if wanted.name not in known:
            self._make(path, wanted)
        else:
            self._extend(path, wanted, known[wanted.name])

    def _make(self, obj: str, wanted: WantedProperty) -> None:
        self._group(obj)
        yes_or_no = wanted.kind is Kind.CHOICE and wanted.choices.keys() <= {"true", "false"}
        kind, field_type = _MADE[Kind.BOOLEAN if yes_or_no else wanted.kind]
        body: dict[str, Any] = {
            "name": wanted.name,
            "label": wanted.label,
            "groupName": _GROUP,
            "type": kind,
            "fieldType": field_type,
        }
        if wanted.unique:
            body["hasUniqueValue"] = True
        if kind == "bool":
            body["options"] = _options({"true": "Yes", "false": "No"})
        elif kind == "enumeration":
            body["options"] = _options(wanted.choices)
        answer = self._client.write("POST", schema_path("properties", obj), body)
        if not answer.well and answer.status != 409:
            raise refusal(self._client, answer, {})
        self._catalogue.learn(obj, wanted.name, answer.data if answer.well else body)

    def _group(self, obj: str) -> None:
        if obj in self._grouped:
            return
        body = {"name": _GROUP, "label": "Partner portal"}
        answer = self._client.write("POST", schema_path("properties", obj, "groups"), body)
        if not answer.well and answer.status != 409:
            raise refusal(self._client, answer, {})
        self._grouped.add(obj)

    def _extend(self, obj: str, wanted: WantedProperty, there: Mapping[str, Any]) -> None:
        known = {str(one["value"]): str(one["label"]) for one in there.get("options") or ()}
        missing = {value: label for value, label in wanted.choices.items() if value not in known}
        if not missing or there.get("type") != "enumeration":
            return
        body = {"options": _options({**known, **missing})}
        answer = self._client.write("PATCH", schema_path("properties", obj, wanted.name), body)
        if not answer.well:
            raise refusal(self._client, answer, {})
        self._catalogue.learn(obj, wanted.name, answer.data)


def _options(choices: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"value": value, "label": label, "displayOrder": place, "hidden": False}
        for place, (value, label) in enumerate(choices.items())
    ]


def _property(name: str, told: Mapping[str, Any]) -> Property:
    options = {str(one["value"]): str(one["label"]) for one in told.get("options") or ()}
    read_only = (
        bool((told.get("modificationMetadata") or {}).get("readOnlyValue")) or told.get("calculated") is True
    )
    kind = _kind(name, str(told.get("type")), str(told.get("fieldType")))
    choices = options if kind in (Kind.CHOICE, Kind.CHOICES) and options else None
    unique = told.get("hasUniqueValue") is True
    return Property(name, str(told.get("label") or name), kind, choices, not read_only, unique=unique)


def _kind(name: str, kind: str, field_type: str) -> Kind:
    match kind, field_type:
        case "string" | "phone_number", "file":
            return Kind.REFERENCE
        case "string" | "phone_number", "textarea" | "html":
            return Kind.LONG_TEXT
        case "string" | "phone_number" | "json", _:
            return Kind.LONG_TEXT if name in HTML else Kind.TEXT
        case "number", _:
            return Kind.INTEGER if name.endswith("_id") else Kind.DECIMAL
        case "bool", _:
            return Kind.BOOLEAN
        case "date", _:
            return Kind.DATE
        case "datetime", _:
            return Kind.DATETIME
        case "enumeration", "checkbox":
            return Kind.CHOICES
        case "enumeration", "booleancheckbox":
            return Kind.BOOLEAN
        case "enumeration", _:
            return Kind.CHOICE
        case _:
            return Kind.OTHER


def _note_fact(name: str) -> Property:
    match name:
        case "@text":
            return Property(name, "Has a text", Kind.BOOLEAN, writable=False)
        case "@side":
            return Property(
                name, "Side", Kind.CHOICE, {"partner": "Partner", "vendor": "Vendor"}, writable=False
            )
        case _:
            return Property(name, "Author", Kind.TEXT, writable=False, target=CONTACTS)

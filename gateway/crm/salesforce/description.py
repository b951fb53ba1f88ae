"""What the org's objects are made of, and making what a mapping lacks.

A field that is made through the Tooling API is seen by nobody until field-level security says so: it is put into the
permission set of the app's user right away, and where that cannot be done the admin is told how to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gateway.crm.port import CrmMissing, CrmRefused
from gateway.crm.salesforce import soql
from gateway.crm.salesforce.rows import Rows
from gateway.crm.salesforce.session import Session
from gateway.crm.salesforce.shapes import FILE, MEDIA_TYPE, OBJECT, PEOPLE, SHA256
from gateway.crm.schema import Kind, ObjectSchema, Property, WantedProperty
from gateway.mapping import SystemMapping

#: API name of the permission set that the app's user has.
PERMISSION_SET = "Counterpart"

_KINDS = {
    "boolean": Kind.BOOLEAN,
    "int": Kind.INTEGER,
    "double": Kind.DECIMAL,
    "currency": Kind.DECIMAL,
    "percent": Kind.DECIMAL,
    "date": Kind.DATE,
    "datetime": Kind.DATETIME,
    "picklist": Kind.CHOICE,
    "multipicklist": Kind.CHOICES,
    "reference": Kind.REFERENCE,
    "textarea": Kind.LONG_TEXT,
    "base64": Kind.OTHER,
    "address": Kind.OTHER,
    "location": Kind.OTHER,
}
#: What Salesforce needs of a new row and the connector gives it by itself.
_GIVEN = {**dict.fromkeys(PEOPLE, ("LastName",)), FILE: ("Title", "PathOnClient", "VersionData")}
_LONGEST_TEXT, _LONG_TEXT = 255, 32_768


class Description:
    """The objects of one org."""

    def __init__(self, session: Session, rows: Rows, mapping: SystemMapping) -> None:
        self._session = session
        self._rows = rows
        self._mapping = mapping

    def of(self, obj: str) -> ObjectSchema | None:
        """Return what an object is made of; None where there is none, or the app's user may not see it."""
        told = self._told(obj)
        if told is None:
            return None
        found = {str(one["name"]): _property(one) for one in told["fields"]}
        links = [item.parent.property for item in self._mapping.of_object(obj) if item.parent]
        found |= {name: _given(found[name]) for name in (*_GIVEN.get(obj, ()), *links) if name in found}
        if obj in PEOPLE:
            found["Name"] = replace(found["Name"], writable=True)
        for child in told.get("childRelationships") or ():
            name = str(child.get("relationshipName") or "")
            if name:
                found[name] = Property(
                    name, name, Kind.ITEMS, writable=False, target=str(child["childSObject"])
                )
        if obj == FILE:
            found[SHA256] = Property(SHA256, "SHA-256 of the bytes", Kind.TEXT, writable=False)
            found[MEDIA_TYPE] = Property(MEDIA_TYPE, "Kind of file", Kind.TEXT, writable=False)
        for name in self._mapping.properties(obj):
            beyond = None if name in found else self._beyond(told, name)
            if beyond:
                found[name] = beyond
        # Some are only created (messages), some only changed (orders): what is needed of each the mapping knows.
        writable = bool(told.get("createable") or told.get("updateable"))
        return ObjectSchema(obj, str(told["label"]), found, writable)

    def _told(self, obj: str) -> dict[str, Any] | None:
        if not soql.is_name(obj):
            return None
        try:
            told: dict[str, Any] = self._session.get(f"sobjects/{obj}/describe")
        except CrmMissing:
            return None
        return told

    def _beyond(self, told: Mapping[str, Any], name: str) -> Property | None:
        """Describe what lies behind a reference."""
        if "|" in name:
            parts = [self._beyond(told, part) for part in name.split("|")]
            return None if None in parts or parts[0] is None else replace(parts[0], name=name)
        fields = {str(one["name"]): one for one in told["fields"]}
        if name in fields:
            return _property(fields[name])
        if name.endswith(OBJECT):
            one = fields.get(name.removesuffix(OBJECT))
            return Property(name, f"Object of {one['label']}", Kind.TEXT, writable=False) if one else None
        first, _, rest = name.partition(".")
        one = next((one for one in fields.values() if one.get("relationshipName") == first), None)
        if one is None or not rest:
            return None
        targets = one.get("referenceTo") or ["Name"]  # one of several objects: what all of them have
        target = self._told(targets[0]) if len(targets) == 1 else None
        if target is None:
            return Property(name, rest, Kind.TEXT, writable=False)
        behind = next((_property(two) for two in target["fields"] if two["name"] == rest), None)
        behind = behind or self._beyond(target, rest)
        if behind is None:
            return None
        label = f"{one['label']}: {behind.label}"
        return Property(name, label, behind.kind, behind.choices, writable=False, target=behind.target)

    # --------------------------------------------------------------------------------------------------- making

    def add(self, obj: str, wanted: WantedProperty) -> None:
        """Make a custom field, or add choices to one, and let the app's user see it. Raises CrmRefused."""
        if not (wanted.name.endswith("__c") and soql.is_name(wanted.name) and soql.is_name(obj)):
            raise CrmRefused(
                f"{obj}.{wanted.name} is no custom field: only names that end in __c can be made. What is lacking of "
                f"Salesforce's own is added in Setup, Object Manager, {obj}, Fields & Relationships."
            )
        schema = self.of(obj)
        if schema is None:
            raise CrmRefused(
                f"There is no object {obj}; make it in Setup, Object Manager, Create, Custom Object."
            )
        known = schema.properties.get(wanted.name)
        if known is None:
            self._create(obj, wanted)
            self._show(obj, wanted.name)
        elif known.choices is not None and not wanted.choices.keys() <= known.choices.keys():
            self._add_choices(obj, wanted)

    def _create(self, obj: str, wanted: WantedProperty) -> None:
        body = {"FullName": f"{obj}.{wanted.name}", "Metadata": self._metadata(obj, wanted)}
        try:
            self._session.write("POST", "tooling/sobjects/CustomField", body)
        except CrmRefused as error:
            # It is there, and hidden from us: what is left to do is to show it.
            if "already a field" not in str(error):
                raise

    def _metadata(self, obj: str, wanted: WantedProperty) -> dict[str, Any]:
        told: dict[str, Any] = {"label": wanted.label[:40], "description": "Made for the partner portal."}
        match wanted.kind:
            case Kind.LONG_TEXT:
                length = max(256, wanted.length or _LONG_TEXT)
                return told | {"type": "LongTextArea", "length": length, "visibleLines": 4}
            case Kind.INTEGER:
                return told | {"type": "Number", "precision": 18, "scale": 0}
            case Kind.DECIMAL:
                return told | {"type": "Number", "precision": 18, "scale": 2}
            case Kind.BOOLEAN:
                return told | {"type": "Checkbox", "defaultValue": "false"}
            case Kind.DATE:
                return told | {"type": "Date"}
            case Kind.DATETIME:
                return told | {"type": "DateTime"}
            case Kind.CHOICE:
                return told | {"type": "Picklist", "valueSet": _values(wanted.choices)}
            case Kind.CHOICES:
                lines = {"visibleLines": 4}
                return told | {"type": "MultiselectPicklist", "valueSet": _values(wanted.choices)} | lines
            case Kind.REFERENCE:
                target = self._target(obj, wanted.name)
                name = f"{obj.removesuffix('__c')}_{wanted.name.removesuffix('__c')}"
                return told | {"type": "Lookup", "referenceTo": target, "relationshipName": name[:40]}
            case _:
                unique = {"unique": True, "externalId": True, "caseSensitive": False} if wanted.unique else {}
                return told | {"type": "Text", "length": wanted.length or _LONGEST_TEXT} | unique

    def _target(self, obj: str, name: str) -> str:
        maps = self._mapping.of_object(obj)
        links = [link for item in maps for link in item.links if link.property == name and link.object]
        links += [
            spec.link
            for item in maps
            for spec in item.fields.values()
            if spec.property == name and spec.object
        ]
        if not links:
            raise CrmRefused(f"The mapping does not say what {obj}.{name} leads to.")
        return links[0].object

    def _show(self, obj: str, name: str) -> None:
        where = soql.one_of("Name", [PERMISSION_SET])
        found = self._session.query(soql.select(("Id",), "PermissionSet", where))
        by_hand = (
            f"{obj}.{name} was made, and field-level security hides it. In Setup, Permission Sets, {PERMISSION_SET}, "
            f"Object Settings, {obj}: tick Read Access and Edit Access of {name}."
        )
        if not found:
            raise CrmRefused(f"{by_hand} (There is no permission set of the API name {PERMISSION_SET} yet.)")
        allowed = {
            "ParentId": found[0]["Id"],
            "SobjectType": obj,
            "Field": f"{obj}.{name}",
            "PermissionsRead": True,
            "PermissionsEdit": True,
        }
        try:
            self._session.write("POST", "sobjects/FieldPermissions", allowed)
        except CrmRefused as error:
            raise CrmRefused(f"{by_hand} {error}") from None
        schema = self.of(obj)
        if schema is None or name not in schema.properties:
            raise CrmRefused(f"{by_hand} (Does the app's user have that permission set?)")

    def _add_choices(self, obj: str, wanted: WantedProperty) -> None:
        where = soql.both(
            f"TableEnumOrId = {soql.literal(obj)}",
            f"DeveloperName = {soql.literal(wanted.name.removesuffix('__c'))}",
        )
        query = {"q": soql.select(("Id", "Metadata"), "CustomField", where)}
        found = (self._session.get("tooling/query", query) or {}).get("records") or []
        told = dict(found[0]["Metadata"]) if found else {}
        values = (told.get("valueSet") or {}).get("valueSetDefinition")
        if not found or not values:
            raise CrmRefused(
                f"The choices of {obj}.{wanted.name} are kept elsewhere (a global value set?): add "
                f"{', '.join(sorted(wanted.choices))} there."
            )
        there = [dict(one) for one in values["value"]]
        names = {one.get("fullName") or one.get("valueName") for one in there}
        there += [one for one in _listed(wanted.choices) if one["fullName"] not in names]
        told["valueSet"] = {**told["valueSet"], "valueSetDefinition": {**values, "value": there}}
        self._session.write("PATCH", f"tooling/sobjects/CustomField/{found[0]['Id']}", {"Metadata": told})


def _given(one: Property) -> Property:
    return replace(one, required=False)


def _property(one: Mapping[str, Any]) -> Property:
    kind = _KINDS.get(str(one["type"]), Kind.TEXT)
    choices = None
    if kind in (Kind.CHOICE, Kind.CHOICES):
        active = [value for value in one.get("picklistValues") or () if value.get("active")]
        choices = {str(value["value"]): str(value.get("label") or value["value"]) for value in active}
    targets = one.get("referenceTo") or []
    writable = bool(one.get("createable") or one.get("updateable"))
    return Property(
        str(one["name"]),
        str(one["label"]),
        kind,
        choices,
        writable=writable,
        required=not one.get("nillable") and not one.get("defaultedOnCreate") and bool(one.get("createable")),
        unique=bool(one.get("unique")),
        target=str(targets[0]) if len(targets) == 1 else "",
    )


def _listed(choices: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"fullName": value, "label": label or value, "default": False} for value, label in choices.items()
    ]


def _values(choices: Mapping[str, str]) -> dict[str, Any]:
    return {"restricted": True, "valueSetDefinition": {"sorted": False, "value": _listed(choices)}}

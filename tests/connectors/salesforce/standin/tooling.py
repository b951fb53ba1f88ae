"""The Tooling API as far as custom fields: what is created is seen by nobody until field-level security says so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.connectors.salesforce.standin.refusals import Refused, missing
from tests.connectors.salesforce.standin.schema import Field

if TYPE_CHECKING:
    from tests.connectors.salesforce.standin.org import Org

_TYPES = {
    "Text": "string",
    "LongTextArea": "textarea",
    "Number": "double",
    "Currency": "currency",
    "Checkbox": "boolean",
    "Date": "date",
    "DateTime": "datetime",
    "Picklist": "picklist",
    "MultiselectPicklist": "multipicklist",
    "Lookup": "reference",
}


class Tooling:
    """Custom fields of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._metadata: dict[str, tuple[str, dict[str, Any]]] = {}

    def answer(self, method: str, path: list[str], params: Mapping[str, str], body: Any) -> tuple[int, Any]:
        """Carry a request out. Raises Refused."""
        match method, path:
            case "POST", ["sobjects", "CustomField"]:
                return 201, {"id": self._create(body), "success": True, "errors": []}
            case "PATCH", ["sobjects", "CustomField", key] if key in self._metadata:
                full = self._metadata[key][0]
                self._metadata[key] = (full, body["Metadata"])
                obj, _, name = full.partition(".")
                self._org.objects[obj].fields[name].choices[:] = _choices(body["Metadata"])
                return 204, None
            case "GET", ["query"]:
                return 200, self._found(params["q"])
            case _:
                raise missing("CustomField")

    def _create(self, body: Mapping[str, Any]) -> str:
        full, told = body["FullName"], body["Metadata"]
        obj, _, name = full.partition(".")
        if obj not in self._org.objects or told["type"] not in _TYPES:
            raise Refused("INVALID_TYPE", f"{told['type']} of {obj}")
        for kind, needed in {
            "Text": ["length"],
            "LongTextArea": ["length", "visibleLines"],
            "Number": ["precision", "scale"],
            "Currency": ["precision", "scale"],
            "Checkbox": ["defaultValue"],
            "Picklist": ["valueSet"],
            "MultiselectPicklist": ["valueSet", "visibleLines"],
            "Lookup": ["referenceTo", "relationshipName"],
        }.items():
            lacking = [one for one in needed if told["type"] == kind and told.get(one) is None]
            if lacking:
                raise Refused(
                    "FIELD_INTEGRITY_EXCEPTION", f"You must specify {lacking[0]} for this field.", lacking
                )
        if name in self._org.objects[obj].fields:
            raise Refused(
                "DUPLICATE_DEVELOPER_NAME", f"There is already a field named {name} on {obj}.", ["FullName"]
            )
        choices = _choices(told)
        self._org.objects[obj].fields[name] = Field(
            name,
            _TYPES[told["type"]],
            int(told.get("length") or 0),
            unique=bool(told.get("unique")),
            target=told.get("referenceTo", ""),
            choices=choices,
            restricted=bool(choices),
            visible=False,
        )
        empty = False if told["type"] == "Checkbox" else None
        for row in self._org.rows[obj].values():
            row.values[name] = empty
        key = f"00N5g{len(self._metadata):010d}AAA"
        self._metadata[key] = (full, dict(told))
        return key

    def _found(self, text: str) -> dict[str, Any]:
        obj = re.search(r"TableEnumOrId = '(\w+)'", text)
        name = re.search(r"DeveloperName = '(\w+)'", text)
        wanted = f"{obj[1] if obj else ''}.{name[1] if name else ''}__c"
        rows = [
            {"Id": key, "Metadata": told} for key, (full, told) in self._metadata.items() if full == wanted
        ]
        return {"size": len(rows), "totalSize": len(rows), "done": True, "records": rows}


def grant(org: Org) -> None:
    """Let field-level security take effect as it stands in the permission sets."""
    for row in org.all("FieldPermissions"):
        _, _, name = row["Field"].partition(".")
        one = org.objects[row["SobjectType"]].fields.get(name)
        if one is not None:
            one.visible = bool(row["PermissionsRead"])


def _choices(told: Mapping[str, Any]) -> list[str]:
    listed = (told.get("valueSet") or {}).get("valueSetDefinition", {}).get("value", [])
    return [one["fullName"] for one in listed]

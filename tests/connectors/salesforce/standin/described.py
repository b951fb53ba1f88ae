"""What the stand-in says its objects are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.connectors.salesforce.standin.schema import CHILDREN, Field

if TYPE_CHECKING:
    from tests.connectors.salesforce.standin.org import Org


def described(org: Org, obj: str) -> dict[str, Any]:
    """Return the answer to a describe call: what field-level security hides is not in it."""
    found = org.objects[obj]
    return {
        "name": obj,
        "label": obj.removesuffix("__c").replace("_", " "),
        "keyPrefix": found.prefix,
        "createable": True,
        "updateable": True,
        "queryable": True,
        "fields": [_field(one) for one in found.fields.values() if one.visible],
        "childRelationships": [
            {"childSObject": child, "field": link, "relationshipName": name}
            for name, (child, link) in CHILDREN.get(obj, {}).items()
        ],
    }


def _field(one: Field) -> dict[str, Any]:
    return {
        "name": one.name,
        "label": one.name.removesuffix("__c").replace("_", " "),
        "type": one.type,
        "length": one.length,
        "nillable": not one.required and one.type != "boolean",
        "defaultedOnCreate": one.type == "boolean" or bool(one.required and one.choices),
        "createable": not one.readonly,
        "updateable": not one.readonly,
        "unique": one.unique,
        "externalId": one.unique,
        "calculated": False,
        "restrictedPicklist": one.restricted,
        "picklistValues": [
            {"value": value, "label": value, "active": True, "defaultValue": False} for value in one.choices
        ],
        "referenceTo": [one.target] if one.target else [],
        "relationshipName": one.relationship or None,
    }

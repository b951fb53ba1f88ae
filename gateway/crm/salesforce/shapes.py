"""How a mapping's properties stand in an object: what is selected for them, and how they read and are written; pure.

Besides a field's own name a property may be
- `Account.Name`, a value of the row behind a reference (read only);
- `Contact.Name|CreatedBy.Name`, the first of these that holds anything (read only);
- `WhatId.@object`, the object a reference of several objects leads to, told by the first three characters of the id;
- `Name` of a lead or contact, which Salesforce puts together from `FirstName` and `LastName`, and only these are
  written. A last name is needed, and stands there as "[not provided]" where a partner names nobody;
- `OrderItems`, the rows below one, with `as = "items"`;
- `@sha256` and `@media_type` of a file's version.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from gateway.crm.port import Ref, SourceRow
from gateway.crm.salesforce.soql import select
from gateway.mapping import As, EntityMap, FieldMap

#: What stands where a person's name is needed and none is known: Salesforce's own word for it.
NOBODY = "[not provided]"
#: Objects whose `Name` is put together of two fields.
PEOPLE = frozenset({"Lead", "Contact"})
#: Objects that people can merge, and that remember it (Salesforce, SOAP API, "merge()").
MERGED = frozenset({"Account", "Contact", "Lead", "Case"})
#: First three characters of the ids of objects a reference may lead to (Salesforce, "Standard Field Record ID Prefix").
PREFIXES = {
    "001": "Account",
    "003": "Contact",
    "005": "User",
    "006": "Opportunity",
    "00Q": "Lead",
    "500": "Case",
    "800": "Contract",
    "801": "Order",
}
FILE = "ContentVersion"
SHA256, MEDIA_TYPE = "@sha256", "@media_type"
OBJECT = ".@object"

_FILE_FIELDS = ("Checksum", "ContentSize", "FileExtension", "PathOnClient")
_READ_ONLY = frozenset({"ContentSize", "Checksum", "VersionNumber", "IsLatest"})
_NUMBERS = frozenset({As.DECIMAL, As.INTEGER, As.MINOR_UNITS})


@dataclass(frozen=True)
class Shape:
    """One object as all of its maps see it."""

    obj: str
    maps: tuple[EntityMap, ...]
    properties: tuple[str, ...]

    @cached_property
    def mark(self) -> str:
        """The field for the marks of the last writes; empty where rows of this object are never written again."""
        return next((item.mark for item in self.maps if item.mark), "")

    @cached_property
    def marker(self) -> str:
        """The field for the id a row was created with."""
        return next((item.marker for item in self.maps if item.marker), "")

    @cached_property
    def specs(self) -> dict[str, FieldMap]:
        """What is said of each property."""
        commands = [command for item in self.maps for command in item.commands.values()]
        specs = [spec for item in self.maps for spec in item.fields.values()]
        specs += [spec for command in commands for spec in command.args.values()]
        return {spec.property: spec for spec in specs}

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """What a query selects to read a row as a whole."""
        return (*self.system_columns, *self._selected(self.properties))

    @cached_property
    def telling(self) -> tuple[str, ...]:
        """What a query selects to see no more than that a row is not shared."""
        names = {name for item in self.maps for name in item.only}
        return (*self.system_columns, *self._selected(sorted(names)))

    @property
    def system_columns(self) -> tuple[str, ...]:
        """What stands in every row."""
        merged = ("MasterRecordId",) if self.obj in MERGED else ()
        return ("Id", "SystemModstamp", "IsDeleted", *merged)

    @cached_property
    def _entitling(self) -> frozenset[str]:
        """The fields that say who may see a row: of several values each counts."""
        scopes = [item.scope for item in self.maps if item.scope]
        found = [one for scope in scopes for one in (scope.entitlement, *scope.conditions) if one]
        return frozenset(one.property for one in found)

    def _selected(self, properties: Sequence[str]) -> list[str]:
        names: dict[str, None] = {}
        for name in (part for one in properties for part in one.split("|")):
            spec = self.specs.get(name)
            if spec and spec.conversion is As.ITEMS:
                members = sorted({"Id", *(member.property for member in spec.members.values())})
                names[f"({select(members, name, order='Id')})"] = None
            elif name.endswith(OBJECT):
                names[name.removesuffix(OBJECT)] = None
            elif name.startswith("@"):
                names |= dict.fromkeys(_FILE_FIELDS)
            else:
                names[name] = None
        return [name for name in names if name not in self.system_columns]

    # -------------------------------------------------------------------------------------------------- reading

    def row(self, record: Mapping[str, Any], more: Mapping[str, Any]) -> SourceRow:
        """Return a row from what a query told of it. `more`: what no query tells."""
        fields = {name: self._value(record, name) for name in self.properties} | dict(more)
        text = json.dumps(fields, sort_keys=True, ensure_ascii=False)
        stamp = str(record["SystemModstamp"])
        # The stamp counts whole seconds: what was written twice within one shows in the content alone.
        revision = f"{stamp}/{hashlib.sha256(text.encode()).hexdigest()[:32]}"
        ref = Ref(self.obj, str(record["Id"]))
        return SourceRow(ref, fields, revision, moment(stamp), bool(record.get("IsDeleted")))

    def _value(self, record: Mapping[str, Any], name: str) -> Any:
        if "|" in name:
            return next((value for part in name.split("|") if (value := self._value(record, part))), None)
        if name.endswith(OBJECT):
            return PREFIXES.get(str(record.get(name.removesuffix(OBJECT)) or "")[:3])
        if name == MEDIA_TYPE:
            return (
                mimetypes.guess_type(str(record.get("PathOnClient") or ""))[0] or "application/octet-stream"
            )
        value = behind(record, name)
        if isinstance(value, Mapping):
            members = self.specs[name].members if name in self.specs else {}
            return [
                {
                    member.property: _number(member, behind(line, member.property))
                    for member in members.values()
                }
                for line in value.get("records", ())
            ]
        if name in self._entitling and isinstance(value, str):
            return value.split(";")
        if name == "Name" and self.obj in PEOPLE and value is not None:
            value = str(value).replace(NOBODY, "").strip()
        return None if value == "" else _number(self.specs.get(name), value)

    # -------------------------------------------------------------------------------------------------- writing

    def body(self, fields: Mapping[str, Any], *, new: bool = False) -> dict[str, Any]:
        """Return what is sent to write these properties. `new`: for a row that is not there yet."""
        found: dict[str, Any] = {}
        for name, value in fields.items():
            if name.startswith("@") or any(sign in name for sign in "|.") or name in _READ_ONLY:
                continue
            if name == "Name" and self.obj in PEOPLE:
                first, _, last = str(value or "").strip().rpartition(" ")
                found |= {"FirstName": first or None, "LastName": last or NOBODY}
            else:
                found[name] = self._sent(name, value)
        if new:
            if self.obj in PEOPLE:
                found.setdefault("LastName", NOBODY)
            found = {name: value for name, value in found.items() if value is not None}
        return found

    def _sent(self, name: str, value: Any) -> Any:
        spec = self.specs.get(name)
        if isinstance(value, str) and value and spec and spec.conversion in _NUMBERS:
            # JSON's numbers are written with the digits they have: up to 15 of them go through a float unharmed.
            number = float(value)
            return int(number) if number.is_integer() else number
        return value

    def property_of(self, field: str) -> str:
        """Return the property a field of the system stands for, for its words about it."""
        if field in ("FirstName", "LastName") and self.obj in PEOPLE:
            return "Name"
        return field


def _number(spec: FieldMap | None, value: Any) -> Any:
    """Salesforce writes whole numbers with a fraction too."""
    if spec and spec.conversion is As.INTEGER and isinstance(value, str):
        return int(Decimal(value))
    return value


def behind(record: Mapping[str, Any], path: str) -> Any:
    """Return a value of a query's answer by its dotted path."""
    value: Any = record
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def moment(text: str) -> datetime:
    """Read a time as Salesforce writes it."""
    return datetime.fromisoformat(text).astimezone(UTC)

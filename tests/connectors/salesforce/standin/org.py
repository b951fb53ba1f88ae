"""The stand-in's rows: Salesforce's ids, stamps in whole seconds, a recycle bin, merges, rules and history."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.connectors.salesforce.standin import ids
from tests.connectors.salesforce.standin.forms import fits
from tests.connectors.salesforce.standin.refusals import Refused, deleted, missing
from tests.connectors.salesforce.standin.schema import Field, Object, objects

#: Returns what is wrong with a row, as (fields, words), or None; the rules an admin has written.
Rule = Callable[[Mapping[str, Any]], tuple[list[str], str] | None]

#: Who writes: the vendor's people, and the user of the connected app.
STAFF, APP = "Ingrid Solheim", "Counterpart Gateway"


@dataclass
class Row:
    """One row."""

    values: dict[str, Any]
    deleted: bool = False


@dataclass(frozen=True)
class Change:
    """One line of a field history."""

    field: str
    by: str
    at: datetime


class Org:
    """One org. `now` is its clock. Everything is safe on any thread."""

    def __init__(self, now: Callable[[], datetime], *, custom: bool = True) -> None:
        self.now = now
        self.objects: dict[str, Object] = objects(custom=custom)
        self.rows: dict[str, dict[str, Row]] = defaultdict(dict)
        self.bodies: dict[str, bytes] = {}
        self.history: dict[str, list[Change]] = defaultdict(list)
        self.rules: dict[str, list[Rule]] = defaultdict(list)
        #: Rows a transaction that is not over yet has written to.
        self.locked: set[str] = set()
        self.lock = threading.RLock()
        self._numbers: dict[str, int] = defaultdict(int)
        self._unique: dict[tuple[str, str, str], str] = {}
        self._by: dict[str, str] = {}
        for name in (STAFF, APP):
            self._by[name] = self._insert("User", {"Name": name}, "")
        self.permission_set = self._insert(
            "PermissionSet", {"Name": "Counterpart", "Label": "Counterpart"}, ""
        )

    # ------------------------------------------------------------------------------------------------- changing

    def create(self, obj: str, values: Mapping[str, Any], *, by: str = APP) -> str:
        """Create a row. Raises Refused."""
        with self.lock:
            given = self._checked(obj, values, by, new=True)
            needed = [
                one.name
                for one in self.objects[obj].fields.values()
                if one.required and given.get(one.name) in (None, "") and not self._default(obj, one)
            ]
            if needed:
                words = f"Required fields are missing: [{', '.join(needed)}]"
                raise Refused("REQUIRED_FIELD_MISSING", words, needed)
            self._obey(obj, given)
            return self._insert(obj, given, by)

    def _default(self, obj: str, one: Field) -> str:
        # A file's title is its name, and a picklist that must have a value has a first one.
        return "-" if one.name == "Title" else one.choices[0] if one.choices else ""

    def _insert(self, obj: str, values: Mapping[str, Any], by: str) -> str:
        self._numbers[obj] += 1
        number = self._numbers[obj]
        key = ids.make(self.objects[obj].prefix, number)
        at, who = self.stamp(), self._by.get(by, "")
        row: dict[str, Any] = dict.fromkeys(self.objects[obj].fields)
        for one in self.objects[obj].fields.values():
            if one.type == "boolean":
                row[one.name] = False
            elif one.required and one.choices:
                row[one.name] = one.choices[0]
        row |= {
            "Id": key,
            "CreatedDate": at,
            "CreatedById": who,
            "LastModifiedDate": at,
            "SystemModstamp": at,
        }
        row |= {"LastModifiedById": who, **values}
        row |= self._first_values(obj, number, row)
        self.rows[obj][key] = Row(row)
        self._index(obj, row)
        self._after(obj, row)
        return key

    def _first_values(self, obj: str, number: int, row: dict[str, Any]) -> dict[str, Any]:
        match obj:
            case "Case":
                return {"CaseNumber": f"{number:08d}", "Status": row["Status"] or "New"}
            case "Order":
                return {"OrderNumber": f"{number:08d}", "TotalAmount": row["TotalAmount"] or Decimal(0)}
            case "Contract":
                return {"ContractNumber": f"{number:08d}"}
            case "Counterpart_Message__c":
                return {"Name": f"M-{number:06d}"}
            case "Lead" | "Contact":
                return {"Name": _person(row)}
            case "ContentVersion":
                return self._file_values(row)
            case _:
                return {}

    def _file_values(self, row: dict[str, Any]) -> dict[str, Any]:
        body = row.pop("VersionData", b"")
        self.bodies[row["Id"]] = body
        document = row["ContentDocumentId"]
        name = row["PathOnClient"] or row["Title"] or ""
        title = row["Title"] or name.rsplit(".", 1)[0]
        if document is None:
            document = self._insert("ContentDocument", {"Title": title}, APP)
        versions = [
            one for one in self.rows["ContentVersion"].values() if one.values["ContentDocumentId"] == document
        ]
        for one in versions:
            one.values["IsLatest"] = False
            one.values["SystemModstamp"] = self.stamp()
        if row["FirstPublishLocationId"]:
            link = {
                "ContentDocumentId": document,
                "LinkedEntityId": row["FirstPublishLocationId"],
                "ShareType": "V",
            }
            self._insert("ContentDocumentLink", link, APP)
        self.rows["ContentDocument"][document].values["LatestPublishedVersionId"] = row["Id"]
        return {
            "ContentDocumentId": document,
            "Title": title,
            "IsLatest": True,
            "VersionNumber": str(len(versions) + 1),
            "FileExtension": name.rsplit(".", 1)[1] if "." in name else None,
            "FileType": (mimetypes.guess_type(name)[0] or "unknown").rsplit("/", 1)[-1].upper(),
            "ContentSize": len(body),
            "Checksum": hashlib.md5(body).hexdigest(),  # what Salesforce keeps
        }

    def update(
        self, obj: str, key: str, values: Mapping[str, Any], *, by: str = APP, unless: datetime | None = None
    ) -> None:
        """Change a row. `unless`: not if it was last modified later than that. Raises Refused."""
        with self.lock:
            row = self.living(obj, key).values
            if unless is not None and row["LastModifiedDate"] > unless:
                raise Refused("PRECONDITION_FAILED", "The record was modified.", status=412)
            if row["Id"] in self.locked:
                words = "unable to obtain exclusive access to this record or 1 records: " + row["Id"]
                raise Refused("UNABLE_TO_LOCK_ROW", words, [])
            if row.get("IsConverted"):
                raise Refused("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", [])
            given = self._checked(obj, values, by, key=row["Id"])
            emptied = [
                name
                for name, value in given.items()
                if value in (None, "") and self.objects[obj].fields[name].required
            ]
            if emptied:
                words = f"Required fields are missing: [{', '.join(emptied)}]"
                raise Refused("REQUIRED_FIELD_MISSING", words, emptied)
            self._obey(obj, {**row, **given})
            self.put(obj, row["Id"], given, self.stamp(), by)

    def put(self, obj: str, key: str, values: Mapping[str, Any], at: datetime, by: str) -> None:
        """Write values into a row with that stamp, and nothing else."""
        row = self.rows[obj][key].values
        for name, value in values.items():
            if row[name] != value:
                self.history[key].append(Change(name, by, at))
        row |= {
            **values,
            "LastModifiedDate": at,
            "SystemModstamp": at,
            "LastModifiedById": self._by.get(by, ""),
        }
        if obj in ("Lead", "Contact"):
            row["Name"] = _person(row)
        self._index(obj, row)
        self._after(obj, row)

    def copy(self, obj: str, key: str, many: int) -> None:
        """Add so many rows like that one, all with its stamps."""
        for _ in range(many):
            self._numbers[obj] += 1
            other = ids.make(self.objects[obj].prefix, self._numbers[obj])
            self.rows[obj][other] = Row({**self.rows[obj][key].values, "Id": other})

    def touch(self, obj: str, key: str) -> None:
        """Move the system's stamp, and not the one that people see, as roll-ups and automations do."""
        self.rows[obj][key].values["SystemModstamp"] = self.stamp()

    def delete(self, obj: str, key: str, into: str | None = None) -> None:
        """Put a row, and what belongs to it, into the recycle bin. Raises Refused."""
        with self.lock:
            row = self.rows[obj].get(ids.full(key)) or _raise(missing(obj))
            if row.deleted:
                raise deleted()
            row.deleted = True
            row.values |= {
                "IsDeleted": True,
                "SystemModstamp": self.stamp(),
                "LastModifiedDate": self.stamp(),
            }
            if into is not None:
                row.values["MasterRecordId"] = into
            if obj == "ContentDocument":
                for name in ("ContentVersion", "ContentDocumentLink"):
                    for one in self.rows[name].values():
                        if one.values["ContentDocumentId"] == row.values["Id"]:
                            one.deleted = one.values["IsDeleted"] = True
                            one.values["SystemModstamp"] = self.stamp()

    def undelete(self, obj: str, key: str) -> None:
        """Take a row out of the recycle bin."""
        row = self.rows[obj][key]
        row.deleted = False
        row.values |= {"IsDeleted": False, "SystemModstamp": self.stamp(), "LastModifiedDate": self.stamp()}

    def purge(self, obj: str, key: str) -> None:
        """Empty the recycle bin of a row, as time does."""
        del self.rows[obj][key]

    def merge(self, obj: str, loser: str, winner: str) -> None:
        """Merge a row into another; what names the loser names the winner from then on."""
        with self.lock:
            self.delete(obj, loser, winner)
            self.touch(obj, winner)
            for name, rows in self.rows.items():
                for one in self.objects[name].fields.values():
                    if one.type != "reference" or one.name == "MasterRecordId":
                        continue
                    for row in rows.values():
                        if row.values.get(one.name) == loser:
                            row.values[one.name] = winner
                            row.values["SystemModstamp"] = self.stamp()

    def _after(self, obj: str, row: Mapping[str, Any]) -> None:
        """Reckon the roll-up of an order, which moves its system stamp alone."""
        if obj == "OrderItem" and row["OrderId"]:
            lines = [one.values for one in self.rows[obj].values() if one.values["OrderId"] == row["OrderId"]]
            total = sum((Decimal(str(one["TotalPrice"] or 0)) for one in lines), Decimal(0))
            self.rows["Order"][row["OrderId"]].values |= {
                "TotalAmount": total,
                "SystemModstamp": self.stamp(),
            }

    # -------------------------------------------------------------------------------------------------- checking

    def _checked(
        self, obj: str, values: Mapping[str, Any], by: str, *, new: bool = False, key: str = ""
    ) -> dict[str, Any]:
        found = {}
        for name, value in values.items():
            one = self.objects[obj].fields.get(name)
            if name == "VersionData" and obj == "ContentVersion" and new:
                found[name] = value if isinstance(value, bytes) else base64.b64decode(value)
                continue
            if one is None or not (one.visible or by == STAFF):
                words = f"No such column '{name}' on sobject of type {obj}"
                raise Refused("INVALID_FIELD", words)
            if one.readonly and by != STAFF:
                words = f"Unable to create/update fields: {name}. Please check the security settings of this field."
                raise Refused("INVALID_FIELD_FOR_INSERT_UPDATE", words, [name])
            found[name] = fits(self, one, value)
            taken = self._unique.get((obj, name, str(value).lower())) if one.unique and value else None
            if taken and taken != key and not self.rows[obj][taken].deleted:
                words = f"duplicate value found: {name} duplicates value on record with id: {taken[:15]}"
                raise Refused("DUPLICATE_VALUE", words, [])
        return found

    def _obey(self, obj: str, row: Mapping[str, Any]) -> None:
        for rule in self.rules[obj]:
            broken = rule(row)
            if broken:
                raise Refused("FIELD_CUSTOM_VALIDATION_EXCEPTION", broken[1], broken[0])

    def _index(self, obj: str, row: Mapping[str, Any]) -> None:
        for one in self.objects[obj].fields.values():
            if one.unique and row.get(one.name):
                self._unique[(obj, one.name, str(row[one.name]).lower())] = row["Id"]

    # --------------------------------------------------------------------------------------------------- reading

    def stamp(self) -> datetime:
        """Return what stands in a row that is written now."""
        return self.now().astimezone(UTC).replace(microsecond=0)

    def object_of(self, key: str) -> str:
        """Return the object of an id."""
        return next((one.name for one in self.objects.values() if one.prefix == key[:3]), "")

    def living(self, obj: str, key: str) -> Row:
        """Return a row. Raises Refused."""
        row = self.rows[obj].get(ids.full(key)) if obj in self.objects else None
        if row is None:
            raise missing(obj)
        if row.deleted:
            raise deleted()
        return row

    def all(self, obj: str) -> Iterator[dict[str, Any]]:
        """Return the living rows of an object, as staff see them."""
        return (row.values for row in list(self.rows[obj].values()) if not row.deleted)


def _person(row: Mapping[str, Any]) -> str:
    return " ".join(part for part in (row["FirstName"], row["LastName"]) if part)


def _raise(error: Exception) -> Any:
    raise error

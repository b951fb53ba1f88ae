"""Salesforce behind the connector port: one org, seen through a mapping."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import SecretStr
from requests.adapters import BaseAdapter

from gateway.clock import Clock
from gateway.crm.digests import Digests
from gateway.crm.port import (
    Actor,
    Capabilities,
    ChangedId,
    CrmMissing,
    FieldChange,
    FileBody,
    Ref,
    RowCreation,
    RowUpdate,
    RowWrite,
    SourceRow,
    Written,
)
from gateway.crm.salesforce import soql
from gateway.crm.salesforce.capabilities import capabilities
from gateway.crm.salesforce.description import Description
from gateway.crm.salesforce.errors import CrmUnreadable
from gateway.crm.salesforce.files import Files
from gateway.crm.salesforce.marks import bears
from gateway.crm.salesforce.rows import Rows
from gateway.crm.salesforce.session import Login, Session
from gateway.crm.salesforce.shapes import NOBODY, moment
from gateway.crm.salesforce.writes import Wait, Writes
from gateway.crm.schema import ObjectSchema, WantedProperty
from gateway.mapping import SystemMapping

_NONE = SecretStr("")
_LAST_NAME, _FIRST_NAME = 80, 40
_CHANGES = 200


class SalesforceCrm:
    """One Salesforce org; implements `CrmPort`, `WritesMany`, `KeepsPeople` and `DescribesObjects`."""

    def __init__(  # noqa: PLR0913  (all of them by name)
        self,
        *,
        name: str,
        mapping: SystemMapping,
        clock: Clock,
        digests: Digests,
        url: str,
        client_id: str = "",
        client_secret: SecretStr = _NONE,
        username: str = "",
        password: SecretStr = _NONE,
        token: SecretStr = _NONE,
        label: str = "Salesforce",
        api_version: str = "",
        daily: int = 100_000,
        transport: BaseAdapter | None = None,
        wait: Wait = time.sleep,
    ) -> None:
        """`url`: the org's own address. `daily`: calls of any 24 hours that may be spent. `wait`: see `writes.py`."""
        login = Login(url, client_id, client_secret, username, password, token)
        self._system = name
        self._session = Session(login, label, clock, api_version, transport)
        self._capabilities = capabilities(daily)
        self._rows = Rows(self._session, mapping, digests)
        self._writes = Writes(self._session, self._rows, wait)
        self._files = Files(self._session, self._rows, self._writes, digests)
        self._description = Description(self._session, self._rows, mapping)

    def close(self) -> None:
        """Give up the connections."""
        self._session.close()

    @property
    def system(self) -> str:
        """Short name used in derived ids and configuration."""
        return self._system

    @property
    def label(self) -> str:
        """Name shown to people."""
        return self._session.label

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        return self._capabilities

    def now(self) -> datetime:
        """Return the org's clock, up to a second behind it and never ahead."""
        return self._session.now()

    # ------------------------------------------------------------------------------------------------- reading

    def changed_since(
        self, obj: str, since: datetime | None, after: str | None, limit: int
    ) -> Sequence[ChangedId]:
        """Return rows with `modified_at >= since` in (modified_at, id) order, those in the recycle bin too."""
        return self._rows.changed_since(obj, since, after, limit)

    def fetch(self, refs: Sequence[Ref]) -> Sequence[SourceRow]:
        """Return the rows that exist, those in the recycle bin marked as archived."""
        return self._rows.fetch(refs)

    def sweep(self, obj: str, after: str | None, limit: int) -> Sequence[str]:
        """Return ids of rows that may be shared, in id order."""
        return self._rows.sweep(obj, after, limit)

    def merged_into(self, ref: Ref) -> Ref | None:
        """Return the row this one was merged into, for 15 days."""
        return self._rows.merged_into(ref)

    def was_written(self, ref: Ref, marker: str) -> bool:
        """Tell whether a write with this marker reached the row."""
        marks, deleted = self._rows.marks(ref)
        return bears(marks, marker, deleted=deleted)

    def find_created(self, obj: str, marker: str) -> Ref | None:
        """Return the row created with this marker, if any."""
        return self._rows.created(obj, [marker]).get(marker)

    def last_changes(self, ref: Ref, fields: Sequence[str]) -> Mapping[str, FieldChange]:
        """Return who changed each field last, of those whose history an admin has tracked."""
        names = [name for name in fields if soql.is_name(name)]
        if not names or not soql.is_id(ref.id):
            return {}
        custom = ref.obj.endswith("__c")
        history = f"{ref.obj[:-1]}History" if custom else f"{ref.obj}History"
        link = "ParentId" if custom else f"{ref.obj}Id"
        where = soql.both(soql.one_of(link, [ref.id]), soql.one_of("Field", names))
        columns = ("Field", "CreatedBy.Name", "CreatedDate")
        try:
            lines = self._session.query(soql.select(columns, history, where, "CreatedDate DESC", _CHANGES))
        except CrmUnreadable:
            return {}  # this object keeps no history
        found: dict[str, FieldChange] = {}
        for line in lines:
            by = str((line.get("CreatedBy") or {}).get("Name") or self.label)
            change = FieldChange(str(line["Field"]), by, moment(line["CreatedDate"]), self.label)
            found.setdefault(change.field, change)
        return found

    def open_file(self, ref: Ref) -> FileBody:
        """Return the bytes of a file or document. Raises CrmMissing."""
        return self._files.open(ref)

    # ------------------------------------------------------------------------------------------------- writing

    def create(self, obj: str, fields: Mapping[str, Any], marker: str, actor: Actor) -> SourceRow:
        """Create a row, once per marker. Raises CrmRefused."""
        return self._writes.create(RowCreation(obj, fields, marker, actor))

    def update(
        self, ref: Ref, fields: Mapping[str, Any], marker: str, actor: Actor, if_revision: str | None
    ) -> SourceRow:
        """Write the named fields, and the mark. Raises CrmConflict, CrmRefused, CrmMissing."""
        return self._writes.update(RowUpdate(ref, fields, marker, actor, if_revision))

    def append(
        self, obj: str, parent: Ref, fields: Mapping[str, Any], marker: str, actor: Actor
    ) -> SourceRow:
        """Add a child row, once per marker. Raises CrmRefused, CrmMissing."""
        return self._writes.create(RowCreation(obj, fields, marker, actor, parent))

    def archive(self, ref: Ref, marker: str, actor: Actor, if_revision: str | None) -> None:
        """Move a row to the recycle bin; one that is there already is success. Raises CrmConflict, CrmRefused."""
        if soql.is_id(ref.id):
            self._writes.delete(ref, marker, if_revision)

    def attach(
        self, obj: str, parent: Ref, fields: Mapping[str, Any], body: FileBody, marker: str, actor: Actor
    ) -> SourceRow:
        """Store a file under a row, once per marker. Raises CrmRefused, CrmMissing."""
        return self._files.attach(RowCreation(obj, fields, marker, actor, parent), body)

    def write_many(self, writes: Sequence[RowWrite]) -> Sequence[Written]:
        """Carry out writes of different rows in few calls. Raises CrmUnavailable."""
        return self._writes.many(writes)

    # ------------------------------------------------------------------------------------------------- the rest

    def person(self, company: Ref, name: str, email: str, taken: Collection[str]) -> Ref:
        """Return the contact of an account with that address whose id is not taken; adds one otherwise."""
        if not soql.is_id(company.id):
            raise CrmMissing("The company is not there any more.")
        where = soql.both(soql.one_of("AccountId", [company.id]), soql.one_of("Email", [email]))
        for row in self._session.query(soql.select(("Id",), "Contact", where, "CreatedDate, Id")):
            if row["Id"] not in taken:
                return Ref("Contact", row["Id"])
        first, _, last = name.strip().rpartition(" ")
        values = {
            "AccountId": company.id,
            "FirstName": first[:_FIRST_NAME] or None,
            "LastName": last[:_LAST_NAME] or NOBODY,
            "Email": email,
        }
        made = self._session.write("POST", "sobjects/Contact", values)
        return Ref("Contact", str(made["id"]))

    def describe(self, obj: str) -> ObjectSchema | None:
        """Return what an object is made of. Raises CrmUnavailable."""
        return self._description.of(obj)

    def add_property(self, obj: str, wanted: WantedProperty) -> None:
        """Make a custom field, or choices of one. Raises CrmRefused, CrmUnavailable."""
        self._description.add(obj, wanted)

"""Odoo behind the connector port."""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from gateway.clock import Clock
from gateway.crm.digests import Digests, KnownFile
from gateway.crm.odoo.capabilities import LONGEST_TRANSACTION, capabilities
from gateway.crm.odoo.client import Client, Protocol
from gateway.crm.odoo.computed import Computed
from gateway.crm.odoo.files import Files
from gateway.crm.odoo.messages import MESSAGES, Messages
from gateway.crm.odoo.models import Models
from gateway.crm.odoo.people import contact
from gateway.crm.odoo.reading import Reader, Values
from gateway.crm.odoo.ripples import Ripples
from gateway.crm.odoo.schema import Describer
from gateway.crm.odoo.values import moment, odoo_time, row_id
from gateway.crm.odoo.writing import Writer
from gateway.crm.port import (
    Actor,
    Capabilities,
    ChangedId,
    CrmMissing,
    CrmRefused,
    CrmUnavailable,
    FieldChange,
    FileBody,
    JournalPage,
    Ref,
    SourceRow,
)
from gateway.crm.schema import ObjectSchema, WantedProperty
from gateway.crm.windows import keyset_page
from gateway.mapping import As, SystemMapping

_FILES, _INVOICES = "ir.attachment", "account.move"

#: Objects whose rows are looked at before the whole of them is read: what is internal is not fetched.
_GUARDED = frozenset({MESSAGES, _FILES})
_STEP = timedelta(seconds=1)

#: Each turn is a handful of calls.
_RIPPLES_EVERY = timedelta(seconds=10)


class OdooCrm:
    """One database of an Odoo; implements `CrmPort`, `KeepsPeople`, `KeepsJournal` and `DescribesObjects`."""

    def __init__(  # noqa: PLR0913  (each is a setting of its own)
        self,
        *,
        name: str,
        mapping: SystemMapping,
        url: str,
        database: str,
        key: SecretStr,
        clock: Clock,
        digests: Digests,
        login: str = "",
        label: str = "Odoo",
        protocol: Protocol = Protocol.AUTO,
        language: str = "en_US",
        longest_transaction: float = LONGEST_TRANSACTION,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`login`: of the user the key belongs to, for servers before 19. `language`: that the mapping's names are in.

        `longest_transaction`: `limit_time_real` of odoo.conf, in seconds.
        """
        self._name = name
        self._label = label
        self._mapping = mapping
        self._longest = longest_transaction
        self._keeps_history: bool | None = None
        self._client = Client(
            url, database, login, key, label, clock, protocol=protocol, language=language, transport=transport
        )
        self._models = Models(self._client, label)
        self._reader = Reader(self._client, self._models, label)
        self._files = Files(self._client, self._reader, digests, label)
        today = lambda: self.now().date()  # noqa: E731
        self._computed = Computed(self._client, self._reader, self._files, label, today)
        self._writer = Writer(self._client, self._models, self._reader, label)
        self._messages = Messages(self._client, self._models, self._reader, label)
        self._ripples = Ripples(
            self._reader,
            self._models,
            mapping.objects(),
            back=timedelta(seconds=longest_transaction),
            every=_RIPPLES_EVERY,
        )
        self._describer = Describer(self._client, self._models, self._reader, label)

    def close(self) -> None:
        """Give up the connections."""
        self._client.close()

    @property
    def system(self) -> str:
        """Short name used in derived ids."""
        return self._name

    @property
    def label(self) -> str:
        """Name shown to people."""
        return self._label

    @property
    def capabilities(self) -> Capabilities:
        """What Odoo can do; whether there is history shows when it has first answered. Nothing is asked here."""
        return capabilities(longest_transaction=self._longest, history=bool(self._keeps_history))

    def now(self) -> datetime:
        """Return Odoo's clock, by the dates of its answers."""
        with suppress(CrmUnavailable):
            self._client.meet()
            self._has_history()
        return self._client.now()

    def _has_history(self) -> bool:
        """Tell whether the user may read what Odoo tracks; asked once."""
        if self._keeps_history is None:
            self._keeps_history = self._models.may("mail.tracking.value", "read")
        return self._keeps_history

    # ------------------------------------------------------------------------------------------------- reading

    def changed_since(
        self, obj: str, since: datetime | None, after: str | None, limit: int
    ) -> Sequence[ChangedId]:
        """Return rows with `write_date` of that second or later, in (second, id) order."""
        here = self._listed(obj)

        def ask(conditions: Sequence[Any], order: str, most: int) -> list[ChangedId]:
            rows = self._reader.search(obj, [*here, *conditions], ["write_date"], order=order, limit=most)
            return [ChangedId(Ref(obj, str(row["id"])), moment(row["write_date"])) for row in rows]

        def within(instant: datetime, after: str | None, limit: int) -> list[ChangedId]:
            second = [
                ["write_date", ">=", odoo_time(instant)],
                ["write_date", "<", odoo_time(instant + _STEP)],
            ]
            key = row_id(after) if after else None
            return ask([*second, *([["id", ">", key]] if key else [])], "id", limit)

        def beyond(instant: datetime | None, limit: int) -> list[ChangedId]:
            later = [["write_date", ">=", odoo_time(instant + _STEP)]] if instant else []
            return ask(later, "write_date, id", limit)

        return keyset_page(within, beyond, since, after, limit)

    def _listed(self, obj: str) -> list[Any]:
        """Return the condition for what is worth listing: of messages, those on records that are mapped.

        It is one that a row cannot come to fail later on: that would go unnoticed.
        """
        parents = [item.parent for item in self._mapping.of_object(obj)]
        if obj != MESSAGES or not parents:
            return []
        models = sorted({name for link in parents if link for name in link.objects})
        return [["model", "in", models]]

    def fetch(self, refs: Sequence[Ref]) -> Sequence[SourceRow]:
        """Return the rows that exist, archived ones marked so."""
        ids: dict[str, list[int]] = defaultdict(list)
        for ref in dict.fromkeys(refs):
            key = row_id(ref.id)
            if key is not None and str(key) == ref.id:
                ids[ref.obj].append(key)
        found = {row.ref: row for obj, keys in ids.items() for row in self._rows(obj, keys)}
        return [found[ref] for ref in dict.fromkeys(refs) if ref in found]

    def _rows(self, obj: str, keys: Sequence[int]) -> list[SourceRow]:
        names = self._mapping.properties(obj)
        if obj in _GUARDED:
            rows = self._guarded(obj, keys, names)
        else:
            rows = self._read(obj, keys, names)
        return [self._row(obj, key, rows[key], names) for key in keys if key in rows]

    def _guarded(self, obj: str, keys: Sequence[int], names: Sequence[str]) -> dict[int, Values]:
        """Read what says whether rows are shared, and the rest of those only that are."""
        maps = self._mapping.of_object(obj)
        told = {name for item in maps for name in item.only} - {"@empty"}
        rows = self._read(obj, keys, sorted(told | {"@marker"}))
        shared = [
            key
            for key, row in rows.items()
            if any(
                all(row.get(name) in item.only[name] for name in item.only if name in told) for item in maps
            )
        ]
        whole = self._read(obj, shared, names) if shared else {}
        return {key: {**dict.fromkeys(names), **row, **whole.get(key, {})} for key, row in rows.items()}

    def _read(self, obj: str, keys: Sequence[int], names: Sequence[str]) -> dict[int, Values]:
        items = {
            spec.property: [member.property for member in spec.members.values()]
            for item in self._mapping.of_object(obj)
            for spec in item.fields.values()
            if spec.conversion is As.ITEMS and spec.property in names
        }
        rows = self._reader.properties(obj, keys, names, items)
        self._computed.add(obj, rows, names)
        return rows

    def _row(self, obj: str, key: int, values: Values, names: Sequence[str]) -> SourceRow:
        fields = {name: values.get(name) for name in names}
        written = values["@written"]
        at = moment(written) if written else self.now()
        return SourceRow(Ref(obj, str(key)), fields, "", at, archived=not values["@active"])

    def _one(self, obj: str, key: int) -> SourceRow:
        rows = self._rows(obj, [key])
        if not rows:
            raise CrmMissing(f"{self._label} does not have this record any more.")
        return rows[0]

    def sweep(self, obj: str, after: str | None, limit: int) -> Sequence[str]:
        """Return ids of rows that are neither archived nor deleted, in id order."""
        domain = self._listed(obj)
        if self._models.field(obj, "active"):
            domain.append(["active", "=", True])
        key = row_id(after) if after else None
        if key:
            domain.append(["id", ">", key])
        return [str(row["id"]) for row in self._reader.search(obj, domain, ["id"], limit=limit)]

    def merged_into(self, ref: Ref) -> Ref | None:
        """Return the row that has this one's messages now: a merge takes them along, and deletes the row."""
        key = row_id(ref.id)
        if key is None or self._reader.by_id(ref.obj, [key], ["id"]):
            return None
        return self._messages.moved_to(ref.obj, key)

    def open_file(self, ref: Ref) -> FileBody:
        """Return the bytes of an attachment, or of an invoice's PDF. Raises CrmMissing."""
        key = row_id(ref.id)
        if key is not None and ref.obj == _FILES:
            return self._files.open(key)
        paper = self._files.papers([key]).get(key) if key is not None and ref.obj == _INVOICES else None
        if paper is None:
            raise CrmMissing(f"{self._label} has no such file.")
        return self._files.open(paper.key)

    def journal(self, after: str | None, limit: int) -> JournalPage:
        """Return the rows beside which something was written that shows in them."""
        return self._ripples.since(after, self.now(), limit)

    def last_changes(self, ref: Ref, fields: Sequence[str]) -> Mapping[str, FieldChange]:
        """Return who changed each field last, of those that Odoo tracks; for an API user who may read that."""
        key = row_id(ref.id)
        if key is None or not self._has_history():
            return {}
        return self._messages.changes(ref.obj, key, fields)

    # ------------------------------------------------------------------------------------------------- writing

    def create(self, obj: str, fields: Mapping[str, Any], marker: str, actor: Actor) -> SourceRow:
        """Create a row once per marker. Raises CrmRefused."""
        mark = self._mark(obj)
        held = {mark: marker} if mark and self._models.field(obj, mark) else {}
        return self._one(obj, self._writer.load(obj, marker, {**fields, **held}))

    def update(
        self, ref: Ref, fields: Mapping[str, Any], marker: str, actor: Actor, if_revision: str | None
    ) -> SourceRow:
        """Write the named fields, and the mark with them. Raises CrmRefused, CrmMissing."""
        key = self._key(ref)
        self._writer.write(ref.obj, key, fields, self._mark(ref.obj), marker)
        # Where nothing is there, Odoo may say that it was written all the same.
        return self._one(ref.obj, key)

    def append(
        self, obj: str, parent: Ref, fields: Mapping[str, Any], marker: str, actor: Actor
    ) -> SourceRow:
        """Post a message on a row, once per marker; its followers are told. Raises CrmRefused, CrmMissing."""
        if obj != MESSAGES:
            raise CrmRefused(f"{self._label} has no such thing below a record.")
        return self._one(obj, self._messages.post(parent.obj, self._key(parent), fields, marker, actor))

    def attach(
        self, obj: str, parent: Ref, fields: Mapping[str, Any], body: FileBody, marker: str, actor: Actor
    ) -> SourceRow:
        """Store a file with a row, once per marker. Raises CrmRefused, CrmMissing."""
        there = self._writer.find(obj, marker)
        if there is None:
            key = self._key(parent)
            if not self._reader.by_id(parent.obj, [key], ["id"]):
                raise CrmMissing(f"{self._label} does not have this record any more.")
            data = b"".join(body.chunks)
            if hashlib.sha256(data).hexdigest() != body.sha256:
                raise CrmRefused("The file arrived damaged.")
            values = {name: value for name, value in fields.items() if name not in ("file_size", "@sha256")}
            values |= {
                "name": body.name,
                "mimetype": body.media_type,
                "datas": base64.b64encode(data).decode(),
            }
            there = self._writer.load(obj, marker, {**values, "res_model": parent.obj, "res_id": key})
            self._files.remember(there, KnownFile(body.sha256, len(data)))
        return self._one(obj, there)

    def archive(self, ref: Ref, marker: str, actor: Actor, if_revision: str | None) -> None:
        """Archive a row, or delete it where its model knows no archive."""
        key = row_id(ref.id)
        if key is None or not self._reader.by_id(ref.obj, [key], ["id"]):
            return
        with suppress(CrmMissing):
            if self._models.field(ref.obj, "active"):
                self._writer.write(ref.obj, key, {"active": False}, self._mark(ref.obj), marker)
            else:
                self._writer.delete(ref.obj, key)

    def was_written(self, ref: Ref, marker: str) -> bool:
        """Tell whether a write with this marker reached the row, or made it."""
        key = row_id(ref.id)
        if key is None:
            return False
        return self._writer.was_marked(ref.obj, key, self._mark(ref.obj), marker) or (
            self.find_created(ref.obj, marker) == ref
        )

    def find_created(self, obj: str, marker: str) -> Ref | None:
        """Return the row created with this marker, if any."""
        key = self._messages.find(marker) if obj == MESSAGES else self._writer.find(obj, marker)
        return None if key is None else Ref(obj, str(key))

    def _mark(self, obj: str) -> str:
        return next((item.mark for item in self._mapping.of_object(obj) if item.mark), "")

    def _key(self, ref: Ref) -> int:
        key = row_id(ref.id)
        if key is None:
            raise CrmMissing(f"{self._label} does not have this record.")
        return key

    # ------------------------------------------------------------------------------------------ people and schema

    def person(self, company: Ref, name: str, email: str, taken: Collection[str]) -> Ref:
        """Return the contact of a company with that address whose id is not taken; adds one otherwise."""
        return contact(self._reader, self._writer, company, name, email, taken)

    def describe(self, obj: str) -> ObjectSchema | None:
        """Return what a model is made of, as far as the mapping may name it."""
        return self._describer.describe(obj, self._mapping.properties(obj))

    def add_property(self, obj: str, wanted: WantedProperty) -> None:
        """Make a field, choices of one, or stages and the like. Raises CrmRefused."""
        self._describer.add(obj, wanted)

"""HubSpot behind the connector port."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from pydantic import SecretStr

from gateway.clock import Clock
from gateway.crm.calling import Answer, Caller
from gateway.crm.digests import Digests
from gateway.crm.elsewhere import Elsewhere
from gateway.crm.hubspot.allowance import Allowance
from gateway.crm.hubspot.auth import Access, AppTokens, ServiceKey
from gateway.crm.hubspot.capabilities import INDEX_LAG, SEARCHES_A_SECOND, capabilities_of
from gateway.crm.hubspot.catalogue import Catalogue
from gateway.crm.hubspot.client import Client, objects_path
from gateway.crm.hubspot.description import Describer
from gateway.crm.hubspot.files import Files
from gateway.crm.hubspot.history import History
from gateway.crm.hubspot.journal import Journal
from gateway.crm.hubspot.listing import Lister
from gateway.crm.hubspot.names import Naming
from gateway.crm.hubspot.people import People
from gateway.crm.hubspot.reading import Reader
from gateway.crm.hubspot.records import read_records
from gateway.crm.hubspot.types import (
    ATTACHMENTS,
    NOTES,
    VERSION,
    attachment_id,
    file_ids,
    is_id,
    note_and_file,
)
from gateway.crm.hubspot.writing import Writer
from gateway.crm.port import (
    Actor,
    Capabilities,
    ChangedId,
    CrmError,
    CrmMissing,
    CrmRefused,
    FieldChange,
    FileBody,
    JournalPage,
    Ref,
    RowCreation,
    RowUpdate,
    RowWrite,
    SourceRow,
    Written,
)
from gateway.crm.schema import ObjectSchema, WantedProperty
from gateway.mapping import SystemMapping

BASE_URL = "https://api.hubapi.com"
_NONE = SecretStr("")


@dataclass(frozen=True)
class _App:
    """An app of a HubSpot project, installed in the account."""

    client_id: str
    client_secret: SecretStr
    refresh_token: SecretStr


class HubSpotCrm:
    """One account. Implements `CrmPort`, `WritesMany`, `KeepsPeople`, `KeepsJournal` and `DescribesObjects`."""

    def __init__(  # noqa: PLR0913  (each has a name of its own, and most a usual value)
        self,
        *,
        name: str,
        mapping: SystemMapping,
        clock: Clock,
        digests: Digests,
        label: str = "HubSpot",
        service_key: SecretStr = _NONE,
        client_id: str = "",
        client_secret: SecretStr = _NONE,
        refresh_token: SecretStr = _NONE,
        rate: int | None = 0,
        daily: int = 0,
        journal: bool = False,
        index_lag: float = INDEX_LAG,
        searches_a_second: int = SEARCHES_A_SECOND,
        base_url: str = BASE_URL,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Sign in with a service key, or as an app. Nothing is asked yet.

        `rate`: calls in ten seconds; 0: what any edition takes; None: any number. `daily`: calls a day; 0: what goes
        with that. `journal`: the app has subscriptions to the journal. Raises ValueError when there are no
        credentials, or the mapping names what is nothing.
        """
        self.label = label
        self._name = name
        self._mapping = mapping
        self._namings = {obj: Naming(mapping, obj) for obj in mapping.objects()}
        reads_journal = journal and bool(client_id)
        self._capabilities = capabilities_of(rate, daily, index_lag, mapping.objects(), journal=reads_journal)
        #: For what needs no credentials: getting tokens.
        self._unsigned = Caller(base_url, label, clock, dict, transport=transport)
        app = _App(client_id, client_secret, refresh_token)
        allowance = Allowance(clock, label, searches_a_second)

        def client(access: Access) -> Client:
            return Client(label, clock, access, allowance, base_url=base_url, transport=transport)

        self._client = client(self._access(clock, service_key, app))
        self._clients = [self._client]
        self._catalogue = Catalogue(self._client, clock)
        elsewhere = Elsewhere(label, base_url)
        files = Files(self._client, elsewhere, digests)
        self._files = files
        self._reader = Reader(self._client, self._catalogue, files, self._naming)
        self._lister = Lister(self._client, self._catalogue, self._naming)
        self._writer = Writer(self._client, self._catalogue, clock, self._naming)
        self._history = History(self._client, self._catalogue)
        self._people = People(self._client, self._catalogue)
        self._describer = Describer(self._client, self._catalogue, self._naming)
        self._journal: Journal | None = None
        if reads_journal:
            self._clients.append(client(AppTokens(clock, self._exchange, label, _journal_form(app))))
            self._journal = Journal(self._clients[-1], elsewhere)

    def _access(self, clock: Clock, service_key: SecretStr, app: _App) -> Access:
        if service_key.get_secret_value():
            return ServiceKey(service_key)
        if not (
            app.client_id and app.client_secret.get_secret_value() and app.refresh_token.get_secret_value()
        ):
            raise ValueError(
                "HubSpot needs a service key, or an app's client id, client secret and refresh token."
            )
        return AppTokens(clock, self._exchange, self.label, _refresh_form(app))

    def _exchange(self, form: Mapping[str, str]) -> Answer:
        return self._unsigned.call("POST", f"/oauth/{VERSION}/token", form=form)

    def _naming(self, obj: str) -> Naming:
        found = self._namings.get(obj)
        return found if found is not None else Naming(self._mapping, obj)

    def close(self) -> None:
        """Give up the connections."""
        self._unsigned.close()
        for client in self._clients:
            client.close()

    @property
    def system(self) -> str:
        """Short name used in derived ids."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        return self._capabilities

    def now(self) -> datetime:
        """Return HubSpot's clock."""
        return self._client.now()

    # ------------------------------------------------------------------------------------------------- reading

    def changed_since(
        self, obj: str, since: datetime | None, after: str | None, limit: int
    ) -> Sequence[ChangedId]:
        """Return rows modified since, as the search shows them."""
        return self._lister.changed(obj, since, after, limit)

    def fetch(self, refs: Sequence[Ref]) -> Sequence[SourceRow]:
        """Return the rows that exist, archived ones marked so."""
        return self._reader.fetch(refs)

    def sweep(self, obj: str, after: str | None, limit: int) -> Sequence[str]:
        """Return ids of rows that are neither archived nor deleted."""
        return self._lister.sweep(obj, after, limit)

    def merged_into(self, ref: Ref) -> Ref | None:
        """Return the row this one was merged into: HubSpot answers for the old id with the new record."""
        if ref.obj == ATTACHMENTS or not is_id(ref.id):
            return None
        answer = self._client.get(objects_path(ref.obj, ref.id), {"properties": "hs_merged_object_ids"})
        if answer.status == 404:
            return None
        if not answer.well or not isinstance(answer.data, dict):
            raise self._client.unexpected(answer)
        found = str(answer.data.get("id"))
        return Ref(ref.obj, found) if found != ref.id else None

    def was_written(self, ref: Ref, marker: str) -> bool:
        """Tell whether a write with this marker reached the row: the history of its mark knows."""
        return self._history.was_written(self._naming(ref.obj), ref, marker)

    def find_created(self, obj: str, marker: str) -> Ref | None:
        """Return the row created with this marker: a look-up by a unique property, which does not lag."""
        found = self._writer.find(self._naming(obj), obj, marker)
        if found is None or obj != ATTACHMENTS:
            return Ref(obj, found) if found else None
        return self._attachment(found)

    def _attachment(self, note: str) -> Ref | None:
        records = read_records(self._client, NOTES, [note], ["hs_attachment_ids"], archived_too=True)
        files = file_ids(records[note].values) if note in records else []
        return Ref(ATTACHMENTS, attachment_id(note, files[0])) if files else None

    def last_changes(self, ref: Ref, fields: Sequence[str]) -> Mapping[str, FieldChange]:
        """Return who changed each property last."""
        return self._history.last_changes(self._naming(ref.obj), ref, fields)

    def open_file(self, ref: Ref) -> FileBody:
        """Return the bytes of an attachment, or of the file a document names. Raises CrmMissing."""
        if ref.obj == ATTACHMENTS:
            note, file = note_and_file(ref.id)
            rows = self.fetch([ref]) if note else []
            item = self._mapping.of_row(ref.obj, rows[0].fields) if rows else None
            if not rows or rows[0].archived or item is None:
                raise CrmMissing("The file is not there any more.")
            return self._files.open(file)
        base = self._file_of(ref.obj)
        records = read_records(self._client, ref.obj, [ref.id], [base]) if base else {}
        file = str(records[ref.id].values.get(base) or "") if ref.id in records else ""
        return self._files.open(file)

    def _file_of(self, obj: str) -> str:
        """Return the property that holds the id of a row's file."""
        blobs = [item.fields[item.blob].property for item in self._mapping.of_object(obj) if item.blob]
        return blobs[0].partition(".")[0] if blobs else ""

    # ------------------------------------------------------------------------------------------------- writing

    def create(self, obj: str, fields: Mapping[str, Any], marker: str, actor: Actor) -> SourceRow:
        """Create a row once per marker. Raises CrmRefused."""
        return self._row(Ref(obj, self._writer.create(RowCreation(obj, fields, marker, actor))))

    def update(
        self, ref: Ref, fields: Mapping[str, Any], marker: str, actor: Actor, if_revision: str | None
    ) -> SourceRow:
        """Write the named properties only; there are no conditions. Raises CrmConflict, CrmRefused, CrmMissing."""
        if not is_id(ref.id) or ref.obj == ATTACHMENTS:
            raise CrmMissing(f"{self.label} has no such record.")
        self._writer.update(RowUpdate(ref, fields, marker, actor, if_revision))
        return self._row(ref)

    def append(
        self, obj: str, parent: Ref, fields: Mapping[str, Any], marker: str, actor: Actor
    ) -> SourceRow:
        """Add a note, once per marker."""
        return self._row(Ref(obj, self._writer.create(RowCreation(obj, fields, marker, actor, parent))))

    def attach(
        self, obj: str, parent: Ref, fields: Mapping[str, Any], body: FileBody, marker: str, actor: Actor
    ) -> SourceRow:
        """Store a file on a note of its own under a row, once per marker."""
        if obj != ATTACHMENTS:
            raise CrmRefused(f"{self.label} cannot keep files there.")
        found = self.find_created(obj, marker)
        if found is None:
            told = {name: value for name, value in fields.items() if not name.startswith("file.")}
            told["hs_attachment_ids"] = self._files.store(body)
            note = self._writer.create(RowCreation(obj, told, marker, actor, parent))
            found = self._attachment(note)
        if found is None:
            raise CrmMissing("The file is not there any more.")
        return self._row(found)

    def archive(self, ref: Ref, marker: str, actor: Actor, if_revision: str | None) -> None:
        """Archive a row. A row that is gone already is success."""
        if is_id(ref.id) and ref.obj != ATTACHMENTS:
            self._writer.archive(ref)

    def write_many(self, writes: Sequence[RowWrite]) -> Sequence[Written]:
        """Carry out writes of rows that differ, in as few calls as HubSpot takes."""
        done = self._writer.many(writes)
        refs = [
            Ref(write.ref.obj if isinstance(write, RowUpdate) else write.obj, one)
            if isinstance(one, str)
            else None
            for write, one in zip(writes, done, strict=True)
        ]
        rows = {row.ref: row for row in self.fetch([ref for ref in refs if ref])}
        return [
            one if isinstance(one, CrmError) else rows.get(ref) or self._gone() if ref else self._gone()
            for one, ref in zip(done, refs, strict=True)
        ]

    def _gone(self) -> CrmMissing:
        return CrmMissing(f"{self.label} does not have this record any more.")

    def _row(self, ref: Ref) -> SourceRow:
        rows = self.fetch([ref])
        if not rows:
            raise CrmMissing(f"{self.label} does not have this record any more.", self.merged_into(ref))
        return rows[0]

    # -------------------------------------------------------------------------------------- what it offers besides

    def person(self, company: Ref, name: str, email: str, taken: Collection[str]) -> Ref:
        """Return the contact of that address, or add one."""
        return self._people.person(company, name, email, taken)

    def journal(self, after: str | None, limit: int) -> JournalPage:
        """Return what the journal tells. Raises CrmExpired, and CrmRefused where no app has subscriptions to it."""
        if self._journal is None:
            raise CrmRefused(f"{self.label} keeps a journal for apps alone.")
        return self._journal.page(after, limit)

    def describe(self, obj: str) -> ObjectSchema | None:
        """Return what an object is made of."""
        return self._describer.describe(obj)

    def add_property(self, obj: str, wanted: WantedProperty) -> None:
        """Make a property, or add to its choices."""
        self._describer.add(obj, wanted)


def _refresh_form(app: _App) -> dict[str, SecretStr | str]:
    return {
        "grant_type": "refresh_token",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "refresh_token": app.refresh_token,
    }


def _journal_form(app: _App) -> dict[str, SecretStr | str]:
    """The journal is the app's, not the account's: it has a token of another kind."""
    return {
        "grant_type": "client_credentials",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "scope": "developer.webhooks_journal.read",
    }

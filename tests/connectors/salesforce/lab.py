"""Salesforce under test: an org of our own over real HTTP, the hands of its staff, and what can go wrong on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import requests
from pydantic import SecretStr
from requests.adapters import HTTPAdapter

from gateway.convert import incoming
from gateway.crm.digests import MemoryDigests
from gateway.crm.port import Actor, Ref
from gateway.crm.salesforce.connector import SalesforceCrm
from gateway.mapping import SystemMapping
from gateway.systems import System
from tests.connectors.lab import DEAL, Lab
from tests.connectors.salesforce.standin.org import STAFF, Org
from tests.connectors.salesforce.standin.server import (
    CLIENT_ID,
    CLIENT_SECRET,
    Standin,
    salesforce_error,
)

URL = "https://halden.my.salesforce.com"
LOGIN: Mapping[str, Any] = {"url": URL, "client_id": CLIENT_ID, "client_secret": SecretStr(CLIENT_SECRET)}


class Clock:
    """A clock that stands until it is turned."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 24, 9, 0, 0, 400_000, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the time it shows."""
        return self.at

    def monotonic(self) -> float:
        """Return seconds."""
        return self.at.timestamp()

    def turn(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)


class ToStandin(HTTPAdapter):
    """Leads every address of Salesforce to the stand-in, and notes how long each call is let run."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port
        self.timeouts: list[Any] = []
        self.hosts: list[str] = []
        self.watch: Callable[[requests.PreparedRequest], object] = lambda request: None
        self.hear: Callable[[requests.Response], object] = lambda response: None

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request."""
        assert request.url is not None
        parts = urlsplit(request.url)
        assert (parts.scheme, str(parts.hostname)[-15:]) == ("https", ".salesforce.com")
        self.watch(request)
        self.hosts.append(str(parts.hostname))
        self.timeouts.append(kwargs.get("timeout"))
        request.url = parts._replace(scheme="http", netloc=f"127.0.0.1:{self._port}").geturl()
        kwargs["proxies"] = {}
        response = super().send(request, *args, **kwargs)
        self.hear(response)
        return response


class SalesforceLab(Lab):
    """The system under test."""

    clock: Clock

    def __init__(self, *, batch: int = 2000, custom: bool = True) -> None:
        self.clock = Clock()
        self.org = Org(self.clock.now, custom=custom)
        self.standin = Standin(self.org, batch=batch)
        self.wire = self.standin.wire
        self._mapping = SystemMapping.load(
            (files("gateway.crm.salesforce") / "mapping.toml").read_text("utf-8")
        )
        self.digests = MemoryDigests()
        self.org.rules["Lead"].append(_no_free_mail)
        self._open: list[SalesforceCrm] = []
        self.reopened()
        contact = self.org.create("Contact", {"FirstName": "Maya", "LastName": "Okafor"}, by=STAFF)
        self.actor = Actor(contact, "Maya Okafor", "BW-MO14")

    def connector(self, login: Mapping[str, Any] = LOGIN, **more: Any) -> SalesforceCrm:
        """Return another connector over the org."""
        self.adapter = ToStandin(self.standin.port)
        known = {"clock": self.clock, "wait": self.clock.turn, "transport": self.adapter}
        known |= {"mapping": self._mapping, "digests": self.digests}
        crm = SalesforceCrm(name="salesforce", **{**known, **login, **more})
        self._open.append(crm)
        return crm

    def reopened(self) -> System:
        self.system = System(self.connector(), self._mapping)
        return self.system

    @property
    def crm(self) -> SalesforceCrm:
        """The connector."""
        assert isinstance(self.system.port, SalesforceCrm)
        return self.system.port

    def close(self) -> None:
        for crm in self._open:
            crm.close()
        self.standin.close()

    # ------------------------------------------------------------------------------------------- staff's hands

    def add(self, obj: str, **values: Any) -> Ref:
        """Add a row as staff would."""
        return Ref(obj, self.org.create(obj, values, by=STAFF))

    def columns(self, entity: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Spell contract fields as they stand in a form of a new row."""
        found = {**self.item(entity).create, **self.changed(entity, values)}
        person = found.pop("Name", None)
        if person is not None and self.item(entity).object == "Lead":
            found["FirstName"], _, found["LastName"] = person.rpartition(" ")
        return found

    def changed(self, entity: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Spell contract fields alone: what the gateway sets on rows it makes is not touched by an edit."""
        return self.written(entity, values, self.item(entity).model_copy(update={"create": {}}))

    def company(self, name: str) -> Ref:
        return self.add(
            "Account",
            Name=name,
            Counterpart_Partner__c=True,
            Counterpart_Tier__c="Gold",
            Counterpart_Stage__c="Active",
            BillingCountryCode="GB",
        )

    def deal(self, company: Ref, **values: Any) -> Ref:
        whole = {
            **DEAL,
            "state": "under_review",
            "company": company,
            "contact_name": "Ada Lovelace",
            **values,
        }
        return self.add("Lead", **self.columns("deal_registration", whole))

    def request(self, company: Ref, subject: str) -> Ref:
        values = {"company": company, "subject": subject, "state": "open", "category": "question"}
        return self.add("Case", **self.columns("request", values))

    def edit(self, ref: Ref, **values: Any) -> None:
        entity = {"Lead": "deal_registration", "Case": "request", "Account": "company"}[ref.obj]
        self.org.update(ref.obj, ref.id, self.changed(entity, values), by=STAFF)

    def look(self, ref: Ref) -> Mapping[str, Any]:
        row = self.org.rows[ref.obj].get(ref.id)
        if row is None or row.deleted:
            return {}
        item = self.item("deal_registration")
        names = ("title", "customer", "competitor", "next_steps", "amount", "state")
        return {name: incoming(item.fields[name], row.values, _same, _same) for name in names}

    def count(self, customer: str) -> int:
        return sum(row["Company"] == customer for row in self.org.all("Lead"))

    def note(self, parent: Ref, text: str, *, public: bool) -> Ref:
        if parent.obj == "Case":
            return self.add("CaseComment", ParentId=parent.id, CommentBody=text, IsPublished=public)
        return self.add(
            "Counterpart_Message__c",
            Counterpart_Lead__c=parent.id,
            Counterpart_On__c="Lead",
            Counterpart_Body__c=text,
            Counterpart_Public__c=public,
            Counterpart_Side__c="Vendor",
        )

    def texts(self, parent: Ref) -> list[str]:
        links = ("Counterpart_Lead__c", "Counterpart_Case__c")
        own = [
            row["Counterpart_Body__c"]
            for row in self.org.all("Counterpart_Message__c")
            if parent.id in (row[link] for link in links)
        ]
        return own + [
            row["CommentBody"] for row in self.org.all("CaseComment") if row["ParentId"] == parent.id
        ]

    def files(self, parent: Ref) -> Mapping[str, bytes]:
        return dict(self._files(parent))

    def _files(self, parent: Ref) -> Iterator[tuple[str, bytes]]:
        linked = {
            row["ContentDocumentId"]
            for row in self.org.all("ContentDocumentLink")
            if row["LinkedEntityId"] == parent.id
        }
        for row in self.org.all("ContentVersion"):
            if row["ContentDocumentId"] in linked:
                yield row["PathOnClient"], self.org.bodies[row["Id"]]

    def archive(self, ref: Ref) -> None:
        self.org.delete(ref.obj, ref.id)  # the recycle bin

    def delete(self, ref: Ref) -> None:
        self.org.delete(ref.obj, ref.id)
        self.org.purge(ref.obj, ref.id)

    def merge(self, loser: Ref, winner: Ref) -> None:
        self.org.merge(loser.obj, loser.id, winner.id)

    def move(self, ref: Ref, company: Ref) -> None:
        # As a merge of two accounts does: what people see as the last change stays as it was.
        self.org.rows[ref.obj][ref.id].values["Counterpart_Company__c"] = company.id
        self.org.touch(ref.obj, ref.id)

    def herd(self, company: Ref, many: int) -> None:
        first = self.deal(company)
        self.org.copy(first.obj, first.id, many - 1)

    def begin_late(self, ref: Ref, **values: Any) -> Callable[[], None]:
        at, columns = self.org.stamp(), self.changed("deal_registration", values)
        self.org.locked.add(ref.id)

        def commit() -> None:
            self.org.locked.discard(ref.id)
            self.org.put(ref.obj, ref.id, columns, at, STAFF)

        return commit

    # ------------------------------------------------------------------------------------------- time and wire

    def tick(self, seconds: float) -> None:
        self.clock.turn(seconds)

    def answer(self, status: int, *, retry_after: float | None = None, times: int = 1) -> None:
        self.wire.instead(salesforce_error(status, retry_after), times)

    def lose_answer(self) -> None:
        self.wire.lose_next = True

    def before_write(self, act: Callable[[], object]) -> None:
        self.wire.before = act

    def cut(self, after: int = 0) -> None:
        self.wire.left = after

    def mend(self) -> None:
        self.wire.left = None

    def refused(self) -> tuple[str, Any]:
        return "contact_email", "kim@gmail.com"


def _no_free_mail(row: Mapping[str, Any]) -> tuple[list[str], str] | None:
    if str(row.get("Email") or "").endswith("@gmail.com"):
        return ["Email"], "Use the customer's <b>business</b> address."
    return None


def _same(obj: str, source_id: str) -> str:
    return f"{obj}/{source_id}"

"""The stand-in under the contract suite: its own people by its own hands, faults on a real wire."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import httpx
from pydantic import SecretStr

from gateway.crm.digests import MemoryDigests
from gateway.crm.hubspot.connector import HubSpotCrm
from gateway.crm.port import Ref
from gateway.mapping import As, EntityMap, FieldMap, SystemMapping
from gateway.systems import System
from tests.connectors.hubspot.standin.account import Record, Source
from tests.connectors.hubspot.standin.errors import Problem, Wrong
from tests.connectors.hubspot.standin.model import Definition, choice, pipeline
from tests.connectors.hubspot.standin.wire import StandIn
from tests.connectors.lab import DEAL, Lab

STAFF = Source("CRM_UI", "userId:9001", user=9001)
_PIPELINES = {
    "deals": ("pipeline", "dealstage", "Partner deals"),
    "tickets": ("hs_pipeline", "hs_pipeline_stage", "Partner requests"),
    "leads": ("hs_pipeline", "hs_pipeline_stage", "Partner leads"),
}


class LabClock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 29, 9, 0, 0, 250_000, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


class HubSpotLab(Lab):
    """An account set up as its administrator would have, and a connector that signs in with a service key."""

    commits_late = False  # a record is dated when it is written

    def __init__(
        self, *, lag: float = 20.0, app: bool = False, journal: bool = False, bare: bool = False
    ) -> None:
        """`bare`: nobody has set the account up yet."""
        self.clock: LabClock = LabClock()
        self.server = StandIn(self.clock.now)
        self.server.__enter__()
        self.account = self.server.account
        self.digests = MemoryDigests()
        self._mapping = SystemMapping.load((files("gateway.crm.hubspot") / "mapping.toml").read_text("utf-8"))
        self._app, self._journal = app, journal
        self._connectors: list[HubSpotCrm] = []
        if not bare:
            set_up_pipelines(self.server, self._mapping)
            set_up_properties(self.server, self._mapping)
        self.account.lag = lag
        self.account.rules.append(_no_free_mail)
        self.system = self.reopened()

    def connector(self, **changes: Any) -> HubSpotCrm:
        """Return another connector over the account."""
        known: dict[str, Any] = {
            "name": "hubspot",
            "mapping": self._mapping,
            "clock": self.clock,
            "digests": self.digests,
            "rate": None,
            "searches_a_second": 0,
            "base_url": self.server.address,
            # The stand-in speaks plain HTTP: to read all certificates of the machine for it takes longer than a test.
            "transport": httpx.HTTPTransport(verify=False),
        }
        if self._app:
            known |= {"client_id": "client-id", "client_secret": SecretStr("client-secret")}
            known |= {"refresh_token": SecretStr("refresh-token-1"), "journal": self._journal}
        else:
            known["service_key"] = SecretStr("pat-eu1-service-key")
        made = HubSpotCrm(**{**known, **changes})
        self._connectors.append(made)
        return made

    def reopened(self) -> System:
        self.system = System(self.connector(), self._mapping)
        return self.system

    def close(self) -> None:
        for one in self._connectors:
            one.close()
        self.server.__exit__()

    # ------------------------------------------------------------------------------------------- staff's hands

    def record(self, ref: Ref) -> Record:
        """Return a record as it stands in the account."""
        kind = self.account.kind(ref.obj)
        return self.account.records[kind.name][int(ref.id)]

    def add(self, obj: str, values: Mapping[str, Any], *linked: Ref) -> Ref:
        """Add a record by the vendor's hands, linked to others."""
        with self.server.lock:
            kind = self.account.kind(obj)
            record = self.account.create(kind, values, source=STAFF)
            for one in linked:
                self.associate(Ref(obj, str(record.id)), one)
            return Ref(obj, str(record.id))

    def associate(self, ref: Ref, other: Ref) -> None:
        """Link two records: as the primary one, where there is such a thing."""
        with self.server.lock:
            ways = [
                one for one in self.account.links.values() if (one.origin, one.target) == (ref.obj, other.obj)
            ]
            way = next((one for one in ways if one.label == "Primary"), ways[0])
            self.account.link(int(ref.id), int(other.id), way.type_id)

    def company(self, name: str) -> Ref:
        known = {"counterpart_partner": "true", "counterpart_tier": "gold", "counterpart_stage": "active"}
        return self.add("companies", {"name": name, **known})

    def values(self, entity: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return HubSpot's values for the contract's, spelt by this test's own hand."""
        found: dict[str, Any] = {}
        for name, value in values.items():
            found |= _spelt(self, self.item(entity), name, value)
        return found

    def deal(self, company: Ref, **values: Any) -> Ref:
        return self.add("deals", self._deal_values({"state": "under_review", **values}), company)

    def _deal_values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        whole = self.values("deal_registration", {**DEAL, **values})
        return {**whole, "pipeline": self.pipeline_id("deals")}

    def request(self, company: Ref, subject: str) -> Ref:
        values = self.values("request", {"subject": subject, "state": "open", "category": "question"})
        return self.add("tickets", {**values, "hs_pipeline": self.pipeline_id("tickets")}, company)

    def pipeline_id(self, obj: str) -> str:
        """Return the id of the pipeline of ours."""
        label = _PIPELINES[obj][2]
        return next(one.id for one in self.account.pipelines[obj] if one.label == label)

    def stage_id(self, obj: str, label: str) -> str:
        """Return the id of one of its stages."""
        many = next(one for one in self.account.pipelines[obj] if one.label == _PIPELINES[obj][2])
        return next(one.id for one in many.stages if one.label == label)

    def edit(self, ref: Ref, **values: Any) -> None:
        entity = {"deals": "deal_registration", "tickets": "request", "companies": "company"}[ref.obj]
        with self.server.lock:
            self.account.update(self.record(ref), self.values(entity, values), STAFF)

    def look(self, ref: Ref) -> Mapping[str, Any]:
        record = self.account.records[ref.obj].get(int(ref.id))
        if record is None or record.archived is not None:
            return {}
        values = record.values
        labels = {stage.id: stage.label for one in self.account.pipelines["deals"] for stage in one.stages}
        label = labels.get(values.get("dealstage", ""), "")
        return {
            "title": values.get("dealname"),
            "customer": values.get("counterpart_customer"),
            "competitor": values.get("counterpart_competitor"),
            "next_steps": values.get("counterpart_next_steps"),
            "amount": values.get("amount"),
            "state": label.lower().replace(" ", "_"),
        }

    def count(self, customer: str) -> int:
        records = self.account.records["deals"].values()
        return sum(
            one.archived is None and one.values.get("counterpart_customer") == customer for one in records
        )

    def note(self, parent: Ref, text: str, *, public: bool) -> Ref:
        values = {
            "hs_note_body": f"<div><p>{html.escape(text)}</p></div>",
            "hs_timestamp": self.clock.now().isoformat(),
        }
        values |= {"hubspot_owner_id": "7001"} | ({"counterpart_public": "true"} if public else {})
        return self.add("notes", values, parent)

    def _notes(self, parent: Ref) -> Iterator[Record]:
        for key in self.account.linked.get(int(parent.id), {}):
            record = self.account.records["notes"].get(key)
            if record is not None and record.archived is None:
                yield record

    def texts(self, parent: Ref) -> list[str]:
        bodies = [one.values.get("hs_note_body", "") for one in self._notes(parent)]
        return [_without_markup(one) for one in bodies if one]

    def files(self, parent: Ref) -> Mapping[str, bytes]:
        keys = [one.values.get("hs_attachment_ids", "") for one in self._notes(parent)]
        stored = [self.account.files[key] for many in keys for key in many.split(";") if key]
        return {f"{one.name}.{one.extension}": one.body for one in stored}

    def archive(self, ref: Ref) -> None:
        with self.server.lock:
            self.account.archive(self.record(ref))

    def delete(self, ref: Ref) -> None:
        with self.server.lock:
            self.account.purge(self.record(ref))

    def merge(self, loser: Ref, winner: Ref) -> None:
        self.merged(loser, winner)

    def merged(self, loser: Ref, winner: Ref) -> Ref:
        """Merge two records: they become a third one, which is returned."""
        with self.server.lock:
            merged = self.account.merge(self.record(winner), self.record(loser))
            return Ref(winner.obj, str(merged.id))

    def move(self, ref: Ref, company: Ref) -> None:
        with self.server.lock:
            before = [
                key for key in self.account.linked[int(ref.id)] if key in self.account.records["companies"]
            ]
            self.associate(ref, company)
            for key in before:
                self.account.unlink(int(ref.id), key)

    def herd(self, company: Ref, many: int) -> None:
        with self.server.lock:
            kind, values = self.account.kind("deals"), self._deal_values({"state": "under_review"})
            for _ in range(many):
                self.account.create(kind, values, [(int(company.id), 5)], STAFF)

    def begin_late(self, ref: Ref, **values: Any) -> Callable[[], None]:
        raise AssertionError("no transaction of it bears another time than its commit's")

    # ------------------------------------------------------------------------------------------- time and wire

    def tick(self, seconds: float) -> None:
        self.clock.at += timedelta(seconds=seconds)

    def answer(self, status: int, *, retry_after: float | None = None, times: int = 1) -> None:
        wait = None if retry_after is None else int(retry_after)
        self.server.faults.answer(status, retry_after=wait, times=times, only_writes=False)

    def lose_answer(self) -> None:
        self.server.faults.lose_next_write = True

    def before_write(self, act: Callable[[], object]) -> None:
        self.server.faults.before_write = act

    def cut(self, after: int = 0) -> None:
        self.server.faults.cut(after)

    def mend(self) -> None:
        self.server.faults.mend()

    def refused(self) -> tuple[str, Any]:
        return "contact_email", "kim@gmail.example"


def _spelt(lab: HubSpotLab, item: EntityMap, name: str, value: Any) -> dict[str, Any]:
    spec = item.fields[name]
    if name == "state":
        label = spec.values[value][0]
        return {spec.property.removesuffix(".label"): lab.stage_id(item.object, label)}
    if isinstance(value, str) and spec.values:
        value = spec.values[value][0]
    return {spec.property: value}


def _without_markup(body: str) -> str:
    text = re.sub(r"<br\s*/?>", "\n", body)
    return html.unescape(re.sub(r"<[^>]*>", "", text))


def _no_free_mail(obj: str, values: Mapping[str, str]) -> Wrong | None:
    """A rule that an administrator has made: it holds on every way by which something is written."""
    if values.get("counterpart_contact_email", "").endswith("@gmail.example"):
        said = "Enter a <b>business</b> address."
        return Wrong("counterpart_contact_email", "PROPERTY_VALIDATION_RULE_VIOLATION", said)
    return None


# ------------------------------------------------------------------------------------------------------- setting up


def set_up_pipelines(server: StandIn, mapping: SystemMapping) -> None:
    """Add the pipelines and stages the mapping names, as the documentation tells an administrator to."""
    account = server.account
    for n, (obj, (_, _, label)) in enumerate(_PIPELINES.items()):
        stages = [
            value
            for item in mapping.of_object(obj)
            for values in item.fields["state"].values.values()
            for value in values
        ]
        account.pipelines[obj] = [*account.pipelines[obj], pipeline(str(884401 + n), label, *stages)]


def set_up_properties(server: StandIn, mapping: SystemMapping) -> None:
    """Add the properties the mapping names."""
    account = server.account
    for obj in mapping.objects():
        kind = account.kind("notes" if obj == "attachments" else obj)
        for definition in _definitions(mapping, obj):
            if definition.name not in account.definitions[kind.name]:
                account.define(kind, definition)


def _definitions(mapping: SystemMapping, obj: str) -> Iterator[Definition]:
    for item in mapping.of_object(obj):
        specs = [*item.fields.values(), *(a for c in item.commands.values() for a in c.args.values())]
        for spec in specs:
            if spec.property.startswith("counterpart_") and "." not in spec.property:
                yield _definition(spec)
        for name in item.properties:
            if (
                name.startswith("counterpart_")
                and "." not in name
                and name not in {s.property for s in specs}
            ):
                yield _other(item, name)


def _definition(spec: FieldMap) -> Definition:
    kinds = {
        As.DATE: ("date", "date"),
        As.DATETIME: ("datetime", "date"),
        As.INTEGER: ("number", "number"),
        As.DECIMAL: ("number", "number"),
    }
    if spec.values:
        options = {value: value.capitalize() for many in spec.values.values() for value in many}
        return Definition(
            **{**vars(choice(spec.property, options, spec.conversion is As.LIST)), "hubspot": False}
        )
    kind, field_type = kinds.get(spec.conversion, ("string", "textarea"))
    return Definition(spec.property, kind, field_type, spec.property, hubspot=False)


def _other(item: EntityMap, name: str) -> Definition:
    if name == item.marker:
        return Definition(name, unique=True, hubspot=False)
    if name in ("counterpart_public", "counterpart_partner"):
        return Definition(name, "bool", "booleancheckbox", hubspot=False)
    if item.scope and item.scope.entitlement and name == item.scope.entitlement.property:
        options = dict.fromkeys(item.scope.entitlement.tags, "")
        return Definition(name, "enumeration", "select", options={one: one for one in options}, hubspot=False)
    return Definition(name, hubspot=False)


def problem_of(call: Callable[[], object]) -> Problem:
    """Return the problem a call of the account's runs into."""
    try:
        call()
    except Problem as problem:
        return problem
    raise AssertionError("it went well")

"""The gateway over the embedded CRM with the sample programme: a partner's day and the vendor's."""

from __future__ import annotations

import hashlib
import json
import queue
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from app.contract.ids import time_ordered_id
from app.contract.mutations import Command, Kind, Mutation, Outcome, PushBody, Status
from gateway import tables
from gateway.crm.embedded.staff import StaffDesk
from gateway.crm.port import Ref
from gateway.identity.session import Session
from gateway.ingest.worker import Worker
from gateway.report import report
from gateway.sample.build import build_sample
from gateway.sample.passwords import SampleAccounts
from gateway.service import Service
from gateway.settings import Settings
from tests.gateway.quick_passwords import quick_passwords
from tests.postgres import server

# One programme serves all tests of a kind of database; its fixture says of which.
pytestmark = pytest.mark.databases("sqlite")


class Programme:
    """The sample programme behind a gateway."""

    def __init__(self, service: Service, accounts: SampleAccounts) -> None:
        self.service, self.accounts = service, accounts
        self.gateway, self.crm = service.gateway, service.crm
        self._count = 0

    def session(self, name: str) -> Session:
        """Sign somebody in."""
        return self.gateway.identity.session_for(self.accounts.user(name).user, "BW-MO14")

    def desk(self, name: str = "Ingrid Solheim") -> StaffDesk:
        """Sit down at a desk of the vendor."""
        return StaffDesk.of(self.crm, name)

    def new_id(self) -> str:
        """Return a new id."""
        self._count += 1
        return time_ordered_id(self.crm.now(), self._count.to_bytes(10, "big"))

    def push(self, session: Session, kind: Kind, entity: str, gid: str, **members: Any) -> Outcome:
        """Push one mutation."""
        mutation = Mutation(
            mutation_id=self.new_id(),
            entity=entity,
            gid=gid,
            kind=kind,
            captured_at=self.crm.now(),
            **members,
        )
        return self.gateway.push(session, PushBody(mutations=(mutation,))).outcomes[0]

    def mirror(self, session: Session) -> dict[str, tuple[str, dict[str, Any]]]:
        """Read everything a user sees: gid to entity and data."""
        found: dict[str, tuple[str, dict[str, Any]]] = {}
        after: str | None = None
        while True:
            page = json.loads(self.gateway.snapshot(session, after, 1000))
            found.update({gid: (entity, data) for gid, entity, _, _, data in page["puts"]})
            after = page["after"]
            if after is None:
                return found

    def deal(self, session: Session, customer: str) -> tuple[str, dict[str, Any]]:
        """Find a deal by its customer."""
        return next(
            (gid, data)
            for gid, (entity, data) in self.mirror(session).items()
            if entity == "deal_registration" and data["customer"] == customer
        )

    def row(self, gid: str) -> Ref:
        """The CRM's row behind a gid."""
        with self.gateway.ground.database.read() as connection:
            found = connection.execute(
                select(tables.mirror.c.object, tables.mirror.c.source_id).where(tables.mirror.c.gid == gid)
            ).one()
        return Ref(found.object, found.source_id)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)])
def programme(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Programme]:
    """The sample programme, read in; once for all tests of a kind of database."""
    name = server().create() if request.param == "postgresql" else ""
    address = SecretStr(server().address(name) if name else "")
    folder = tmp_path_factory.mktemp("gateway")
    with quick_passwords():
        service = Service.open(Settings(folder=folder, database=address, console=False))
        accounts = build_sample(service.crm, service.gateway.identity, service.crm.now().date(), 1)
        service.gateway.backfill()
        yield Programme(service, accounts)
        service.close()
    if name:
        server().drop(name)


def counts(mirror: dict[str, tuple[str, dict[str, Any]]]) -> dict[str, int]:
    """Records by entity type."""
    entities = [entity for entity, _ in mirror.values()]
    return {entity: entities.count(entity) for entity in set(entities)}


def test_every_row_is_understood(programme: Programme) -> None:
    found = report(programme.gateway)
    assert (found.set_aside, found.well) == ((), True)


def test_each_role_has_its_view(programme: Programme) -> None:
    maya = counts(programme.mirror(programme.session("Maya Okafor")))
    rep = counts(programme.mirror(programme.session("Tomasz Wilk")))
    fiona = programme.session("Fiona Kershaw")
    finance = counts(programme.mirror(fiona))
    field_rep = programme.mirror(programme.session("Callum Reid"))
    assert 0 < rep["deal_registration"] < maya["deal_registration"]
    assert finance.get("deal_registration", 0) == 0
    assert finance["order"] == maya["order"] > 0
    requests = [data for entity, data in programme.mirror(fiona).values() if entity == "request"]
    assert {data["owner"] for data in requests} == {fiona.user}, "what one has raised oneself, and no more"
    companies = {data["name"] for entity, data in field_rep.values() if entity == "company"}
    assert companies == {"Brightwater IT Ltd", "Calder & Rowe Networks"}


def test_no_internal_note_is_in_anybodys_view(programme: Programme) -> None:
    with programme.crm.database.engine.connect() as connection:
        internal = connection.exec_driver_sql("select body from note where internal").scalars().all()
    assert internal
    for user in programme.accounts.users:
        bodies = {d.get("body") for _, d in programme.mirror(programme.session(user.name)).values()}
        assert bodies.isdisjoint(internal)


def test_every_document_a_user_sees_can_be_read_and_is_what_it_says(programme: Programme) -> None:
    maya = programme.session("Maya Okafor")
    documents = [data for entity, data in programme.mirror(maya).values() if entity == "document"]
    for data in documents[:10]:
        body = b"".join(programme.gateway.read_blob(maya, data["sha256"]))
        assert (hashlib.sha256(body).hexdigest(), len(body)) == (data["sha256"], data["size"])


def test_a_person_who_is_renamed_is_renamed_on_what_they_own(programme: Programme) -> None:
    maya, contact = programme.session("Maya Okafor"), programme.crm.find("contact", full_name="Tomasz Wilk")
    assert contact is not None

    def shown(name: str) -> set[str]:
        mirror = programme.mirror(maya)
        told = ("owner_name", "assignee")  # who wrote a message is told as they were called then
        return {gid for gid, (_, data) in mirror.items() if name in [data.get(field) for field in told]}

    before = shown("Tomasz Wilk")
    assert before
    for name, former in (("Tomasz Nowak", "Tomasz Wilk"), ("Tomasz Wilk", "Tomasz Nowak")):
        programme.desk().edit(contact, {"full_name": name})
        programme.gateway.backfill()
        assert (shown(name), shown(former)) == (before, set())


def test_a_deal_is_registered_with_evidence_and_reviewed(programme: Programme) -> None:
    maya, gid = programme.session("Maya Okafor"), programme.new_id()
    company = programme.accounts.user("Maya Okafor").companies[0]
    changes = {
        "company": company,
        "customer": "Hillcrest Schools",
        "website": "hillcrest-schools.example",
        "country": "GB",
        "title": "Vault for nine schools",
        "type": "new",
        "amount": "22480.00",
        "currency": "GBP",
        "target_close": f"{programme.crm.now().year + 1}-03-31",
        "problem": "Backups take all night and still fail twice a week.",
        "products": ["vault", "care"],
    }
    created = programme.push(maya, Kind.CREATE, "deal_registration", gid, changes=changes)
    assert created.status is Status.APPLIED, created
    body = b"%PDF-1.4 evidence"
    sha256 = hashlib.sha256(body).hexdigest()
    upload, _ = programme.gateway.begin_upload(maya, sha256, len(body), "application/pdf", "evidence.pdf")
    programme.gateway.upload(maya, upload, 0, body)
    file = {
        "parent": gid,
        "name": "evidence.pdf",
        "sha256": sha256,
        "size": len(body),
        "media_type": "application/pdf",
    }
    assert (
        programme.push(maya, Kind.APPEND, "file", programme.new_id(), changes=file).status is Status.APPLIED
    )
    submit = Command(name="submit", expected_state="draft")
    submitted = programme.push(maya, Kind.COMMAND, "deal_registration", gid, command=submit)
    assert submitted.status is Status.APPLIED, submitted
    assert submitted.record is not None
    data = submitted.record.data
    assert (data["state"], data["products"], data["owner"]) == ("submitted", ["vault", "care"], maya.user)
    assert data["number"].startswith("DR-")
    programme.desk().start_review(programme.row(gid))
    programme.gateway.ingest_step()
    assert programme.mirror(maya)[gid][1]["state"] == "under_review"
    late = programme.push(
        maya,
        Kind.COMMAND,
        "deal_registration",
        gid,
        command=Command(name="withdraw", expected_state="submitted"),
    )
    assert late.problem is not None
    assert (late.problem.code, late.problem.possible) == ("state", ())


def test_a_conflict_names_the_vendors_person(programme: Programme) -> None:
    maya = programme.session("Maya Okafor")
    gid, data = programme.deal(maya, "Meridian Rail")
    programme.desk("Jonas Meyer").edit(programme.row(gid), {"pipe_code": "P65"})
    patch = {"base": {"sales_stage": data["sales_stage"]}, "changes": {"sales_stage": "committed"}}
    outcome = programme.push(maya, Kind.PATCH, "deal_registration", gid, **patch)
    assert outcome.status is Status.CONFLICT
    (clash,) = outcome.clashes
    assert clash.theirs == {"sales_stage": "business_validation"}
    assert clash.theirs_by.startswith("Jonas Meyer")
    assert clash.theirs_at is not None


def test_the_crms_own_words_reach_the_field(programme: Programme) -> None:
    maya = programme.session("Maya Okafor")
    gid, data = programme.deal(maya, "Kestrel Foods")
    base = {"contact_email": data.get("contact_email")}
    changes = {"contact_email": "someone@gmail.com"}
    outcome = programme.push(maya, Kind.PATCH, "deal_registration", gid, base=base, changes=changes)
    assert outcome.status is Status.REJECTED
    assert outcome.problem is not None
    assert set(outcome.problem.fields) == {"contact_email"}


def test_a_message_moves_its_request_in_the_same_answer(programme: Programme) -> None:
    maya = programme.session("Maya Okafor")
    waiting = next(
        gid
        for gid, (entity, data) in programme.mirror(maya).items()
        if entity == "request" and data["state"] == "waiting_on_partner"
    )
    said = {"parent": waiting, "body": "Here is the serial number: HS-22871."}
    assert (
        programme.push(maya, Kind.APPEND, "message", programme.new_id(), changes=said).status
        is Status.APPLIED
    )
    assert programme.mirror(maya)[waiting][1]["state"] == "waiting_on_vendor"


def test_a_deal_moved_to_another_partner_is_gone(programme: Programme) -> None:
    maya = programme.session("Maya Okafor")
    gid, _ = programme.deal(maya, "Ledbury Homes")
    other = programme.crm.find("account", acct_name="Nordlicht Systemhaus GmbH")
    assert other is not None
    programme.desk().move(programme.row(gid), other)
    programme.gateway.ingest_step()
    assert gid not in programme.mirror(maya)
    assert gid in programme.mirror(programme.session("Birte Carstens"))


def test_an_edit_in_the_crm_pokes_within_a_quarter_of_a_second(programme: Programme) -> None:
    """From the commit in the CRM to the poke, through hint and ingest thread, as in a running process."""
    heard: queue.SimpleQueue[tuple[frozenset[str], float]] = queue.SimpleQueue()
    worker = Worker(programme.gateway, seconds=60)
    listening = programme.gateway.subscribe(lambda tags, _at: heard.put((tags, time.monotonic())))
    on = threading.Event()
    on.set()

    def committed(refs: tuple[Ref, ...]) -> None:
        if on.is_set():
            programme.gateway.hint(refs)
            worker.wake()

    maya = programme.session("Maya Okafor")
    gid, _ = programme.deal(maya, "Oriel Biotech")
    programme.gateway.backfill()
    programme.crm.on_commit(committed)
    worker.start()
    try:
        row = programme.row(gid)
        programme.desk().edit(row, {"next_action": "warm up"})
        heard.get(timeout=20)
        took = []
        for step in range(5):
            began = time.monotonic()
            programme.desk().edit(row, {"next_action": f"step {step}"})
            tags, at = heard.get(timeout=20)
            took.append(at - began)
            assert programme.gateway.grant(maya).sees(tags)
        assert sorted(took)[2] < 0.25, took
    finally:
        on.clear()
        worker.stop()
        listening()

"""The portal's newer jobs over the gateway and the embedded CRM: what is decided on, filled in, confirmed, derived."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.contract.ids import source_gid
from app.contract.manifest import CommandSpec, EntityType
from app.contract.mutations import Command, Kind, Mutation, Outcome, PushBody, Status
from app.contract.rules import shown_hash
from gateway.core import Gateway
from gateway.crm.embedded.staff_work import WorkDesk
from gateway.crm.port import Ref
from gateway.feed import mirror
from gateway.identity.people import Contact, NewUser
from gateway.identity.session import Session
from tests.gateway.console_world import build_gateway
from tests.gateway.crm_world import World, build_world
from tests.gateway.databases import ON_BOTH
from tests.gateway.quick_passwords import quick_passwords

pytestmark = pytest.mark.databases("sqlite")


class Portal:
    """A gateway over a small CRM, Maya and Tomasz of its first company, and what they do."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self.world, self.gateway = world, gateway
        with quick_passwords():
            self.maya = self._session(world.maya.id, "Maya Okafor", "manager")
            self.tomasz = self._session(world.tomasz.id, "Tomasz Wilk", "rep")
        self._ids = gateway.setup.ids

    def _session(self, contact: str, name: str, role: str) -> Session:
        stands_for = Contact("embedded", Ref("contact", contact))
        mail = f"{name.split(maxsplit=1)[0].lower()}@example.test"
        company = source_gid("embedded", "account", self.world.brightwater.id)
        user = self.gateway.identity.add_user(NewUser(name, mail, role, (company,), "correct", (stands_for,)))
        return self.gateway.identity.session_for(user, f"{name}'s laptop")

    def gid(self, ref: Ref) -> str:
        """The gid of a row born in the CRM, once it was read."""
        return source_gid("embedded", ref.obj, ref.id)

    def made(self, obj: str, **values: Any) -> tuple[Ref, str]:
        """Have staff add a row for the first company, and let it be read."""
        ref = self.world.desk.create(obj, {"account_id": int(self.world.brightwater.id), **values}).ref
        self.gateway.hint([ref])
        self.gateway.backfill()
        return ref, self.gid(ref)

    def data(self, gid: str, session: Session | None = None) -> dict[str, Any] | None:
        """A record as somebody sees it, None when they do not."""
        with self.gateway.ground.grants.reading((session or self.maya).user) as (connection, grant):
            found = mirror.by_gid(connection, gid)
            return dict(found.data) if found and grant.sees(found.tags) else None

    def entity(self, name: str) -> EntityType:
        """An entity type as Maya sees it."""
        found = self.gateway.grant(self.maya).view.entity(name)
        assert found is not None
        return found

    def spec(self, entity: str, name: str) -> CommandSpec:
        """A command of an entity type."""
        lifecycle = self.entity(entity).lifecycle
        assert lifecycle is not None
        return next(command for command in lifecycle.commands if command.name == name)

    def push(self, entity: str, gid: str, kind: Kind, **members: Any) -> Outcome:
        """Push one mutation as Maya."""
        mutation = Mutation(
            mutation_id=self._ids.new_id(),
            entity=entity,
            gid=gid or self._ids.new_id(),
            kind=kind,
            captured_at=self.world.clock.at,
            **members,
        )
        (outcome,) = self.gateway.push(self.maya, PushBody(mutations=(mutation,))).outcomes
        return outcome

    def command(self, entity: str, gid: str, name: str, state: str, **args: Any) -> Outcome:
        """Give a command."""
        given = Command(name=name, expected_state=state, args=args)
        return self.push(entity, gid, Kind.COMMAND, command=given)


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    world = build_world()
    return Portal(world, build_gateway(world, tmp_path))


def told(outcome: Outcome) -> tuple[str, dict[str, str]]:
    """The code and the fields of a refusal."""
    assert outcome.problem is not None, outcome
    return outcome.problem.code, dict(outcome.problem.fields)


# --------------------------------------------------------------------------------------------- what binds a decision


@ON_BOTH
def test_a_decision_counts_for_what_was_shown_and_nothing_else(portal: Portal) -> None:
    ref, gid = portal.made("approval", subject="Quote Q-1", total="900.00", cur="GBP")
    shown = shown_hash(portal.spec("approval", "approve"), portal.data(gid) or {})
    portal.world.desk.edit(ref, {"total": "950.00"})
    stale = portal.command("approval", gid, "approve", "pending", shown=shown)
    assert told(stale)[0] == "shown"
    assert told(portal.command("approval", gid, "approve", "pending"))[0] == "shown"
    newer = shown_hash(portal.spec("approval", "approve"), portal.data(gid) or {})
    assert newer != shown
    outcome = portal.command("approval", gid, "approve", "pending", shown=newer)
    assert outcome.status is Status.APPLIED
    fields = portal.world.crm.read(ref).fields
    assert (fields["status_code"], fields["shown_hash"], fields["decided_by"]) == (
        "YES",
        newer,
        "Maya Okafor",
    )
    data = portal.data(gid) or {}
    assert "shown_hash" not in data
    assert (data["state"], data["decided_by"]) == ("approved", "Maya Okafor")


def test_what_was_superseded_says_so(portal: Portal) -> None:
    ref, gid = portal.made("approval", subject="Quote Q-1", total="900.00", cur="GBP")
    shown = shown_hash(portal.spec("approval", "reject"), portal.data(gid) or {})
    newer = WorkDesk.like(portal.world.desk).supersede_approval(ref, {"total": "950.00"})
    outcome = portal.command("approval", gid, "reject", "pending", shown=shown, reason="Too dear for us.")
    assert told(outcome)[0] == "state"
    assert outcome.problem is not None
    assert "superseded" in outcome.problem.message
    assert (portal.data(gid) or {})["superseded_by"] == portal.gid(newer.ref)


# ---------------------------------------------------------------------------------------------------- what is filled in

PROFILE = {
    "legal_name": "Brightwater IT Ltd",
    "register_no": "07734519",
    "employees": 46,
    "markets": ["mid"],
    "services": "Networks and backup for companies with many sites.",
}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({**PROFILE, "colour": "blue"}, ("unknown_field", {"answers.colour"})),
        ({**PROFILE, "employees": "many"}, ("type", {"answers.employees"})),
        ({"legal_name": "Brightwater IT Ltd"}, None),
    ],
)
def test_answers_are_those_that_were_asked_for(
    portal: Portal, answers: dict[str, Any], expected: tuple[str, set[str]] | None
) -> None:
    ref, gid = portal.made("task", subject="Company profile", form_code="company_profile")
    outcome = portal.push("task", gid, Kind.PATCH, base={}, changes={"answers": answers})
    if expected is None:
        assert outcome.status is Status.APPLIED
        assert (portal.data(gid) or {})["answers"] == answers == portal.world.value(ref, "replies")
    else:
        code, fields = told(outcome)
        assert (code, set(fields)) == expected
        assert portal.world.value(ref, "replies") is None


def test_a_form_is_handed_in_whole_and_after_what_comes_before(portal: Portal) -> None:
    first, before = portal.made("task", subject="Name your contacts")
    ref, gid = portal.made(
        "task", subject="Company profile", form_code="company_profile", after_ids=[int(first.id)]
    )
    assert (portal.data(gid) or {})["depends_on"] == [before]
    code, fields = told(portal.command("task", gid, "submit", "todo"))
    assert code == "invalid"
    assert set(fields) >= {"answers.legal_name", "answers.services"}
    portal.push("task", gid, Kind.PATCH, base={}, changes={"answers": PROFILE})
    early = portal.command("task", gid, "submit", "todo")
    assert told(early) == (
        "crm",
        {"depends_on": "It begins after “Name your contacts”, which is not accepted yet."},
    )
    assert portal.command("task", before, "submit", "todo").status is Status.APPLIED
    WorkDesk.like(portal.world.desk).accept_task(first)
    assert portal.command("task", gid, "submit", "todo").status is Status.APPLIED
    assert portal.world.value(ref, "status_code") == "HAND"


# -------------------------------------------------------------------------- who works with whom, and what follows


@ON_BOTH
def test_a_co_worker_sees_the_deal_and_a_contact_made_here_may_be_one(portal: Portal) -> None:
    deal = portal.world.submitted()
    portal.gateway.hint([deal])
    portal.gateway.backfill()
    known = portal.world.crm.find_created("registration", "deal-1")
    assert known == deal
    gid = portal.gid(deal)
    assert portal.data(gid, portal.tomasz) is None
    company = portal.gid(portal.world.brightwater)
    about = {"company": company, "name": "Ola Berg", "email": "ola@brightwater.example"}
    made = portal.push("contact", "", Kind.CREATE, changes={**about, "purpose": ["billing"]})
    assert made.record is not None, made.problem
    tomasz = source_gid("embedded", "contact", portal.world.tomasz.id)
    both = [tomasz, made.record.gid]
    outcome = portal.push("deal_registration", gid, Kind.PATCH, base={}, changes={"co_workers": both})
    assert outcome.status is Status.APPLIED, outcome.problem
    assert portal.world.value(deal, "co_worker_ids")[0] == portal.world.tomasz.id
    assert (portal.data(gid, portal.tomasz) or {})["co_workers"] == both
    stranger = source_gid("embedded", "contact", portal.world.other.id)
    code, fields = told(
        portal.push(
            "deal_registration",
            gid,
            Kind.PATCH,
            base={"co_workers": both},
            changes={"co_workers": [stranger]},
        )
    )
    assert "co_workers" in fields, code
    gone = portal.push(
        "deal_registration", gid, Kind.PATCH, base={"co_workers": both}, changes={"co_workers": []}
    )
    assert gone.status is Status.APPLIED
    assert portal.data(gid, portal.tomasz) is None


def test_a_lead_that_its_deal_converted_is_not_converted_twice(portal: Portal) -> None:
    ref, gid = portal.made("lead", cust_name="Fennimore Dairy", offer_ends="2026-12-01")
    assert portal.command("lead", gid, "accept", "offered").status is Status.APPLIED
    deal = portal.world.deal(lead_id=ref.id)
    portal.world.move(deal, "NEW", "submit")
    assert portal.world.value(ref, "status_code") == "CONV"
    again = portal.command("lead", gid, "convert", "accepted")
    assert (again.status, (portal.data(gid) or {})["state"]) == (Status.APPLIED, "converted")
    late = portal.command("lead", gid, "lose", "accepted")
    assert told(late)[0] == "state"


def test_who_confirms_twice_is_told_that_it_is_done(portal: Portal) -> None:
    about = {"doc_code": "HS-1", "doc_title": "Terms", "file_name": "terms.pdf", "ver_label": "7"}
    document = portal.world.desk.publish({**about, "confirm_by": "2026-12-01"}, b"%PDF-1.4")
    portal.gateway.hint([document])
    portal.gateway.backfill()
    gid = portal.gid(document)
    data = portal.data(gid) or {}
    assert (data["audience"], data["acknowledge_by"]) == ("Every partner", "2026-12-01")
    changes = {"parent": gid, "sha256": data["sha256"], "version": "7"}
    first = portal.push("acknowledgement", "", Kind.APPEND, changes=changes)
    assert first.record is not None
    assert first.record.data["by_name"] == "Maya Okafor"
    again = portal.push("acknowledgement", "", Kind.APPEND, changes=changes)
    assert (again.status, again.record) == (Status.APPLIED, None)
    assert len(portal.world.crm.children("acknowledgement", document)) == 1
    wrong = portal.push("acknowledgement", "", Kind.APPEND, changes={**changes, "sha256": "0" * 64})
    assert "sha256" in told(wrong)[1]


def test_a_change_of_details_is_asked_for_and_withdrawn(portal: Portal) -> None:
    changes = {
        "company": portal.gid(portal.world.brightwater),
        "what": "legal_name",
        "wanted": "Brightwater Group",
    }
    made = portal.push("change_request", "", Kind.CREATE, changes=changes)
    assert made.record is not None, made.problem
    assert (made.record.data["state"], made.record.data["asked_by"]) == ("asked", "Maya Okafor")
    gone = portal.command("change_request", made.record.gid, "withdraw", "asked")
    assert gone.status is Status.APPLIED


def test_a_company_keeps_its_own_address(portal: Portal) -> None:
    gid = portal.gid(portal.world.brightwater)
    outcome = portal.push(
        "company", gid, Kind.PATCH, base={}, changes={"street": "14 Granary Wharf", "postcode": "LS1 4BR"}
    )
    assert outcome.status is Status.APPLIED
    assert portal.world.value(portal.world.brightwater, "addr_zip") == "LS1 4BR"
    wrong = portal.push("company", gid, Kind.PATCH, base={}, changes={"name": "Other"})
    assert told(wrong)[0] == "read_only"


def test_a_renewal_as_quoted_says_so_in_the_crm(portal: Portal) -> None:
    ref, gid = portal.made(
        "contract",
        cust_name="N",
        product_label="Vault",
        qty=1,
        term_end="2027-01-01",
        cur="GBP",
        status_code="QUO",
    )
    assert portal.command("renewal", gid, "renew_as_quoted", "quoted").status is Status.APPLIED
    assert portal.world.value(ref, "intent_code") == "RENEW"

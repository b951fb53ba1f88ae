"""The console's pages over the gateway itself: users, devices, connectors, dead letters, ledger, audit log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from app.contract.colleagues import Wiped
from app.contract.ids import source_gid
from app.contract.mutations import Kind, Mutation, PushBody
from gateway.console.office import AuditLine
from gateway.crm.embedded.models import Registration
from gateway.crm.port import CrmUnavailable, Ref
from gateway.identity.people import Contact, NewUser
from gateway.identity.session import Session
from gateway.ingest.sources import mark_stale
from gateway.limits import Limits
from gateway.problems import Problem
from gateway.tables import mirror, wipe
from tests.gateway.console_world import Chronicle, Console, Vendor, build_vendor, visiting
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH

pytestmark = AT_THE_SURFACE

LIMITS = Limits(brake_floor=2, brake_share=0.01)


def line(seq: int, day: int, actor: str, event: str, **more: str) -> AuditLine:
    """An entry of the audit log."""
    at = datetime(2026, 11, day, 9, tzinfo=UTC)
    return AuditLine(seq, at, event, actor, "BW-MO14", ("Brightwater IT Ltd",), more.get("subject", ""), more)


@pytest.fixture
def chronicle() -> Chronicle:
    return Chronicle(
        line(1, 20, "Maya Okafor", "mutation", entity="deal_registration"),
        line(2, 21, "ingrid", "console", subject="registration approve 12"),
        line(3, 22, "Maya Okafor", "signed_in"),
    )


@pytest.fixture
def vendor(tmp_path: Path, chronicle: Chronicle) -> Vendor:
    return build_vendor(tmp_path, LIMITS, audit=chronicle)


@pytest.fixture
def ingrid(vendor: Vendor) -> Iterator[Console]:
    with visiting(vendor) as console:
        assert console.sign_in().status_code == 303
        yield console


@pytest.fixture
def maya(vendor: Vendor) -> Session:
    """A user who stands for Maya in the CRM, signed in."""
    world = vendor.world
    company = source_gid(world.crm.system, "account", world.brightwater.id)
    contact = Contact(world.crm.system, Ref("contact", world.maya.id))
    new = NewUser("Maya Okafor", "maya@brightwater.example", "manager", (company,), "x" * 12, (contact,))
    identity = vendor.gateway.identity
    return identity.session_for(identity.add_user(new), "BW-MO14", "device-1")


def words(answer: object) -> str:
    """What stands on a page, without its tags being told apart."""
    return unescape(str(getattr(answer, "text", "")))


def told(ingrid: Console, answer: object) -> str:
    """Follow a form's answer to the page it leads to."""
    return words(ingrid.client.get(getattr(answer, "headers", {})["location"]))


# ----------------------------------------------------------------------------------------------------------- users


@ON_BOTH
def test_users_are_listed_and_found(ingrid: Console, vendor: Vendor, maya: Session) -> None:
    page = words(ingrid.client.get("/console/users"))
    assert "maya@brightwater.example" in page
    assert "Sales manager" in page
    assert "Maya Okafor" not in words(ingrid.client.get("/console/users?q=tomasz"))
    assert "Maya Okafor" in words(ingrid.client.get("/console/users?q=MAYA"))
    calder = source_gid("embedded", "account", vendor.world.calder.id)
    assert "Maya Okafor" not in words(ingrid.client.get(f"/console/users?company={calder}"))
    assert "Maya Okafor" not in words(ingrid.client.get("/console/users?state=closed"))
    assert "Nobody fits this." in words(ingrid.client.get("/console/users?q=%25"))
    assert ingrid.client.get("/console/users/nobody").status_code == 404


def test_an_invited_user_stands_for_a_contact_nobody_else_does(
    ingrid: Console, vendor: Vendor, maya: Session
) -> None:
    page = words(ingrid.client.get("/console/users"))
    assert "Tomasz Wilk, Brightwater IT Ltd" in page
    assert "Maya Okafor, Brightwater IT Ltd" not in page, "somebody signs in for her already"
    company = source_gid("embedded", "account", vendor.world.brightwater.id)
    form = {"name": "Tomasz Wilk", "email": "Tomasz@Brightwater.example", "role": "rep", "companies": company}
    answer = ingrid.post("/console/users/invite", {**form, "contact": vendor.world.tomasz.id})
    assert answer.status_code == 200
    assert 'value="http://127.0.0.1/oauth/invitation/' in answer.text
    assert "Invited" in words(ingrid.client.get("/console/users"))
    user = vendor.gateway.identity.people.find("tomasz@brightwater.example")
    assert user is not None
    assert user.id == source_gid("embedded", "contact", vendor.world.tomasz.id)
    assert (user.role, user.companies) == ("rep", (company,))
    again = ingrid.post("/console/users/invite", form)
    assert again.status_code == 409
    assert "There is an account for tomasz@brightwater.example" in words(again)
    taken = ingrid.post("/console/users/invite", {**form, "contact": vendor.world.maya.id})
    assert taken.status_code == 422


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Give a name."),
        ({"email": "nobody"}, "Give an address."),
        ({"role": "emperor"}, "There is no role emperor."),
    ],
)
def test_what_is_wrong_with_an_invitation_is_told(
    ingrid: Console, vendor: Vendor, changes: dict[str, str], said: str
) -> None:
    ingrid.client.get("/console/users")
    form = {"name": "Nora", "email": "nora@example.test", "role": "rep"}
    answer = ingrid.post("/console/users/invite", {**form, **changes})
    assert answer.status_code == 422
    assert said in words(answer)
    assert vendor.gateway.identity.people.everybody() == []


def test_a_user_is_shown_with_whom_they_stand_for(ingrid: Console, vendor: Vendor, maya: Session) -> None:
    page = words(ingrid.client.get(f"/console/users/{maya.user}"))
    assert f'pk={vendor.world.maya.id}">Maya Okafor</a>' in page


def test_role_and_companies_change(ingrid: Console, vendor: Vendor, maya: Session) -> None:
    path = f"/console/users/{maya.user}"
    ingrid.client.get(path)
    assert "The role was changed." in told(ingrid, ingrid.post(f"{path}/role", {"role": "finance"}))
    assert "There is no role emperor." in told(ingrid, ingrid.post(f"{path}/role", {"role": "emperor"}))
    calder = source_gid("embedded", "account", vendor.world.calder.id)
    assert ingrid.post(f"{path}/companies", {"companies": calder}).status_code == 303
    assert ingrid.post(f"{path}/companies", {"companies": "made-up"}).status_code == 404
    user = vendor.gateway.identity.people.get(maya.user)
    assert user is not None
    assert (user.role, user.companies) == ("finance", (calder,))
    assert ingrid.post("/console/users/nobody/role", {"role": "rep"}).status_code == 404


def test_closing_needs_to_be_confirmed_and_ends_sessions(
    ingrid: Console, vendor: Vendor, maya: Session
) -> None:
    path = f"/console/users/{maya.user}"
    ingrid.client.get(path)
    assert "This has to be confirmed." in told(ingrid, ingrid.post(f"{path}/close", {}))
    vendor.gateway.identity.sessions.check(maya)
    page = told(ingrid, ingrid.post(f"{path}/close", {"sure": "yes"}))
    assert "1 session ended." in page
    with pytest.raises(Problem):
        vendor.gateway.identity.sessions.check(maya)
    assert "The account is open again." in told(ingrid, ingrid.post(f"{path}/reopen", {}))


# --------------------------------------------------------------------------------------------------------- devices


def test_a_device_is_listed_and_signed_out(ingrid: Console, vendor: Vendor, maya: Session) -> None:
    page = words(ingrid.client.get("/console/devices"))
    assert "BW-MO14" in page
    assert "Signed in" in page
    form = {"user": maya.user, "device": maya.device}
    assert "1 session ended." in told(ingrid, ingrid.post("/console/devices/sign-out", form))
    assert "Signed out by us" in words(ingrid.client.get(f"/console/users/{maya.user}"))
    with pytest.raises(Problem):
        vendor.gateway.identity.sessions.check(maya)
    other = {"user": maya.user, "device": "another"}
    assert ingrid.post("/console/devices/sign-out", other).status_code == 404


def test_a_device_is_wiped_and_its_receipt_shown(ingrid: Console, vendor: Vendor, maya: Session) -> None:
    form = {"user": maya.user, "device": maya.device}
    page = words(ingrid.client.get("/console/devices"))
    assert "not sent yet is destroyed with it" in page, "who orders a wipe is told what it costs"
    assert "This has to be confirmed." in told(ingrid, ingrid.post("/console/devices/wipe", form))
    vendor.gateway.identity.sessions.check(maya)
    page = told(ingrid, ingrid.post("/console/devices/wipe", {**form, "sure": "yes", "from": "user"}))
    assert "To be wiped" in page
    assert "Revoke and wipe" not in page, "once is enough"
    with vendor.gateway.ground.database.read() as connection:
        order = connection.execute(select(wipe.c.order)).scalar_one()
    receipt = Wiped(order=order, wiped_at=vendor.world.clock(), kept_aside=2)
    vendor.gateway.identity.wiped(receipt)
    page = words(ingrid.client.get(f"/console/users/{maya.user}"))
    assert "Wiped" in page
    assert "2 unsent kept aside" in page
    vendor.world.clock.turn(hours=1)
    vendor.gateway.identity.session_for(maya.user, "BW-MO14", maya.device)
    page = words(ingrid.client.get("/console/devices"))
    assert "Wiped" not in page, "signed in anew it is like any other"
    missing = {**form, "device": "another", "sure": "yes"}
    assert ingrid.post("/console/devices/wipe", missing).status_code == 404


def test_closing_an_account_may_wipe_its_devices(ingrid: Console, vendor: Vendor, maya: Session) -> None:
    path = f"/console/users/{maya.user}"
    ingrid.client.get(path)
    assert "To be wiped" in told(ingrid, ingrid.post(f"{path}/close", {"sure": "yes", "wipe": "on"}))


# ------------------------------------------------------------------------------------------------------ connectors


def test_a_connector_that_is_down_says_so_and_is_tried(
    ingrid: Console, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = next(iter(vendor.gateway.systems))
    assert "Answers" in words(ingrid.client.get("/console/connectors"))
    with vendor.gateway.ground.database.write() as connection:
        mark_stale(connection, system, "Halden's CRM cannot be reached.")
    page = words(ingrid.client.get("/console/connectors"))
    assert "Not readable" in page
    assert "Halden's CRM cannot be reached." in page
    woken: list[bool] = []
    vendor.gateway.on_hint(lambda: woken.append(True))
    ingrid.post("/console/connectors/retry", {"system": "embedded"})
    assert woken == [True]

    def down(*_: object) -> None:
        raise CrmUnavailable("no route")

    monkeypatch.setattr(vendor.world.crm, "changed_since", down)
    page = told(ingrid, ingrid.post("/console/connectors/retry", {"system": "embedded"}))
    assert "does not answer: no route" in page
    assert ingrid.post("/console/connectors/retry", {"system": "other"}).status_code == 404


def test_the_lane_of_writes_is_shown_once(ingrid: Console, vendor: Vendor) -> None:
    page = words(ingrid.client.get("/console/connectors"))
    assert page.count("Read back") == 1
    assert "takes over what a write left at the system" in page
    assert "none yet" in page


def held(vendor: Vendor) -> list[Ref]:
    """Three registrations that vanish at once: more than the brake lets go."""
    refs = [vendor.world.submitted(f"deal-{number}") for number in range(3)]
    vendor.gateway.backfill()
    with vendor.world.crm.writing() as unit:
        for ref in refs:
            gone = update(Registration).where(Registration.id == int(ref.id)).values(archived=True)
            unit.connection.execute(gone)
    vendor.gateway.ingest.sweep(next(iter(vendor.gateway.systems)), "registration", confirmed=False)
    return refs


def live(vendor: Vendor) -> int:
    """How many registrations the gateway shows."""
    with vendor.gateway.ground.database.read() as connection:
        query = select(func.count()).where(mirror.c.object == "registration", mirror.c.status == "live")
        return int(connection.execute(query).scalar_one())


def test_a_held_sweep_goes_on_only_for_the_number_that_was_shown(ingrid: Console, vendor: Vendor) -> None:
    held(vendor)
    assert "3 of 3 records" in words(ingrid.client.get("/console/connectors"))
    assert "Sweeps held" in words(ingrid.client.get("/console/"))
    form = {"system": "embedded", "object": "registration"}
    for typed, missing, said in (
        ("", "3", "Type how many records"),
        ("2", "3", "Type how many records"),
        ("2", "2", "3 records are missing by now, not 2."),
    ):
        answer = ingrid.post("/console/connectors/release", {**form, "typed": typed, "missing": missing})
        assert said in told(ingrid, answer)
        assert live(vendor) == 3
    answer = ingrid.post("/console/connectors/release", {**form, "typed": "3", "missing": "3"})
    assert "The sweep went on: 3 records changed." in told(ingrid, answer)
    assert live(vendor) == 0
    answer = ingrid.post("/console/connectors/release", {**form, "typed": "3", "missing": "3"})
    assert "waits for anybody any more" in told(ingrid, answer)


# ---------------------------------------------------------------------------------------------------- dead letters


def test_a_dead_letter_is_shown_with_its_reason_and_read_again(ingrid: Console, vendor: Vendor) -> None:
    assert "every row was understood" in words(ingrid.client.get("/console/dead-letters"))
    ref = vendor.world.submitted()
    vendor.gateway.backfill()

    def write(value: str) -> None:
        with vendor.world.crm.writing() as unit:
            changed = update(Registration).where(Registration.id == int(ref.id)).values(est_value=value)
            unit.connection.execute(changed)

    write("a lot")
    vendor.gateway.ground.absorber.absorb(next(iter(vendor.gateway.systems)), [ref])
    page = words(ingrid.client.get("/console/dead-letters"))
    assert f"registration {ref.id}" in page
    assert "est_value holds 'a lot': not an amount" in page, "the reason is for people"
    form = {"system": "embedded", "object": "registration", "id": ref.id}
    assert "still cannot be understood" in told(ingrid, ingrid.post("/console/dead-letters/retry", form))
    write("184250.00")
    assert "stands aside no longer" in told(ingrid, ingrid.post("/console/dead-letters/retry", form))
    assert ingrid.post("/console/dead-letters/retry", form).status_code == 404


# ---------------------------------------------------------------------------------------------------------- ledger


def test_an_open_mutation_is_shown_and_tried(
    ingrid: Console, vendor: Vendor, maya: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Nothing is open" in words(ingrid.client.get("/console/ledger"))
    deal = vendor.world.protected()
    vendor.gateway.backfill()
    gid = source_gid("embedded", "registration", deal.id)
    mutation = Mutation(
        mutation_id="0" * 36,
        entity="deal_registration",
        gid=gid,
        kind=Kind.PATCH,
        captured_at=vendor.world.clock(),
        base={"next_steps": None},
        changes={"next_steps": "Call them."},
    )

    def down(*_: object, **__: object) -> None:
        raise CrmUnavailable("no route", 600)

    with monkeypatch.context() as patched:
        for name in ("update", "write_many", "fetch"):
            patched.setattr(vendor.world.crm, name, down)
        vendor.gateway.push(maya, PushBody(mutations=(mutation,)))
        page = words(ingrid.client.get("/console/ledger"))
    assert "1 open" in page
    assert "Maya Okafor" in page
    assert "Change" in page, "what she wants, in words"
    assert vendor.world.value(deal, "reg_no") in page
    assert vendor.office.machinery.open_count() == 1
    answer = ingrid.post("/console/ledger/retry", {})
    assert "Tried now: 1 done, 0 still open." in told(ingrid, answer)
    assert vendor.world.value(deal, "next_action") == "Call them."


# ------------------------------------------------------------------------------------------------------- audit log


def test_the_audit_log_is_filtered_and_paged(ingrid: Console) -> None:
    page = words(ingrid.client.get("/console/audit"))
    assert page.index("signed_in") < page.index("registration approve 12") < page.index("deal_registration")
    assert "registration approve 12" not in words(ingrid.client.get("/console/audit?actor=maya"))
    page = words(ingrid.client.get("/console/audit?event=console"))
    assert "registration approve 12" in page
    assert "BW-MO14" in page
    page = words(ingrid.client.get("/console/audit?since=2026-11-21&until=2026-11-21"))
    assert "registration approve 12" in page
    assert "deal_registration" not in page
    assert "No entry fits this." in words(ingrid.client.get("/console/audit?actor=nobody"))
    assert "No entry fits this." in words(ingrid.client.get("/console/audit?before=1"))
    assert ingrid.client.get("/console/audit?since=never&before=x").status_code == 200


def test_verifying_shows_what_was_found(ingrid: Console, chronicle: Chronicle) -> None:
    ingrid.client.get("/console/audit")
    assert "3 entries, chain whole." in words(ingrid.post("/console/audit/verify", {}))
    chronicle.whole = False
    page = words(ingrid.post("/console/audit/verify", {}))
    assert "Broken at entry 2." in page
    assert "alert-danger" in page


def test_without_an_audit_log_there_is_no_page_of_it(tmp_path: Path) -> None:
    with visiting(build_vendor(tmp_path, audit=None)) as console:
        console.sign_in()
        assert "/console/audit" not in console.client.get("/console/").text
        assert console.client.get("/console/audit").status_code == 403

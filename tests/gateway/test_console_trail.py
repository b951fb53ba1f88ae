"""The real audit log in the console: what staff do is written there, shown by name, and verified."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from app.contract.ids import source_gid
from gateway.console.auth import TooManyAttempts
from gateway.console.office import AuditWanted, StaffDeed
from gateway.console.trail import GatewayTrail
from gateway.crm.embedded.codes import StaffRole
from gateway.identity.people import NewUser
from tests.gateway.console_world import PASSWORD, Console, Vendor, build_vendor, staff_auth, visiting


@pytest.fixture
def vendor(tmp_path: Path) -> Vendor:
    return build_vendor(tmp_path)


@pytest.fixture
def trail(vendor: Vendor) -> GatewayTrail:
    return GatewayTrail(vendor.gateway)


@pytest.fixture
def ingrid(vendor: Vendor) -> Iterator[Console]:
    with visiting(vendor) as console:
        assert console.sign_in().status_code == 303
        yield console


def seen(trail: GatewayTrail, **wanted: object) -> list[str]:
    return [line.event for line in trail.page(AuditWanted(**wanted), 50)]  # type: ignore[arg-type]


def test_a_deed_and_a_refusal_stand_in_the_log(ingrid: Console, vendor: Vendor, trail: GatewayTrail) -> None:
    deal = vendor.world.submitted()
    ingrid.act("registration", deal.id, "approve")
    vendor.staff("tom", StaffRole.OPERATIONS)
    ingrid.client.cookies.clear()
    ingrid.sign_in("tom")
    ingrid.act("registration", deal.id, "approve")
    refused, came_in, done = trail.page(AuditWanted(), 50)[:3]
    assert (came_in.event, came_in.actor) == ("console_signed_in", "tom")
    assert (refused.event, refused.actor) == ("console_refused", "tom")
    assert (done.event, done.actor, done.subject) == ("console_deed", "ingrid", f"registration {deal.id}")
    assert done.facts["deed"] == "approve"
    page = unescape(ingrid.client.get("/console/audit?actor=ingrid").text)
    assert f"registration {deal.id}" in page
    assert "console deed</td>" in page
    assert "console refused</td>" not in page
    verified = ingrid.post("/console/audit/verify", {})
    assert "chain whole" in unescape(verified.text)


def test_entries_are_found_by_who_company_event_and_time(vendor: Vendor, trail: GatewayTrail) -> None:
    company = source_gid("embedded", "account", vendor.world.brightwater.id)
    user = vendor.gateway.identity.add_user(NewUser("Maya Okafor", "maya@example.test", "rep", (company,)))
    session = vendor.gateway.identity.session_for(user, "BW-MO14", "device-1")
    with vendor.gateway.ground.database.write() as connection:
        vendor.gateway.audit.note(
            connection,
            "tested",
            user=session.user,
            device=session.device,
            companies=[company],
            entity="account",
            subject=user,
        )
    trail.note(StaffDeed("ingrid", "users", "invite", "x", refused=False))
    (line,) = trail.page(AuditWanted(event="tested"), 5)
    assert line.subject == "account Maya Okafor", "whom it is about is told by name"
    assert (line.actor, line.device, line.companies) == ("Maya Okafor", "BW-MO14", ("Brightwater IT Ltd",))
    assert "tested" in seen(trail, actor="okafor")
    assert "tested" in seen(trail, company=company)
    assert seen(trail, actor="ingrid") == ["console_deed"]
    assert seen(trail, actor="%") == []
    assert "tested" not in seen(trail, before=line.seq)
    vendor.world.clock.turn(hours=1)
    assert seen(trail, since=vendor.world.clock()) == []
    assert "tested" in seen(trail, until=vendor.world.clock())
    assert {"tested", "console_deed"} <= set(trail.events())
    assert trail.verify().whole


def test_wrong_passwords_are_told_and_counted_for_all_processes_together(
    vendor: Vendor, trail: GatewayTrail
) -> None:
    here, there = vendor.auth, staff_auth(vendor.world, vendor.gateway)
    for number in range(5):
        assert (here, there)[number % 2].sign_in("ingrid", "hunter2") is None
    for auth in (here, there):
        with pytest.raises(TooManyAttempts):
            auth.sign_in("ingrid", PASSWORD)
    assert seen(trail) == ["console_sign_in_failed"] * 5
    assert "hunter2" not in str([line.facts for line in trail.page(AuditWanted(), 9)])
    vendor.world.clock.turn(minutes=6)
    assert there.sign_in("ingrid", PASSWORD) is not None
    assert seen(trail)[0] == "console_signed_in"

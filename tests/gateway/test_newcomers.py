"""Somebody new is made known in the CRM, which writes only for people it knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from app.contract.colleagues import NewColleague
from app.contract.ids import source_gid
from gateway.clock import SystemClock
from gateway.crm.budget import Budget
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.metered import metered
from gateway.crm.port import CrmUnavailable, KeepsPeople, Rate, Ref, WritesMany
from gateway.identity.people import Contact, NewUser
from gateway.problems import Problem
from gateway.service import Service
from gateway.settings import Settings
from gateway.tables import account_contact
from tests.gateway.crm_world import World as CrmWorld
from tests.gateway.crm_world import build_world
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH, lender

pytestmark = AT_THE_SURFACE


class Office:
    """A gateway beside the small CRM, and an administrator of its first company."""

    def __init__(self, service: Service, crm: CrmWorld) -> None:
        self.service, self.crm = service, crm
        self.identity = service.gateway.identity
        self.company = source_gid("embedded", "account", crm.brightwater.id)
        admin = self.identity.add_user(
            NewUser("Ada Admin", "ada@brightwater.example", "admin", (self.company,))
        )
        self.admin = self.identity.session_for(admin, "a laptop")

    def invite(self, email: str, role: str = "rep") -> str:
        """Invite a colleague; returns their id."""
        new = NewColleague(name="Sam Lee", email=email, role=role)
        return self.identity.invite_colleague(self.admin, new, "https://x.example").colleague.id

    def contact(self, user: str) -> Ref | None:
        """Whom a user stands for."""
        with self.service.gateway.ground.database.read() as connection:
            row = connection.execute(select(account_contact).where(account_contact.c.user_id == user)).first()
        return Ref(row.object, row.source_id) if row else None

    def contacts(self) -> int:
        """How many contacts the CRM has."""
        return len(self.service.crm.sweep("contact", None, 1000))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    address = lender.crm_address(tmp_path)
    crm = build_world(address)
    settings = Settings(folder=tmp_path, database=SecretStr(lender.service_address()), crm_url=address)
    service = Service.open(settings, SystemClock())
    service.gateway.backfill()
    yield Office(service, crm)
    service.close()


@ON_BOTH
def test_a_colleague_gets_a_contact_of_the_company_and_is_who_it_is(office: Office) -> None:
    before = office.contacts()
    user = office.invite("Sam@Brightwater.example")
    contact = office.contact(user)
    assert contact is not None
    assert user == Contact("embedded", contact).user, "what they own in the CRM is theirs in the portal"
    fields = office.service.crm.read(contact).fields
    assert (fields["full_name"], fields["mail"]) == ("Sam Lee", "sam@brightwater.example")
    assert str(fields["account_id"]) == office.crm.brightwater.id
    assert office.contacts() == before + 1


def test_the_contact_that_is_there_is_taken_unless_somebody_signs_in_for_it(office: Office) -> None:
    crm = office.service.crm
    known = crm.person(office.crm.brightwater, "Sam Lee", "sam@brightwater.example", ())
    elsewhere = crm.person(office.crm.calder, "Sam Lee", "sam@brightwater.example", ())
    assert known != elsewhere
    first = office.invite("sam@brightwater.example")
    assert office.contact(first) == known
    office.identity.remove_colleague(office.admin, first)
    second = office.invite("sam@brightwater.example")
    assert second != first, "whoever comes then is a new user"
    assert office.contact(second) not in (None, known, elsewhere)


def test_whoever_is_refused_leaves_no_contact_behind(office: Office) -> None:
    before = office.contacts()
    for email, role, status in (
        ("ada@brightwater.example", "rep", 409),
        ("sam@brightwater.example", "approver", 422),
    ):
        with pytest.raises(Problem) as caught:
            office.invite(email, role)
        assert caught.value.status == status
    rep = office.identity.session_for(office.invite("rep@brightwater.example"), "a laptop")
    new = NewColleague(name="Sam Lee", email="sam@brightwater.example", role="rep")
    with pytest.raises(Problem) as caught:
        office.identity.invite_colleague(rep, new, "https://x.example")
    assert caught.value.status == 403
    assert office.contacts() == before + 1


def test_who_is_invited_by_the_vendor_is_known_too_and_the_vendors_own_are_not_made_partners(
    office: Office,
) -> None:
    link = office.identity.invite(NewUser("Sam Lee", "sam@brightwater.example", "rep", (office.company,)))
    assert office.contact(link.user) is not None
    link = office.identity.invite(NewUser("Ina", "ina@halden.example", "field_rep", (office.company,)))
    assert office.contact(link.user) is None


def test_while_the_crm_is_down_nobody_is_added(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> Ref:
        raise CrmUnavailable("down", 3.0)

    monkeypatch.setattr(EmbeddedCrm, "person", down)
    with pytest.raises(Problem) as caught:
        office.invite("sam@brightwater.example")
    assert (caught.value.status, caught.value.retry_after) == (503, 3.0)
    assert office.identity.people.find("sam@brightwater.example") is None


def test_a_meter_before_a_port_changes_nothing_of_what_it_offers(office: Office) -> None:
    crm, ground = office.service.crm, office.service.gateway.ground
    budget = Budget(ground.database, ground.clock, "embedded", "CRM", Rate(100, 1.0))
    counted = metered(crm, budget)
    assert isinstance(counted, KeepsPeople)
    assert isinstance(counted, WritesMany) is isinstance(crm, WritesMany)
    assert counted.person(office.crm.brightwater, "Sam Lee", "sam@brightwater.example", ()).obj == "contact"

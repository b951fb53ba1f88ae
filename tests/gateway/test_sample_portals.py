"""The other portals' samples: everything in them is shared, and the first to sign in finds something of each kind."""

from __future__ import annotations

import json
import random
from datetime import date
from pathlib import Path

import pytest

from gateway.assembly import in_memory
from gateway.connecting import shipped_mapping
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.port import Ref
from gateway.demonstration import with_sample
from gateway.limits import Limits
from gateway.mapping import SystemMapping
from gateway.portals import PORTALS, load_portal, shipped
from gateway.sample.portal import build_portal
from gateway.service import Service
from gateway.settings import Settings
from gateway.systems import System
from tests.gateway.quick_passwords import quick_passwords
from tests.gateway.world import FixedClock, SeededIds

pytestmark = pytest.mark.databases("sqlite")

#: What a portal has only once somebody adds it: files, and confirmations of reading.
_ADDED = frozenset({"file", "acknowledgement"})


@pytest.mark.parametrize("name", PORTALS[1:])
def test_a_sample_fills_its_portal(name: str) -> None:
    clock, rng = FixedClock(), random.Random(7)
    manifest = load_portal(shipped(name))
    crm = EmbeddedCrm.open("sqlite://", clock.now, manifest.brand.vendor)
    systems = [System(crm, SystemMapping.load(shipped_mapping("embedded")))]
    gateway = in_memory(manifest, systems, clock, SeededIds(clock, rng), rng.randbytes, Limits())
    with quick_passwords():
        accounts = build_portal(name, crm, gateway.identity, clock.now().date())
    assert gateway.backfill() > 20
    assert gateway.manifest_served.entities == manifest.entities
    user = accounts.users[0]
    session = gateway.identity.session_for(user.user, "laptop")
    page = gateway.reading.snapshot(session, None, 2_000).body
    seen = {row[1] for row in json.loads(page)["puts"]}
    assert seen == {entity.name for entity in manifest.entities} - _ADDED
    names = [row["acct_name"] for row in (one.fields for one in crm.fetch([Ref("account", "2")]))]
    assert not any(one.encode() in page for one in names), "another company's records are seen"
    assert {person.role for person in accounts.users} <= {role.name for role in manifest.roles}
    assert accounts.staff[0].role == "ADM"
    with pytest.raises(ValueError, match="needs an empty CRM"):
        build_portal(name, crm, gateway.identity, date(2026, 11, 24))


def test_a_portal_of_ones_own_has_the_sample_of_the_one_it_extends(tmp_path: Path) -> None:
    manifest = tmp_path / "own.toml"
    keep = 'keep = { entities = ["company", "request", "message", "project"], roles = ["admin"] }'
    manifest.write_text(f'extends = "client"\nname = "own"\n{keep}', "utf-8")
    service = Service.open(Settings(folder=tmp_path / "data", manifest=manifest))
    try:
        with quick_passwords():
            told = with_sample(service, 1)
        assert (told["portal"], told["user"]) == ("own", "elsa@lindqvistbakeries.example")
        assert {user["role"] for user in told["users"]} == {"admin"}, "the others have no role here"
        assert service.crm.sweep("project", None, 1)
    finally:
        service.close()


def test_a_sample_that_nobody_could_sign_in_to_is_refused(tmp_path: Path) -> None:
    manifest = tmp_path / "own.toml"
    keep = 'keep = { entities = ["company"], roles = ["account_lead"] }'
    manifest.write_text(f'extends = "client"\nname = "own"\n{keep}', "utf-8")
    service = Service.open(Settings(folder=tmp_path / "data", manifest=manifest))
    try:
        with quick_passwords(), pytest.raises(ValueError, match=r"none of its roles\. They are: admin"):
            with_sample(service, 1)
    finally:
        service.close()

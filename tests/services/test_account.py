"""The user's own companies: what may be edited, what has to be asked for, and what holds how long."""

from __future__ import annotations

from pathlib import Path

from tests.services.conftest import COMPANY, World, open_world


def company(world: World, **changes: object) -> None:
    world.put_at(
        COMPANY, "company",
        **{"name": "Brightwater IT Ltd", "tier": "gold", "street": "1 Quay", "postcode": "LS1", "city": "Leeds",
           "country": "GB", "phone": "+44 113 496 0000", "looked_after_by": "Ingrid Solheim", **changes},
    )  # fmt: skip


def test_details_say_what_one_may_edit_and_what_is_asked_for(world: World) -> None:
    company(world)
    account = world.portal.account.read()
    facts = {fact.label: fact for fact in account.facts}
    assert facts["Address"].value == "1 Quay, LS1, Leeds"
    assert (facts["Address"].own, facts["Phone"].own, facts["Website"].own) == (True, True, True)
    assert (facts["Legal name"].asks, facts["Tier"].asks, facts["Country"].asks) == ("legal_name", "tier", "")
    assert account.keeper == "Ingrid Solheim"
    assert "Ingrid Solheim" not in {fact.value for fact in account.facts}


def test_asking_for_a_change_begins_with_what_it_is_now(world: World) -> None:
    company(world)
    gid, new = world.portal.account.ask_for(COMPANY, "tier")
    draft = world.portal.drafts.load(gid)
    assert new
    assert dict(draft.data) == {"company": COMPANY, "what": "tier", "present": "Gold"}
    assert world.portal.account.ask_for(COMPANY, "tier") == (gid, False)
    assert world.portal.account.ask_for(COMPANY, "name")[0] != gid


def test_credentials_say_how_long_they_hold(world: World) -> None:
    ends = (("a", "2027-11-30"), ("b", "2026-12-01"), ("c", "2026-11-01"), ("d", ""))
    for name, until in ends:
        held = {"credential": name, "level": "Gold", "valid_from": "2025-03-01", "valid_until": until}
        world.put("membership", name, company=COMPANY, state="active", **held)
    told = {one.title: one.detail for one in world.portal.account.read().credentials}
    assert told == {
        "a": "Valid until 30 Nov 2027 · Gold",
        "b": "Valid until 1 Dec 2026 · Gold",
        "c": "Was valid until 1 Nov 2026 · Gold",
        "d": "Valid without an end · since 1 Mar 2025 · Gold",
    }


def test_a_role_that_only_reads_may_edit_add_and_ask_nothing(tmp_path: Path) -> None:
    world = open_world(tmp_path / "reader.db", role="read_only")
    company(world)
    account = world.portal.account.read()
    assert (account.editable, account.may_ask, account.may_add_contacts) == (False, False, False)
    assert all(not fact.own and not fact.asks for fact in account.facts)
    world.store.close()


def test_a_portal_that_tells_nothing_of_companies_still_has_a_name(world: World) -> None:
    account = world.portal.account.read()
    assert (account.name, account.record, list(account.facts)) == ("Brightwater IT Ltd", None, [])

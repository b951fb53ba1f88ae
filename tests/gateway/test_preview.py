"""What a partner would see, told before anything is kept."""

from __future__ import annotations

import pytest

from gateway.preview import previewed
from gateway.systems import System
from tests.gateway.world import World, partner_manifest

pytestmark = pytest.mark.databases("sqlite")


def test_a_preview_shows_what_the_partner_would_see_and_writes_nothing(world: World) -> None:
    for n in range(7):
        world.deal(cust=f"Customer {n}")
    theirs = world.deal(world.south, cust="Harrier")
    ticket = world.port.add("ticket", account_id=world.north.id, head="Where is it?", stage="O")
    world.port.add("note", on_id=ticket.id, on_kind="T", text="Slow payer", internal=True)
    world.deal(cents="a lot")
    writes = world.port.writes
    system = System(world.port, world.mapping)
    with previewed((system,), partner_manifest(), world.clock, world.ids) as preview:
        companies = preview.companies()
        assert set(companies) == {"Northwind", "Southgate"}
        shown = {one.label: one for one in preview.seen_by(companies["Northwind"], "admin")}
        assert shown["Deals"].count == 7
        assert shown["Deals"].examples == ("Customer 0", "Customer 1", "Customer 2")
        assert shown["Deals"].line().endswith("Deals: Customer 0, Customer 1, Customer 2 …")
        assert shown["Requests"].count == 1
        assert "Messages" not in shown
        south = {one.label: one.count for one in preview.seen_by(companies["Southgate"], "admin")}
        assert south["Deals"] == 1
        # A role that sees none of the company's deals is shown none.
        finance = {one.label for one in preview.seen_by(companies["Northwind"], "finance")}
        assert "Deals" not in finance
        [aside] = preview.aside()
        assert aside.count == 1
        assert aside.obj == "deal"
        assert "cents" in aside.line()
        assert preview.unread == {}
    assert world.port.writes == writes
    assert theirs in world.port.rows


def test_a_preview_of_a_system_that_does_not_answer_says_so(world: World) -> None:
    world.port.down = True
    with previewed(
        (System(world.port, world.mapping),), partner_manifest(), world.clock, world.ids
    ) as preview:
        assert preview.companies() == {}
        assert "Memory CRM cannot be reached" in preview.unread["memory"]


def test_a_preview_is_of_some_rows_only(world: World) -> None:
    for n in range(60):
        world.deal(cust=f"Customer {n}")
    with previewed(
        (System(world.port, world.mapping),), partner_manifest(), world.clock, world.ids, steps=1
    ) as preview:
        shown = {one.label: one for one in preview.seen_by(preview.companies()["Northwind"], "admin")}
        assert shown["Deals"].count == world.limits.pages_a_step * world.port.capabilities.page_size

"""Lists, counts, totals, locks, timelines and search, read from what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from app.contract.manifest import Tone
from app.services.search import ranges
from app.services.views_model import SyncState
from tests.services.conftest import COMPANY, World


def customers(world: World, chip: str = "", text: str = "", sort: str = "") -> list[str]:
    ids = world.portal.records.ids("deal_registration", chip, text, sort)
    return [record.title for record in world.portal.records.rows(ids)]


@pytest.fixture
def deals(world: World) -> World:
    world.deal("a", customer="Aldgate", state="action_required", amount="87500.00", updated_at="2026-11-22T10:00:00Z",
               protected_until=None)  # fmt: skip
    world.deal("b", customer="Beacon", state="approved", amount="9000.00", owner="tomasz", currency="EUR",
               protected_until="2026-11-28")  # fmt: skip
    world.deal(
        "c", customer="Castellane", state="rejected", amount="100000.00", updated_at="2026-11-23T08:00:00Z"
    )
    return world


def test_chips_counts_and_totals(deals: World) -> None:
    records = deals.portal.records
    assert customers(deals, "open") == ["Aldgate", "Beacon"]
    assert customers(deals, "mine") == ["Aldgate"]
    assert customers(deals, "needs_me") == ["Aldgate"]
    assert customers(deals, "ending") == ["Beacon"]
    assert (records.count("deal_registration", "open"), records.count("deal_registration")) == (2, 3)
    assert records.totals("deal_registration", "open") == {
        "GBP": Decimal("87500.00"),
        "EUR": Decimal("9000.00"),
    }
    assert list(records.totals("deal_registration", "open")) == ["GBP", "EUR"]
    assert records.nav_counts()["deal_registration"] == 2
    assert "document" not in records.nav_counts()


def test_sorting(deals: World) -> None:
    assert customers(deals) == ["Castellane", "Aldgate", "Beacon"]
    assert customers(deals, sort="amount") == ["Beacon", "Aldgate", "Castellane"]
    assert customers(deals, sort="-amount") == ["Castellane", "Aldgate", "Beacon"]
    assert customers(deals, sort="protected_until") == ["Beacon", "Castellane", "Aldgate"]


def test_what_was_born_here_leads_and_is_mine(deals: World, form: Mapping[str, Any]) -> None:
    deals.portal.drafts.start("deal_registration", form)
    assert customers(deals)[0] == "Ledbury Homes"
    assert "Ledbury Homes" in customers(deals, "mine")
    assert "Ledbury Homes" in customers(deals, "needs_me")
    assert customers(deals, "unsent") == []


def test_a_list_is_searched_by_its_words(deals: World) -> None:
    assert customers(deals, text="beac") == ["Beacon"]
    assert customers(deals, text="zebra") == []
    assert customers(deals, text='"*') == ["Castellane", "Aldgate", "Beacon"]


def test_locks_and_commands_follow_the_state(world: World) -> None:
    records = world.portal.records
    approved = world.deal()
    assert "amount" in records.editable(approved)
    assert records.locked_reason(approved, "customer") == "Locked while approved."
    assert records.locked_reason(approved, "reviewer") == "Set by Halden."
    assert records.locked_reason(approved, "amount") == ""
    assert [command.name for command in records.commands(approved)] == ["ask_extension", "convert"]
    assert records.editable(world.deal("closed", state="rejected")) == frozenset()


def test_words_of_fields(world: World) -> None:
    records = world.portal.records
    company = world.put("company", "1", name="Brightwater IT Ltd", updated_at="2026-11-01T00:00:00Z")
    assert company == COMPANY
    data = {
        "company": COMPANY,
        "amount": "1.50",
        "currency": "EUR",
        "products": ["vault", "care"],
        "country": "IE",
    }
    words = {name: records.value_words("deal_registration", name, data) for name in data}
    assert words == {
        "company": "Brightwater IT Ltd",
        "amount": "€1.50",
        "currency": "EUR",
        "products": "Vault, Care",
        "country": "Ireland",
    }
    assert [option.label for option in records.options("company", "bright")] == ["Brightwater IT Ltd"]
    assert records.title_of(company) == "Brightwater IT Ltd"


def test_what_is_due(world: World) -> None:
    records = world.portal.records
    deal = records.get(world.deal(protected_until="2026-11-28"))
    request = records.get(world.request(state="waiting_on_partner", due_at="2026-11-23T12:06:00Z"))
    closed = records.get(world.deal("closed", state="expired", protected_until="2026-11-28"))
    assert deal is not None
    assert request is not None
    assert closed is not None
    due = records.due(request)
    assert due is not None
    assert (due.words, due.tone) == ("2\u00a0h\u00a025\u00a0m left", Tone.BAD)
    protection = records.due(deal)
    assert protection is not None
    assert protection.words == "5 days"
    assert records.due(closed) is None


def test_the_timeline_leads_with_what_waits(world: World) -> None:
    events = [
        {"at": "2026-11-17T10:00:00Z", "by": "Maya Okafor", "kind": "submitted", "text": "Submitted"},
        {"at": "2026-11-23T08:57:00Z", "by": "Ingrid Solheim", "kind": "approved", "text": "Approved"},
        "not an event",
    ]
    deal = world.deal(timeline=events)
    world.portal.intents.edit(deal, {"next_steps": "Visit", "competitor": "Arrowmesh"})
    first, second, third = world.portal.records.timeline(deal)
    assert (first.text, first.sync) == ("Next steps and competitor changed by you", SyncState.WAITING)
    assert (second.text, second.icon, second.tone) == (
        "Approved by Ingrid Solheim",
        "rosette-discount-check",
        Tone.OK,
    )
    assert (third.text, third.icon) == ("Submitted by you", "send")


def test_what_this_computer_sent_names_its_receipt(world: World) -> None:
    deal = world.deal()
    done = world.portal.intents.command(deal, "convert", {"po_reference": "PO-77"})
    world.store.outbox.settle(done.mutation_id, "applied", world.clock.now(), receipt="R-7F3C")
    at = "2026-11-23T09:41:00Z"
    world.deal(state="converted", timeline=[
        {"at": "2026-11-17T10:00:00Z", "by": "Maya Okafor", "kind": "submitted", "text": "Submitted"},
        {"at": at, "by": "Maya Okafor", "kind": "converted", "text": "Converted to an order"},
    ])  # fmt: skip
    assert [entry.text for entry in world.portal.records.timeline(deal)] == [
        "Converted to an order by you, receipt R-7F3C",
        "Submitted by you",
    ]


def test_a_conversation_in_order(world: World) -> None:
    request = world.request()
    sent = {
        "parent": request,
        "author_name": "Ingrid Solheim",
        "side": "vendor",
        "sent_at": "2026-11-23T08:05:00Z",
    }
    world.put("message", "2", body="The uplift is approved.", **sent)
    mine = {
        "parent": request,
        "author": "user-maya",
        "author_name": "Maya Okafor",
        "sent_at": "2026-11-19T14:05:00Z",
    }
    message = world.put("message", "1", body="Can you quote?", side="partner", **mine)
    world.put("file", "1", parent=request, message=message, name="plan.pdf", sha256="a" * 64, size=1_100_000,
              media_type="application/pdf", added_by="Maya Okafor", added_at="2026-11-19T14:05:00Z")  # fmt: skip
    first, second = world.portal.records.conversation(request)
    assert (first.author, first.mine, [file.name for file in first.files]) == ("You", True, ["plan.pdf"])
    assert (second.author, second.vendor, second.initials) == ("Ingrid Solheim", True, "IS")
    assert not first.files[0].here
    assert [file.size for file in world.portal.records.files(request)] == [1_100_000]


def test_search_leads_to_the_record_and_marks_the_words(world: World) -> None:
    deal = world.deal()
    request = world.request()
    world.put("message", "m", parent=request, body="The Kestrel depot needs rails", author_name="Ingrid", side="vendor",
              sent_at="2026-11-23T08:05:00Z")  # fmt: skip
    hits = {hit.gid: hit for hit in world.portal.search.query("kestr")}
    assert set(hits) == {deal, request}
    assert (hits[deal].title, hits[deal].ranges) == ("Kestrel Foods", ((0, 5),))
    assert hits[request].detail == "REQ-3321 · The Kestrel depot needs rails"
    by_title = world.portal.search.query("branch")
    assert (by_title[0].title, by_title[0].detail) == (
        "Branch edge, 14 sites",
        "Kestrel Foods · Approved · 90 days left",
    )
    assert world.portal.search.query("   ") == []
    assert world.portal.search.covers().words == "Searches everything kept on this computer: 3 records"


def test_matched_words() -> None:
    assert ranges("Campus core refresh", "re core") == ((7, 11), (12, 14))
    assert ranges("Campus", "amp") == ()


def test_a_record_of_an_unknown_type_is_shown_by_its_id(world: World) -> None:
    gid = world.put("hologram", "1", whatever="x")
    found = world.portal.records.get(gid)
    assert found is not None
    assert (found.title, found.state) == (gid, "")
    assert world.portal.records.ids("hologram") == []


def test_an_offer_that_was_answered_runs_no_longer(world: World) -> None:
    records = world.portal.records
    for state, runs in (("offered", True), ("accepted", False), ("working", False)):
        gid = world.put("lead", state, customer=state, need="Wi-Fi", expires_at="2026-12-01", state=state)
        lead = records.get(gid)
        assert lead is not None
        assert (records.due(lead) is not None) is runs, state

"""Receipts as they are told: whose clock, whose signature, and nothing claimed of what was changed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from app.contract.errors import Refused
from app.contract.evidence import Verdict, check, fingerprint, from_file
from app.contract.receipts import Receipt, short_name
from app.services.views_model import ReceiptView
from tests.contract.test_evidence import SIGNING, batch, public
from tests.services.conftest import World


def told(view: ReceiptView | None) -> dict[str, tuple[str, str]]:
    assert view is not None
    return {fact.label: (fact.value, fact.note) for fact in view.facts}


def answered(world: World, **changes: object) -> tuple[str, Receipt]:
    """Withdraw a deal, and have it answered with a receipt that is on this computer."""
    deal = world.deal()
    done = world.portal.intents.command(deal, "convert", {"po_reference": "PO-77"})
    now = world.clock.now()
    body = batch()[0].body.model_copy(
        update={
            "mutation_id": done.mutation_id, "gid": deal, "captured_at": now, "received_at": now + timedelta(minutes=2),
            "written_at": now + timedelta(minutes=2, seconds=1), **changes,
        }
    )  # fmt: skip
    signature = SIGNING.sign(body.leaf().encode()).hex()
    receipt = Receipt(body=body, path=(), root=body.leaf(), signature=signature, key=public(SIGNING))
    name = short_name(body.leaf())
    world.store.outbox.settle(done.mutation_id, body.status, now, receipt=name)
    world.store.receipts.trust(receipt.key, now)
    world.store.receipts.keep(receipt, now)
    return done.mutation_id, receipt


def test_a_receipt_says_whose_clock_told_each_time(world: World) -> None:
    mutation_id, receipt = answered(world)
    view = world.portal.receipts.view(mutation_id)
    assert view is not None
    assert (view.here, view.tone, view.headline) == (True, "ok", "Signed, and nothing in it was changed")
    assert (view.name, view.about) == (short_name(receipt.body.leaf()), "Converted")
    facts = told(view)
    assert facts["Outcome"] == ("Applied, written to Halden’s CRM", "")
    assert facts["Captured"] == ("23 Nov 2026, 09:41:00", "this computer’s clock")
    assert facts["Received"] == ("23 Nov 2026, 09:43:00", "Halden’s gateway’s clock")
    assert facts["Written"] == ("23 Nov 2026, 09:43:01", "Halden’s gateway’s clock")
    assert facts["Signed by"] == (fingerprint(public(SIGNING)), "known here since 23 Nov 2026")


def test_a_clock_that_runs_ahead_and_what_was_never_written_are_said(world: World) -> None:
    early = world.clock.now() - timedelta(hours=1)
    mutation_id, _ = answered(world, received_at=early, written_at=None, status="conflict")
    facts = told(world.portal.receipts.view(mutation_id))
    assert facts["Captured"][1] == "this computer’s clock, which ran ahead"
    assert facts["Written"] == ("Not written", "")
    assert facts["Outcome"][0] == "Clashed with another change; not written"


def test_what_was_changed_in_the_store_is_not_vouched_for(world: World) -> None:
    mutation_id, receipt = answered(world)
    forged = receipt.model_copy(update={"body": receipt.body.model_copy(update={"status": "merged"})})
    world.store.receipts.keep(forged, world.clock.now())
    view = world.portal.receipts.view(mutation_id)
    assert view is not None
    assert (view.tone, view.headline) == ("bad", "This receipt does not hold")


def test_before_it_was_fetched_only_what_is_known_here_is_told(world: World) -> None:
    deal = world.deal()
    done = world.portal.intents.command(deal, "convert", {"po_reference": "PO-77"})
    assert world.portal.receipts.view(done.mutation_id) is None
    world.store.outbox.settle(done.mutation_id, "applied", world.clock.now(), receipt="R-7F3C")
    view = world.portal.receipts.view(done.mutation_id)
    assert view is not None
    assert (view.name, view.here, view.headline) == ("R-7F3C", False, "Not on this computer yet")
    assert list(told(view)) == ["Captured"]
    with pytest.raises(Refused, match="not on this computer yet"):
        world.portal.receipts.export(done.mutation_id)


def test_an_export_is_checked_by_anybody(world: World) -> None:
    mutation_id, receipt = answered(world)
    name = short_name(receipt.body.leaf())
    for wanted in (mutation_id, name, name.lower()):
        text = world.portal.receipts.export(world.portal.receipts.find(wanted))
        evidence = from_file(text)
        assert (evidence.receipt, check(evidence, public(SIGNING))) == (receipt, Verdict.VALID)
        assert json.loads(text)["name"] == name
    with pytest.raises(Refused, match="No receipt on this computer is called R-0000"):
        world.portal.receipts.find("R-0000")


def test_refusals_clashes_and_edits_stand_in_the_timeline_with_their_receipts(world: World) -> None:
    edit = {"at": "2026-11-23T09:40:00Z", "by": "Maya Okafor", "kind": "edit", "text": "Next steps changed"}
    deal = world.deal(timeline=[edit])
    for changes in ({"next_steps": "Call"}, {"competitor": "Aster"}, {"amount": "1.00", "currency": "GBP"}):
        world.portal.intents.edit(deal, changes)
        (mutation,) = world.sent()
        if "amount" in changes:
            problem = {"kind": "rejected", "message": "Amount is locked during review."}
            world.store.outbox.quarantine(mutation.mutation_id, problem, "R-0003")
        elif "competitor" in changes:
            world.store.outbox.settle(mutation.mutation_id, "conflict", world.clock.now(), receipt="R-0002")
        else:
            world.store.outbox.settle(mutation.mutation_id, "applied", world.clock.now(), receipt="R-0001")
    entries = [(entry.text, entry.receipt, entry.tone) for entry in world.portal.records.timeline(deal)]
    assert entries == [
        ("Refused: Amount changed by you, receipt R-0003", "R-0003", "bad"),
        ("Clashed: Competitor changed by you, receipt R-0002", "R-0002", "clash"),
        ("Next steps changed by you, receipt R-0001", "R-0001", "neutral"),
    ]
    (refused,) = world.store.outbox.open_items()
    world.store.outbox.discard(refused.mutation.mutation_id, world.clock.now())
    assert world.portal.records.timeline(deal)[0].text == "Refused: Amount changed by you, receipt R-0003"

"""Receipts: what they attest can be checked without the gateway."""

from __future__ import annotations

import json
from datetime import timedelta, timezone

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import func, select

from app.contract.receipts import Receipt, leads_to_root, short_name
from gateway.problems import Problem
from gateway.tables import receipt_batch
from tests.gateway.world import World


def holds(receipt: Receipt) -> bool:
    """Check a receipt as anybody can."""
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(receipt.key))
    try:
        key.verify(bytes.fromhex(receipt.signature), receipt.root.encode())
    except InvalidSignature:
        return False
    return leads_to_root(receipt.body.leaf(), receipt.path, receipt.root)


def test_a_batch_has_one_signature_and_a_receipt_each(world: World) -> None:
    mutations = [world.new_deal() for _ in range(5)]
    outcomes = world.push(world.rep, *mutations)
    receipts = [world.gateway.receipt(world.rep, m.mutation_id) for m in mutations]
    assert all(holds(receipt) for receipt in receipts)
    assert len({receipt.root for receipt in receipts}) == 1
    assert [o.receipt for o in outcomes] == [short_name(r.body.leaf()) for r in receipts]
    with world.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(receipt_batch)).scalar_one() == 1


def test_a_receipt_says_when_it_was_captured_received_and_written(world: World) -> None:
    new = world.new_deal()
    world.clock.forward(90)
    world.push_one(world.rep, new)
    body = world.gateway.receipt(world.rep, new.mutation_id).body
    assert (body.captured_at, body.body_hash) == (new.captured_at, new.body_hash())
    assert body.received_at == world.clock.now()
    assert body.written_at == world.clock.now()
    assert (body.status, body.gid) == ("applied", new.gid)


def test_a_rejection_is_attested_too_and_was_never_written(world: World) -> None:
    new = world.new_deal(company=world.gid(world.south))
    world.push_one(world.rep, new)
    receipt = world.gateway.receipt(world.rep, new.mutation_id)
    assert (receipt.body.status, receipt.body.written_at) == ("rejected", None)
    assert holds(receipt)


@pytest.mark.parametrize("change", [{"status": "rejected"}, {"gid": "another"}, {"body_hash": "0" * 32}])
def test_a_changed_receipt_does_not_hold(world: World, change: dict[str, str]) -> None:
    new = world.new_deal()
    world.push_one(world.rep, new)
    receipt = world.gateway.receipt(world.rep, new.mutation_id)
    changed = json.loads(receipt.model_dump_json())
    changed["body"].update(change)
    assert not holds(Receipt.model_validate(changed))


def test_somebody_elses_receipt_is_not_found(world: World) -> None:
    new = world.new_deal()
    world.push_one(world.rep, new)
    for mutation_id in (new.mutation_id, "never sent"):
        with pytest.raises(Problem) as caught:
            world.gateway.receipt(world.admin, mutation_id)
        assert caught.value.status == 404


def test_a_receipt_holds_whatever_zone_the_client_counts_in(world: World) -> None:
    new = world.new_deal()
    elsewhere = new.captured_at.astimezone(timezone(timedelta(hours=5, minutes=30)))
    given = new.model_copy(update={"captured_at": elsewhere})
    (outcome,) = world.push(world.rep, given)
    receipt = world.gateway.receipt(world.rep, given.mutation_id)
    assert receipt.body.captured_at == new.captured_at
    assert holds(receipt)
    assert short_name(receipt.body.leaf()) == outcome.receipt


def test_whoever_signs_in_hears_which_key_signs(world: World) -> None:
    new = world.new_deal()
    world.push_one(world.rep, new)
    named = world.gateway.me(world.rep).receipt_key
    assert world.gateway.receipt(world.rep, new.mutation_id).key == named
    assert world.restarted().me(world.rep).receipt_key == named, "it is the same after a restart"


def test_a_clash_is_attested_too(world: World) -> None:
    deal = world.deal(todo="Call them.")
    world.read()
    gid = world.gid(deal)
    edit = world.patch(gid, {"next_steps": "What was never there."}, {"next_steps": "Mine."})
    outcome = world.push_one(world.admin, edit)
    receipt = world.gateway.receipt(world.admin, edit.mutation_id)
    assert (outcome.status.value, receipt.body.status) == ("conflict", "conflict")
    assert receipt.body.written_at is None
    assert holds(receipt)

"""Proving that both sides are equal, and mending what is not."""

from __future__ import annotations

from typing import Any

import pytest

from app.contract.errors import Busy, CursorExpired, Unreachable
from app.contract.mutations import Kind
from app.store.states import SyncState
from app.sync.events import Mode, Proof, ProofDone, RecordsChanged
from tests.store.world import gid, mutation
from tests.sync.world import START, World, deferred


def rot(client: World, number: int, data: str, **columns: Any) -> None:
    """Change what the file holds, behind everybody's back."""
    named = {"data": data, **columns}
    sets = ", ".join(f"{name} = ?" for name in named)
    client.store.connection.run(f"UPDATE record SET {sets} WHERE gid = ?", (*named.values(), gid(number)))


def test_a_proof_says_what_was_compared(client: World) -> None:
    client.clock.advance(3)
    proof = client.engine.verify(rehash=False)
    assert proof.identical
    assert not proof.inconclusive
    assert [(entity.entity, entity.records) for entity in proof.entities] == [
        ("deal_registration", 3), ("request", 1),
    ]  # fmt: skip
    assert all(entity.identical == (True,) * 16 for entity in proof.entities)
    assert [source.label for source in proof.sources] == ["Halden's CRM"]
    assert client.told(ProofDone)[-1].proof == proof
    assert client.lines()[-1] == "Proof: 32 of 32 buckets identical"
    assert client.engine.status.proven_at == proof.at


def test_a_proof_stands_until_something_changes(client: World) -> None:
    client.engine.verify(rehash=False)
    client.sync()
    assert client.engine.status.proven_at == START
    client.gateway.edit(1, amount="9.00")
    client.sync()
    assert client.engine.status.proven_at is None


def test_only_the_stored_bytes_hashed_afresh_show_that_they_rotted(client: World) -> None:
    rot(client, 1, '{"customer":"Rotten"}')
    quick = client.engine.verify(rehash=False)
    assert quick.identical
    assert not quick.rehashed
    whole = client.engine.verify(rehash=True)
    assert (whole.identical, whole.rehashed, whole.repaired) == (True, True, 1)
    assert (client.shown(1) or {})["customer"] == "Northwind"
    assert "Incident: 1 deal differed from the gateway, repaired" in client.lines()
    assert client.identical()


def test_a_record_that_is_missing_one_too_many_and_one_that_differs_are_mended(client: World) -> None:
    rot(client, 1, '{"customer":"Other"}', hash="0" * 32)
    client.store.connection.run("DELETE FROM record WHERE gid = ?", (gid(2),))
    client.store.mirror.apply_puts(b'[["%s","request","v1","%s",{"subject":"Never was"}]]' % (
        gid(70).encode(), b"a" * 32), client.store.manifest)  # type: ignore[arg-type]  # fmt: skip
    client.events.clear()
    proof = client.engine.verify(rehash=False)
    assert (proof.identical, proof.repaired) == (True, 3)
    assert "Incident: 2 deals and 1 request differed from the gateway, repaired" in client.lines()
    assert client.identical()
    assert client.shown(70) is None
    assert any(told.gids is None for told in client.told(RecordsChanged))


def test_what_waits_is_neither_a_difference_nor_lost_in_mending(client: World) -> None:
    client.gateway.outcomes["m1"] = lambda one: deferred(one, 50)
    client.edit("m1", 1, next_steps="Mine")
    client.enter(mutation("m2", 80, Kind.CREATE, changes={"customer": "New"}, depends_on=("m1",)))
    client.sync()
    client.store.connection.run("UPDATE shadow SET hash = ? WHERE gid = ?", ("0" * 32, gid(1)))
    proof = client.engine.verify(rehash=False)
    assert (proof.identical, proof.repaired) == (True, 1)
    shown = client.store.projection.get(gid(1))
    assert shown is not None
    assert (shown.data["next_steps"], shown.sync) == ("Mine", SyncState.WAITING)
    assert client.shown(80) is not None


def test_what_cannot_be_mended_is_not_called_identical(client: World) -> None:
    client.gateway.records = lambda gids, cursor: client.gateway.changes(cursor, 4)  # type: ignore[method-assign]
    rot(client, 1, '{"customer":"Other"}', hash="0" * 32)
    proof = client.engine.verify(rehash=False)
    assert not proof.identical
    assert not proof.inconclusive
    assert sum(same for entity in proof.entities for same in entity.identical) == 31
    assert client.lines()[-1] == "Proof: 31 of 32 buckets identical"
    incident = "Incident: 1 deal differed from the gateway, not repaired: deals still differ"
    assert client.lines()[-2] == incident
    assert client.engine.status.proven_at is None


def test_an_incident_is_told_even_when_the_second_look_cannot_be_had(client: World) -> None:
    rot(client, 1, '{"customer":"Other"}', hash="0" * 32)
    client.gateway.faults["digest"] = [None, Unreachable()]
    assert client.engine.verify(rehash=False).inconclusive
    said = "Incident: 1 deal differed from the gateway, fetched again; both sides are compared again soon"
    assert said in client.lines()


def test_a_change_in_between_is_no_difference(client: World) -> None:
    client.gateway.meanwhile["digest"] = lambda: client.gateway.edit(1, amount="7.00")
    proof = client.engine.verify(rehash=False)
    assert proof.identical
    assert client.gateway.calls.count("bucket") == 0
    assert client.identical()


def test_nothing_is_claimed_when_it_never_comes_to_rest(client: World) -> None:
    digest = client.gateway.digest

    def busy(cursor: str) -> Any:
        client.gateway.edit(1, amount=f"{client.gateway.position}.00")
        return digest(cursor)

    client.gateway.digest = busy  # type: ignore[method-assign]
    proof = client.engine.verify(rehash=False)
    assert proof.inconclusive
    assert not proof.identical
    assert proof.entities == ()
    assert "Something changed while it was compared" in proof.note


def test_a_position_that_expires_meanwhile_claims_nothing(client: World) -> None:
    client.gateway.faults["digest"] = [CursorExpired()] * 3
    assert client.engine.verify(rehash=False).inconclusive


def test_offline_nothing_is_claimed_and_it_says_so(client: World) -> None:
    client.engine.set_offline(True)
    calls = len(client.gateway.calls)
    proof = client.engine.verify(rehash=False)
    assert proof.inconclusive
    assert proof.note == "Nothing was compared. You are offline."
    assert len(client.gateway.calls) == calls


def test_during_a_first_sync_nothing_is_claimed(fresh: World) -> None:
    fresh.gateway.put(1, customer="Northwind")
    fresh.engine.set_paused(True)
    proof = fresh.engine.verify(rehash=False)
    assert proof.inconclusive
    assert "have not all arrived" in proof.note


def test_a_network_that_goes_in_the_middle_is_told(client: World) -> None:
    client.gateway.faults["digest"] = [Unreachable()]
    proof = client.engine.verify(rehash=False)
    assert proof.inconclusive
    assert client.mode() is Mode.OFFLINE


@pytest.mark.parametrize(
    "entities",
    [
        {"deal_registration": ((3, "0"),)},
        {"deal_registration": ((0, "not a number"),) * 16},
    ],
)
def test_sums_that_are_none_are_not_used(client: World, entities: Any) -> None:
    digest = client.gateway.digest
    client.gateway.digest = lambda cursor: digest(cursor).model_copy(update={"entities": entities})  # type: ignore[method-assign]
    proof = client.engine.verify(rehash=False)
    assert proof.inconclusive
    assert "nothing was compared" in proof.note


def test_both_sides_are_compared_by_themselves_now_and_then(client: World) -> None:
    before = client.gateway.calls.count("digest")
    client.clock.advance(client.settings.verify - 1)
    client.sync()
    assert client.gateway.calls.count("digest") == before
    client.clock.advance(1)
    client.sync()
    assert client.gateway.calls.count("digest") == before + 1
    assert isinstance(client.told(ProofDone)[0].proof, Proof)


def test_a_comparison_that_fails_is_no_trouble_of_the_records(client: World) -> None:
    client.clock.advance(client.settings.verify)
    client.gateway.faults["digest"] = [Busy()]
    client.sync()
    assert client.mode() is Mode.LIVE

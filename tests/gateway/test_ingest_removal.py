"""What the source no longer has: how it is found, what goes along, and when ingest stops and asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from gateway.crm.port import Ref, SourceRow
from gateway.limits import Limits
from gateway.report import report
from tests.gateway.ingesting import deals, revoked_from, sweep_all
from tests.gateway.world import Mirror, World


def test_children_of_what_was_archived_are_told_as_deleted_also_after_a_sweep(world: World) -> None:
    ref, other = world.deal(), world.deal()
    notes = [
        world.port.add("note", on_id=ref.id, on_kind="D", text="Hello.", who="I", internal=False)
        for _ in range(3)
    ]
    world.read()
    late = Mirror(world, world.admin).snapshot()
    world.port.archive_row(ref)
    world.read()
    world.port.edit(notes[0], text="Hello, all.")
    world.read()
    for _ in range(2):
        sweep_all(world)
    gone = {world.gid(row): "tombstone" for row in (ref, *notes)}
    assert {gid: reason for gid, reason, _ in late.pull().gone} == gone
    world.clock.forward(60)
    world.port.calls.clear()
    sweep_all(world)
    assert "fetch" not in world.port.calls, "they are not read again with every sweep"
    moved, *left = notes
    world.port.edit(moved, on_id=other.id)
    world.read()
    assert late.pull().data(world.gid(moved))["body"] == "Hello, all."
    world.port.restore_row(ref)
    world.read()
    assert {world.gid(row) for row in (ref, *left)} <= late.pull().rows.keys()


def test_archived_rows_are_not_read_over_and_over(world: World) -> None:
    known, never_shared = world.deal(), world.deal()
    world.port.archive_row(never_shared)
    world.read()
    world.port.archive_row(known)
    world.read()
    world.clock.forward(60)
    world.gateway.ingest_step()
    world.port.calls.clear()
    world.gateway.ingest_step()
    assert "fetch" not in world.port.calls
    world.port.restore_row(never_shared)
    world.port.restore_row(known)
    world.read()
    assert deals(world) == {world.gid(known), world.gid(never_shared)}


def test_a_hint_at_a_deleted_row_takes_it_away(world: World) -> None:
    ref = world.deal()
    world.read()
    world.port.delete(ref)
    world.gateway.hint([ref])
    world.gateway.ingest.hints_step()
    assert deals(world) == set()


def test_a_deletion_nobody_told_of_is_found_by_the_sweep(world: World) -> None:
    ref, kept = world.deal(), world.deal()
    world.read()
    world.port.delete(ref)
    world.read()
    assert len(deals(world)) == 2, "no lane but the sweep can see it"
    sweep_all(world)
    assert deals(world) == {world.gid(kept)}


def test_a_row_every_other_lane_missed_is_found_by_the_sweep(world: World) -> None:
    world.deal()
    world.clock.forward(3600)
    world.read()
    missed = world.deal()
    world.port.rows[missed].modified_at = world.clock.now() - timedelta(days=2)
    world.read()
    assert world.gid(missed) not in deals(world)
    sweep_all(world)
    assert world.gid(missed) in deals(world)


def test_a_list_of_ids_that_lies_deletes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    refs = [world.deal() for _ in range(3)]
    world.read()
    monkeypatch.setattr(world.port, "sweep", lambda *_: [])
    sweep_all(world)
    assert deals(world) == {world.gid(ref) for ref in refs}, "an empty answer is not a delete"


def test_a_sweep_that_would_take_too_much_stops_and_asks() -> None:
    world = World(Limits(brake_floor=2))
    refs = [world.deal() for _ in range(10)]
    world.read()
    for ref in refs[:5]:
        world.port.delete(ref)
    sweep_all(world)
    assert len(deals(world)) == 10
    found = report(world.gateway)
    assert found.systems[0].held == {"deal": (5, 10)}
    assert not found.well
    system = next(iter(world.gateway.systems))
    world.gateway.ingest.sweep(system, "deal", confirmed=True)
    assert deals(world) == {world.gid(ref) for ref in refs[5:]}
    assert report(world.gateway).well


def test_a_system_that_stops_finding_rows_in_the_middle_of_a_sweep_loses_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its list of ids is empty, its reads are right until all rows were looked for once, and empty from then on."""
    world = World(Limits(brake_floor=2))
    refs = [world.deal() for _ in range(9)]
    world.read()
    sweep_all(world)
    fetch, looked = world.port.fetch, set[Ref]()

    def forgetful(asked: Sequence[Ref]) -> Sequence[SourceRow]:
        if looked >= {*refs}:
            return []
        looked.update(asked)
        return fetch(asked)

    monkeypatch.setattr(world.port, "sweep", lambda *_: [])
    monkeypatch.setattr(world.port, "fetch", forgetful)
    world.gateway.ingest.sweep(next(iter(world.gateway.systems)), "deal", confirmed=False)
    assert deals(world) == {world.gid(ref) for ref in refs}


def test_a_removal_at_which_something_fails_holds_no_other_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = [world.deal() for _ in range(3)]
    world.read()
    merged_into = world.port.merged_into

    def stumbling(ref: Ref) -> Ref | None:
        if ref == refs[0]:
            raise KeyError("a bug in a connector")
        return merged_into(ref)

    monkeypatch.setattr(world.port, "merged_into", stumbling)
    for ref in refs[:2]:
        world.port.delete(ref)
    sweep_all(world)
    assert deals(world) == {world.gid(refs[0]), world.gid(refs[2])}
    assert not report(world.gateway).well


def test_hints_and_archiving_have_the_same_brake() -> None:
    world = World(Limits(brake_floor=2))
    refs = [world.deal() for _ in range(6)]
    world.read()
    for ref in refs:
        world.port.archive_row(ref)
    world.gateway.hint(refs)
    world.clock.forward(1)
    for _ in range(3):
        world.gateway.ingest.hints_step()
    assert len(deals(world)) == 6
    sweep_all(world)
    assert report(world.gateway).systems[0].held == {"deal": (6, 6)}


def test_a_few_deletions_need_no_one(world: World) -> None:
    refs = [world.deal() for _ in range(5)]
    world.read()
    for ref in refs[:3]:
        world.port.archive_row(ref)
    world.read()
    assert deals(world) == {world.gid(ref) for ref in refs[3:]}


def test_what_is_withdrawn_takes_its_children_along_as_withdrawn(world: World) -> None:
    ref = world.deal()
    note = world.port.add("note", on_id=ref.id, on_kind="D", text="Hello.", who="I", internal=False)
    world.read()
    prompt, late = Mirror(world, world.admin).snapshot(), Mirror(world, world.admin).snapshot()
    world.port.edit(ref, account_id=world.south.id, cents="a lot")
    world.gateway.hint([ref])
    world.gateway.ingest.hints_step()
    assert revoked_from(prompt, world.gid(ref), world.gid(note))
    sweep_all(world)
    assert revoked_from(late, world.gid(ref), world.gid(note))
    world.port.edit(ref, account_id=world.north.id, cents=5000)
    world.read()
    assert {world.gid(ref), world.gid(note)} <= prompt.pull().rows.keys()

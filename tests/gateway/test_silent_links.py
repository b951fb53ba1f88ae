"""A system in which a row may be linked to another one and bears the time of its last modification all the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.crm.budget import Priority, present_priority
from gateway.crm.port import Rate, Ref
from gateway.limits import Limits
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH
from tests.gateway.ingesting import deals, sweep_all
from tests.gateway.world import Mirror, World

pytestmark = AT_THE_SURFACE


def silent(limits: Limits | None = None, **can: Any) -> World:
    """A gateway over a system whose links change silently."""
    world = World(limits)
    world.port.capabilities = replace(world.port.capabilities, silent_links=True, **can)
    world.gateway = world.restarted()
    return world


def link(world: World, ref: Ref, **fields: Any) -> None:
    """Link a row to another one; neither its time nor its revision moves."""
    world.port.rows[ref].fields.update(fields)


def steps(world: World, seconds: int) -> None:
    """Let time pass, with a step a second."""
    for _ in range(seconds):
        world.clock.forward(1)
        world.gateway.ingest_step()


@ON_BOTH
def test_a_link_that_moves_no_time_is_found_by_the_next_sweep_and_not_before() -> None:
    world = silent()
    ref, other = world.deal(), world.deal()
    sweep_all(world)
    assert deals(world) == {world.gid(ref), world.gid(other)}
    link(world, ref, account_id=world.south.id)
    steps(world, 60)
    assert world.gid(ref) in deals(world), "no list of what was modified shows it"
    sweep_all(world)
    assert deals(world) == {world.gid(other)}
    assert world.gid(ref) in Mirror(world, world.other).snapshot().of("deal_registration")


def test_a_row_that_nobody_was_shown_is_found_once_it_is_linked_to_somebody() -> None:
    """An internal note has no content here, and becomes a message without being modified."""
    world = silent()
    deal = world.deal()
    note = world.port.add(
        "note", text="Now for you, too", internal=True, who="Ingrid", on_kind="D", on_id=deal.id
    )
    sweep_all(world)
    link(world, note, internal=False)
    sweep_all(world)
    assert Mirror(world, world.admin).snapshot().of("message") == {world.gid(note)}


def test_a_row_that_went_with_its_parent_comes_back_below_another() -> None:
    world = silent()
    gone, stays = world.deal(), world.deal()
    note = world.port.add("note", text="A word", internal=False, who="Ingrid", on_kind="D", on_id=gone.id)
    sweep_all(world)
    world.port.archive_row(gone)
    sweep_all(world)
    client = Mirror(world, world.admin).snapshot()
    assert client.of("message") == set()
    link(world, note, on_id=stays.id)
    sweep_all(world)
    assert client.pull().of("message") == {world.gid(note)}


def test_rows_that_are_as_they_were_change_nothing() -> None:
    world = silent()
    for _ in range(7):
        world.deal()
    sweep_all(world)
    client = Mirror(world, world.admin).snapshot()
    before = client.hashes(), world.gateway.ground.feed.head()
    world.clock.forward(3600)
    assert [world.gateway.ingest_step() for _ in range(8)] == [0] * 8
    assert (client.pull().hashes(), world.gateway.ground.feed.head()) == before


def calls_of_a_sweep(world: World) -> Counter[str]:
    """What sweeping the deals asks of a system that has not changed."""
    sweep_all(world)
    world.port.calls.clear()
    world.gateway.ingest.sweep(next(iter(world.gateway.systems)), "deal", confirmed=False)
    return Counter(world.port.calls)


def test_only_where_it_is_declared_rows_are_read_anew() -> None:
    plain, reading = World(), silent()
    for world in (plain, reading):
        for _ in range(7):
            world.deal()
    assert calls_of_a_sweep(plain) == {"sweep": 3}  # pages of three
    assert calls_of_a_sweep(reading) == {"sweep": 3, "fetch": 3}


def test_what_was_read_for_being_new_is_not_read_twice_in_one_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    world = silent()
    sweep_all(world)
    ref = world.deal()
    fetched: Counter[Ref] = Counter()
    fetch = world.port.fetch

    def noted(refs: list[Ref]) -> object:
        fetched.update(refs)
        return fetch(refs)

    monkeypatch.setattr(world.port, "fetch", noted)
    world.gateway.ingest.sweep(next(iter(world.gateway.systems)), "deal", confirmed=False)
    assert fetched == {ref: 1}


def test_reading_anew_stops_when_the_calls_run_out_and_goes_on_where_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Within the budget of sweeps, which leaves half of the calls to others."""
    world = silent(Limits(sweep_every=timedelta(days=9)), rate=Rate(40, 10.0))
    refs = [world.deal() for _ in range(60)]
    world.gateway.backfill(wait=world.clock.forward)
    system = next(iter(world.gateway.systems))
    world.gateway.ingest.sweep(system, "deal", confirmed=False, wait=world.clock.forward)
    for ref in (refs[1], refs[58]):
        link(world, ref, account_id=world.south.id)
    fetched: Counter[Ref] = Counter()
    priorities: set[Priority] = set()
    fetch = world.port.fetch

    def noted(refs: list[Ref]) -> object:
        fetched.update(refs)
        priorities.add(present_priority())
        return fetch(refs)

    monkeypatch.setattr(world.port, "fetch", noted)
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        world.clock.forward(seconds)

    assert world.gateway.ingest.sweep(system, "deal", confirmed=False, wait=wait) == 2
    assert len(waited) > 3, "it was out of calls again and again"
    assert fetched == dict.fromkeys(refs, 1), "each row was read once"
    assert priorities == {Priority.SWEEP}
    assert deals(world) == {world.gid(ref) for ref in refs} - {world.gid(refs[1]), world.gid(refs[58])}


def test_an_edit_does_not_wait_until_every_row_was_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    world = silent()
    refs = [world.deal() for _ in range(12)]
    sweep_all(world)
    world.clock.forward(3600)
    told: list[int] = []
    fetch = world.port.fetch

    def noted(asked: list[Ref]) -> object:
        if present_priority() is Priority.SWEEP and not told:
            world.port.edit(refs[0], rival="edited meanwhile")
            world.gateway.hint([refs[0]])
            told.append(len(world.port.calls))
        elif present_priority() is Priority.READ and len(told) == 1:
            told.append(len(world.port.calls))
        return fetch(asked)

    monkeypatch.setattr(world.port, "fetch", noted)
    for _ in range(8):
        world.gateway.ingest_step()
    assert told[1] - told[0] <= 2, "the hint was followed after the page that was being read"

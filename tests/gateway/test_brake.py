"""The brake on bulk deletes: however they come in, and in whatever portions, a person has to agree to very many."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from app.contract.mutations import Kind, Status
from gateway.crm.port import Ref, SourceRow
from gateway.ingest.brake import held_of
from gateway.ingest.state import Lane
from gateway.limits import Limits
from gateway.report import report
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH
from tests.gateway.ingesting import deals, sweep_all
from tests.gateway.world import Mirror, World

pytestmark = AT_THE_SURFACE


def world_of(many: int, floor: int = 4, share: float = 0.1) -> tuple[World, list[Ref]]:
    """A gateway that lets few go, and its deals."""
    world = World(Limits(brake_floor=floor, brake_share=share))
    refs = [world.deal() for _ in range(many)]
    world.read()
    assert len(deals(world)) == many
    return world, refs


def hinted(world: World, refs: Sequence[Ref]) -> None:
    """Tell of rows, as a webhook does, and follow it."""
    world.gateway.hint(refs)
    world.gateway.ingest.hints_step()


def held(world: World, obj: str = "deal") -> tuple[int, int]:
    """How many of how many records wait, as a person is told."""
    found = report(world.gateway).systems[0].held.get(obj, (0, 0))
    lane = next(one for one in world.gateway.lanes() if one.lane is Lane.SWEEP)
    assert lane.held == (((obj, *found),) if found[0] else ())
    return found


Leaves = Callable[[World, Ref], None]

LEAVING = pytest.mark.parametrize(
    "leave",
    [lambda w, r: w.port.delete(r), lambda w, r: w.port.archive_row(r)],
    ids=["deleted", "archived"],
)


@ON_BOTH
@LEAVING
def test_hints_at_very_many_that_are_gone_are_held_at_once(leave: Leaves) -> None:
    world, refs = world_of(20)
    for ref in refs[:8]:
        leave(world, ref)
    hinted(world, refs[:8])
    assert len(deals(world)) == 20
    assert held(world) == (8, 20)
    assert not report(world.gateway).well


@LEAVING
def test_little_by_little_does_not_get_past_it(leave: Leaves) -> None:
    world, refs = world_of(20)
    for n, ref in enumerate(refs[:12]):
        world.clock.forward(240)
        leave(world, ref)
        hinted(world, [ref])
        assert len(deals(world)) == 20 - min(n + 1, 4)
    assert held(world) == (1, 16), "the first that was one too many; what follows is counted by the sweep"
    sweep_all(world)
    assert held(world) == (8, 16)


def test_archives_that_the_fast_lane_lists_are_held_too() -> None:
    world, refs = world_of(20)
    for ref in refs[:12]:
        world.clock.forward(60)
        world.port.archive_row(ref)
        world.gateway.ingest_step()
    assert len(deals(world)) == 16
    assert held(world)[0] > 0


def test_lanes_add_up() -> None:
    """Some by hint, some by the fast lane, the rest by the sweep: one window for all of them."""
    world, refs = world_of(20)
    for ref in refs[:2]:
        world.port.delete(ref)
    hinted(world, refs[:2])
    world.port.archive_row(refs[2])
    world.read()
    assert len(deals(world)) == 17
    for ref in refs[3:5]:
        world.port.delete(ref)
    system = next(iter(world.gateway.systems))
    world.gateway.ingest.sweep(system, "deal", confirmed=False)
    assert len(deals(world)) == 17
    assert held(world) == (2, 17)


def test_a_sweep_counts_for_the_hints_that_follow() -> None:
    world, refs = world_of(20)
    for ref in refs[:4]:
        world.port.delete(ref)
    world.gateway.ingest.sweep(next(iter(world.gateway.systems)), "deal", confirmed=False)
    assert len(deals(world)) == 16
    world.port.delete(refs[4])
    hinted(world, [refs[4]])
    assert len(deals(world)) == 16


def test_after_an_hour_a_few_may_go_again() -> None:
    world, refs = world_of(20)
    for start in range(0, 12, 4):
        for ref in refs[start : start + 4]:
            world.port.delete(ref)
        hinted(world, refs[start : start + 4])
        assert len(deals(world)) == 16 - start
        world.clock.forward(61 * 60)
    assert held(world) == (0, 0)


def test_a_large_object_may_lose_its_share() -> None:
    world, refs = world_of(60, floor=2, share=0.1)
    for n, ref in enumerate(refs[:8]):
        world.port.delete(ref)
        hinted(world, [ref])
        assert len(deals(world)) == 60 - min(n + 1, 6), "a tenth of what there was as the window began"


def test_what_is_held_stays_so_until_a_person_agrees() -> None:
    world, refs = world_of(20)
    for ref in refs[:6]:
        world.port.delete(ref)
    hinted(world, refs[:6])
    for ref in refs[:3]:
        world.port.rows[ref] = world.port.rows[refs[10]]  # half of them are back
    for _ in range(3):
        sweep_all(world)
        assert held(world) == (3, 20), "three would be few enough by themselves, an hour later too"
    world.port.delete(refs[12])
    hinted(world, [refs[12]])
    assert len(deals(world)) == 20
    system = next(iter(world.gateway.systems))
    assert world.gateway.ingest.sweep(system, "deal", confirmed=True) == 4
    assert len(deals(world)) == 16
    assert held(world) == (0, 0)
    assert report(world.gateway).well
    for ref in refs[13:17]:
        world.port.delete(ref)
    hinted(world, refs[13:17])
    assert len(deals(world)) == 12, "the window began anew when a person looked"


def test_what_was_held_and_is_back_needs_no_person(monkeypatch: pytest.MonkeyPatch) -> None:
    world, refs = world_of(20)
    fetch = world.port.fetch

    def forgetful(asked: Sequence[Ref]) -> Sequence[SourceRow]:
        return [row for row in fetch(asked) if row.ref.obj != "deal"]

    with monkeypatch.context() as patch:
        patch.setattr(world.port, "fetch", forgetful)
        hinted(world, refs)
    assert held(world) == (20, 20)
    sweep_all(world)
    assert held(world) == (0, 0)
    world.port.delete(refs[0])
    hinted(world, refs[:1])
    assert len(deals(world)) == 19


def test_one_object_that_is_held_holds_no_other() -> None:
    world, refs = world_of(20)
    tickets = [
        world.port.add("ticket", account_id=world.north.id, head="Where?", stage="N") for _ in range(10)
    ]
    world.read()
    for ref in (*refs[:6], tickets[0]):
        world.port.delete(ref)
    hinted(world, [*refs[:6], tickets[0]])
    with world.database.read() as connection:
        assert held_of(connection, "memory", "deal") == 6
        assert held_of(connection, "memory", "ticket") == 0
    assert world.gateway.ingest.held(next(iter(world.gateway.systems)), "deal") == 6
    world.gateway.ingest_step()
    with world.database.read() as connection:
        assert held_of(connection, "memory", "deal") == 6, "a step of the fast lane writes nothing over it"


def test_what_a_hint_holds_while_a_sweep_goes_on_is_still_held_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, refs = world_of(20)
    sweep_all(world)
    listed = world.port.sweep

    def sweep(obj: str, after: str | None, limit: int) -> Sequence[str]:
        ids = listed(obj, after, limit)
        if obj == "deal" and len(ids) < limit:
            for ref in refs[:6]:  # right after all were listed
                world.port.delete(ref)
            hinted(world, refs[:6])
        return ids

    monkeypatch.setattr(world.port, "sweep", sweep)
    world.gateway.ingest.sweep(next(iter(world.gateway.systems)), "deal", confirmed=False)
    assert held(world) == (6, 20)


def test_what_partners_delete_themselves_does_not_count() -> None:
    world, refs = world_of(20)
    for ref in refs[:6]:
        gid = world.gid(ref)
        _delete(world, gid)
    assert len(deals(world)) == 14
    assert held(world) == (0, 0)
    world.port.delete(refs[7])
    hinted(world, [refs[7]])
    assert len(deals(world)) == 13


def _delete(world: World, gid: str) -> None:
    version = Mirror(world, world.admin).snapshot().rows[gid][1]
    gone = world.mutation(Kind.DELETE, "deal_registration", gid, base_version=version)
    assert world.push_one(world.admin, gone).status is Status.APPLIED


def test_a_clock_that_is_set_back_gives_no_new_hour() -> None:
    world, refs = world_of(20)
    for ref in refs[:6]:
        world.port.delete(ref)
    hinted(world, refs[:4])
    world.clock.off_by = -world.limits.brake_window
    hinted(world, refs[4:5])
    assert len(deals(world)) == 16

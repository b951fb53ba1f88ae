"""A journal whose place was lost, and two processes: everything is read again, and nothing of before counts for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.core import Gateway
from gateway.crm.port import Ref
from gateway.ingest.lanes import progress_of
from gateway.limits import Limits
from gateway.report import report
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH
from tests.gateway.ingesting import deals
from tests.gateway.journal_port import RARELY, JournalPort, begun, hinted, place, state, step
from tests.gateway.world import Mirror, World

pytestmark = AT_THE_SURFACE

# ------------------------------------------------------------------------------------------------- a place that is lost


def missed(world: World) -> tuple[JournalPort, Ref, Ref, Ref]:
    """A world in which a link, a deletion and a removal from the archive's index went by, and were forgotten."""
    port = begun(world)
    linked, gone, stays = world.deal(), world.deal(), world.deal()
    step(world, 4)
    assert deals(world) == {world.gid(linked), world.gid(gone), world.gid(stays)}
    port.link(linked, account_id=world.south.id)
    port.delete(gone)
    port.forget()
    return port, linked, gone, stays


@ON_BOTH
def test_a_place_the_system_does_not_know_any_more_has_everything_read_again() -> None:
    world = World(RARELY)
    port, linked, gone, stays = missed(world)
    step(world)
    assert state(world.gateway).error == (
        "The journal was not kept for long enough; everything is read again."
    )
    assert port.asked[-1] is None
    assert place(world) == str(len(port.entries))
    step(world, 8)
    assert state(world.gateway).error == ""
    assert state(world.gateway).failed_at is not None
    assert deals(world) == {world.gid(stays)}
    assert Mirror(world, world.other).snapshot().of("deal_registration") == {world.gid(linked)}
    assert world.gid(gone) not in deals(world)


def test_until_everything_was_read_again_nothing_new_is_confirmed() -> None:
    world = World(RARELY)
    missed(world)
    before = world.gateway.sources()[0].read_at
    world.gateway.ingest._fast.step = lambda *_: pytest.fail("not now")  # type: ignore[method-assign]
    world.clock.forward(5)
    with pytest.raises(pytest.fail.Exception):
        world.gateway.ingest_step()
    assert world.gateway.sources()[0].read_at == before
    (told,) = report(world.gateway).systems
    assert {lane.lane: lane.lag for lane in told.lanes}["fast"] is None


def test_what_happens_while_everything_is_read_again_is_told_by_the_journal() -> None:
    world = World(RARELY)
    port, _, _, stays = missed(world)
    step(world)
    port.link(stays, account_id=world.south.id)
    step(world)
    assert world.gid(stays) not in deals(world)


def test_what_is_held_stays_held_when_everything_is_read_again() -> None:
    world = World(Limits(sweep_every=timedelta(days=9), brake_floor=2, brake_share=0.1))
    port = begun(world)
    refs = [world.deal() for _ in range(6)]
    step(world, 4)
    for ref in refs[:4]:
        port.delete(ref)
    step(world)
    system = next(iter(world.gateway.systems))
    assert len(deals(world)) == 6
    port.forget()
    world.deal()
    port.forget()
    step(world, 10)
    assert world.gateway.ingest.held(system, "deal") == 4
    assert len(deals(world)) == 7


# ------------------------------------------------------------------------------------------------------- two processes


class Shared:
    """Who leads what, among several processes."""

    def __init__(self) -> None:
        self.leaders: dict[str, int] = {}

    def of(self, number: int) -> Any:
        """Return one process's part of it."""
        shared = self

        class Mine:
            @contextmanager
            def held(self, name: str) -> Iterator[bool]:
                """Lead what nobody else does."""
                yield shared.leaders.setdefault(name, number) == number

            def close(self) -> None:
                """Give up everything."""
                for name in [name for name, leader in shared.leaders.items() if leader == number]:
                    del shared.leaders[name]

        return Mine()


def two(world: World) -> tuple[Gateway, Gateway]:
    """Two processes over one database."""
    shared = Shared()
    one, other = (Gateway(replace(world.gateway.setup, leadership=shared.of(n))) for n in (1, 2))
    return one, other


def test_one_process_asks_the_journal_and_the_other_when_that_one_is_gone() -> None:
    world = World(RARELY)
    port = begun(world)
    one, other = two(world)
    world.clock.forward(5)
    one.ingest_step()
    port.calls.clear()
    ref = world.deal()
    for _ in range(3):
        world.clock.forward(5)
        other.ingest_step()
    assert port.calls == []
    one.setup.leadership.close()
    world.clock.forward(5)
    assert other.ingest_step() == 1
    assert deals(world) == {world.gid(ref)}


def test_a_process_that_reads_while_another_loses_the_place_does_not_take_that_for_read() -> None:
    """Its pass began before: what it notes at its end would say that everything was read, and swept, since."""
    world = World(RARELY)
    port, _, _, stays = missed(world)
    one, other = two(world)
    for name in ("fast", "delayed", "sweep", "webhook"):
        other.setup.leadership.held(f"memory:{name}").__enter__()
    one.setup.leadership.held("memory:journal").__enter__()
    listed, asked = port.changed_since, list[str]()

    def meanwhile(obj: str, *args: Any) -> Any:
        if not asked:
            world.clock.forward(1)
            one.ingest_step()
        asked.append(obj)
        return listed(obj, *args)

    port.changed_since = meanwhile  # type: ignore[assignment, method-assign]
    world.clock.forward(5)
    other.ingest_step()
    assert port.asked[-1] is None
    with world.database.read() as connection:
        system = next(iter(other.systems))
        assert [item.passed_at for item in progress_of(connection, system)] == [None] * len(asked)
    for _ in range(8):
        world.clock.forward(5)
        other.ingest_step()
    assert deals(world) == {world.gid(stays)}


def test_a_sweep_that_began_before_the_place_was_lost_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(RARELY)
    port = begun(world)
    ref = world.deal()
    step(world, 4)
    system = next(iter(world.gateway.systems))
    one, _ = two(world)
    swept = port.sweep

    def meanwhile(obj: str, after: str | None, limit: int) -> Sequence[str]:
        found = swept(obj, after, limit)
        if ref in port.rows:
            port.delete(ref)  # it is in the list, and then it is gone
            port.forget()
            world.clock.forward(5)
            one.ingest._journal.step(system)
        return found

    port.sweep = meanwhile  # type: ignore[method-assign]
    world.gateway.ingest.sweep(system, "deal", confirmed=False)
    with world.database.read() as connection:
        assert {item.obj: item.swept_at for item in progress_of(connection, system)}["deal"] is None
    step(world, 10)
    assert deals(world) == set()


def test_a_place_that_somebody_else_has_gone_on_from_is_not_set_back() -> None:
    world = World(RARELY)
    port = begun(world)
    one, other = two(world)
    ref = world.deal()
    real = port.journal

    def meanwhile(after: str | None, limit: int) -> Any:
        page = real(after, limit)
        port.journal = real  # type: ignore[method-assign]
        world.deal()
        world.clock.forward(5)
        other.ingest._journal.step(next(iter(other.systems)))
        return page

    port.journal = meanwhile  # type: ignore[method-assign]
    world.clock.forward(5)
    one.ingest._journal.step(next(iter(one.systems)))
    assert place(world) == str(len(port.entries))
    assert ref in hinted(world)

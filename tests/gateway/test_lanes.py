"""The lanes as declared things: what the delayed lane confirms and finds, who leads, and how each of them stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway.core import Gateway
from gateway.crm.port import ChangedId, CrmUnavailable
from gateway.feed import mirror
from gateway.ingest.delayed import DelayedLane, places_of
from gateway.ingest.hints import add_hints
from gateway.ingest.lanes import Done, FastLane
from gateway.ingest.state import Lane, LaneState
from gateway.limits import Limits
from gateway.report import report
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH
from tests.gateway.ingesting import deals, sweep_all
from tests.gateway.world import Mirror, World

pytestmark = AT_THE_SURFACE


def slow_system(index_lag: float = 0.0, late_commit: float = 0.0) -> World:
    """A gateway over a system that says how late it may be, and has told everything so far."""
    world = World()
    world.port.capabilities = replace(
        world.port.capabilities, index_lag=index_lag, late_commit=late_commit, page_size=50
    )
    world.gateway = world.restarted()
    pass_by(world, 120)
    return world


def pass_by(world: World, seconds: float, each: float = 5) -> None:
    """Let time pass, with a step of ingest every few seconds."""
    for _ in range(int(seconds / each)):
        world.clock.forward(each)
        world.gateway.ingest_step()


def competitor(world: World, gid: str) -> object:
    """What is shown as a deal's competitor."""
    return Mirror(world, world.admin).snapshot().data(gid).get("competitor")


def state(gateway: Gateway, lane: Lane) -> LaneState:
    """How a lane stands."""
    return next(one for one in gateway.lanes() if one.lane is lane)


# ------------------------------------------------------------------------------------------------- late and hidden


@ON_BOTH
def test_a_late_commit_behind_the_fast_lane_is_found_within_what_was_declared() -> None:
    world = slow_system(late_commit=60)
    late, other = world.deal(), world.deal()
    pass_by(world, 120)
    began = world.clock.now()
    pass_by(world, 50)
    world.port.edit(other, rival="the fast lane has seen this")
    pass_by(world, 5)
    world.port.edit(late, rival="committed late")
    world.port.rows[late].modified_at = began
    pass_by(world, 15)
    assert competitor(world, world.gid(late)) == "committed late"


def test_without_its_declaration_only_what_follows_a_sweep_finds_it() -> None:
    """The same as above with nothing declared: so it is the delayed lane that made the difference."""
    world = slow_system()
    late, other = world.deal(), world.deal()
    pass_by(world, 120)
    began = world.clock.now()
    pass_by(world, 50)
    world.port.edit(other, rival="the fast lane has seen this")
    pass_by(world, 5)
    world.port.edit(late, rival="committed late")
    world.port.rows[late].modified_at = began
    pass_by(world, 15)
    assert competitor(world, world.gid(late)) is None
    for _ in range(2):
        sweep_all(world)
    assert competitor(world, world.gid(late)) == "committed late"


def test_what_the_index_shows_late_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    world = slow_system(index_lag=40)
    slow, other = world.deal(), world.deal()
    pass_by(world, 120)
    listed = world.port.changed_since
    world.port.edit(slow, rival="not in the index yet")
    shown_from = world.clock.now() + timedelta(seconds=40)

    def lagging(obj: str, since: datetime | None, after: str | None, limit: int) -> list[ChangedId]:
        found = listed(obj, since, after, limit)
        return [one for one in found if one.ref != slow or world.clock.now() >= shown_from]

    monkeypatch.setattr(world.port, "changed_since", lagging)
    pass_by(world, 20)
    world.port.edit(other, rival="this one is")
    pass_by(world, 15)
    assert competitor(world, world.gid(other)) == "this one is"
    assert competitor(world, world.gid(slow)) is None
    pass_by(world, 20)
    assert competitor(world, world.gid(slow)) == "not in the index yet"


def test_a_second_write_in_the_same_second_is_seen_by_a_system_that_counts_in_seconds() -> None:
    world = World()
    world.port.capabilities = replace(world.port.capabilities, clock_step=1.0, late_commit=30.0, page_size=50)
    world.gateway = world.restarted()
    pass_by(world, 120)
    ref = world.deal()
    second = world.clock.now()
    world.port.edit(ref, rival="first")
    world.port.rows[ref].modified_at = second
    pass_by(world, 10, each=1)
    world.port.edit(ref, rival="second")
    world.port.rows[ref].modified_at = second  # a transaction of the same second, committed ten seconds later
    pass_by(world, 45)
    assert competitor(world, world.gid(ref)) == "second"


def test_more_rows_than_any_page_in_one_instant_are_all_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that a bulk import leaves behind: one timestamp on over ten thousand rows, seen by the delayed lane alone."""
    world = slow_system(late_commit=60)
    world.port.capabilities = replace(world.port.capabilities, page_size=500)
    # As if the import had committed when the fast lane had passed by already.
    monkeypatch.setattr(FastLane, "step", lambda *_: Done())
    refs = [world.port.add("account", title=f"Imported {n}", level="S") for n in range(10_050)]
    assert len({world.port.rows[ref].modified_at for ref in refs}) == 1
    asked: list[str | None] = []
    listed = world.port.changed_since

    def noted(obj: str, since: datetime | None, after: str | None, limit: int) -> Sequence[ChangedId]:
        if obj == "account":
            asked.append(after)
        return listed(obj, since, after, limit)

    monkeypatch.setattr(world.port, "changed_since", noted)
    world.clock.forward(10)
    world.gateway.ingest_step()
    while running(world, "account"):
        world.gateway.ingest_step()
    assert len(asked) == 21
    assert len({*asked}) == 21, "page after page within the instant"
    with world.database.read() as connection:
        assert len(mirror.source_ids(connection, "memory", "account")) == 10_052


def running(world: World, obj: str) -> bool:
    """Whether the delayed lane is in the middle of a pass."""
    with world.database.read() as connection:
        return places_of(connection, "memory")[obj].began_at is not None


# ----------------------------------------------------------------------------------------------- what is confirmed


def test_read_completely_is_what_the_delayed_lane_has_confirmed() -> None:
    world = slow_system(index_lag=20, late_commit=40)
    pass_by(world, 60)
    (source,) = world.gateway.sources()
    assert source.read_at is not None
    behind = world.clock.now() - source.read_at
    assert timedelta(seconds=60) <= behind <= timedelta(seconds=60) + world.limits.delayed_every
    assert state(world.gateway, Lane.DELAYED).lag(world.clock.now()) == behind
    assert state(world.gateway, Lane.FAST).lag(world.clock.now()) == timedelta(0)


def test_nothing_is_confirmed_while_only_the_fast_lane_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    world = slow_system(late_commit=60)
    before = world.gateway.sources()[0].read_at

    def stuck(*_: object) -> None:
        raise CrmUnavailable("The search takes no question just now.")

    monkeypatch.setattr(DelayedLane, "step", stuck)
    ref = world.deal()
    pass_by(world, 60)
    assert world.gid(ref) in deals(world), "the fast lane brings it in"
    assert world.gateway.sources()[0].read_at == before


def test_a_system_that_hides_nothing_is_listed_once_and_not_twice() -> None:
    world = World()
    pass_by(world, 60)
    world.port.calls.clear()
    pass_by(world, 5)
    assert world.port.calls.count("changed_since") == len(world.mapping.objects())
    assert world.gateway.sources()[0].read_at == world.clock.now()


def test_a_delayed_pass_goes_on_where_it_was_in_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(Limits(pages_a_step=1, sweep_every=timedelta(days=9)))
    world.port.capabilities = replace(world.port.capabilities, late_commit=60.0, page_size=2)
    world.gateway = world.restarted()
    for _ in range(12):
        world.deal()
        world.clock.forward(0.1)
    for _ in range(8):
        world.gateway.ingest_step()
    world.clock.forward(20)
    world.gateway.ingest_step()
    with world.database.read() as connection:
        place = places_of(connection, "memory")["deal"]
    assert place.began_at == world.clock.now(), "a pass is running"
    assert place.after is not None
    asked: list[str | None] = []
    listed = world.port.changed_since

    def noted(obj: str, since: datetime | None, after: str | None, limit: int) -> Sequence[ChangedId]:
        asked.append(after)
        return listed(obj, since, after, limit)

    monkeypatch.setattr(world.port, "changed_since", noted)
    world.gateway = world.restarted()
    world.gateway.ingest_step()
    assert place.after in asked, "it did not begin again"


def test_a_clock_of_the_system_that_was_wrong_for_a_while_hides_nothing() -> None:
    world = slow_system(late_commit=60)
    ref = world.deal()
    pass_by(world, 60)
    world.port.now = lambda: world.clock.now() + timedelta(days=1)
    pass_by(world, 30)
    world.port.now = world.clock.now
    pass_by(world, 30)
    began = world.clock.now()
    pass_by(world, 50)
    world.port.edit(ref, rival="committed late")
    world.port.rows[ref].modified_at = began
    pass_by(world, 30)
    assert competitor(world, world.gid(ref)) == "committed late"


def test_a_new_mapping_has_the_delayed_lane_begin_anew() -> None:
    world = slow_system(late_commit=60)
    with world.database.read() as connection:
        assert places_of(connection, "memory")
    manifest = world.gateway.setup.manifest
    deal = manifest.entity("deal_registration")
    assert deal is not None
    less = deal.model_copy(update={"fields": tuple(f for f in deal.fields if f.name != "competitor")})
    entities = tuple(less if entity is deal else entity for entity in manifest.entities)
    maps = tuple(
        item.model_copy(update={"fields": {n: f for n, f in item.fields.items() if n != "competitor"}})
        for item in world.mapping.maps
    )
    world.mapping = world.mapping.model_copy(update={"maps": maps})
    world.restarted(manifest.model_copy(update={"entities": entities}))
    with world.database.read() as connection:
        assert places_of(connection, "memory") == {}


# ------------------------------------------------------------------------------------------------------- leadership


class Elsewhere:
    """Another process leads these lanes."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.asked: list[str] = []
        self.inside: list[str] = []

    @contextmanager
    def held(self, name: str) -> Iterator[bool]:
        """Lead unless another does."""
        self.asked.append(name)
        self.inside.append(name)
        try:
            yield name not in self.names
        finally:
            self.inside.remove(name)

    def close(self) -> None:
        """Give nothing up."""


def led(world: World, leadership: Elsewhere) -> Gateway:
    """A second process."""
    return Gateway(replace(world.gateway.setup, leadership=leadership))


def test_each_lane_is_led_by_its_own_name_while_it_runs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    leadership = Elsewhere()
    gateway = led(world, leadership)
    during: dict[str, set[str]] = {}
    call = world.port._call

    def noted(name: str) -> None:
        during.setdefault(name, set()).update(leadership.inside)
        call(name)

    monkeypatch.setattr(world.port, "_call", noted)
    world.clock.forward(3600)
    gateway.ingest_step()
    assert leadership.asked[:4] == ["memory:webhook", "memory:fast", "memory:delayed", "memory:sweep"]
    assert during["sweep"] == {"memory:sweep"}
    assert "memory:fast" in during["changed_since"]
    assert leadership.inside == []


def test_a_lane_that_another_process_leads_is_left_to_it(world: World) -> None:
    lanes = [f"memory:{lane}" for lane in Lane]
    idle = led(world, Elsewhere(*lanes))
    ref = world.deal()
    idle.hint([ref])
    world.port.calls.clear()
    world.clock.forward(3600)
    for _ in range(3):
        assert idle.ingest_step() == 0
    assert world.port.calls == []
    only_hints = led(world, Elsewhere(*(name for name in lanes if name != "memory:webhook")))
    assert only_hints.ingest_step() == 1
    assert {*world.port.calls} == {"fetch"}


def test_a_process_that_leads_nothing_does_not_call_a_system_well(world: World) -> None:
    world.port.down = True
    world.clock.forward(5)
    world.gateway.ingest_step()
    said = world.gateway.sources()[0].stale_reason
    assert said
    led(world, Elsewhere(*(f"memory:{lane}" for lane in Lane))).ingest_step()
    assert world.gateway.sources()[0].stale_reason == said


def test_what_a_person_asks_for_is_done_whoever_leads(world: World) -> None:
    gateway = led(world, Elsewhere(*(f"memory:{lane}" for lane in Lane)))
    ref, gone = world.deal(), world.deal()
    world.clock.forward(1)
    assert gateway.backfill() == 2
    world.port.delete(gone)
    assert gateway.ingest.sweep(next(iter(gateway.systems)), "deal", confirmed=True) == 1
    assert deals(world) == {world.gid(ref)}


# ------------------------------------------------------------------------------------------------------- how it stands


def test_each_lane_tells_how_it_stands(world: World) -> None:
    world.deal()
    sweep_all(world)
    now = world.clock.now()
    assert [one.lane for one in world.gateway.lanes()] == [
        Lane.WEBHOOK,
        Lane.FAST,
        Lane.DELAYED,
        Lane.SWEEP,
        Lane.READ_BACK,
    ]
    for lane in (Lane.WEBHOOK, Lane.FAST, Lane.DELAYED, Lane.SWEEP):
        found = state(world.gateway, lane)
        assert (found.ran_at, found.succeeded_at, found.error) == (now, now, ""), lane
        assert found.lag(now) == timedelta(0), lane
        assert found.budget_left(now) is None
    assert state(world.gateway, Lane.FAST).changed >= 1
    world.clock.forward(90)
    assert state(world.gateway, Lane.FAST).lag(world.clock.now()) == timedelta(seconds=90)


def test_hints_that_wait_are_the_webhook_lanes_lag(world: World) -> None:
    first, second = world.deal(), world.deal()
    world.gateway.hint([first])
    since = world.clock.now()
    world.clock.forward(30)
    world.gateway.hint([first, second])
    found = state(world.gateway, Lane.WEBHOOK)
    assert (found.backlog, found.waiting_since) == (2, since), "told again, it waits since it was told first"
    assert found.lag(world.clock.now()) == timedelta(seconds=30)
    world.gateway.ingest_step()
    assert state(world.gateway, Lane.WEBHOOK).lag(world.clock.now()) == timedelta(0)
    assert state(world.gateway, Lane.WEBHOOK).seen == 2


def test_hints_of_an_older_version_do_not_say_since_when(world: World) -> None:
    with world.database.write() as connection:
        add_hints(connection, "memory", [world.deal()], world.rng.randbytes)
    assert state(world.gateway, Lane.WEBHOOK).lag(world.clock.now()) is None


def test_what_went_wrong_with_a_lane_is_told_until_it_goes_well(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.read()
    well = world.clock.now()
    world.clock.forward(5)
    with monkeypatch.context() as patch:

        def broken(*_: object) -> None:
            raise KeyError("a bug in a connector")

        patch.setattr(world.port, "changed_since", broken)
        with pytest.raises(KeyError):
            world.gateway.ingest_step()
    found = state(world.gateway, Lane.FAST)
    assert found.error == "KeyError: 'a bug in a connector'"
    assert (found.succeeded_at, found.failed_at) == (well, world.clock.now())
    assert state(world.gateway, Lane.WEBHOOK).error == ""
    (told,) = report(world.gateway).systems
    assert {lane.lane: lane.error for lane in told.lanes}["fast"] == found.error
    world.gateway.ingest_step()
    assert state(world.gateway, Lane.FAST).error == ""


def test_what_was_written_and_what_is_open_is_told_of_the_read_back(world: World) -> None:
    ref = world.deal()
    world.read()
    world.push_one(
        world.admin, world.patch(world.gid(ref), {"competitor": None}, {"competitor": "Stonegate"})
    )
    written = world.clock.now()
    found = state(world.gateway, Lane.READ_BACK)
    assert (found.confirmed, found.backlog, found.lag(written)) == (written, 0, timedelta(0))
    world.port.down = True
    world.clock.forward(10)
    world.push_one(world.admin, world.patch(world.gid(ref), {"title": "x"}, {"title": "y"}))
    world.clock.forward(7)
    found = state(world.gateway, Lane.READ_BACK)
    assert (found.backlog, found.lag(world.clock.now())) == (1, timedelta(seconds=7))

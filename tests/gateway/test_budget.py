"""Budgets: how a system's calls are shared out, that it never gets more than it takes, and who waits first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.contract.mutations import Outcome, Status
from gateway.crm.budget import Bucket, Budget, Plan, Priority, bucket_of, present_priority, spending
from gateway.crm.metered import metered
from gateway.crm.port import CrmBusy, Rate, RowWrite, WritesMany, Written
from gateway.ingest.lanes import Progress, progress_of
from gateway.ingest.state import Lane, LaneState
from gateway.limits import Limits
from gateway.report import report
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH, reopened
from tests.gateway.ingesting import deals
from tests.gateway.memory_port import MemoryPort
from tests.gateway.world import World

pytestmark = AT_THE_SURFACE

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HUBSPOT = Rate(100, 10.0, daily=650_000)
TIGHT = Rate(40, 10.0)

rates = st.builds(Rate, st.integers(1, 400), st.sampled_from([1.0, 10.0, 60.0]), st.just(0))
steps = st.lists(
    st.tuples(st.sampled_from(Priority), st.integers(1, 5), st.floats(0, 3, allow_nan=False)), max_size=150
)


# ------------------------------------------------------------------------------------------------------- the bucket


@pytest.mark.databases("sqlite")
@given(rate=rates, taken=steps)
def test_no_window_ever_holds_more_calls_than_the_system_takes(
    rate: Rate, taken: list[tuple[Priority, int, float]]
) -> None:
    plan, now = Plan.of(rate), NOW
    bucket = Bucket.full(plan, now)
    made: list[tuple[datetime, int]] = []
    for priority, many, pause in taken:
        now += timedelta(seconds=pause)
        bucket, calls, wait = bucket.take(priority, 1, many, now)
        assert (calls > 0) == (wait == 0)
        made.append((now, calls))
    for at, _ in made:
        # Within the hold, what was taken before may be made.
        window = timedelta(seconds=rate.seconds)
        assert sum(calls for then, calls in made if at <= then < at + window) <= max(rate.calls, 1)


@pytest.mark.databases("sqlite")
@given(rate=rates.filter(lambda rate: rate.calls >= 4), sweeps=st.integers(1, 1000))
def test_a_sweep_that_takes_all_it_gets_leaves_writes_their_share(rate: Rate, sweeps: int) -> None:
    plan = Plan.of(rate)
    bucket, most = Bucket.full(plan, NOW), 0
    for _ in range(sweeps):
        bucket, taken, _ = bucket.take(Priority.SWEEP, 1, 1, NOW)
        most += taken
    assert most < plan.capacity
    for priority in (Priority.LIST, Priority.READ, Priority.WRITE):
        _, taken, wait = bucket.take(priority, 1, 1, NOW)
        if plan.capacity >= 10 or priority is Priority.WRITE:
            assert (taken, wait) == (1, 0.0), priority


@pytest.mark.databases("sqlite")
@given(rate=rates, priority=st.sampled_from(Priority), cost=st.integers(1, 500))
def test_whoever_waits_as_long_as_is_said_gets_its_call(rate: Rate, priority: Priority, cost: int) -> None:
    bucket, now = replace(Bucket.full(Plan.of(rate), NOW), tokens=0.0), NOW
    bucket, taken, wait = bucket.take(priority, cost, cost, now)
    assert taken == 0
    _, taken, _ = bucket.take(priority, cost, cost, now + timedelta(seconds=wait + 0.001))
    assert taken >= 1


@ON_BOTH
def test_what_hubspot_takes_comes_to() -> None:
    plan = Plan.of(HUBSPOT)
    assert plan.capacity == 25
    assert [plan.floor(priority) for priority in Priority] == [0.0, 2.5, 7.5, 12.5]
    assert 6.5 < plan.refill < 7.5


def test_a_day_is_shared_out_too_and_ends_at_midnight() -> None:
    plan = Plan.of(Rate(100, 10.0, daily=1000))
    bucket = replace(Bucket.full(plan, NOW), used=800)
    _, taken, wait = bucket.take(Priority.SWEEP, 1, 1, NOW)
    assert (taken, wait) == (0, 15 * 3600.0)
    assert bucket.take(Priority.LIST, 1, 1, NOW)[1] == 1
    bucket = replace(bucket, used=1000)
    assert bucket.take(Priority.WRITE, 1, 1, NOW)[1] == 0
    assert bucket.take(Priority.SWEEP, 1, 1, NOW + timedelta(hours=15))[1] == 1


def test_a_clock_that_was_set_back_holds_nothing_up() -> None:
    bucket = replace(Bucket.full(Plan.of(HUBSPOT), NOW + timedelta(hours=3)), tokens=0.0)
    bucket, taken, wait = bucket.take(Priority.WRITE, 1, 1, NOW)
    assert taken == 0
    assert bucket.take(Priority.WRITE, 1, 1, NOW + timedelta(seconds=wait))[1] == 1


def test_when_the_system_takes_no_call_the_lowest_wait_first_and_the_others_one_by_one() -> None:
    bucket = Bucket.full(Plan.of(HUBSPOT), NOW).limited(10.0, NOW)
    now = NOW + timedelta(seconds=5)

    def going(bucket: Bucket) -> list[Priority]:
        return [priority for priority in Priority if bucket.take(priority, 1, 1, now)[1]]

    assert going(bucket) == [Priority.WRITE, Priority.READ]
    bucket = replace(bucket.limited(1.0, now), tokens=20.0)
    assert going(bucket) == [Priority.WRITE]
    assert bucket.paused_until == NOW + timedelta(seconds=10), "the first pause is not cut short"
    assert going(replace(bucket.limited(10.0, now), tokens=20.0)) == []
    now = NOW + timedelta(seconds=21)
    assert going(bucket) == [*Priority]
    assert going(replace(bucket.limited(1.0, now), tokens=20.0)) == [Priority.WRITE, Priority.READ], "anew"


def test_what_is_spent_is_of_the_priority_that_is_open() -> None:
    assert present_priority() is Priority.READ
    with spending(Priority.SWEEP):
        with spending(Priority.READ):
            assert present_priority() is Priority.READ
        assert present_priority() is Priority.SWEEP
    assert present_priority() is Priority.READ


# ------------------------------------------------------------------------------------------------- several processes


def spent(budget: Budget, priority: Priority) -> int:
    """Spend until there is nothing left; returns how many calls that were."""
    for made in range(10_000):
        try:
            budget.spend(priority)
        except CrmBusy:
            return made
    raise AssertionError("without an end")


def test_processes_share_one_budget(world: World) -> None:
    other = world.database if world.database.engine.dialect.name == "sqlite" else reopened(world.database)
    budgets = [Budget(one, world.clock, "crm", "CRM", HUBSPOT) for one in (world.database, other)]
    assert spent(budgets[0], Priority.SWEEP) in (12, 13)
    assert spent(budgets[1], Priority.SWEEP) == 0
    assert spent(budgets[1], Priority.WRITE) in (12, 13)
    assert spent(budgets[0], Priority.WRITE) == 0
    with world.database.read() as connection:
        bucket = bucket_of(connection, "crm")
    assert bucket is not None
    assert bucket.used == 25
    other.close()


def test_what_a_process_took_and_did_not_use_is_given_up_soon(world: World) -> None:
    budget = Budget(world.database, world.clock, "crm", "CRM", HUBSPOT)
    budget.spend(Priority.WRITE)  # two are taken at once
    budget.spend(Priority.WRITE)
    budget.spend(Priority.WRITE)
    world.clock.forward(1.1)
    budget.spend(Priority.WRITE)
    with world.database.read() as connection:
        bucket = bucket_of(connection, "crm")
    assert bucket is not None
    assert bucket.used == 6, "the fourth was not one of those that were left over"


def test_threads_of_one_process_get_no_more_together(world: World) -> None:
    budget = Budget(world.database, world.clock, "crm", "CRM", HUBSPOT)
    made: list[int] = []
    threads = [threading.Thread(target=lambda: made.append(spent(budget, Priority.WRITE))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == 25


def test_a_new_process_finds_what_was_spent(world: World) -> None:
    assert spent(Budget(world.database, world.clock, "crm", "CRM", HUBSPOT), Priority.WRITE) == 25
    assert spent(Budget(world.database, world.clock, "crm", "CRM", HUBSPOT), Priority.WRITE) == 0


# ------------------------------------------------------------------------------------------------------- the meter


class Batching(MemoryPort):
    """A system that takes many writes in one call."""

    def write_many(self, writes: list[RowWrite]) -> list[Written]:
        """Do nothing."""
        self._call("write_many")
        return []


def test_a_meter_changes_nothing_about_what_a_system_can_do(world: World) -> None:
    budget = Budget(world.database, world.clock, "memory", "Memory CRM", HUBSPOT)
    assert not isinstance(metered(world.port, budget), WritesMany)
    batching = metered(Batching(world.clock.now), budget)
    assert isinstance(batching, WritesMany)
    batching.write_many([])
    port = metered(world.port, budget)
    assert (port.system, port.label, port.capabilities) == ("memory", "Memory CRM", world.port.capabilities)
    assert port.now() == world.clock.now()


def test_a_call_about_many_rows_costs_as_many_calls_as_it_fills_pages(world: World) -> None:
    budget = Budget(world.database, world.clock, "memory", "Memory CRM", HUBSPOT)
    refs = [world.deal() for _ in range(7)]
    assert len(metered(world.port, budget).fetch(refs)) == 7  # pages of three
    assert left(world) == 25 - 3


def left(world: World, system: str = "memory") -> float:
    """What is in the bucket."""
    with world.database.read() as connection:
        bucket = bucket_of(connection, system)
    assert bucket is not None
    return bucket.tokens


# ------------------------------------------------------------------------------------------------- lanes and writes


def limited(rate: Rate = TIGHT, **limits: object) -> World:
    """A gateway beside a system that takes so many calls, with everything read and the budget full."""
    world = World(Limits(**limits))  # type: ignore[arg-type]
    world.port.capabilities = replace(world.port.capabilities, rate=rate)
    world.gateway = world.restarted()
    world.clock.forward(60)
    return world


def state(world: World, lane: Lane) -> LaneState:
    """How a lane stands."""
    return next(one for one in world.gateway.lanes() if one.lane is lane)


def stepped(world: World, done: Callable[[], bool], most: int = 400) -> int:
    """Step once a second until it is done; returns how many steps it took."""
    for step in range(most):
        if done():
            return step
        world.clock.forward(1)
        world.gateway.ingest_step()
    raise AssertionError("never done")


def test_a_lane_without_budget_stops_where_it_is_and_goes_on_later() -> None:
    world = limited()
    refs = [world.deal() for _ in range(60)]
    for ref in refs:
        world.port.rows[ref].modified_at = world.clock.now()
        world.clock.forward(0.01)
    world.port.calls.clear()
    world.gateway.ingest_step()
    with world.database.read() as connection:
        (deal,) = (p for p in progress_of(connection, next(iter(world.gateway.systems))) if p.obj == "deal")
    some = len(deals(world))
    assert 0 <= some < 60
    assert deal.began_at is not None or deal.passed_at != world.clock.now()
    assert state(world, Lane.FAST).error.startswith("The calls that Memory CRM takes are used up")
    assert len(world.port.calls) <= 10
    assert world.gateway.sources()[0].stale_reason == "", "limited is not out of reach"
    assert stepped(world, lambda: len(deals(world)) == 60) > 3
    assert stepped(world, lambda: state(world, Lane.FAST).error == "") < 60


def test_with_few_calls_every_object_gets_its_turn_in_the_end() -> None:
    """What was done before the calls ran out stays done; otherwise the first objects would take them all, always."""
    world = limited(Rate(8, 10.0))
    world.port.add_file("doc", b"%PDF", title="Price list", code="P1", audience="everyone", stage="C")
    stepped(world, lambda: all(p.passed_at for p in _progress(world)))
    before = {p.obj: p.passed_at for p in _progress(world)}
    stepped(world, lambda: all(p.passed_at != before[p.obj] for p in _progress(world)))


def _progress(world: World) -> list[Progress]:
    with world.database.read() as connection:
        return [*progress_of(connection, next(iter(world.gateway.systems)))]


def test_a_long_sweep_never_starves_a_write() -> None:
    world = limited(Rate(80, 10.0))
    refs = [world.deal() for _ in range(120)]
    world.gateway.backfill(wait=world.clock.forward)
    world.clock.forward(3600)
    gid = world.gid(refs[0])
    outcomes: list[Outcome] = []
    swept = world.port.calls.count("sweep")
    for n in range(30):
        world.clock.forward(1)
        world.gateway.ingest_step()
        edit = world.patch(gid, {"competitor": f"{n - 1}" if n else None}, {"competitor": f"{n}"})
        outcomes.append(world.push_one(world.admin, edit))
    assert {outcome.status for outcome in outcomes} == {Status.APPLIED}
    assert world.port.calls.count("sweep") - swept > 20, "and the sweeps go on"
    assert stepped(world, lambda: all(p.swept_at for p in _progress(world))) < 300


def test_a_sweep_goes_on_with_the_ids_it_had_when_its_calls_ran_out() -> None:
    world = limited(Rate(40, 10.0), sweep_every=timedelta(days=9))
    refs = [world.deal() for _ in range(90)]
    world.gateway.backfill(wait=world.clock.forward)
    stepped(world, lambda: all(p.swept_at for p in _progress(world)))
    gone = refs[10:15]
    for ref in gone:
        world.port.delete(ref)
    world.port.calls.clear()
    system = next(iter(world.gateway.systems))
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        world.clock.forward(seconds)

    assert world.gateway.ingest.sweep(system, "deal", confirmed=False, wait=wait) == 5
    assert len(waited) > 3, "it was out of calls again and again"
    assert world.port.calls.count("sweep") == 29, "each page was asked for once"


def test_a_write_without_budget_is_deferred_and_done_later() -> None:
    world = limited()
    ref = world.deal()
    world.gateway.backfill(wait=world.clock.forward)
    budget = Budget(world.database, world.clock, "memory", "Memory CRM", TIGHT)
    spent(budget, Priority.WRITE)
    edit = world.patch(world.gid(ref), {"competitor": None}, {"competitor": "Stonegate"})
    outcome = world.push_one(world.admin, edit)
    assert outcome.status is Status.DEFERRED
    assert outcome.problem is not None
    assert outcome.problem.code == "budget"
    assert outcome.retry_after is not None
    assert 0 < outcome.retry_after < 2
    assert world.port.writes == 0
    world.clock.forward(outcome.retry_after + 2)
    world.gateway.recover()
    assert world.push_one(world.admin, edit).status is Status.APPLIED
    assert world.port.writes == 1


def test_what_was_written_is_read_back_with_the_writes_own_calls() -> None:
    """A system without conditional writes: the read before has its reserve to leave, the read back has not."""
    world = limited()
    world.port.capabilities = replace(world.port.capabilities, conditional_writes=False)
    ref = world.deal()
    world.gateway.backfill(wait=world.clock.forward)
    world.clock.forward(60)
    budget = Budget(world.database, world.clock, "memory", "Memory CRM", TIGHT)

    def use_up() -> None:
        while left(world) >= 2:
            budget.spend(Priority.WRITE)

    world.port.before_write = use_up
    edit = world.patch(world.gid(ref), {"competitor": None}, {"competitor": "Stonegate"})
    assert world.push_one(world.admin, edit).status is Status.APPLIED


def test_a_system_that_takes_no_more_calls_pauses_the_lanes_before_the_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = limited()
    ref = world.deal()
    world.gateway.backfill(wait=world.clock.forward)
    world.clock.forward(60)
    call = world.port._call

    def too_many(name: str) -> None:
        if name == "changed_since":
            raise CrmBusy("Too many requests.", 20.0)
        call(name)

    with monkeypatch.context() as patch:
        patch.setattr(world.port, "_call", too_many)
        world.gateway.ingest_step()
    assert "Too many requests." in {state(world, lane).error for lane in (Lane.FAST, Lane.DELAYED)}
    world.clock.forward(5)
    world.port.calls.clear()
    world.port.edit(ref, todo="told by a hint")
    world.gateway.hint([ref])
    assert world.gateway.ingest_step() == 1
    assert {*world.port.calls} == {"fetch"}, "nothing is listed and nothing swept for twenty seconds"
    edit = world.patch(world.gid(ref), {"competitor": None}, {"competitor": "Stonegate"})
    assert world.push_one(world.admin, edit).status is Status.APPLIED
    world.clock.forward(16)
    world.gateway.ingest_step()
    assert "changed_since" in world.port.calls
    assert state(world, Lane.FAST).error == ""


def test_a_system_that_declares_no_rate_may_be_limited_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.read()

    def too_many(*_: object) -> None:
        raise CrmBusy("Too many requests.", 20.0)

    ref = world.deal()
    world.gateway.hint([ref])
    with monkeypatch.context() as patch:
        patch.setattr(world.port, "changed_since", too_many)
        world.clock.forward(1)
        assert world.gateway.ingest_step() == 1, "the hint was followed before"
        with pytest.raises(CrmBusy):
            world.gateway.backfill()
    world.port.calls.clear()
    world.gateway.ingest_step()
    assert world.port.calls == []
    world.clock.forward(21)
    world.gateway.ingest_step()
    assert "changed_since" in world.port.calls


def test_the_budget_is_told_and_looking_does_not_call_a_busy_system_out_of_reach() -> None:
    world = limited()
    world.gateway.backfill(wait=world.clock.forward)
    world.clock.forward(60)
    found = state(world, Lane.SWEEP)
    assert (
        found.budget_left(world.clock.now()),
        state(world, Lane.WEBHOOK).budget_left(world.clock.now()),
    ) == (5, 9)
    spent(Budget(world.database, world.clock, "memory", "Memory CRM", TIGHT), Priority.WRITE)
    assert state(world, Lane.SWEEP).budget_left(world.clock.now()) == 0
    (told,) = report(world.gateway).systems
    assert told.reachable
    assert {lane.lane: lane.budget for lane in told.lanes} == {
        "webhook": 0,
        "fast": 0,
        "delayed": 0,
        "sweep": 0,
    }

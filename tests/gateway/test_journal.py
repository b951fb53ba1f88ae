"""The journal lane: what it tells is read at once, nothing of it is lost, and a place that is lost is made up for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.console.machinery import Machinery
from gateway.crm.port import CrmExpired, CrmRefused, CrmUnavailable, JournalPage, Rate
from gateway.ingest.lanes import Done
from gateway.ingest.state import Lane
from gateway.metrics import Metrics
from gateway.report import report
from gateway.systems import System
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH
from tests.gateway.ingesting import deals
from tests.gateway.journal_port import RARELY, begun, hinted, journalled, place, state, step
from tests.gateway.world import Mirror, World

pytestmark = AT_THE_SURFACE

# ----------------------------------------------------------------------------------------------------------- telling


@ON_BOTH
def test_what_the_journal_tells_is_read_within_the_same_step() -> None:
    world = World(RARELY)
    port = begun(world)
    ref, gone = world.deal(), world.deal()
    assert step(world, 4) == 2
    port.link(ref, account_id=world.south.id)
    port.delete(gone)
    assert step(world) == 2
    assert deals(world) == set()
    assert Mirror(world, world.other).snapshot().of("deal_registration") == {world.gid(ref)}
    assert hinted(world) == set()


def test_without_a_journal_neither_would_have_been_found_yet() -> None:
    """The same as above: so it is the journal that made the difference."""
    world = World(RARELY)
    step(world, 12)
    ref, gone = world.deal(), world.deal()
    step(world, 4)
    world.port.rows[ref].fields["account_id"] = world.south.id
    world.port.delete(gone)
    step(world, 8)
    assert deals(world) == {world.gid(ref), world.gid(gone)}


def test_the_journal_begins_at_its_end_before_any_other_lane_does() -> None:
    world = World()
    port = journalled(world)
    port.calls.clear()
    world.clock.forward(5)
    world.gateway.ingest_step()
    assert port.calls[0] == "journal"
    assert port.asked == [None]
    assert place(world) == str(len(port.entries))


def test_many_pages_are_taken_in_turn_and_a_row_told_often_is_read_once() -> None:
    world = World(RARELY)  # pages of three, five of them a step
    port = begun(world)
    refs = [world.deal() for _ in range(20)]
    for ref in refs:
        port.touch(ref)
    port.calls.clear()
    world.clock.forward(5)
    world.gateway.ingest_step()
    assert port.calls.count("journal") == 5
    world.gateway.ingest_step()  # at once: there is more
    assert port.calls.count("journal") == 10
    world.gateway.backfill()
    assert place(world) == str(len(port.entries))
    assert deals(world) == {world.gid(ref) for ref in refs}
    assert hinted(world) == set()


def test_it_is_asked_every_other_second_at_most_and_with_no_hint() -> None:
    world = World(RARELY)
    port = begun(world)
    port.calls.clear()
    for _ in range(10):
        world.clock.forward(0.5)
        world.gateway.ingest_step()
        world.gateway.ingest.hints_step()
    assert port.calls.count("journal") == 2  # after 2 and 4 seconds
    world.gateway.backfill()
    assert port.calls.count("journal") == 3, "a person does not wait for the next turn"


def test_rows_of_objects_nobody_shares_are_not_kept() -> None:
    world = World(RARELY)
    port = begun(world)
    port.add("campaign", name="Autumn")
    port.fetch = lambda _: pytest.fail("nothing is to be read")  # type: ignore[assignment, method-assign]
    world.clock.forward(5)
    world.gateway.ingest_step()
    assert place(world) == str(len(port.entries))


def test_a_journal_that_says_more_and_tells_nothing_does_not_hold_up() -> None:
    world = World(RARELY)
    port = begun(world)
    real = port.journal
    port.journal = lambda after, limit: replace(real(after, limit), more=True)  # type: ignore[method-assign]
    port.calls.clear()
    world.gateway.backfill()
    assert port.calls.count("journal") == 1


# ------------------------------------------------------------------------------------------------ nothing of it is lost


class _Cut(Exception):
    """The process ends."""


def test_place_and_hints_are_there_together_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(RARELY)
    begun(world)
    ref, before = world.deal(), place(world)
    with monkeypatch.context() as patch:

        def dies(*_: object) -> None:
            raise _Cut

        patch.setattr(world.database, "announce", dies)  # both are written, and not committed
        world.clock.forward(5)
        with pytest.raises(_Cut):
            world.gateway.ingest_step()
    assert (place(world), hinted(world)) == (before, set())
    world.gateway = world.restarted()
    assert step(world) == 1
    assert deals(world) == {world.gid(ref)}


def test_what_was_told_outlives_the_process_that_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(RARELY)
    port = begun(world)
    ref = world.deal()
    step(world)
    port.link(ref, account_id=world.south.id)
    with monkeypatch.context() as patch:
        follow = world.gateway.ingest._hints.step

        def dies(system: System) -> Done:
            if hinted(world):
                raise _Cut
            return follow(system)

        patch.setattr(world.gateway.ingest._hints, "step", dies)
        world.clock.forward(5)
        with pytest.raises(_Cut):
            world.gateway.ingest_step()
    assert place(world) == str(len(port.entries))
    assert hinted(world) == {ref}
    world.gateway = world.restarted()
    assert step(world) == 1
    assert deals(world) == set()


def test_a_page_that_cannot_be_paid_for_is_asked_for_later() -> None:
    world = World(RARELY)
    port = begun(world)
    port.capabilities = replace(port.capabilities, rate=Rate(20, 10.0))
    world.gateway = world.restarted()
    world.clock.forward(60)
    refs = [world.deal() for _ in range(40)]
    world.gateway.backfill(wait=lambda seconds: world.clock.forward(seconds + 0.001))
    step(world, 20)
    assert deals(world) == {world.gid(ref) for ref in refs}
    assert place(world) == str(len(port.entries))


def test_a_system_that_was_down_tells_what_happened_meanwhile() -> None:
    world = World(RARELY)
    port = begun(world)
    ref = world.deal()
    step(world)
    port.down = True
    step(world, 3)
    assert "is down" in state(world.gateway).error
    assert world.gateway.sources()[0].stale_reason
    port.link(ref, account_id=world.south.id)
    port.down = False
    step(world, 2)
    assert (state(world.gateway).error, deals(world)) == ("", set())


def test_a_journal_that_does_not_answer_keeps_no_other_lane_from_reading() -> None:
    world = World(RARELY)
    port = begun(world)
    port.dumb = True
    ref = world.deal()
    assert step(world) == 1, "the fast lane has found it"
    assert deals(world) == {world.gid(ref)}
    assert "journal does not answer" in state(world.gateway).error
    port.calls.clear()
    step(world, 5)
    assert "journal" not in port.calls, "it has asked for thirty seconds"
    port.link(ref, account_id=world.south.id)
    port.dumb = False
    step(world, 2)
    assert deals(world) == set()


@pytest.mark.parametrize("error", [CrmExpired("Not known."), CrmRefused("No such thing.")])
def test_a_journal_that_cannot_be_read_at_all_keeps_no_other_lane_from_reading(error: Exception) -> None:
    """It is told with the lane, as what is wrong with it is for a person to mend."""
    world = World(RARELY)
    port = begun(world)
    working = port.journal

    def broken(after: str | None, limit: int) -> JournalPage:
        raise error

    port.journal = broken  # type: ignore[method-assign]
    ref = world.deal()
    assert step(world) == 1
    assert deals(world) == {world.gid(ref)}
    assert str(error) in state(world.gateway).error
    port.journal = working  # type: ignore[method-assign]
    step(world, 20)
    assert state(world.gateway).error == ""


def test_nothing_is_read_before_there_is_a_place_in_the_journal() -> None:
    world = World()
    port = journalled(world)
    port.dumb = True
    port.calls.clear()
    world.clock.forward(5)
    world.gateway.ingest_step()
    assert port.calls == ["journal"]
    assert world.gateway.sources()[0].stale_reason == "Memory CRM cannot be reached."
    with pytest.raises(CrmUnavailable):
        world.gateway.backfill()


# -------------------------------------------------------------------------------------------------------- how it stands


def test_the_lane_tells_how_it_stands_where_there_is_a_journal() -> None:
    world = World(RARELY)
    port = begun(world)
    now = world.clock.now()
    names = [lane.lane for lane in world.gateway.lanes()]
    assert names == [Lane.WEBHOOK, Lane.JOURNAL, Lane.FAST, Lane.DELAYED, Lane.SWEEP, Lane.READ_BACK]
    found = state(world.gateway)
    assert (found.ran_at, found.succeeded_at, found.error, found.lag(now)) == (now, now, "", timedelta(0))
    seen = found.seen
    world.deal()
    world.deal()
    step(world)
    assert state(world.gateway).seen == seen + 2
    port.down = True
    step(world, 3)
    assert state(world.gateway).lag(world.clock.now()) == timedelta(seconds=15)
    (told,) = report(world.gateway).systems
    assert "journal" in [lane.lane for lane in told.lanes]
    assert any(lane.line().startswith("journal  15 s behind") for lane in told.lanes)
    (shown,) = Machinery(world.gateway).systems()
    assert [line.words for line in shown.lanes] == [
        "Hints",
        "Journal",
        "Changes",
        "Changes, confirmed",
        "Sweep",
    ]
    counted = Metrics(world.gateway).text().decode()
    assert 'counterpart_lane_lag_seconds{lane="journal",system="memory"} 15.0' in counted


def test_a_system_without_a_journal_has_no_such_lane_even_if_it_had_one() -> None:
    world = World(RARELY)
    port = begun(world)
    assert Lane.JOURNAL in [lane.lane for lane in world.gateway.lanes()]
    plain = World().port
    vars(plain).update({name: value for name, value in vars(port).items() if name in vars(plain)})
    world.port = plain
    world.gateway = world.restarted()
    step(world)
    assert Lane.JOURNAL not in [lane.lane for lane in world.gateway.lanes()]
    (told,) = report(world.gateway).systems
    assert "journal" not in [lane.lane for lane in told.lanes]

"""Ingest: what the lanes find, what they leave alone, and what holds none of them up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from gateway.core import Gateway
from gateway.crm.port import CrmUnavailable, Ref
from gateway.feed.writer import FeedWriter
from gateway.mapping import SystemMapping
from gateway.report import report
from gateway.systems import System
from gateway.tables import ingest_cursor, mirror
from tests.gateway.databases import lender
from tests.gateway.ingesting import deals, sweep_all
from tests.gateway.memory_port import MemoryPort
from tests.gateway.world import Mirror, World


def test_the_first_pass_reads_everything_in_pages(world: World) -> None:
    for _ in range(20):
        world.deal()
        world.clock.forward(1)
    world.read()
    assert len(deals(world)) == 20


def test_a_long_first_pass_goes_on_where_it_was_after_a_restart(world: World) -> None:
    sweep_all(world)
    for _ in range(20):  # more than one step of five pages of three reads
        world.deal()
        world.clock.forward(1)
    world.gateway.ingest_step()
    assert 0 < len(deals(world)) < 20
    calls = len(world.port.calls)
    world.gateway = world.restarted()
    world.gateway.backfill()
    assert len(deals(world)) == 20
    fetched = world.port.calls[calls:].count("fetch")
    assert fetched < 5, "it did not begin again"


def test_a_second_write_in_the_same_instant_is_not_missed(world: World) -> None:
    ref = world.deal()
    world.read()
    at = world.clock.now()
    world.port.edit(ref, todo="first")
    world.gateway.ingest_step()
    world.port.edit(ref, todo="second")  # the clock stands: same modification time
    assert world.port.rows[ref].modified_at == at
    world.gateway.ingest_step()
    assert Mirror(world, world.admin).snapshot().data(world.gid(ref))["next_steps"] == "second"


def test_a_late_commit_behind_the_newest_time_is_found(world: World) -> None:
    ref, other = world.deal(), world.deal()
    world.clock.forward(60)
    world.port.edit(other, todo="newest")
    world.read()
    world.port.edit(ref, todo="late")
    world.port.rows[ref].modified_at = world.clock.now() - timedelta(
        seconds=4
    )  # its transaction began earlier
    world.gateway.ingest_step()
    assert Mirror(world, world.admin).snapshot().data(world.gid(ref))["next_steps"] == "late"


def test_a_modification_in_the_future_hides_nothing(world: World) -> None:
    ref, odd = world.deal(), world.deal()
    world.port.rows[odd].modified_at = world.clock.now() + timedelta(days=1)
    world.read()
    world.clock.forward(60)
    world.gateway.ingest_step()
    world.port.edit(ref, rival="Stonegate")
    world.gateway.ingest_step()
    assert Mirror(world, world.admin).snapshot().data(world.gid(ref))["competitor"] == "Stonegate"


def test_what_is_modified_while_a_pass_goes_through_the_future_is_found_by_the_next(world: World) -> None:
    ref = world.deal()
    sweep_all(world)
    for _ in range(20):  # more than one step
        world.port.rows[world.deal()].modified_at = world.clock.now() + timedelta(days=1)
    world.gateway.ingest_step()
    assert not world.gateway.ingest.quiet(), "the pass is still running"
    world.clock.forward(60)
    world.port.edit(ref, rival="Stonegate")
    world.clock.forward(60)
    for _ in range(8):
        world.gateway.ingest_step()
    assert Mirror(world, world.admin).snapshot().data(world.gid(ref))["competitor"] == "Stonegate"


def test_a_gateway_that_had_seen_the_future_before_sees_what_is_modified_now(world: World) -> None:
    ref = world.deal()
    world.read()
    with world.database.write() as connection:
        connection.execute(update(ingest_cursor).values(high=world.clock.now() + timedelta(days=1)))
    world.clock.forward(60)
    world.port.edit(ref, rival="Stonegate")
    world.gateway.ingest_step()
    assert Mirror(world, world.admin).snapshot().data(world.gid(ref))["competitor"] == "Stonegate"


def test_rows_that_were_read_when_their_instant_was_over_are_not_read_again(world: World) -> None:
    world.deal()
    world.read()
    world.clock.forward(60)
    world.gateway.ingest_step()
    world.gateway.ingest_step()
    world.port.calls.clear()
    world.gateway.ingest_step()
    assert "fetch" not in world.port.calls


def test_what_was_written_through_the_gateway_is_not_read_once_more(world: World) -> None:
    world.port.lists_revisions = True
    ref = world.deal()
    world.read()
    world.push_one(
        world.admin, world.patch(world.gid(ref), {"competitor": None}, {"competitor": "Stonegate"})
    )
    world.port.calls.clear()
    world.gateway.ingest_step()
    assert "changed_since" in world.port.calls
    assert "fetch" not in world.port.calls
    world.port.edit(ref, todo="in the same instant")
    world.gateway.ingest_step()
    assert "fetch" in world.port.calls
    assert Mirror(world, world.admin).snapshot().data(world.gid(ref))["next_steps"] == "in the same instant"


def test_a_hint_is_followed_before_anything_else(world: World) -> None:
    ref = world.deal()
    world.gateway.hint([ref, Ref("unheard_of", "1")])
    assert world.gateway.ingest.hints_step() == 1
    assert deals(world) == {world.gid(ref)}
    assert world.gateway.ingest.hints_step() == 0


def test_a_hint_given_again_while_it_is_followed_is_kept(world: World) -> None:
    ref = world.deal()
    world.gateway.hint([ref])
    fetch = world.port.fetch

    def busy(refs: list[Ref]) -> object:
        found = fetch(refs)
        world.port.edit(ref, todo="again")
        world.gateway.hint([ref])
        world.port.fetch = fetch  # type: ignore[method-assign]
        return found

    world.port.fetch = busy  # type: ignore[method-assign, assignment]
    world.gateway.ingest.hints_step()
    world.gateway.ingest.hints_step()
    assert Mirror(world, world.admin).snapshot().data(world.gid(ref))["next_steps"] == "again"


def test_a_database_that_fails_is_no_rows_fault(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = world.deal()
    world.gateway.hint([ref])
    with monkeypatch.context() as patch:

        def full(*_: object) -> None:
            raise OperationalError("INSERT", {}, Exception("database or disk is full"))

        patch.setattr(FeedWriter, "put", full)
        with pytest.raises(OperationalError):
            world.gateway.ingest.hints_step()
    assert report(world.gateway).set_aside == ()
    assert world.gateway.ingest.hints_step() == 1, "the hint is still there"


def test_a_step_that_fails_is_told_to_clients_and_holds_no_other_system_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, others = world.mapping.of_object("doc"), (m for m in world.mapping.maps if m.object != "doc")
    library = MemoryPort(world.clock.now)
    library.system = "second"
    first = System(world.port, SystemMapping(system="memory", maps=tuple(others)))
    second = System(library, SystemMapping(system="second", maps=files))
    setup = replace(world.gateway.setup, database=lender.database(), systems=(first, second))
    gateway = Gateway(setup)
    gateway.backfill()
    library.add_file("doc", b"%PDF", title="Price list", audience="everyone", stage="C")

    def broken(*_: object) -> None:
        raise KeyError("a bug in a connector")

    with monkeypatch.context() as patch:
        patch.setattr(world.port, "changed_since", broken)
        world.clock.forward(1)
        with pytest.raises(KeyError):
            gateway.ingest_step()
    with gateway.ground.database.read() as connection:
        assert (
            "live" in connection.execute(select(mirror.c.status).where(mirror.c.system == "second")).scalars()
        )
    one, two = gateway.sources()
    assert (one.stale_reason, two.stale_reason) == ("Memory CRM could not be read in full.", "")
    gateway.ingest_step()
    assert gateway.sources()[0].stale_reason == ""


def test_a_system_that_was_not_read_for_long_asks_for_a_person(world: World) -> None:
    world.read()
    assert report(world.gateway).well
    world.clock.forward(world.limits.read_within.total_seconds() + 1)
    found = report(world.gateway)
    assert found.systems[0].reachable
    assert not found.well
    world.read()
    assert report(world.gateway).well
    world.clock.off_by = timedelta(hours=-2)
    assert not report(world.gateway).well, "that it was read in the future says nothing"


def test_a_transaction_that_was_open_for_minutes_is_found_after_the_next_sweep(world: World) -> None:
    """It commits with the time at which it began, far behind what the fast lane has seen since."""
    late, other = world.deal(), world.deal()
    world.read()
    world.clock.forward(60)
    began = world.clock.now()
    world.clock.forward(300)
    world.port.edit(other, rival="seen first")
    world.gateway.ingest_step()
    world.port.edit(late, rival="committed late")
    world.port.rows[late].modified_at = began
    world.gateway.ingest_step()
    assert Mirror(world, world.admin).snapshot().data(world.gid(late)).get("competitor") != "committed late"
    for _ in range(2):
        sweep_all(world)
    assert Mirror(world, world.admin).snapshot().data(world.gid(late))["competitor"] == "committed late"


def test_a_pause_is_no_longer_because_somebody_sets_the_clock_back(world: World) -> None:
    world.read()
    world.port.down = True
    world.gateway.ingest_step()
    world.port.down = False
    world.clock.off_by = timedelta(hours=-2)
    world.clock.forward(3)
    ref = world.deal()
    world.gateway.ingest_step()
    assert Mirror(world, world.admin).snapshot().data(world.gid(ref))


def test_a_system_that_is_down_is_stale_and_is_left_alone_for_its_pause(world: World) -> None:
    world.read()
    (source,) = world.gateway.sources()
    assert source.read_at == world.clock.now()
    assert source.stale_reason == ""
    world.port.down = True
    world.clock.forward(10)
    world.gateway.ingest_step()
    (stale,) = world.gateway.sources()
    assert (stale.read_at, stale.stale_reason) == (source.read_at, "Memory CRM cannot be reached.")
    calls = len(world.port.calls)
    world.gateway.ingest_step()
    assert len(world.port.calls) == calls, "it asked for three seconds"
    with pytest.raises(CrmUnavailable):
        world.gateway.backfill()
    world.port.down = False
    world.clock.forward(3)
    world.gateway.ingest_step()
    assert world.gateway.sources()[0].stale_reason == ""
    assert world.gateway.sources()[0].read_at == world.clock.now()


def test_a_read_begun_before_a_write_ended_is_thrown_away_and_repeated(world: World) -> None:
    """The fence, between ingest and the ledger: the old state must not come back after the outcome was told."""
    ref = world.deal()
    world.read()
    gid = world.gid(ref)
    client = Mirror(world, world.admin).snapshot()
    fetch = world.port.fetch
    edit = world.patch(gid, {"competitor": None}, {"competitor": "Northwall"})

    def slow(refs: list[Ref]) -> object:
        found = fetch(refs)  # the answer is on its way ...
        world.port.fetch = fetch  # type: ignore[method-assign]
        world.push_one(world.admin, edit)  # ... while a partner's edit is written and confirmed
        return found

    world.port.fetch = slow  # type: ignore[method-assign, assignment]
    world.port.touch(ref)
    world.gateway.hint([ref])
    world.gateway.ingest.hints_step()
    assert client.pull().data(gid)["competitor"] == "Northwall"


def test_an_outcome_is_not_older_than_what_ingest_has_read_meanwhile(world: World) -> None:
    """The other way round: between the write and its outcome a vendor's edit has been read already."""
    ref = world.deal()
    world.read()
    gid = world.gid(ref)

    def meanwhile() -> None:
        world.port.edit(ref, rival="Stonegate")
        world.gateway.hint([ref])
        world.gateway.ingest.hints_step()

    world.port.after_write = meanwhile
    outcome = world.push_one(world.admin, world.patch(gid, {"competitor": None}, {"competitor": "Northwall"}))
    assert outcome.record is not None
    assert outcome.record.data["competitor"] == "Stonegate"
    assert Mirror(world, world.admin).snapshot().data(gid)["competitor"] == "Stonegate"


def test_an_edit_does_not_wait_for_a_sweep_to_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    refs = [world.deal() for _ in range(9)]
    sweep_all(world)
    client = Mirror(world, world.admin).snapshot()
    listed, shown = world.port.sweep, []

    def sweep(obj: str, after: str | None, limit: int) -> Sequence[str]:
        if obj == "deal" and after is None:
            world.port.edit(refs[0], todo="Ring the bell.")
            world.gateway.hint([refs[0]])
        elif obj == "deal":
            shown.append(client.pull().data(world.gid(refs[0]))["next_steps"])
        return listed(obj, after, limit)

    monkeypatch.setattr(world.port, "sweep", sweep)
    sweep_all(world)
    assert shown[0] == "Ring the bell."
    assert len(deals(world)) == 9

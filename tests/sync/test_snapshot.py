"""The first sync, and reading everything again: resumable, swept at the end, with a brake."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.contract.changes import SnapshotPage
from app.contract.errors import BadAnswer, CursorExpired, Unreachable
from app.contract.mutations import Kind
from app.sync.engine import Wake
from app.sync.events import FirstSyncProgress, Mode, RecordsChanged
from app.sync.transport import RawPage
from tests.store.world import gid, mutation
from tests.sync import world
from tests.sync.world import DEAL, REQUEST, World


def fill(client: World, first: int = 1, last: int = 10) -> None:
    for number in range(first, last + 1):
        client.gateway.put(number, DEAL if number % 2 else REQUEST, customer=str(number))


def test_a_first_sync_brings_everything_and_says_how_it_goes(fresh: World) -> None:
    fill(fresh)
    snapshot = fresh.gateway.snapshot

    def slow(after: str | None, limit: int) -> RawPage[SnapshotPage]:
        fresh.clock.advance(2)
        return snapshot(after, limit)

    fresh.gateway.snapshot = slow  # type: ignore[method-assign]
    fresh.sync()
    assert fresh.identical()
    assert fresh.mode() is Mode.LIVE
    assert fresh.told(FirstSyncProgress) == [
        FirstSyncProgress(4, 10, 2.0, 3.0, {DEAL: (2, 5), REQUEST: (2, 5)}),
        FirstSyncProgress(8, 10, 2.0, 1.0, {DEAL: (4, 5), REQUEST: (4, 5)}),
        FirstSyncProgress(10, 10, 10 / 6, 0.0, {DEAL: (5, 5), REQUEST: (5, 5)}),
    ]
    assert fresh.lines()[0] == "Read 10 records in 6\u00a0s"
    assert fresh.store.search.find("7", 5)
    assert all(told.gids is None for told in fresh.told(RecordsChanged))


def test_an_empty_gateway_is_a_first_sync_too(fresh: World) -> None:
    fresh.sync()
    assert fresh.store.cursors.read().complete
    assert fresh.mode() is Mode.LIVE


def test_a_first_sync_goes_on_where_it_was_cut(fresh: World) -> None:
    fill(fresh)
    fresh.gateway.faults["snapshot"] = [None, Unreachable()]
    fresh.engine.cycle()
    assert fresh.mode() is Mode.FIRST_SYNC
    assert "cannot be reached" in fresh.engine.status.cause
    assert sum(fresh.store.proofs.counts().values()) == 4
    fresh.again()
    fresh.events.clear()
    fresh.clock.advance(10)
    fresh.sync()
    assert fresh.gateway.calls.count("snapshot") == 4
    assert fresh.told(FirstSyncProgress)[0].done == 8
    assert fresh.identical()


def test_until_the_changes_since_its_beginning_are_here_the_mirror_is_not_complete(fresh: World) -> None:
    fill(fresh)
    fresh.gateway.meanwhile["changes"] = lambda: fresh.gateway.edit(1, customer="Moved on")
    fresh.gateway.faults["changes"] = [Unreachable()]
    fresh.engine.cycle()
    checkpoint = fresh.store.cursors.read()
    assert checkpoint.cursor is not None
    assert not checkpoint.complete
    fresh.clock.advance(10)
    fresh.sync()
    assert fresh.store.cursors.read().complete
    assert (fresh.shown(1) or {})["customer"] == "Moved on"


def test_what_changes_behind_the_page_that_is_read_comes_with_the_changes(fresh: World) -> None:
    fill(fresh)
    snapshot = fresh.gateway.snapshot

    def moving(after: str | None, limit: int) -> RawPage[SnapshotPage]:
        got = snapshot(after, limit)
        if after is not None and fresh.gateway.calls.count("snapshot") == 2:
            fresh.gateway.edit(1, customer="Changed behind")
            fresh.gateway.take(2)
            fresh.gateway.put(0, customer="New before all")
        return got

    fresh.gateway.snapshot = moving  # type: ignore[method-assign]
    fresh.sync()
    assert fresh.identical()


def test_a_pause_holds_and_going_on_takes_it_up_again(fresh: World) -> None:
    fill(fresh)
    fresh.gateway.meanwhile["snapshot"] = lambda: fresh.engine.set_paused(True)
    fresh.engine.cycle()
    assert sum(fresh.store.proofs.counts().values()) == 4
    assert fresh.engine.cycle(Wake.USER) == fresh.settings.poll
    assert sum(fresh.store.proofs.counts().values()) == 4
    fresh.engine.set_paused(False)
    fresh.sync()
    assert fresh.identical()


def test_what_is_entered_during_a_first_sync_does_not_wait_for_its_end(fresh: World) -> None:
    fill(fresh)
    fresh.gateway.meanwhile["snapshot"] = lambda: fresh.enter(
        mutation("m1", 30, Kind.CREATE, changes={"customer": "Mine"})
    )
    fresh.sync()
    calls = fresh.gateway.calls
    assert calls.index("push") < len(calls) - 1 - calls[::-1].index("snapshot")
    assert fresh.identical()


def test_a_record_made_behind_the_page_that_is_read_stays_when_the_snapshot_ends(client: World) -> None:
    """Its gid was passed already, so no page brings it; it must not be taken for one that left."""
    number = 0
    client.gateway.oldest = client.gateway.position + 1
    snapshot = client.gateway.snapshot
    seen: list[bool] = []

    def moving(after: str | None, limit: int) -> RawPage[SnapshotPage]:
        if after is None:
            client.enter(mutation("m1", number, Kind.CREATE, changes={"customer": "Mine"}))
        else:
            client.gateway.oldest = 0
        seen.append(client.shown(number) is not None)
        return snapshot(after, limit)

    for extra in range(10, 20):
        client.gateway.put(extra, customer=str(extra))
    client.gateway.snapshot = moving  # type: ignore[method-assign]
    client.sync()
    assert len(seen) >= 3
    assert client.shown(number) is not None
    assert client.identical()


@pytest.mark.parametrize(("then", "cursor"), [(None, None), ("1:x", "e1.1")])
def test_a_page_that_neither_ends_nor_goes_on_is_not_used(
    fresh: World, then: str | None, cursor: str | None
) -> None:
    fill(fresh)
    snapshot = fresh.gateway.snapshot

    def odd(after: str | None, limit: int) -> RawPage[SnapshotPage]:
        got = snapshot(after, limit)
        return replace(got, envelope=got.envelope.model_copy(update={"after": then, "cursor": cursor}))

    fresh.gateway.snapshot = odd  # type: ignore[method-assign]
    fresh.engine.cycle()
    assert fresh.store.proofs.counts() == {}
    assert fresh.engine.status.cause.startswith("The gateway's page said neither")


def test_a_snapshot_that_goes_round_in_circles_is_refused(fresh: World) -> None:
    fill(fresh)
    snapshot = fresh.gateway.snapshot

    def circling(after: str | None, limit: int) -> RawPage[SnapshotPage]:
        return snapshot(None, limit)

    fresh.gateway.snapshot = circling  # type: ignore[method-assign]
    fresh.engine.cycle()
    assert fresh.mode() is Mode.PROBLEM
    assert fresh.gateway.calls.count("snapshot") == 2


def test_a_history_that_changes_in_the_middle_of_a_snapshot_begins_it_anew(fresh: World) -> None:
    fill(fresh)

    def restore() -> None:
        fresh.gateway.epoch = "e2"
        fresh.gateway.held.pop(gid(1))

    snapshot = fresh.gateway.snapshot

    def moving(after: str | None, limit: int) -> RawPage[SnapshotPage]:
        if after is not None and fresh.gateway.epoch == "e1":
            restore()
        return snapshot(after, limit)

    fresh.gateway.snapshot = moving  # type: ignore[method-assign]
    fresh.sync()
    assert fresh.shown(1) is None
    assert fresh.identical()


def test_an_expired_page_begins_the_snapshot_anew(fresh: World) -> None:
    fill(fresh)
    fresh.gateway.faults["snapshot"] = [None, CursorExpired()]
    fresh.sync()
    assert fresh.identical()
    assert fresh.gateway.calls.count("snapshot") == 5


# -- what was not seen goes, within reason ---------------------------------------------------------------


def large(path: Path) -> World:
    client = world.make(path, page_rows=100)
    fill(client, 1, 300)
    client.sync()
    return client


def test_an_answer_cut_short_is_not_a_deletion(client: World) -> None:
    """The gateway says that there are four records and sends none of them."""
    snapshot = client.gateway.snapshot
    client.gateway.epoch = "e2"

    def short(after: str | None, limit: int) -> RawPage[SnapshotPage]:
        return replace(snapshot(after, limit), puts=b"[]")

    client.gateway.snapshot = short  # type: ignore[method-assign]
    client.engine.cycle()
    assert sum(client.store.proofs.counts().values()) == 4
    assert client.engine.status.cause.startswith("The gateway sent far fewer records than it said")
    client.gateway.snapshot = snapshot  # type: ignore[method-assign]
    client.clock.advance(10)
    client.sync()
    assert client.identical()


def test_most_records_missing_are_looked_at_twice_before_they_go(tmp_path: Path) -> None:
    client = large(tmp_path / "store.db")
    client.gateway.epoch = "e2"
    client.gateway.held = {gid(1): client.gateway.held[gid(1)]}
    client.engine.cycle()
    assert client.mode() is Mode.PROBLEM
    assert (
        client.engine.status.cause == "The gateway no longer shows 299 of the 300 records on this computer."
    )
    assert client.engine.status.kept == "Nothing was removed yet."
    assert sum(client.store.proofs.counts().values()) == 300
    client.again()
    client.clock.advance(client.settings.brake - 1)
    client.engine.cycle(Wake.USER)
    assert sum(client.store.proofs.counts().values()) == 300
    client.clock.advance(1)
    client.engine.cycle(Wake.USER)
    assert client.mode() is Mode.LIVE
    assert client.identical()
    client.store.close()


def test_they_come_back_before_the_second_look(tmp_path: Path) -> None:
    client = large(tmp_path / "store.db")
    held = client.gateway.held
    client.gateway.epoch = "e2"
    client.gateway.held = {gid(1): held[gid(1)]}
    client.engine.cycle()
    client.gateway.epoch, client.gateway.held = "e3", held
    client.clock.advance(600)
    client.sync()
    assert client.identical()
    assert client.mode() is Mode.LIVE
    client.store.close()


def test_a_user_who_may_see_less_loses_sight_at_once(tmp_path: Path) -> None:
    client = large(tmp_path / "store.db")
    client.gateway.epoch, client.gateway.grant = "e2", "g2"
    client.gateway.held = {gid(1): client.gateway.held[gid(1)]}
    client.sync()
    assert sum(client.store.proofs.counts().values()) == 1
    assert not client.store.scrub_due
    client.store.close()


def test_indexes_and_search_entries_are_made_after_a_stop_too(fresh: World) -> None:
    fill(fresh)
    build = fresh.store.search.build

    def stop(limit: int = 0, *, gives_way: bool = True) -> int:
        fresh.going[0] = False
        return build(3, gives_way=gives_way)

    fresh.store.search.build = stop  # type: ignore[method-assign]
    fresh.engine.cycle()
    assert fresh.store.search.coverage().records == 3
    fresh.store.search.build = build  # type: ignore[method-assign]
    fresh.going[0] = True
    fresh.again()
    fresh.sync()
    assert fresh.store.search.coverage().records == 10


def test_a_first_sync_from_a_gateway_that_is_being_filled_goes_on_and_alarms_nobody(tmp_path: Path) -> None:
    """The counts are those of the beginning; far more has come since."""
    client = world.make(tmp_path / "store.db", page_rows=4, most_grown=5)
    fill(client, last=20)
    snapshot = client.gateway.snapshot

    def as_it_began(after: str | None, limit: int) -> RawPage[SnapshotPage]:
        page = snapshot(after, limit)
        return replace(page, envelope=page.envelope.model_copy(update={"counts": {DEAL: 1, REQUEST: 1}}))

    client.gateway.snapshot = as_it_began  # type: ignore[method-assign]
    client.engine.cycle()
    assert client.mode() is Mode.FIRST_SYNC
    assert client.engine.status.next_step == "It is tried again by itself."
    held = sum(client.store.proofs.counts().values())
    assert held == 8, "what came before stays"
    client.clock.advance(300)
    client.engine.cycle()
    assert sum(client.store.proofs.counts().values()) == 16
    client.clock.advance(300)
    client.sync()
    assert client.mode() is Mode.LIVE
    assert client.identical()
    client.store.close()


def test_a_page_that_is_not_json_is_not_used(fresh: World) -> None:
    fill(fresh)
    snapshot = fresh.gateway.snapshot
    fresh.gateway.snapshot = lambda after, limit: replace(snapshot(after, limit), puts=b"[[")  # type: ignore[method-assign]
    fresh.engine.cycle()
    assert fresh.engine.status.cause == BadAnswer().cause
    assert fresh.store.cursors.read().snapshot_after is None

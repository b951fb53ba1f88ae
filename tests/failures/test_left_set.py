"""A gate left set after a crash: whatever is noted on the disk or in the ledger keeps nobody waiting after a kill."""

from __future__ import annotations

import gc
from dataclasses import replace
from datetime import timedelta

import pytest

from app.contract.errors import Busy, Unreachable
from app.services.views_model import Mode, SyncState
from app.store.states import ItemState
from app.sync.engine import Wake
from gateway.failpoints import Crash, Failpoint
from tests.failures.world import DEAL, SETTINGS, Device, World

PAGES = replace(SETTINGS, page_rows=2)


def cut_off(device: Device) -> None:
    """End the program in the middle of a cycle: what it holds in memory is lost, its file is closed as it is."""
    device.kill()
    gc.collect()


def index_due(device: Device) -> bool:
    return device.store.cursors.index_due


def several(world: World, count: int = 7) -> list[str]:
    gids = [world.deal(cust_name=f"Kestrel {n}") for n in range(count)]
    world.read()
    return gids


# -- where a snapshot goes on ------------------------------------------------------------------------------------
def test_gate_left_set_by_a_crash_amid_a_first_sync(world: World) -> None:
    several(world)
    maya = Device(world, world._session("Maya Okafor", "manager"), PAGES)
    world.devices.append(maya)
    for _ in range(3):
        snapshot, calls = maya.line.snapshot, iter(range(1))

        def breaks(after: str | None, limit: int, snapshot=snapshot, calls=calls):  # type: ignore[no-untyped-def]
            if next(calls, None) is None:
                raise Unreachable
            return snapshot(after, limit)

        maya.line.snapshot = breaks  # type: ignore[method-assign]
        maya.cycle()
        maya.line.snapshot = snapshot  # type: ignore[method-assign]
        assert maya.status.mode is Mode.FIRST_SYNC
        cut_off(maya)
    maya.sync()
    assert (maya.status.mode, maya.portal.records.count(DEAL)) == (Mode.LIVE, 7)
    assert maya.in_step()


def test_gate_left_set_by_a_crash_amid_a_snapshot_whose_token_the_gateway_no_longer_knows(
    world: World,
) -> None:
    several(world)
    maya = Device(world, world._session("Maya Okafor", "manager"), PAGES)
    world.devices.append(maya)
    copy = world.backup()
    world.deal(cust_name="Made since")
    world.read()
    maya.line.meanwhile["snapshot"] = lambda: setattr(maya.line, "down", True)
    maya.cycle()
    assert maya.store.cursors.read().snapshot_after is not None
    cut_off(maya)
    maya.line.down = False
    world.restore(copy)
    world.read()
    maya.sync()
    assert (maya.status.mode, maya.portal.records.count(DEAL)) == (Mode.LIVE, 8)
    assert maya.in_step()


def test_gate_left_set_by_a_crash_amid_a_second_snapshot_removes_nothing_that_is_there(world: World) -> None:
    gids = several(world)
    maya = world.device(settings=PAGES)
    maya.edit(gids[0], competitor="Northwall")
    maya.engine._pull.start_over()
    maya.line.meanwhile["snapshot"] = lambda: setattr(maya.line, "down", True)
    maya.cycle()
    assert maya.store.cursors.read().snapshot_after is not None
    cut_off(maya)
    assert maya.portal.records.count(DEAL) == 7
    maya.line.down = False
    maya.sync()
    assert (maya.portal.records.count(DEAL), maya.outbox()) == (7, [])
    assert maya.in_step()


# -- indexes, traces ---------------------------------------------------------------------------------------------
def test_gate_left_set_by_a_crash_before_the_index_was_made(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    several(world)
    maya = Device(world, world._session("Maya Okafor", "manager"), PAGES)
    world.devices.append(maya)
    make_index = maya.store.make_index

    def ends() -> bool:
        if maya.store.cursors.index_due:
            raise Crash
        return make_index()

    monkeypatch.setattr(maya.store, "make_index", ends)
    with pytest.raises(Crash):
        maya.cycle()
    cut_off(maya)
    assert maya.store.cursors.index_due
    maya.sync()
    assert not index_due(maya)
    assert [hit.title for hit in maya.portal.search.query("Kestrel 3")] == ["Kestrel 3"]


# -- the user's switches ------------------------------------------------------------------------------------------
def test_gate_left_set_offline_by_choice_says_so_after_the_start_and_opens_with_one_click(
    world: World,
) -> None:
    (gid,) = several(world, 1)
    maya = world.device()
    maya.engine.set_offline(True)
    maya.edit(gid, competitor="Northwall")
    cut_off(maya)
    maya.cycle(Wake.START)
    assert (maya.status.mode, maya.status.by_choice) == (Mode.OFFLINE, True)
    banner = maya.banner
    assert banner is not None
    assert (banner.action, banner.action_label) == ("online", "Go online")
    assert [row.state for row in maya.outbox()] == [SyncState.WAITING]
    maya.engine.set_offline(False)
    maya.sync()
    assert (world.value(gid, "rival"), maya.outbox()) == ("Northwall", [])


def test_gate_left_set_by_a_pause_of_the_first_sync_is_open_after_the_start(world: World) -> None:
    several(world)
    maya = Device(world, world._session("Maya Okafor", "manager"), PAGES)
    world.devices.append(maya)
    maya.engine.set_paused(True)
    maya.cycle()
    assert not maya.store.cursors.read().complete
    cut_off(maya)
    maya.sync()
    assert maya.status.mode is Mode.LIVE


# -- what was on its way -----------------------------------------------------------------------------------------
def test_gate_left_set_sending_is_sent_again_after_a_crash(world: World) -> None:
    (gid,) = several(world, 1)
    maya = world.device()
    maya.edit(gid, competitor="Northwall")

    def end() -> None:
        raise Crash

    maya.line.meanwhile["push"] = end
    with pytest.raises(Crash):
        maya.cycle()
    (item,) = maya.store.outbox.open_items()
    assert item.state is ItemState.SENDING
    cut_off(maya)
    (row,) = maya.outbox()
    assert row.state is SyncState.SENDING
    maya.sync()
    assert (maya.outbox(), world.written(gid, "rival")) == ([], ["Northwall"])


@pytest.mark.parametrize("point", list(Failpoint))
def test_gate_left_set_leases_of_a_gateway_that_was_killed_run_out(world: World, point: Failpoint) -> None:
    """Another process serves on, so nobody may say that all leases are void: this one has to run out."""
    (gid,) = several(world, 1)
    maya = world.device()
    maya.edit(gid, competitor="Northwall")
    world.crash_at(point)
    maya.line._restart = lambda: setattr(world, "gateway", world._gateway())
    for _ in range(5):
        maya.cycle()
        world.read(30)
    maya.sync()
    assert (maya.outbox(), world.written(gid, "rival")) == ([], ["Northwall"])
    assert maya.in_step()


# -- a clock that was wrong ---------------------------------------------------------------------------------------
def test_gate_left_set_deferred_while_the_clock_was_a_year_ahead(world: World) -> None:
    (gid,) = several(world, 1)
    maya = world.device()
    maya.clock.off_by = timedelta(days=365)
    maya.edit(gid, competitor="Northwall")
    world.crash_at(Failpoint.BEFORE_CRM_WRITE)
    maya.line._restart = lambda: setattr(world, "gateway", world._gateway())
    maya.cycle()
    world.wait(6)
    maya.cycle()
    (item,) = maya.store.outbox.open_items()
    assert item.due_at is not None, "the lease of the process that ended is still there"
    maya.clock.off_by = timedelta()
    cut_off(maya)
    world.read(121)
    maya.sync()
    assert (maya.outbox(), world.value(gid, "rival")) == ([], "Northwall")


def test_gate_left_set_by_a_wait_without_end_that_the_gateway_asked_for(world: World) -> None:
    (gid,) = several(world, 1)
    maya = world.device()
    for absurd in (1e300, float("inf"), float("nan")):
        maya.line.faults["changes"] = [Busy(retry_after=absurd)]
        wait = maya.cycle(Wake.USER)
        assert 0 <= wait <= 4000
        world.wait(4000)
    maya.edit(gid, competitor="Northwall")
    maya.sync()
    assert (maya.status.mode, world.value(gid, "rival")) == (Mode.LIVE, "Northwall")

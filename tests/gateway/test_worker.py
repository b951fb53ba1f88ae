"""The ingest thread: it steps, it is woken, it finishes what was left open, and nothing ends it but being stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from app.contract.mutations import Status
from gateway.failpoints import Crash, Failpoint
from gateway.ingest.worker import Worker
from tests.gateway.world import Mirror, World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A gateway on files, whose seconds pass by themselves."""
    found = World(folder=tmp_path)
    monkeypatch.setattr(found.clock, "monotonic", time.monotonic)
    return found


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition; fails after ten seconds."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def sees(world: World, gid: str) -> Callable[[], bool]:
    """Whether the administrator sees a record."""
    return lambda: gid in Mirror(world, world.admin).snapshot().rows


def test_it_reads_by_itself_and_at_once_when_woken(world: World) -> None:
    worker = Worker(world.gateway, seconds=0.05)
    worker.start()
    try:
        until(sees(world, world.gid(world.deal())))
    finally:
        worker.stop()
    patient = Worker(world.gateway, seconds=600)
    patient.start()
    try:
        ref = world.deal()
        world.gateway.hint([ref])
        patient.wake()
        until(sees(world, world.gid(ref)))
    finally:
        patient.stop()
    assert "ingest" not in {thread.name for thread in threading.enumerate()}


def test_it_finishes_what_an_ended_process_left_open(world: World) -> None:
    def crash(point: Failpoint) -> None:
        if point is Failpoint.AFTER_CRM_WRITE:
            raise Crash

    world.gateway.failpoints.hook = crash
    new = world.new_deal()
    with pytest.raises(Crash):
        world.push_one(world.rep, new)
    world.gateway = world.restarted()
    if world.database.shared:
        # Another process may still be at it, as far as this one can tell.
        world.let_leases_run_out()
    worker = Worker(world.gateway, seconds=600)
    worker.start()
    try:
        until(sees(world, new.gid))
    finally:
        worker.stop()
    assert world.push_one(world.rep, new).status is Status.APPLIED
    assert world.port.writes == 1


def reads_with(world: World, monkeypatch: pytest.MonkeyPatch, step: Callable[[], int]) -> None:
    """Run a worker over a step; what comes after reading has to have its turn."""
    turns = {name: threading.Event() for name in ("recover", "tidy")}
    recover = world.gateway.recover

    def recovering(*, alone: bool = False) -> int:
        if not alone:
            turns["recover"].set()
        return recover(alone=alone)

    monkeypatch.setattr(world.gateway, "ingest_step", step)
    monkeypatch.setattr(world.gateway, "recover", recovering)
    monkeypatch.setattr(world.gateway, "tidy", turns["tidy"].set)
    worker = Worker(world.gateway, seconds=600)
    world.clock.forward(2 * 3600)
    worker.start()
    try:
        for turn in turns.values():
            assert turn.wait(10)
    finally:
        worker.stop()


def test_while_there_is_always_more_to_read_what_was_left_open_is_finished_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = count()
    monkeypatch.setattr(world.clock, "monotonic", lambda: float(next(seconds)))
    reads_with(world, monkeypatch, lambda: 1)


def test_a_step_that_fails_keeps_nothing_from_being_finished(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> int:
        raise KeyError("a bug in a connector")

    reads_with(world, monkeypatch, broken)


def test_a_step_that_fails_is_not_the_last(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = threading.Event()
    changed_since = world.port.changed_since

    def broken(*_: object) -> None:
        monkeypatch.setattr(world.port, "changed_since", changed_since)
        failed.set()
        raise KeyError("a bug in a connector")

    monkeypatch.setattr(world.port, "changed_since", broken)
    worker = Worker(world.gateway, seconds=0.05)
    worker.start()
    try:
        assert failed.wait(10)
        until(sees(world, world.gid(world.deal())))
    finally:
        worker.stop()

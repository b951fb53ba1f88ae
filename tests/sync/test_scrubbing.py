"""When the traces of what was revoked leave the file: never while a person saves, and never never."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.contract.errors import DiskFull, StoreBusy
from app.store.faults import GaveWay
from app.store.timestamps import stamp
from app.sync.engine import FAR, Wake
from app.sync.events import Mode
from tests.sync.conftest import first_records
from tests.sync.world import World, make

HOUR = 3600.0


@pytest.fixture
def large(tmp_path: Path) -> Iterator[World]:
    """A client in step whose file counts as large, and whose gateway has just withdrawn a record."""
    made = make(tmp_path / "store.db", scrub_at_once=0)
    first_records(made)
    made.sync()
    made.gateway.take(1, "revoked")
    made.events.clear()
    yield made
    made.store.close()


class Scrub:
    """Stands in for the store's own: fails as it is told, and notes how it was asked."""

    def __init__(self, client: World, *faults: Exception) -> None:
        self.faults = list(faults)
        self.asked: list[bool] = []
        self._scrub = client.store.scrub
        client.store.scrub = self  # type: ignore[method-assign]

    def __call__(self, *, gives_way: bool = False) -> bool:
        self.asked.append(gives_way)
        if self.faults:
            raise self.faults.pop(0)
        return self._scrub(gives_way=gives_way)


def test_nobody_at_work_is_no_reason_to_wait(large: World) -> None:
    large.sync()
    assert not large.store.scrub_due


def test_a_large_file_waits_until_nobody_has_entered_anything_for_a_while(large: World) -> None:
    scrub = Scrub(large)
    large.engine.set_listening(True)
    assert large.engine.cycle(Wake.ENQUEUE) == large.settings.quiet
    large.clock.advance(large.settings.quiet - 1)
    assert large.engine.cycle(Wake.POKE) == 1
    large.clock.advance(1)
    large.engine.cycle()
    assert scrub.asked == [True], "and then it still gives way"
    assert not large.store.scrub_due


def test_a_small_file_does_not_wait(tmp_path: Path) -> None:
    client = make(tmp_path / "store.db")
    first_records(client)
    client.sync()
    client.gateway.take(1, "revoked")
    client.engine.cycle(Wake.ENQUEUE)
    assert not client.store.scrub_due
    client.store.close()


def test_one_that_gave_way_to_a_save_is_tried_again_when_it_is_quiet(large: World) -> None:
    scrub = Scrub(large, GaveWay())
    large.engine.set_listening(True)
    assert large.engine.cycle() == large.settings.quiet
    assert large.mode() is Mode.LIVE
    large.sync()
    assert len(scrub.asked) == 1
    large.clock.advance(large.settings.quiet)
    large.sync()
    assert not large.store.scrub_due


@pytest.mark.parametrize("fault", [DiskFull, StoreBusy])
def test_what_stands_in_the_way_puts_it_off_and_fails_no_cycle(large: World, fault: type[Exception]) -> None:
    scrub = Scrub(large, *(fault() for _ in range(3)))
    began = large.clock.monotonic()
    waits: list[float] = []
    while len(scrub.asked) < 4:
        waits.append(large.engine.cycle())
        assert (large.mode(), large.engine.status.cause) == (Mode.LIVE, "")
        large.clock.advance(waits[-1])
    assert large.clock.monotonic() - began == pytest.approx(3 * HOUR, abs=100)
    assert min(waits) >= 1
    assert not large.store.scrub_due
    told = [line for line in large.lines() if "last traces" in line]
    assert len(told) == (fault is DiskFull), "once is enough, and a store that is busy is nobody's to mend"


def test_nobody_puts_it_off_for_ever(large: World) -> None:
    scrub = Scrub(large)
    for _ in range(int(large.settings.scrub_most / 60)):
        large.engine.cycle(Wake.ENQUEUE)
        large.clock.advance(60)
    assert not scrub.asked
    large.engine.cycle(Wake.ENQUEUE)
    assert scrub.asked == [False], "it gives way no longer"
    assert not large.store.scrub_due


def test_nobody_puts_it_off_for_ever_by_starting_anew(large: World) -> None:
    scrub = Scrub(large, *(GaveWay() for _ in range(5)))
    large.engine.cycle()
    for _ in range(4):
        large.clock.advance(large.settings.scrub_most / 4)
        large.again()
        large.engine.cycle(Wake.START)
        large.engine.cycle(Wake.ENQUEUE)
    assert scrub.asked == [True, True, True, True, False]


def test_the_next_revocation_has_all_its_time(large: World) -> None:
    large.sync()
    large.clock.advance(large.settings.scrub_most)
    large.sync()
    scrub = Scrub(large)
    large.gateway.take(2, "revoked")
    large.engine.cycle(Wake.ENQUEUE)
    assert (scrub.asked, large.store.scrub_due) == ([], True)


def test_a_time_that_was_left_from_before_does_not_hurry_the_next_one(large: World) -> None:
    """A process that ended between the scrub and taking its time away, or a salvage, leaves one."""
    large.sync()
    large.store.settings.put("engine.scrub_since", stamp(large.clock.now()))
    large.clock.advance(large.settings.scrub_most)
    large.again()
    large.gateway.take(2, "revoked")
    scrub = Scrub(large)
    large.engine.cycle(Wake.ENQUEUE)
    assert (scrub.asked, large.store.scrub_due) == ([], True)


def test_nothing_is_written_while_none_is_due(large: World, monkeypatch: pytest.MonkeyPatch) -> None:
    large.sync()
    removed: list[str] = []
    monkeypatch.setattr(large.store.settings, "remove", removed.append)
    large.engine.cycle()
    assert "engine.scrub_since" not in removed


def test_offline_by_choice_it_is_done_all_the_same(large: World) -> None:
    scrub = Scrub(large, GaveWay())
    large.engine.cycle()
    large.engine.set_offline(True)
    large.clock.advance(large.settings.quiet)
    assert large.engine.cycle() == FAR
    assert len(scrub.asked) == 2
    assert not large.store.scrub_due


def test_trouble_with_tidying_up_is_tried_again_ever_more_rarely(
    large: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise DiskFull

    monkeypatch.setattr(large.store.search, "join_parts", full)
    waits = []
    for _ in range(5):
        waits.append(large.engine.cycle())
        large.clock.advance(waits[-1])
    assert waits == [1, 2, 4, 8, 16]

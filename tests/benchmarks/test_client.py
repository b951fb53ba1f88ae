"""The client's measurements run, and say what they are meant to say. No time is judged here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import catalogue
from benchmarks.first_sync import first_sync
from benchmarks.harness import (
    Bound,
    Goal,
    Result,
    Scale,
    as_json,
    interleaved,
    percentile,
    slope,
    table,
    write,
)
from benchmarks.increment import increment
from benchmarks.machine import machine, pace
from benchmarks.store import proofs, save, size


@pytest.fixture(scope="module")
def scale(tmp_path_factory: pytest.TempPathFactory) -> Scale:
    """A place for prepared folders."""
    return Scale.small(tmp_path_factory.mktemp("bench"))


@pytest.mark.nightly
def test_a_first_sync_and_what_follows_from_it(scale: Scale) -> None:
    found = {result.name: result for result in first_sync(scale)}
    assert [*found] == ["first_sync.300", "first_sync.300.memory", "first_sync.600", "first_sync.600.memory",
                        "first_sync.growth"]  # fmt: skip
    assert found["first_sync.600"].n == 600
    assert all(result.floor and result.ratio for name, result in found.items() if name.count(".") == 1
               and name != "first_sync.growth")  # fmt: skip
    found = {result.name: result for result in increment(scale)}
    assert [*found] == ["increment.300", "increment.600", "increment.growth"]
    assert found["increment.600"].n == scale.batch
    assert [result.name for result in proofs(scale)] == [
        *("digest.300", "digest.600", "digest.growth", "verify.300", "verify.600", "verify.growth")
    ]
    assert all(result.ours > 1 for result in size(scale)), "a file holds at least its records"


@pytest.mark.nightly
def test_saves(scale: Scale) -> None:
    found = {result.name: result for result in save(scale)}
    assert [*found] == ["save.idle", "save.syncing", "save.syncing.median"]
    assert all(result.n == scale.sizes[1] and result.ours > 0 for result in found.values())


def test_every_measurement_has_its_place_in_the_catalogue() -> None:
    assert {
        "machine",
        "first_sync",
        "increment",
        "proofs",
        "size",
        "save",
        "nothing_changed",
        "live",
    } <= catalogue.ALL.keys()


def test_both_sides_take_turns() -> None:
    order: list[str] = []

    def side(name: str, seconds: float) -> float:
        order.append(name)
        return seconds

    taken = interleaved(3, lambda: side("ours", 2.0), lambda: side("floor", 1.0))
    assert order == ["ours", "floor", "floor", "ours", "ours", "floor"]
    assert taken == ([2.0, 2.0, 2.0], [1.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        (Goal(Bound.RATIO, 0.8), True),
        (Goal(Bound.RATIO, 0.9), False),
        (Goal(Bound.MOST, 1.25), True),
        (Goal(Bound.MOST, 1.2), False),
        (Goal(Bound.FLAT, 1.25), True),
        (Goal(Bound.FLAT, 1.2), False),
        (Goal(Bound.NONE), None),
    ],
)
def test_goals(goal: Goal, met: bool | None) -> None:
    assert Result("x", "s", 1.25, 1.0, goal, 10, 5).met is met


def test_growth_is_held_to_n_log_n_and_to_nothing_where_the_work_is_the_same() -> None:
    small, large = (
        Result("x", "s", ours, None, Goal(Bound.NONE), n, 5) for n, ours in ((50, 1.0), (200, 5.0))
    )
    assert slope("x", small, large).ours == 5.0
    assert slope("x", small, large).met
    assert slope("x", small, large, flat=True).met is False


def test_a_percentile_is_one_of_the_figures() -> None:
    assert percentile([5.0, 1.0, 3.0], 0.99) == 5.0
    assert percentile([*map(float, range(1, 101))], 0.95) == 95.0


def test_the_machine_itself(scale: Scale) -> None:
    (found,) = machine(scale)
    assert (found.name, found.n, found.met) == ("machine", 300, None)
    assert pace(Result("machine", "s", 1.68, None, Goal(Bound.NONE), 50_000, 5)) == 0.5


def test_seconds_are_told_at_the_other_machines_pace_too() -> None:
    slow = Result("x", "s", 3.0, None, Goal(Bound.MOST, 2.0), 10, 5).at_pace(0.5)
    assert (slow.paced, slow.met) == (1.5, False), "what was measured is what counts"
    assert "1.50 s" in table([slow])
    for other in (
        Result("x", "MB", 3.0, None, Goal(Bound.MOST, 2.0), 10, 5),
        Result("x", "s", 3.0, 2.0, Goal(Bound.RATIO, 0.8), 10, 5),
    ):
        assert other.at_pace(0.5).paced is None
    assert Result("x", "s", 3.0, None, Goal(Bound.MOST, 2.0), 10, 5).at_pace(None).paced is None


def test_the_table_and_the_file(tmp_path: Path) -> None:
    first = Result("first", "s", 1.25, 1.0, Goal(Bound.RATIO, 0.8), 50_000, 5)
    write(tmp_path / "b" / "bench.json", [first])
    write(tmp_path / "b" / "bench.json", [Result("second", "ms", 12.0, None, Goal(Bound.MOST, 10.0), 7, 5)])
    told = json.loads((tmp_path / "b" / "bench.json").read_text("utf-8"))
    assert [*told] == ["first", "second"]
    assert told["first"] == as_json([first])["first"]
    assert told["first"]["ratio"] == 0.8
    assert (told["first"]["met"], told["second"]["met"], told["second"]["floor"]) == (True, False, None)
    assert "50,000" in table([first])
    assert "met" in table([first])

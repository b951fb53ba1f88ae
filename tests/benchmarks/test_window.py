"""The window's measurements run, and say what they measured; their figures mean nothing here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from benchmarks import window
from benchmarks.harness import Result, Scale


@pytest.fixture(scope="module")
def scale(tmp_path_factory: pytest.TempPathFactory) -> Scale:
    """Small sizes, prepared once."""
    return Scale.small(tmp_path_factory.mktemp("bench"))


@pytest.mark.parametrize(
    ("measurement", "names"),
    [
        (window.search, ["search.p95"]),
        # Each starts the app anew, once or several times; one errand shows that it can be measured.
        *(
            pytest.param(measurement, names, marks=pytest.mark.nightly)
            for measurement, names in (
                (window.start, ["start.home.source", "start.list.source"]),
                (window.lists, ["list.open.p95", "list.sort.p95", "list.chip.p95", "list.text.p95"]),
                (window.scroll, ["scroll.wheel.p99", "scroll.page.p99", "scroll.thrown.p99"]),
                (window.memory, ["memory.idle.rss", "memory.idle.pss"]),
                (window.stall, ["stall.p99", "stall.max", "first_list", "first_sync.window"]),
            )
        ),
    ],
)
def test_a_measurement_runs(
    scale: Scale, measurement: Callable[[Scale], Iterator[Result]], names: list[str]
) -> None:
    results = [result for result in measurement(scale) if not result.name.endswith(".frozen")]
    assert [result.name for result in results] == names
    for result in results:
        assert result.ours > 0
        assert result.n == scale.sizes[1]
        assert result.runs > 0

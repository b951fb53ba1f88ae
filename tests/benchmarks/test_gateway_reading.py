"""The gateway's measurements run, and say what they measured; their figures mean nothing here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from benchmarks import gateway_reading, live
from benchmarks.harness import Bound, Result, Scale


@pytest.fixture(scope="module")
def scale(tmp_path_factory: pytest.TempPathFactory) -> Scale:
    """Small sizes, prepared once."""
    return Scale.small(tmp_path_factory.mktemp("bench"))


@pytest.mark.parametrize(
    ("measurement", "names"),
    [
        (gateway_reading.changes_served, ["gateway.changes"]),
        # Each starts a process a size; that those start, serve and are asked is what the first one shows.
        *(
            pytest.param(measurement, names, marks=pytest.mark.nightly)
            for measurement, names in (
                (gateway_reading.pull_by_size, ["gateway.pull_by_size"]),
                (gateway_reading.nothing_changed, ["nothing_changed", "nothing_changed.growth"]),
                (
                    gateway_reading.gateway_digest,
                    ["gateway.digest", "gateway.digest.wait", "gateway.digest.growth"],
                ),
                (live.live, ["live.p95", "live.p95.growth"]),
            )
        ),
    ],
)
def test_a_measurement_runs(
    scale: Scale, measurement: Callable[[Scale], Iterator[Result]], names: list[str]
) -> None:
    results = list(measurement(scale))
    assert [result.name for result in results] == names
    for result in results:
        assert result.runs == (3 if result.name.startswith("live.") else 1)
        assert (result.floor is not None) == (result.goal.bound in (Bound.RATIO, Bound.FLAT))
        assert result.floor is None or result.floor > 0

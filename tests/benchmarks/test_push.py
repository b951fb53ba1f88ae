"""The measurements of pushing run, and say what they measured; their figures mean nothing here.

Each takes a dozen processes, so they run at night.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from benchmarks import push
from benchmarks.harness import Bound, Result, Scale

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def scale(tmp_path_factory: pytest.TempPathFactory) -> Scale:
    """Small sizes, prepared once."""
    return Scale.small(tmp_path_factory.mktemp("bench"))


@pytest.mark.parametrize(
    ("measurement", "names"),
    [
        (push.conflicts, ["conflicts.10.300", "conflicts.10.600", "conflicts.10.growth"]),
        (
            push.push,
            [
                *("push.edits.300", "push.creates.300", "push.edits.600", "push.creates.600"),
                *("push.edits.growth", "push.creates.growth"),
            ],
        ),
    ],
)
def test_a_measurement_runs(
    scale: Scale, measurement: Callable[[Scale], Iterator[Result]], names: list[str]
) -> None:
    results = list(measurement(scale))
    assert [result.name for result in results] == names
    for result in results:
        assert result.runs == 1
        assert result.ours > 0
        assert (result.floor is not None) == (result.goal.bound in (Bound.RATIO, Bound.FLAT))

"""A thin slice of the simulation in each test run: some seeds, one seed twice, and the same world under Hypothesis."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.simulation.play import run_seed
from tests.simulation.sabotage import caught
from tests.simulation.story import VERBS, Story
from tests.simulation.world import World


@pytest.mark.parametrize("seed", range(9001, 9009))
def test_a_seed_keeps_every_promise(seed: int) -> None:
    ran = run_seed(seed)
    assert ran.violations == (), "\n".join(ran.script)


def test_a_seed_repeats_itself_in_another_process() -> None:
    """Whatever order a process keeps its sets in: script, content and the CRM's history are the same."""
    code = "from tests.simulation.play import run_seed; print(run_seed(77).trace)"
    traces = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(traces) == 1


def test_a_script_can_be_played_in_part() -> None:
    whole = run_seed(78, steps=30)
    part = run_seed(78, steps=30, only=whole.played[:5])
    assert part.script == whole.script[:5]


@pytest.mark.parametrize(
    "name",
    [
        "the cursor is saved before its data",
        "an answer settles the record instead of the mutation",
        "revocations are ignored",
        "conflicts settle themselves",
    ],
)
def test_a_sabotage_is_noticed(name: str) -> None:
    """An oracle that finds nothing when a promise is broken would be worth nothing; `make sabotage` tries them all."""
    assert caught(name, seeds=10).promise.startswith("promise")


class TwoSides(RuleBasedStateMachine):
    """Any order of verbs, shrunk by Hypothesis when a promise breaks."""

    @initialize(seed=st.integers(0, 10_000))
    def begin(self, seed: int) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="counterpart-sim-")
        self.world = World(seed, Path(self.folder.name))
        self.story = Story(self.world)
        for device in self.world.devices:
            device.sync()

    @precondition(lambda self: hasattr(self, "story"))
    @rule(verb=st.sampled_from(sorted(VERBS)), draw=st.integers(0, 1_000))
    def move(self, verb: str, draw: int) -> None:
        self.story.play(verb, draw)
        self.world.tick()

    @invariant()
    def promises_hold(self) -> None:
        if hasattr(self, "story"):
            assert self.story.oracle.always() == []

    def teardown(self) -> None:
        if not hasattr(self, "story"):
            return
        try:
            self.world.mend()
            assert self.world.come_to_rest()
            assert self.story.oracle.finally_() == []
        finally:
            self.world.close()
            self.folder.cleanup()


TwoSides.TestCase.settings = settings(
    max_examples=int(os.environ.get("COUNTERPART_EXAMPLES", "6")),
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
TestTwoSides = TwoSides.TestCase

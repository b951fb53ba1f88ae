"""A thin slice of the simulation in each test run: some seeds, one seed twice, and the same world under Hypothesis."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.store.mirror import Mirror
from tests.examples import played
from tests.simulation import book, oracle, views
from tests.simulation.play import run_seed
from tests.simulation.quirks import SYSTEMS
from tests.simulation.sabotage import caught
from tests.simulation.story import VERBS, Story
from tests.simulation.world import World

#: Some seeds of each system: with HubSpot one that asks the journal, one that is called, and one that has neither.
_SLICE = {
    "embedded": range(9001, 9004),
    "odoo": range(9001, 9003),
    "hubspot": range(9001, 9004),
    "salesforce": range(9001, 9003),
}


@pytest.mark.parametrize(
    ("system", "seed"), [(system, seed) for system, seeds in _SLICE.items() for seed in seeds]
)
def test_a_seed_keeps_every_promise(system: str, seed: int) -> None:
    ran = run_seed(seed, system=system)
    assert ran.violations == (), "\n".join(ran.script)


@pytest.mark.nightly
def test_a_seed_repeats_itself_in_another_process() -> None:
    """Whatever order a process keeps its sets in: script, content and the CRM's history are the same."""
    code = "from tests.simulation.play import run_seed; print(run_seed(77).trace)"
    # Of all orders there are, this process has another one than that.
    elsewhere = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert elsewhere.stdout.strip() == run_seed(77).trace


def test_a_script_can_be_played_in_part() -> None:
    whole = run_seed(78, steps=30, system="embedded")
    part = run_seed(78, steps=30, only=whole.played[:9], system="embedded")
    assert len(part.script) >= 5
    assert part.script == whole.script[: len(part.script)]


#: `make simulate` with one thing broken on purpose.
_BROKEN = """
import sys
import pytest
from tests.simulation.__main__ import main
from tests.simulation.sabotages import SABOTAGES

SABOTAGES["deletions are ignored"](pytest.MonkeyPatch())
sys.exit(main())
"""


def _simulated(first: int, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [
            *(sys.executable, "-c", _BROKEN, "--first", str(first), "--steps", "12"),
            *("--system", "embedded", *arguments),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    return done.returncode, done.stdout


@pytest.mark.nightly  # it plays a hundred scripts; each night also plays thousands of seeds that must not fail
def test_a_failing_seed_prints_the_shortest_script_and_how_it_is_played_again() -> None:
    seed = caught("deletions are ignored", steps=12).seeds
    code, printed = _simulated(seed, "--seeds", "1")
    assert code == 1
    assert f"seed {seed} (embedded) breaks promise 1" in printed
    again = re.search(
        rf"again: python -m tests.simulation --first {seed} --system embedded --steps 12 --only ([0-9,]+)",
        printed,
    )
    assert again is not None
    assert 1 <= len(again[1].split(",")) < 12
    code, played = _simulated(seed, "--only", again[1])
    assert code == 1
    assert "VIOLATION promise 1" in played


def test_what_raises_is_a_violation_of_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumbles(_self: Mirror, *_args: object, **_named: object) -> None:
        raise KeyError("gid")

    monkeypatch.setattr(Mirror, "sweep_generation", stumbles)
    monkeypatch.setattr(World, "mend", World.lose_positions)
    ran = run_seed(1, steps=2)
    assert [text.partition(" (")[0] for text in ran.violations] == ["a fault of one's own: KeyError 'gid'"]


def test_the_judge_uses_nothing_of_what_it_judges() -> None:
    judges = [Path(module.__file__ or "") for module in (oracle, book, views)]
    used = {
        node.module or ""
        for path in judges
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
    }
    assert "app.contract.ids" in used
    judged = ("app.contract.merge", "app.sync", "gateway.ledger", "gateway.execute", "gateway.decide")
    assert [name for name in sorted(used) if name.startswith(judged)] == []


@pytest.mark.parametrize(
    "name",
    [
        "clocks decide a merge",
        pytest.param("an answer settles the record instead of the mutation", marks=pytest.mark.nightly),
        "revocations are ignored",
        "conflicts settle themselves",
        "transactions that stay open are not waited for",
        pytest.param("a write that met a 429 is over", marks=pytest.mark.nightly),
    ],
)
def test_a_sabotage_is_noticed(name: str) -> None:
    """An oracle that finds nothing when a promise is broken would be worth nothing; `make sabotage` tries them all."""
    assert caught(name, seeds=20).promise


class TwoSides(RuleBasedStateMachine):
    """Any order of verbs, shrunk by Hypothesis when a promise breaks."""

    @initialize(seed=st.integers(0, 10_000), system=st.sampled_from(SYSTEMS))
    def begin(self, seed: int, system: str) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="counterpart-sim-")
        self.world = World(seed, Path(self.folder.name), system=system)
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


TwoSides.TestCase.settings = played(6)
TestTwoSides = TwoSides.TestCase

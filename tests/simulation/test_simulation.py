"""A thin slice of the simulation in each test run: some seeds, one seed twice, and the same world under Hypothesis."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.store.mirror import Mirror, Removed
from gateway.crm.embedded.crm import EmbeddedCrm
from tests.simulation.judge import always, finally_
from tests.simulation.story import VERBS, Story, run_seed
from tests.simulation.world import World

#: A fault injected into a run: what to break, and how.
Sabotage = Callable[[pytest.MonkeyPatch], None]


@pytest.mark.parametrize("seed", range(9001, 9007))
def test_a_seed_keeps_every_promise(seed: int) -> None:
    ran = run_seed(seed, steps=60)
    assert ran.violations == (), "\n".join(ran.script)


def test_a_seed_repeats_itself() -> None:
    first, second = run_seed(77, steps=40), run_seed(77, steps=40)
    assert first.script == second.script
    assert first.trace == second.trace


class TwoSides(RuleBasedStateMachine):
    """Any order of verbs, shrunk by Hypothesis when a promise breaks."""

    @initialize(seed=st.integers(0, 10_000))
    def begin(self, seed: int) -> None:
        self.world = World(seed)
        self.story = Story(self.world)
        for client in self.world.clients:
            client.sync()
        self.broken = False

    @precondition(lambda self: hasattr(self, "story"))
    @rule(verb=st.sampled_from([name for name, _ in VERBS]))
    def move(self, verb: str) -> None:
        getattr(self.story, verb)()
        self.world.tick(0.2)

    @invariant()
    def promises_hold(self) -> None:
        if hasattr(self, "story"):
            assert always(self.world) == []

    def teardown(self) -> None:
        if not hasattr(self, "story"):
            return
        try:
            for client in self.world.clients:
                client.engine.set_offline(False)
            self.world.heal()
            assert finally_(self.world) == []
        finally:
            self.world.close()


TwoSides.TestCase.settings = settings(
    max_examples=6,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
TestTwoSides = TwoSides.TestCase


def _revocations_ignored(patch: pytest.MonkeyPatch) -> None:
    """The client keeps what it may no longer see."""
    real = Mirror.remove

    def ignored(self: Mirror, gid: str, reason: str, into: str | None = None) -> Removed:
        return real(self, gid, reason, into) if reason != "revoked" else Removed(None, pending=False)

    patch.setattr(Mirror, "remove", ignored)


def _messages_doubled(patch: pytest.MonkeyPatch) -> None:
    """The CRM makes a new row for a marker it has seen: what a gateway without a memory would cause."""
    real = EmbeddedCrm.append
    turn = count()

    def anew(self: EmbeddedCrm, obj: str, parent: Any, fields: Any, marker: str, actor: Any) -> Any:
        real(self, obj, parent, fields, f"{marker}-{next(turn)}", actor)
        return real(self, obj, parent, fields, marker, actor)

    patch.setattr(EmbeddedCrm, "append", anew)


SABOTAGES: dict[str, tuple[Sabotage, str]] = {
    "revocations ignored": (_revocations_ignored, "promise"),
    "messages written twice": (_messages_doubled, "promise 3"),
}


def _caught(seed: int, promise: str) -> bool:
    return any(promise in violation for violation in run_seed(seed, steps=60).violations)


@pytest.mark.parametrize("name", SABOTAGES)
def test_sabotage_is_noticed(name: str) -> None:
    """A judge that finds nothing when a promise is broken would be worth nothing."""
    breaks, promise = SABOTAGES[name]
    with pytest.MonkeyPatch.context() as patch:
        breaks(patch)
        caught = next((seed for seed in range(1, 31) if _caught(seed, promise)), None)
    assert caught is not None

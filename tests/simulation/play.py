"""Playing one seed: verbs made from it, the judge after each step, and the shortest script that still fails."""

from __future__ import annotations

import gc
import hashlib
import os
import random
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from tests.simulation.quirks import Quirks, picked
from tests.simulation.story import Story, verbs_of
from tests.simulation.world import World

#: Steps of a seed unless told otherwise.
STEPS = 40

#: Once all is quiet, people decide so many of the things that wait for them; then it has to come to rest again.
_DECISIONS = 12

#: Where there is a disk in memory, the devices' stores are on it: what a real one does is the crash suite's business.
_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

#: Replays that shortening a script may take.
_REPLAYS = 120


@dataclass(frozen=True)
class Ran:
    """What one seed did with one system.

    `played` names the steps that were tried; `trace` is the same for two runs of one script.
    """

    seed: int
    system: str
    steps: int
    played: tuple[int, ...]
    violations: tuple[str, ...]
    script: tuple[str, ...]
    counts: Counter[str]
    trace: str

    @property
    def promises(self) -> frozenset[str]:
        """The promises that were broken."""
        return frozenset(violation.partition(":")[0] for violation in self.violations)


def script_of(seed: int, steps: int, quirks: Quirks) -> list[str]:
    """Return the verbs that a seed plays with a system."""
    rng, verbs = random.Random(f"script {seed}"), verbs_of(quirks)
    return rng.choices(list(verbs), list(verbs.values()), k=steps)


def run_seed(seed: int, steps: int = STEPS, only: Sequence[int] | None = None, system: str = "") -> Ran:
    """Play one seed to its end, or only these of its steps; never raises for a violation, it is in the result.

    `system`: the one to play it with, otherwise the seed picks one.
    """
    system = system or picked(seed)
    before = structlog.get_config()
    bugs: list[str] = []
    structlog.configure(processors=[partial(_overheard, bugs)], cache_logger_on_first_use=False)
    # Nothing is thrown away while a world lives: looking for what is would take a tenth of the time. What was there
    # before the first one stays, and is not looked at again.
    if not gc.get_freeze_count():
        gc.freeze()
    gc.collect()
    gc.disable()
    with tempfile.TemporaryDirectory(prefix="counterpart-sim-", dir=_MEMORY) as folder:
        world = World(seed, Path(folder), system=system, devices=2 + seed % 2)
        try:
            return _run(world, seed, steps, only, bugs)
        finally:
            world.close()
            structlog.configure(**before)
            gc.enable()


def _overheard(bugs: list[str], _logger: object, method: str, said: dict[str, Any]) -> str:
    """What the gateway logs of faults that are played says nothing here; of its own it is a violation."""
    if method in ("error", "exception"):
        raised = sys.exc_info()[1]
        bugs.append(f"a fault of the gateway's own: {said.get('event')}: {type(raised).__name__} {raised}")
    raise structlog.DropEvent


@dataclass
class _Course:
    """One seed while it is played."""

    story: Story
    bugs: list[str]
    script: list[str] = field(default_factory=list)
    played: list[int] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    def play(self, seed: int, steps: Sequence[tuple[int, str]]) -> None:
        """Play steps until a promise breaks, then the rest; what raises breaks off, and is a violation."""
        try:
            self._play(seed, steps)
        except Exception as error:  # noqa: BLE001  (nothing that is played may raise: whatever does is a finding)
            *_, at = traceback.extract_tb(error.__traceback__)
            where = f"{Path(at.filename).name}, line {at.lineno}"
            self.violations = [f"a fault of one's own: {type(error).__name__} {error} ({where})"]

    def _play(self, seed: int, steps: Sequence[tuple[int, str]]) -> None:
        world = self.story.world
        for device in world.devices[:2]:
            device.sync()
        for n, name in steps:
            told = self.story.play(name, f"{seed} {n}")
            self.played.append(n)
            if told is None:
                continue
            self._tell(name, f"{n:3} {told}")
            world.tick()
            self.violations = [*self.bugs, *self.story.oracle.always()]
            if self.violations:
                return
        world.mend()
        self.violations = [*_rest(self.story), *self.bugs]
        if self.violations or not _for_a_person(world):
            return
        for n in range(_DECISIONS):
            name = ("resolve", "discard")[n % 2]
            told = self.story.play(name, f"{seed} decides {n}")
            if told is not None:
                self._tell(name, f"    {told}")
        self.violations = [*_rest(self.story), *self.bugs]

    def _tell(self, name: str, line: str) -> None:
        self.script.append(line)
        self.counts[f"verb: {name}"] += 1


def _run(world: World, seed: int, steps: int, only: Sequence[int] | None, bugs: list[str]) -> Ran:
    course = _Course(Story(world), bugs)
    wanted = None if only is None else set(only)
    script = enumerate(script_of(seed, steps, world.quirks))
    course.play(seed, [(n, name) for n, name in script if wanted is None or n in wanted])
    counts = course.counts + world.count + world.network.seen + world.port.seen + outcomes(world)
    told_all = "\n".join([*course.script, *course.violations, *state(world)])
    trace = hashlib.sha256(told_all.encode()).hexdigest()[:16]
    return Ran(
        seed,
        world.quirks.name,
        steps,
        tuple(course.played),
        tuple(course.violations),
        tuple(course.script),
        counts,
        trace,
    )


def _rest(story: Story) -> list[str]:
    at_rest = story.world.come_to_rest()
    restless = [] if at_rest else ["promise 10: it does not come to rest"]
    return [*restless, *story.oracle.finally_()]


def _for_a_person(world: World) -> bool:
    waiting = "SELECT count(*) FROM outbox WHERE state = 'quarantined'"
    return any(d.store.conflicts.all() or d.store.connection.value(waiting) for d in world.devices)


def outcomes(world: World) -> Counter[str]:
    """Count how mutations ended, and what waits for a person."""
    found: Counter[str] = Counter()
    for device in world.devices:
        rows = device.store.connection.rows(
            "SELECT coalesce(outcome, json_extract(problem, '$.kind'), state), count(*) FROM outbox GROUP BY 1"
        )
        found.update({f"outcome: {name}": count for name, count in rows})
    return found


def state(world: World) -> list[str]:
    """Everything that both sides hold in the end, for the trace."""
    told = [
        repr(row)
        for device in world.devices
        for row in device.store.connection.rows(
            "SELECT gid, version, hash, sync, data FROM record UNION ALL"
            " SELECT mutation_id, state, outcome, seq, body FROM outbox ORDER BY 1"
        )
    ]
    with world.crm.crm.database.read() as connection:
        told += [repr(tuple(row)) for row in connection.exec_driver_sql("SELECT * FROM history ORDER BY id")]
    return told


def shortest(ran: Ran) -> Ran:
    """Leave out steps as long as one of the same promises still breaks; what is left cannot lose a single one."""
    best = ran
    left = _REPLAYS
    size = max(1, len(best.played) // 2)
    while left > 0:
        start, shrunk = 0, False
        while start < len(best.played) and left > 0:
            fewer = [*best.played[:start], *best.played[start + size :]]
            left -= 1
            again = run_seed(ran.seed, ran.steps, fewer, ran.system)
            if again.promises & ran.promises:
                best, shrunk = again, True
            else:
                start += size
        if size == 1 and not shrunk:
            break
        size = max(1, size // 2)
    return best

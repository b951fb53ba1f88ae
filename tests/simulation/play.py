"""Playing one seed: verbs made from it, the judge after each step, and the shortest script that still fails."""

from __future__ import annotations

import gc
import hashlib
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from tests.simulation.story import VERBS, Story
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
    """What one seed did. `played` names the steps that applied; `trace` is the same for two runs of one script."""

    seed: int
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


def script_of(seed: int, steps: int) -> list[str]:
    """Return the verbs that a seed plays."""
    rng = random.Random(f"script {seed}")
    return rng.choices(list(VERBS), list(VERBS.values()), k=steps)


def run_seed(seed: int, steps: int = STEPS, only: Sequence[int] | None = None) -> Ran:
    """Play one seed to its end, or only these of its steps; never raises for a violation, it is in the result."""
    before = structlog.get_config()
    bugs: list[str] = []
    structlog.configure(processors=[partial(_overheard, bugs)], cache_logger_on_first_use=False)
    # Nothing is thrown away while a world lives: looking for what is would take a tenth of the time.
    gc.collect()
    gc.disable()
    with tempfile.TemporaryDirectory(prefix="counterpart-sim-", dir=_MEMORY) as folder:
        world = World(seed, Path(folder), devices=2 + seed % 2)
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


def _run(world: World, seed: int, steps: int, only: Sequence[int] | None, bugs: list[str]) -> Ran:
    story = Story(world)
    script: list[str] = []
    played: list[int] = []
    counts: Counter[str] = Counter()
    violations: list[str] = []
    for device in world.devices[:2]:
        device.sync()
    wanted = None if only is None else set(only)
    for n, name in enumerate(script_of(seed, steps)):
        if wanted is not None and n not in wanted:
            continue
        told = story.play(name, f"{seed} {n}")
        if told is None:
            continue
        script.append(f"{n:3} {told}")
        played.append(n)
        counts[f"verb: {name}"] += 1
        world.tick()
        violations = [*bugs, *story.oracle.always()]
        if violations:
            break
    if not violations:
        world.mend()
        violations = [*_rest(story), *bugs]
    if not violations and _for_a_person(world):
        for n in range(_DECISIONS):
            told = story.play(("resolve", "discard")[n % 2], f"{seed} decides {n}")
            if told is not None:
                script.append(f"    {told}")
                counts[f"verb: {('resolve', 'discard')[n % 2]}"] += 1
        violations = [*_rest(story), *bugs]
    counts += world.count + world.network.seen + world.port.seen + outcomes(world)
    told_all = "\n".join([*script, *violations, *state(world)])
    trace = hashlib.sha256(told_all.encode()).hexdigest()[:16]
    return Ran(seed, steps, tuple(played), tuple(violations), tuple(script), counts, trace)


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
            "SELECT gid, version, hash, sync, data FROM record ORDER BY gid"
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
            again = run_seed(ran.seed, ran.steps, fewer)
            if again.promises & ran.promises:
                best, shrunk = again, True
            else:
                start += size
        if size == 1 and not shrunk:
            break
        size = max(1, size // 2)
    return best

"""Runs cases: a folder, some lives that each end by a kill, and a judgement after each and at the end.

The process that runs them forks each life from itself, with everything imported and nothing open, so that a kill
costs little. A case is the same whenever its seed is.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash import judge, victim
from tests.crash.blade import NAMED, How, Kill, Sql
from tests.crash.world import prepare, sync_first

FRESH, SYNCED = "fresh", "synced"

_SQL = (Sql.CLIENT, Sql.GATEWAY, Sql.CRM, Sql.CLIENT, Sql.GATEWAY)  # the CRM has the fewest
_HOWS = (How.BEFORE_STATEMENT, How.WITHIN_STATEMENT, How.BEFORE_COMMIT, How.AFTER_COMMIT)

#: Lives end at these in turn, so that no named point is left to chance.
_TURNS: tuple[str, ...] = (*NAMED, *_SQL * 6)


@dataclass(frozen=True)
class Plan:
    """What one seed does."""

    seed: int
    template: str
    kills: tuple[Kill, ...]
    looking: bool


@dataclass(frozen=True)
class Ran:
    """What came of it. `survived`: lives that ended before the blade fell."""

    seed: int
    kills: tuple[Kill, ...]
    survived: int
    violations: tuple[str, ...]


@dataclass
class Table:
    """Kills and violations by place."""

    kills: Counter[str] = field(default_factory=Counter)
    violations: Counter[str] = field(default_factory=Counter)

    def add(self, ran: Ran) -> None:
        for kill in ran.kills:
            self.kills[kill.place] += 1
        if ran.violations:
            self.violations[ran.kills[-1].place if ran.kills else "no kill"] += len(ran.violations)

    def never(self) -> list[str]:
        """Places that no life has ended at."""
        return [place for place in (*NAMED, *Sql) if not self.kills[place]]


@dataclass(frozen=True)
class Ground:
    """Folders that cases begin with, and how much happens in a whole life over each."""

    folder: Path
    usual: Mapping[str, Counter[str]]


@contextmanager
def prepared() -> Iterator[Ground]:
    """Prepare the folders, in memory where there is such a place: a kill leaves what was written to it as it is."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(
        prefix="counterpart-crash-", dir=shared if os.access(shared, os.W_OK) else None
    ) as name:
        folder = Path(name)
        prepare(folder / FRESH)
        shutil.copytree(folder / FRESH, folder / SYNCED)
        sync_first(folder / SYNCED)
        yield Ground(folder, {template: _usual(folder, template) for template in (FRESH, SYNCED)})


def _usual(folder: Path, template: str) -> Counter[str]:
    """Play one life to its end, and count; in a process of its own, as it hooks into the drivers."""
    case = folder / "usual"
    shutil.copytree(folder / template, case)
    reading, writing = os.pipe()

    def live() -> None:
        seen = victim.play(case, 0, 1, None).seen
        os.write(writing, "\n".join(f"{place}\t{count}" for place, count in seen.items()).encode())

    status = _forked(live)
    os.close(writing)
    with os.fdopen(reading) as told:
        counts = Counter(
            {place: int(count) for place, _, count in (line.strip().partition("\t") for line in told)}
        )
    shutil.rmtree(case)
    if status != 0:
        raise RuntimeError("a life that nobody ends does not come to its end")
    return counts


def plan(seed: int, ground: Ground, lives: int = 3) -> Plan:
    """Return what a seed does: where each of its lives ends. The places come in turn from seed to seed."""
    rng = random.Random(seed)
    template = FRESH if rng.random() < 0.25 else SYNCED
    kills = [
        _kill(_TURNS[((seed - 1) * lives + life) % len(_TURNS)], ground.usual[template], rng)
        for life in range(lives)
    ]
    return Plan(seed, template, tuple(kills), looking=rng.random() < 0.25)


def _kill(place: str, usual: Counter[str], rng: random.Random) -> Kill:
    """Draw which hit of a place it is; a life that another one goes before has fewer than usual."""
    if place in NAMED:
        return Kill(place, rng.randint(1, max(1, min(3, usual[place] // 2))))
    how = rng.choice(_HOWS)
    count = usual[f"{place} commits" if how in (How.BEFORE_COMMIT, How.AFTER_COMMIT) else place]
    return Kill(place, rng.randint(1, int(count * 0.9)), how)


def run(seed: int, ground: Ground, lives: int = 3) -> Ran:
    """Run one case; never raises for a violation, it is in the result."""
    planned = plan(seed, ground, lives)
    case = ground.folder / f"case-{os.getpid()}"  # the same for all of one process, see `Engines`
    shutil.copytree(ground.folder / planned.template, case)
    fallen: list[Kill] = []
    violations: list[str] = []
    try:
        for life, kill in enumerate(planned.kills, 1):
            status = _forked(lambda life=life, kill=kill: _live(case, planned, life, kill))  # type: ignore[misc]
            if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
                fallen.append(kill)
            elif status != 0:
                violations.append(f"life {life} failed by itself: {(case / 'failure').read_text()}")
            violations += [f"after life {life}: {text}" for text in judge.at_once(case)]
            if violations:
                break
        if not violations:
            violations = judge.at_rest(case, len(planned.kills) + 1, seed)
    except Exception:  # noqa: BLE001  # whatever a kill left must be opened and read without one
        violations.append(traceback.format_exc())
    shutil.rmtree(case)
    return Ran(seed, tuple(fallen), len(planned.kills) - len(fallen), tuple(violations))


def _live(case: Path, planned: Plan, life: int, kill: Kill) -> None:
    try:
        victim.play(case, planned.seed, life, kill, looking=planned.looking)
    except BaseException:
        (case / "failure").write_text(traceback.format_exc())
        raise


def _forked(do: Callable[[], None]) -> int:
    """Do something in a process of its own; return its wait status."""
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1]
    try:
        do()
    except BaseException:  # noqa: BLE001  # nothing of this process's may go on in the other's place
        os._exit(1)
    os._exit(0)

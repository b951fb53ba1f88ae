"""`make sabotage`: breaks the engine on purpose, one fault at a time, and plays seeds until the oracle notices."""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass

import pytest

from tests.simulation.play import STEPS, run_seed
from tests.simulation.sabotages import PLAYED_WITH, SABOTAGES

#: Each has to be noticed within so many seeds.
SEEDS = 200


@dataclass(frozen=True)
class Caught:
    """What was violated first, in which of the seeds; `seeds` 0 when nothing was."""

    name: str
    seeds: int
    violation: str

    @property
    def promise(self) -> str:
        """The promise by its number; empty when what broke is the sabotage itself."""
        what = self.violation.partition(":")[0]
        return what if what.startswith("promise") else ""


def caught(name: str, seeds: int = SEEDS, steps: int = STEPS) -> Caught:
    """Play seeds with one thing broken until a promise breaks."""
    with pytest.MonkeyPatch.context() as patch:
        SABOTAGES[name](patch)
        for seed in range(1, seeds + 1):
            violations = run_seed(seed, steps, system=PLAYED_WITH[name]).violations
            if violations:
                return Caught(name, seed, violations[0])
    return Caught(name, 0, "")


def main() -> int:
    """Print the table; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.sabotage")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--only", default="", help="sabotages whose name holds this")
    options = parser.parse_args()
    names = [name for name in SABOTAGES if options.only in name]
    began = time.monotonic()
    missed = []
    print(f"{'sabotage':56} {'caught by':11} {'seeds':>5}")
    with ProcessPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
        for done in as_completed([pool.submit(caught, name, options.seeds) for name in names]):
            one = done.result()
            print(f"{one.name:56} {one.promise or 'NOTHING':11} {one.seeds or '-':>5}", flush=True)
            if not one.promise:
                missed.append(one.name)
                print(f"    {one.violation or 'no seed noticed it'}", flush=True)
    print(f"{len(names) - len(missed)} of {len(names)} caught in {time.monotonic() - began:.0f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

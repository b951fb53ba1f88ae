"""`make simulate SEEDS=n [STEPS=m]`: plays n seeds and reports; the first failing seed is printed with its script."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.simulation.story import VERBS, Ran, run_seed

STEPS = 60


def main() -> int:
    """Play and report; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    options = parser.parse_args()
    began = time.monotonic()
    counts: Counter[str] = Counter()
    steps = 0
    failed: list[Ran] = []
    seeds = range(options.first, options.first + options.seeds)
    with ProcessPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
        for ran in pool.map(partial(run_seed, steps=options.steps), seeds, chunksize=1):
            counts += ran.counts
            steps += ran.steps
            if ran.violations:
                failed.append(ran)
                _show(ran)
    for name, count in sorted(counts.items()):
        print(f"  {name:28} {count:7,}")
    print(f"{options.seeds} seeds, {steps:,} steps in {time.monotonic() - began:.0f} s")
    never = [name for name, _ in VERBS if not counts[name]] if options.seeds >= 50 else []
    if never:
        print(f"never played: {', '.join(never)}")
    if failed:
        print(f"{len(failed)} failing seeds: {', '.join(str(ran.seed) for ran in failed)}")
    else:
        print("0 violations")
    return 1 if failed or never else 0


def _show(ran: Ran) -> None:
    print(f"seed {ran.seed} (trace {ran.trace}) after {ran.steps} steps:")
    for line in ran.script:
        print(f"    {line}")
    for violation in ran.violations:
        print(f"  VIOLATION {violation}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

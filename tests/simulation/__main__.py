"""`make simulate SEEDS=n [STEPS=m]`: plays n seeds and reports; a failing seed is printed with its shortest script."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.simulation.network import Fault
from tests.simulation.play import STEPS, Ran, run_seed, shortest
from tests.simulation.story import VERBS
from tests.simulation.uneasy import Slip

#: With fewer seeds than this it says nothing that something never happened.
_MANY = 50

#: After so many seeds it says how far it has come.
_PROGRESS = 250

#: What has to have happened at least once.
EXPECTED = (
    *(f"verb: {name}" for name in VERBS),
    *(f"fault: {fault}" for fault in Fault),
    *(f"outcome: {status}" for status in ("applied", "merged", "conflict", "rejected", "gone", "revoked")),
    *(f"outcome: {ending}" for ending in ("superseded", "cancelled", "discarded", "dependency")),
    *(f"slip: {where}" for where in Slip),
    *("client died", "gateway died", "gateway crash", "CRM down", "row locked", "not saved: no room"),
    *("search did not show all", "another device in the middle of a call"),
)


def main() -> int:
    """Play and report; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--only", default="", help="play only these steps of the first seed, as 3,7,12")
    options = parser.parse_args()
    if options.only:
        ran = run_seed(options.first, options.steps, [int(n) for n in options.only.split(",")])
        _show(ran)
        return 1 if ran.violations else 0
    return _play(range(options.first, options.first + options.seeds), options.steps)


def _play(seeds: range, steps: int) -> int:
    began = time.monotonic()
    counts: Counter[str] = Counter()
    played = 0
    failed: list[Ran] = []
    with ProcessPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
        for ran in pool.map(partial(run_seed, steps=steps), seeds, chunksize=1):
            counts += ran.counts
            played += len(ran.script)
            if ran.violations:
                failed.append(ran)
                print(f"seed {ran.seed} breaks {', '.join(sorted(ran.promises))}", flush=True)
            if (ran.seed - seeds.start + 1) % _PROGRESS == 0:
                print(f"… {ran.seed}, after {time.monotonic() - began:.0f} s", flush=True)
    for name, count in sorted(counts.items()):
        print(f"  {name:36} {count:9,}")
    print(
        f"{len(seeds):,} seeds of {steps} steps, {played:,} of them played, in {time.monotonic() - began:.0f} s"
    )
    never = [name for name in EXPECTED if not counts[name]] if len(seeds) >= _MANY else []
    if never:
        print(f"never happened: {', '.join(never)}")
    for ran in failed[:3]:
        print(f"\nthe shortest script of seed {ran.seed} that still fails:")
        _show(shortest(ran))
    if failed:
        print(f"{len(failed)} failing seeds: {', '.join(str(ran.seed) for ran in failed)}")
    print(f"{sum(len(ran.violations) for ran in failed)} violations")
    return 1 if failed or never else 0


def _show(ran: Ran) -> None:
    for line in ran.script:
        print(f"    {line}")
    for violation in ran.violations:
        print(f"  VIOLATION {violation}")
    steps = ",".join(str(n) for n in ran.played)
    print(f"  again: python -m tests.simulation --first {ran.seed} --steps {ran.steps} --only {steps}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

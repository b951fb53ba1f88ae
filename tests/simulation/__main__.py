"""`make simulate SEEDS=n [STEPS=m]`: plays n seeds and reports; a failing seed is printed with its shortest script.

Each seed picks the system it plays with; with `--system` all play with one.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.simulation.network import Fault
from tests.simulation.play import STEPS, Ran, run_seed, shortest
from tests.simulation.quirks import SYSTEMS, quirks_of
from tests.simulation.story import verbs_of
from tests.simulation.uneasy import Slip

#: With fewer seeds than this it says nothing that something never happened.
_MANY = 50

#: After so many seeds it says how far it has come.
_PROGRESS = 250

#: What has to have happened at least once, whatever the system.
EXPECTED = (
    *(f"fault: {fault}" for fault in Fault),
    *(f"outcome: {status}" for status in ("applied", "merged", "conflict", "rejected", "gone", "revoked")),
    *(f"outcome: {ending}" for ending in ("superseded", "cancelled", "discarded", "dependency")),
    *("client died", "gateway died", "gateway crash", "CRM down", "not saved: no room"),
    "another device in the middle of a call",
)


def expected(systems: Sequence[str]) -> list[str]:
    """Return what has to have happened with these systems, three neighbouring seeds of each at least."""
    found = dict.fromkeys(EXPECTED)
    for quirks in (quirks_of(name, seed) for name in systems for seed in (1, 2, 3)):
        can = quirks.can
        found |= dict.fromkeys(f"verb: {name}" for name in verbs_of(quirks))
        found |= {
            f"slip: {where}": None for where in Slip if where != Slip.BEFORE_WRITE or can.conditional_writes
        }
        found |= {"row locked": None} if can.late_commit else {}
        found |= {"search did not show all": None} if can.late_commit or can.index_lag else {}
        found |= {"429": None} if can.rate else {}
        found |= {"changed silently": None} if can.silent_links else {}
        found |= {"journal told": None, "journal expired": None} if quirks.journal else {}
    return [*found]


def main() -> int:
    """Play and report; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--only", default="", help="play only these steps of the first seed, as 3,7,12")
    parser.add_argument("--system", default="", choices=("", *SYSTEMS), help="play all seeds with this one")
    options = parser.parse_args()
    if options.only:
        only = [int(n) for n in options.only.split(",")]
        ran = run_seed(options.first, options.steps, only, options.system)
        _show(ran)
        return 1 if ran.violations else 0
    return _play(range(options.first, options.first + options.seeds), options.steps, options.system)


def _play(seeds: range, steps: int, system: str) -> int:
    began = time.monotonic()
    counts: Counter[str] = Counter()
    by_system: Counter[str] = Counter()
    played = 0
    failed: list[Ran] = []
    with ProcessPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
        for ran in pool.map(partial(run_seed, steps=steps, system=system), seeds, chunksize=1):
            counts += ran.counts
            by_system[ran.system] += 1
            played += len(ran.script)
            if ran.violations:
                failed.append(ran)
                print(f"seed {ran.seed} ({ran.system}) breaks {', '.join(sorted(ran.promises))}", flush=True)
            if (ran.seed - seeds.start + 1) % _PROGRESS == 0:
                print(f"… {ran.seed}, after {time.monotonic() - began:.0f} s", flush=True)
    for name, count in sorted(counts.items()):
        print(f"  {name:36} {count:9,}")
    print(
        f"{len(seeds):,} seeds of {steps} steps, {played:,} of them played, in {time.monotonic() - began:.0f} s"
    )
    print(f"with {', '.join(f'{name} {many:,}' for name, many in sorted(by_system.items()))}")
    wanted = expected([system] if system else SYSTEMS)
    never = [name for name in wanted if not counts[name]] if len(seeds) >= _MANY else []
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
    which = f"--first {ran.seed} --system {ran.system} --steps {ran.steps}"
    print(f"  again: python -m tests.simulation {which} --only {steps}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

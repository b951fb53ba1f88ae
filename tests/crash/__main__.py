"""`make crash KILLS=n`: ends both sides n times and reports by place; a seed that fails is named, to be repeated."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.crash.blade import NAMED, Sql
from tests.crash.cuts import cut, play
from tests.crash.suite import Ground, Ran, Table, plan, prepared, run

#: With so many kills every named point must have been hit.
_MANY = 200

#: Sets are walked in another order in each process unless this is said, and then a seed does not repeat.
_HASH_SEED = "PYTHONHASHSEED"


def main() -> int:
    """Run and report; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash")
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--lives", type=int, default=3, help="kills of one seed, one after the other")
    parser.add_argument("--cuts", type=int, default=500, help="power cuts of the client's disk")
    parser.add_argument("--report", type=Path, help="write the table here as JSON too")
    options = parser.parse_args()
    if _HASH_SEED not in os.environ:
        os.execve(
            sys.executable,
            [sys.executable, "-m", "tests.crash", *sys.argv[1:]],
            {**os.environ, _HASH_SEED: "0"},
        )
    began, table, failed = time.monotonic(), Table(), []
    kills = seeds = survived = 0
    with prepared() as ground:
        for ran in _cases(ground, range(options.first, options.first + 2 * options.kills), options.lives):
            table.add(ran)
            kills, seeds, survived = kills + len(ran.kills), seeds + 1, survived + ran.survived
            if ran.violations:
                failed.append(ran.seed)
                _show(ran, ground, options.lives)
            if kills >= options.kills:
                break
    seconds = time.monotonic() - began
    never = table.never() if kills >= _MANY else []
    _print(table)
    print(f"{kills} kills in {seeds} seeds, {seconds:.0f} s ({kills / seconds:.1f} a second)")
    print(f"{survived} lives ended before their end was reached")
    if kills < options.kills:
        print(f"only {kills} of {options.kills} kills came about")
    cuts = [one for one in cut(play(), options.cuts, options.first) if one.violations]
    print(f"{options.cuts} power cuts, {len(cuts)} with violations")
    for one in cuts:
        print(f"  VIOLATION before write {one.at}, {one.loss}: {'; '.join(one.violations)}")
    if never:
        print(f"never hit: {', '.join(never)}")
    print(f"{len(failed)} failing seeds: {', '.join(map(str, failed))}" if failed else "0 violations")
    if options.report:
        told = {"kills": table.kills, "violations": table.violations, "seconds": seconds, "failed": failed}
        options.report.write_text(json.dumps(told), "utf-8")
    return 1 if failed or never or cuts or kills < options.kills else 0


def _cases(ground: Ground, seeds: range, lives: int) -> Iterator[Ran]:
    """Run seeds on every core, and yield them in their order."""
    with multiprocessing.get_context("fork").Pool(min(os.cpu_count() or 1, 4)) as pool:
        yield from pool.imap(partial(run, ground=ground, lives=lives), seeds)


def _show(ran: Ran, ground: Ground, lives: int) -> None:
    planned = plan(ran.seed, ground, lives)
    print(f"seed {ran.seed}, over a client that is {planned.template}:")
    for life, kill in enumerate(planned.kills, 1):
        print(f"    life {life} ends at {kill}")
    for violation in ran.violations:
        print(f"  VIOLATION {violation}")
    print(f"  again: python -m tests.crash --kills 1 --first {ran.seed} --lives {lives}")
    sys.stdout.flush()


def _print(table: Table) -> None:
    print(f"{'place':55} {'kills':>7} {'violations':>11}")
    for place in (*NAMED, *Sql):
        print(f"{place:55} {table.kills[place]:7} {table.violations[place]:11}")


if __name__ == "__main__":
    sys.exit(main())

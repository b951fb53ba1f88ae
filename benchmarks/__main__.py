"""`python -m benchmarks [--quick] [--only NAME …]`: measure, print the table and write `build/bench.json`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import catalogue, machine
from benchmarks.harness import Result, Scale, table, write

_BUILD = Path(__file__).parent.parent / "build"


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for; the exit code tells only whether everything ran."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Ours and the floor in one run.")
    parser.add_argument("--quick", action="store_true", help="small sizes: proves that everything runs")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", choices=sorted(catalogue.ALL))
    parser.add_argument("--out", type=Path, default=_BUILD / "bench.json", help="where the JSON file goes")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="counterpart-bench-") as folder:
        scale = Scale.small(Path(folder)) if options.quick else Scale.full(Path(folder))
        results: list[Result] = []
        pace = None
        for name in options.only or catalogue.ALL:
            for measured in catalogue.ALL[name](scale):
                if measured.name == machine.NAME and not scale.quick:
                    pace = machine.pace(measured)
                result = measured.at_pace(pace)
                results.append(result)
                sys.stderr.write(table([result]).splitlines()[-1] + "\n")
                sys.stderr.flush()
                write(options.out, [result])
    sys.stdout.write(table(results) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

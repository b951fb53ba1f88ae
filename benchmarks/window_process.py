"""The real window in a process of its own, offscreen: does one errand and writes one line of JSON.

    python -m benchmarks.window_process ERRAND ROOT [--quick]

Only this process imports Qt; whoever measures starts it through `run`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_PATIENCE = 300.0


def run(errand: str, root: Path, *, quick: bool) -> dict[str, Any]:
    """Run an errand over the account under `root` in a new process; returns what it found."""
    command = [sys.executable, "-m", "benchmarks.window_process", errand, str(root)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [*command, "--quick"] if quick else command,
        env=environment,
        stdout=subprocess.PIPE,
        timeout=_PATIENCE,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main(arguments: Sequence[str]) -> int:
    """Do one errand."""
    from benchmarks import window_errands  # noqa: PLC0415  # Qt only in the process that shows a window

    parser = argparse.ArgumentParser(prog="benchmarks.window_process")
    parser.add_argument("errand", choices=sorted(window_errands.ERRANDS))
    parser.add_argument("root", type=Path)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args(arguments)
    found = window_errands.ERRANDS[options.errand](options.root, options.quick)
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

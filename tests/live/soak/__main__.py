"""`python -m tests.live.soak [--minutes 3] [--seed 1] [--break ledger|notes]`: partners and Odoo's people meet.

A real Odoo, the real gateway's process beside it, several real clients over real HTTP; the wire to Odoo breaks and
loses answers, so do the clients' wires, and the gateway is killed. When all is quiet again, what the devices hold and
what stands in Odoo are compared. Ends with 1 when something does not hold. Which thread comes first is the machine's
choice, so a seed plays the same people, not the same run.

Broken on purpose, it has to notice: with `ledger` what is sent again is carried out again, with `notes` the mapping
lets internal notes out.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.live.soak.play import Soak

_BUILD = Path("build") / "live"


def main() -> int:
    """Run it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.live.soak")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--break", dest="fault", choices=("ledger", "notes"), default="")
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(100_000)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="counterpart-soak-", ignore_cleanup_errors=True) as folder:
        soak = Soak(Path(folder), seed, given.fault)
        found = soak.run(given.minutes * 60)
    for text in found:
        sys.stdout.write(f"VIOLATION  {text}\n")
    counts = dict(sorted(soak.counts().items()))
    for what, count in counts.items():
        sys.stdout.write(f"{count:7,}  {what}\n")
    seconds = time.monotonic() - began
    sys.stdout.write(f"seed {seed}: {len(found)} violations, {seconds:.0f} s\n")
    _BUILD.mkdir(parents=True, exist_ok=True)
    told = {"seed": seed, "seconds": round(seconds), "counts": counts, "violations": found}
    (_BUILD / "soak.json").write_text(json.dumps(told, indent=2) + "\n", "utf-8")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""`python -m tests.failover --kills 20`: a long day at two processes whose leader is killed again and again."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.failover.fleet import fleet
from tests.failover.play import play, told


def main() -> int:
    """Play it; the exit code tells whether something was wrong."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--kills", type=int, default=20)
    given.add_argument("--partners", type=int, default=6)
    given.add_argument("--rounds", type=int, default=10, help="batches of each partner between two kills")
    given.add_argument("--batch", type=int, default=5)
    given.add_argument("--processes", type=int, default=2)
    asked = given.parse_args()
    with tempfile.TemporaryDirectory(prefix="counterpart-failover-") as folder, fleet(Path(folder)) as made:
        evening = play(
            made,
            partners=asked.partners,
            rounds=asked.rounds,
            batch=asked.batch,
            kills=asked.kills,
            processes=asked.processes,
        )
        sys.stdout.write(told(evening) + "\n")
        if evening.wrong:
            sys.stdout.write(made.log()[-4000:] + "\n")
    return 1 if evening.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

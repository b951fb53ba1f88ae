"""The project's own commands, the same on Linux, macOS and Windows: ``python3 tools/dev.py COMMAND``.

Standard library only, because it is what builds the environment that everything else lives in.
"""

from __future__ import annotations

import sys
from pathlib import Path

OLDEST = (3, 11)


def main() -> int:
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        sys.stderr.write("Counterpart needs Python 3.11 or later; this is " + found + ".\n")
        return 1
    # Run as a script, the folder of this file is on the path; the package it belongs to is one up.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from tools.commands import run  # noqa: PLC0415  # only importable now

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())

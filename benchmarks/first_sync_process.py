"""One first sync in a process of its own: `python -m benchmarks.first_sync_process STORE URL TOKEN`.

Prints one line of JSON: the seconds until everything is here and searchable, and by how many bytes the memory grew
at most over what it was before.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from app.store.database import Store
from app.sync.events import Mode
from benchmarks.client import client, remove


def main(path: Path, url: str, token: str) -> int:
    """Run it; 1 when the engine did not get to the end."""
    remove(path)
    with client(path, url, token) as opened:
        idle = _most()
        searchable = _noted(opened.store)
        began = time.perf_counter()
        opened.engine.cycle()
        seconds = searchable() - began
        ended = opened.engine.status.mode is Mode.LIVE and not opened.store.cursors.index_due
        told = {"seconds": seconds, "grown": _most() - idle, "cause": opened.engine.status.cause}
    sys.stdout.write(json.dumps(told) + "\n")
    return 0 if ended else 1


def _noted(store: Store) -> Callable[[], float]:
    """Note when the last of the index was made; a comparison of both sides follows that is not part of it."""
    make_index, ends = store.make_index, [0.0]

    def noted() -> bool:
        more = make_index()
        ends[0] = time.perf_counter()
        return more

    store.make_index = noted  # type: ignore[method-assign]
    return lambda: ends[0]


def _most() -> int:
    """The most memory this process has held, in bytes. Linux counts in `ru_maxrss` what the parent held, too."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))

"""A gateway as `serve` runs it, which kills itself when it comes to a point.

`python -m tests.gateway.mortal FOLDER POINT`
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from gateway.failpoints import Failpoint
from gateway.logs import configure_logs
from gateway.server import run
from gateway.service import Service
from gateway.settings import Settings


def main(folder: str, point: str) -> None:
    """Serve until standard input closes, or the point is reached."""
    configure_logs("WARNING")
    service = Service.open(Settings(folder=Path(folder), port=0))

    def hook(reached: Failpoint) -> None:
        if reached == point:
            os.kill(os.getpid(), signal.SIGKILL)

    service.gateway.failpoints.hook = hook
    try:
        run(service, {}, until_stdin_closes=True)
    finally:
        service.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

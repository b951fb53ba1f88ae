"""The real gateway in a process of its own, over a prepared folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.gateway_folder import Planted

_ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class GatewayProcess:
    """A gateway that serves: `url` without a path, `token` of its administrator, `pid` for profilers."""

    url: str
    token: str
    pid: int

    @property
    def headers(self) -> dict[str, str]:
        """What a request of the administrator carries."""
        return {"Authorization": f"Bearer {self.token}"}


@contextmanager
def gateway_process(planted: Planted, settings: Mapping[str, str] | None = None) -> Iterator[GatewayProcess]:
    """Serve a folder until the block ends. `settings`: more of them by name, such as `ingest_seconds`."""
    given = planted.settings()
    told = {
        "access_minutes": str(given.access_minutes),
        "sweep_minutes": str(given.sweep_minutes),
        "log_level": "WARNING",
        **(settings or {}),
    }
    environment = {f"COUNTERPART_GATEWAY_{name.upper()}": value for name, value in told.items()}
    command = (
        *(sys.executable, "-m", "gateway", "serve"),
        *("--folder", str(planted.folder), "--port", "0", "--until-stdin-closes"),
    )
    with started(command, environment) as (process, ready):
        yield GatewayProcess(str(json.loads(ready)["url"]), planted.token, process.pid)


@contextmanager
def started(
    command: tuple[str, ...], environment: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a server that prints one line once it listens and ends when its standard input closes.

    Yields the process and the line. Raises RuntimeError when it ends before it listens.
    """
    process = subprocess.Popen(
        command,
        cwd=_ROOT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(command[1:4])} did not start")
        yield process, line
    finally:
        process.stdin.close()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

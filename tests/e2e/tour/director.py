"""Directs the tour: starts the gateway, the wire and the acts, plays the vendor, and looks at what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.e2e.tour.claims import Claims
from tests.e2e.tour.proxy import CuttingProxy

_START_SECONDS = 90.0


class GatewayOfTheTour:
    """The gateway's process: started, stopped and started again on one folder and one port."""

    def __init__(
        self,
        folder: Path,
        clock: Path,
        fault: str,
        config: Path | None = None,
        people: Path | None = None,
        portal: str = "",
    ) -> None:
        """`config`: what else it stands beside than the embedded CRM with its sample; `people`: for whom then.

        `portal`: one of those that ship, with its own sample; the partner portal without it.
        """
        self._folder, self.clock, self.fault = folder, clock, fault
        self._beside = ["--config", str(config), "--people", str(people)] if config else []
        self._beside += ["--portal", portal] if portal else []
        self._process: subprocess.Popen[str] | None = None
        self.port = 0
        self.sample: dict[str, Any] = {}

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "tests.e2e.tour.vendor_process", "--folder", str(self._folder)]
        command += ["--port", str(self.port), "--clock", str(self.clock), "--break", self.fault]
        command += ["--refresh-hours", "96", *self._beside]
        with (self._folder / "gateway.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError((self._folder / "gateway.log").read_text()[-2000:])
        told = json.loads(line)
        self.port = int(told["url"].rpartition(":")[2])
        self.sample = told["sample"]

    @property
    def url(self) -> str:
        """Where it listens itself."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Stop it, as when a machine goes down."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None

    def user(self, name: str) -> dict[str, Any]:
        """Who may sign in to the portal."""
        found: dict[str, Any] = next(user for user in self.sample["users"] if user["name"] == name)
        return found

    def staff(self, name: str) -> dict[str, Any]:
        """Who may sign in to the console."""
        found: dict[str, Any] = next(one for one in self.sample["console_users"] if one["name"] == name)
        return found


class Player:
    """One act under way in a process of its own."""

    def __init__(self, name: str, folder: Path, script: Mapping[str, object], log: str = "") -> None:
        """`log`: what its files are called, where the same act is played more than once."""
        self.work = Path(str(script["work"]))
        told = folder / f"{log or name}.json"
        told.write_text(json.dumps(script))
        self._log = folder / f"{log or name}.log"
        env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        with self._log.open("ab") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", f"tests.e2e.tour.acts.{name}", str(told)],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def wait_for(self, sign: str, seconds: float) -> bool:
        """Wait for a sign; False when the act ended or did not give it in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if (self.work / sign).exists():
                return True
            if self.process.poll() is not None:
                return False
            time.sleep(0.05)
        return False

    def sign(self, name: str) -> None:
        """Give the act a sign."""
        (self.work / name).touch()

    def kill(self) -> None:
        """Kill it as `kill -9` does."""
        self.process.kill()
        self.process.wait()

    def end(self, seconds: float) -> int:
        """Wait for its end; an act that does not end is killed."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return -9

    def log(self) -> str:
        """The last of what it said."""
        return self._log.read_text(errors="replace")[-3000:]


def prove(claims: Claims, name: str, expected: str, look: Callable[[], object]) -> None:
    """Look from the other side."""
    claims.prove(name, expected, look)


def wire_to(gateway: GatewayOfTheTour) -> CuttingProxy:
    """Open a wire to a gateway."""
    wire = CuttingProxy(gateway.port)
    wire.open()
    return wire

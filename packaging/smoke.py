"""The frozen app from its bundle: signs in to a real gateway as a person would, syncs, and ends by itself.

Over the account that is on the computer then, it is started several times more, to see how long that takes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from figures import Started, started

from app.composition.demo import GatewayProcess, Ready

_SYNC_SECONDS = 120
_PASSPHRASE = "a passphrase for the smoke run\n"  # noqa: S105  # of an account that lasts for one run


@dataclass(frozen=True)
class Tried:
    """What came of it. `problems`: empty when it passed; `starts` is None when it did not."""

    problems: tuple[str, ...]
    said: str
    seconds: float
    starts: Started | None


def smoke(program: Path) -> Tried:
    """Start the program offscreen against a fresh sample gateway.

    The app opens the system's browser to sign in; `BROWSER` names a program that fills in the gateway's page.
    """
    with tempfile.TemporaryDirectory(prefix="counterpart-smoke-") as name:
        folder = Path(name)
        with GatewayProcess(folder / "gateway") as gateway:
            ready = gateway.ready()
            environment = _environment(folder, ready)
            began = time.monotonic()
            done = _run([str(program), "open", "--gateway", ready.url, "--exit-after-sync"], environment)
            seconds = time.monotonic() - began
            problems = judged(done)
            lines = done.stdout.strip().splitlines()
            said = lines[-1] if lines else ""
            if problems:
                return Tried(tuple(problems), said, seconds, None)
            proven = _run([str(program), "verify", "--json"], environment)
            if proven.returncode != 0 or proven.stderr.strip():
                return Tried(
                    (f"“verify” ended with {proven.returncode}: {proven.stdout}{proven.stderr}",),
                    said,
                    seconds,
                    None,
                )
            again = [str(program), "open", "--exit-when-shown", "--passphrase-stdin"]
            return Tried((), said, seconds, started(again, environment, _PASSPHRASE))


def judged(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return what is wrong with a run: its exit code, no word of being in step, anything on standard error."""
    lines = done.stdout.strip().splitlines()
    synced = bool(lines) and lines[-1].startswith("{") and json.loads(lines[-1]).get("synced") is True
    if done.returncode == 0 and synced and not done.stderr.strip():
        return []
    return [
        f"it ended with {done.returncode}",
        f"it printed\n{done.stdout}",
        f"and on standard error\n{done.stderr}",
    ]


def _run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command, "--passphrase-stdin"],
        env=environment,
        input=_PASSPHRASE,
        capture_output=True,
        text=True,
        timeout=_SYNC_SECONDS + 60,
        check=False,
    )


def _environment(folder: Path, ready: Ready) -> dict[str, str]:
    """Return what the app may know of this computer: another home, no screen, somebody who signs in."""
    person = Path(__file__).with_name("person_in_browser.py")
    return {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "data"),
        "BROWSER": f"{sys.executable} {person} %s",
        "COUNTERPART_SMOKE_EMAIL": ready.email,
        "COUNTERPART_SMOKE_PASSWORD": ready.password,
    }

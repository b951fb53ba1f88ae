"""The frozen app from its bundle: signs in to a real gateway as a person would, syncs, and ends by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from app.composition.demo import GatewayProcess

_SYNC_SECONDS = 120


def smoke(program: Path) -> int:
    """Start the program offscreen against a fresh sample gateway; gives the exit code.

    The app opens the system's browser to sign in; `BROWSER` names a program that fills in the gateway's page.
    """
    with tempfile.TemporaryDirectory(prefix="counterpart-smoke-") as name:
        folder = Path(name)
        with GatewayProcess(folder / "gateway") as gateway:
            ready = gateway.ready()
            person = Path(__file__).with_name("person_in_browser.py")
            environment = {
                **os.environ,
                "QT_QPA_PLATFORM": "offscreen",
                "HOME": str(folder),
                "XDG_DATA_HOME": str(folder / "data"),
                "BROWSER": f"{sys.executable} {person} %s",
                "COUNTERPART_SMOKE_EMAIL": ready.email,
                "COUNTERPART_SMOKE_PASSWORD": ready.password,
            }
            started = time.monotonic()
            done = subprocess.run(
                [str(program), "open", "--gateway", ready.url, "--exit-after-sync", "--passphrase-stdin"],
                env=environment,
                input="a passphrase for the smoke run\n",
                capture_output=True,
                text=True,
                timeout=_SYNC_SECONDS + 60,
                check=False,
            )
            seconds = time.monotonic() - started
    return _judge(done, seconds)


def _judge(done: subprocess.CompletedProcess[str], seconds: float) -> int:
    lines = done.stdout.strip().splitlines()
    synced = bool(lines) and lines[-1].startswith("{") and json.loads(lines[-1]).get("synced") is True
    if done.returncode == 0 and synced and not done.stderr.strip():
        print(f"Smoke run passed in {seconds:.1f} s: {lines[-1]}", flush=True)
        return 0
    sys.stderr.write(f"The frozen app ended with {done.returncode} after {seconds:.1f} s.\n")
    sys.stderr.write(f"--- it printed\n{done.stdout}\n--- and on standard error\n{done.stderr}\n")
    return 1

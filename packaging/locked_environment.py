"""The environment that freezes: what ships and what freezes it, by hash, and nothing else."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = (ROOT / "requirements" / "client.txt", ROOT / "requirements" / "freeze.txt")

#: In the environment: what pip installed, and from which files.
REPORT = "installed.json"


class CannotBuild(Exception):
    """What a package is made of cannot be had; the message says what, and what to do."""


def locked_environment(folder: Path = ROOT / "build" / "freeze-env") -> Path:
    """Make the environment, unless it is as the locks say already; gives its interpreter."""
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp, wanted = folder / "counterpart-stamp", fingerprint()
    if python.exists() and stamp.exists() and stamp.read_text("utf-8") == wanted:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(folder)], "There is no environment to freeze in.")
    requirements = [part for lock in LOCKS for part in ("--requirement", str(lock))]
    # The report says which file each package came from, for the list of what ships.
    install = ["install", "-qq", "--require-hashes", "--no-deps", f"--report={folder / REPORT}"]
    _run(
        [str(python), "-m", "pip", *install, *requirements],
        "The locked packages could not be installed.",
    )
    stamp.write_text(wanted, "utf-8")
    return python


def fingerprint() -> str:
    """Return what the environment is made from: the locks and this Python."""
    digests = [hashlib.sha256(lock.read_bytes()).hexdigest() for lock in LOCKS]
    return "\n".join([sys.version, *digests])


def _run(command: list[str], problem: str) -> None:
    environment = {
        name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}
    }
    environment |= {
        "PIP_NO_INPUT": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
    }
    if subprocess.run(command, env=environment, check=False).returncode != 0:
        raise CannotBuild(f"{problem} What was said about it is above.")

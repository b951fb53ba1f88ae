"""Where things are in the work tree, and running programs in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
REQUIREMENTS = ROOT / "requirements"
LOCK = REQUIREMENTS / "lock.txt"
SHIPPED = (REQUIREMENTS / "client.txt", REQUIREMENTS / "gateway.txt")


class SetupError(Exception):
    """Something a person has to do first; the text says what, in full."""


def say(text: str) -> None:
    """Print at once, so that our lines and those of the programs we start stay in order."""
    print(text, flush=True)


def venv_program(name: str, venv: Path = VENV) -> Path:
    """The path of a program inside the environment, e.g. ``python`` or ``ruff``."""
    if sys.platform == "win32":
        return venv / "Scripts" / f"{name}.exe"
    return venv / "bin" / name


def run_program(
    arguments: Sequence[str | Path], extra: Mapping[str, str] | None = None, *, silent: bool = False
) -> int:
    """Run a program in the project's root; gives its exit code.

    It reads and writes where we do; of a ``silent`` one only its errors are shown.
    """
    sys.stdout.flush()
    command = [str(part) for part in arguments]
    output = subprocess.DEVNULL if silent else None
    return subprocess.run(command, cwd=ROOT, env=_environment(extra), stdout=output, check=False).returncode


def start_program(arguments: Sequence[str | Path]) -> subprocess.Popen[str]:
    """Start a program in the project's root that goes on beside us; all that it writes is in its ``stdout``."""
    return subprocess.Popen(
        [str(part) for part in arguments],
        cwd=ROOT,
        env=_environment(None),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    environment = {**os.environ, **(extra or {})}
    # A path from outside would let modules in that the lock does not know.
    environment.pop("PYTHONPATH", None)
    environment.pop("PYTHONHOME", None)
    # Commands, tests and measurements start many processes; each would compile the program anew.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment

"""The virtual environment: made once, then brought up to date only where something changed.

A stamp in ``.venv`` says from what the environment was built. It is written last, so that an interrupted
installation is simply repeated.
"""

from __future__ import annotations

import enum
import hashlib
import json
import platform
import subprocess
import sys
import time
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.locking import pins
from tools.project import LOCK, ROOT, VENV, SetupError, run_program, say, venv_program

STAMP = VENV / "counterpart-stamp.json"


class Step(enum.Enum):
    CREATE = "create"
    INSTALL = "install"
    LINK = "link"


@dataclass(frozen=True)
class Stamp:
    """From what an environment was built.

    ``root``: absolute path of the work tree (scripts in an environment name it, so a moved tree needs a
    new one). ``python``: version and machine of the interpreter. ``lock``, ``project``: SHA-256 in hex of
    the lock file and of what ``pyproject.toml`` says about the package itself.
    """

    root: str
    python: str
    lock: str
    project: str


def steps_needed(found: Stamp | None, wanted: Stamp) -> tuple[Step, ...]:
    """What must be done, in order, to get from the environment found to the one wanted."""
    if found is None or (found.root, found.python) != (wanted.root, wanted.python):
        return (Step.CREATE, Step.INSTALL, Step.LINK)
    if found.lock != wanted.lock:
        return (Step.INSTALL, Step.LINK)
    if found.project != wanted.project:
        return (Step.LINK,)
    return ()


def read_stamp(path: Path) -> Stamp | None:
    """The stamp at ``path``, or None where there is none that this version can read."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        return Stamp(**fields)
    except (OSError, ValueError, TypeError):
        return None


def write_stamp(path: Path, stamp: Stamp) -> None:
    path.write_text(json.dumps(asdict(stamp), indent=2) + "\n", encoding="utf-8")


def wanted_stamp(python: str) -> Stamp:
    """The stamp that a fresh environment of this work tree would carry, made by ``python``."""
    definition = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    package = {"project": definition["project"], "build": definition["tool"]["hatch"]}
    return Stamp(
        root=str(ROOT),
        python=python,
        lock=hashlib.sha256(LOCK.read_bytes()).hexdigest(),
        project=hashlib.sha256(json.dumps(package, sort_keys=True).encode()).hexdigest(),
    )


_INTERPRETER = "import platform, sys; print(*sys.version_info[:2], platform.machine())"


def interpreter(python: Path) -> str | None:
    """Version and machine of an interpreter, e.g. ``3 11 x86_64``; None where it does not run."""
    try:
        asked = subprocess.run([str(python), "-c", _INTERPRETER], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return asked.stdout.strip() if asked.returncode == 0 else None


def _wanted() -> Stamp:
    # An environment that works keeps its interpreter, whichever one happens to run this. When the system's
    # Python moves on under it, it no longer says what its stamp says, and is made anew.
    python = interpreter(venv_program("python")) or interpreter(Path(sys.executable))
    return wanted_stamp(python or "")


def ensure_environment() -> None:
    """Make ``.venv`` hold what the lock file names, plus this work tree; quick when it already does."""
    wanted = _wanted()
    found = read_stamp(STAMP) if venv_program("python").exists() else None
    steps = steps_needed(found, wanted)
    if not steps:
        return
    STAMP.unlink(missing_ok=True)
    started = time.monotonic()
    for step in steps:
        match step:
            case Step.CREATE:
                _create()
            case Step.INSTALL:
                _install()
            case Step.LINK:
                _link()
    write_stamp(STAMP, wanted)
    say(f"The environment in .venv is ready ({time.monotonic() - started:.0f} s).")


def _create() -> None:
    say(f"Making .venv with Python {platform.python_version()}")
    if VENV.is_symlink():  # what is behind it belongs to another copy, and would be emptied
        VENV.unlink()
    # Started as a program, so that a Python without ensurepip (Debian splits it off) is one clear message.
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        raise SetupError(
            f"{sys.executable} could not make a virtual environment.\n{made.stdout}{made.stderr}"
            "Debian and its relatives keep the module apart: sudo apt-get install python3-venv"
        )


def _pip(*arguments: str | Path) -> int:
    # pip replaces itself while it installs the lock; on Windows that works only when started as a module.
    quiet = {"PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    return run_program([venv_program("python"), "-m", "pip", "--quiet", "--quiet", *arguments], quiet)


def _install() -> None:
    count = len(pins(LOCK.read_text(encoding="utf-8")))
    say(f"Installing {count} locked packages, about 400 MB")
    if _pip("install", "--require-hashes", "--requirement", LOCK) != 0:
        raise SetupError("The locked packages could not be installed; what pip said is above.")


def _link() -> None:
    # The build backend is in the lock itself, so nothing is fetched here that the lock does not know.
    if _pip("install", "--no-deps", "--no-build-isolation", "--no-index", "--editable", ROOT) != 0:
        raise SetupError("The project could not be linked into .venv; what pip said is above.")

"""Refreshing the lock files.

One resolution for Linux, Windows and macOS and for every supported Python; what ships is a part of it.
The files name packages, versions and hashes, and never from where: each installation asks its own index.
"""

from __future__ import annotations

import re
from pathlib import Path

from tools.project import LOCK, REQUIREMENTS, ROOT, SetupError, run_program, say, venv_program

_ADDRESS = re.compile(r"[a-z+]+://|^--?(index|extra-index|find-links|trusted)|file:|^/", re.MULTILINE)
_PIN = re.compile(r"^[a-z0-9][a-z0-9.-]*==[^ \n]+(?: ; [^\\\n]+)?(?: \\)?$", re.MULTILINE)

# What each file is resolved from; the others are held to the versions of the first.
SOURCES: dict[Path, tuple[str, ...]] = {
    LOCK: ("pyproject.toml", "--group", "gateway", "--group", "dev"),
    REQUIREMENTS / "client.txt": ("pyproject.toml", "--constraint", "requirements/lock.txt"),
    REQUIREMENTS / "gateway.txt": ("--group", "gateway", "--constraint", "requirements/lock.txt"),
    REQUIREMENTS / "build.txt": ("--group", "build", "--constraint", "requirements/lock.txt"),
    REQUIREMENTS / "freeze.txt": ("--group", "freeze", "--constraint", "requirements/lock.txt"),
}


def pins(text: str) -> list[re.Match[str]]:
    """The lines of a lock file that pin a package; one package has two where Pythons differ."""
    return list(_PIN.finditer(text))


def faults(text: str) -> list[str]:
    """What makes a lock file unfit to commit: an address in it, no pins, or a pin without a hash."""
    found = [f"it names a place: {match.group(0)!r}" for match in _ADDRESS.finditer(text)]
    pinned = pins(text)
    if not pinned:
        found.append("it pins nothing")
    unhashed = [pin for pin in pinned if not text.startswith("\n    --hash=sha256:", pin.end())]
    return found + [f"no hash for {pin.group(0)}" for pin in unhashed]


def refresh_locks() -> int:
    """Resolve anew, and refuse a result that must not be committed."""
    for target, source in SOURCES.items():
        say(f"Resolving {target.relative_to(ROOT).as_posix()}")
        # Without --upgrade uv keeps what the existing file pins; a refresh is meant to move.
        upgrade = ["--upgrade"] if target == LOCK else []
        code = run_program(
            [
                venv_program("uv"),
                "pip",
                "compile",
                *source,
                *upgrade,
                "--universal",
                "--python-version=3.11",
                "--generate-hashes",
                "--no-emit-index-url",
                "--no-header",
                "--quiet",
                "--output-file",
                target.relative_to(ROOT),
            ]
        )
        if code != 0:
            raise SetupError("The resolution failed; what uv said is above.")
        bad = faults(target.read_text(encoding="utf-8"))
        if bad:
            raise SetupError(f"{target.name} must not be committed: " + "; ".join(bad))
    return 0

"""Files that came from a network carry the mark the system has for that, so that it asks before it runs anything."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

_ZONE_INTERNET = "[ZoneTransfer]\r\nZoneId=3\r\n"
_QUARANTINE = "0083;00000000;Counterpart;"
_SECONDS = 5

Run = Callable[[Sequence[str]], int]


def mark(path: Path, platform: str = "", run: Run | None = None) -> bool:
    """Mark a saved file as downloaded where the system has such a mark; returns whether it carries one.

    `platform`: another one than this computer's. `run`: runs a command and gives its exit code.
    """
    match platform or sys.platform:
        case "win32":
            return _mark_windows(path)
        case "darwin":
            return _mark_mac(path, run or _ran)
        case _:
            return False


def _mark_windows(path: Path) -> bool:
    """An alternate data stream, which only NTFS has."""
    try:
        with Path(f"{path}:Zone.Identifier").open("w", encoding="ascii", newline="") as stream:
            stream.write(_ZONE_INTERNET)
    except OSError:
        return False
    return True


def _mark_mac(path: Path, run: Run) -> bool:
    """An extended attribute; Python has no call for it there, the system's own tool has."""
    try:
        return run(["/usr/bin/xattr", "-w", "com.apple.quarantine", _QUARANTINE, str(path)]) == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _ran(command: Sequence[str]) -> int:
    return subprocess.run(command, check=False, capture_output=True, timeout=_SECONDS).returncode

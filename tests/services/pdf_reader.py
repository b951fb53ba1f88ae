"""The process that reads PDF files, as tests look at it."""

from __future__ import annotations

import resource
import subprocess
from pathlib import Path

from app.services import pdf as pages

MEBIBYTE = 1 << 20


def reader() -> subprocess.Popen[bytes]:
    running = pages._last_reader
    assert running is not None
    return running._process


def held_by(process: subprocess.Popen[bytes]) -> int:
    """Bytes of memory, as Linux tells them."""
    return int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * resource.getpagesize()


def runs(pid: int) -> bool:
    """Whether a process runs; one that nobody has asked after is over all the same."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"

"""The files of the log: by day and by size, of this user alone, and never more than a few megabytes in all.

Each line is opened, appended and closed by itself: several processes may write, a line is whole or not there, and no
open file keeps a folder from being removed. That a log cannot be written is never anybody's trouble.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from app.session.small_file import private_folder

#: Bytes of one file, of all of them, and of one line.
PART, TOTAL, LINE = 1_000_000, 8_000_000, 8_000
#: How many crash reports are kept, and the bytes of one.
CRASHES, CRASH = 5, 200_000

_LOGS, _CRASHES = "counterpart-*.jsonl", "crash-*.json"


class LogFiles:
    """The files in one folder, which is made with the first line. Safe to use from several threads."""

    def __init__(self, folder: Path, part: int = PART, total: int = TOTAL) -> None:
        self.folder = folder
        self._part = part
        self._total = total
        self._lock = threading.Lock()

    def append(self, line: bytes, at: datetime) -> None:
        """Write one line, without its end; one that is too long is left out, for half of it would be no JSON."""
        if len(line) > LINE:
            return
        with self._lock, suppress(OSError):
            path = self._current(f"{at:%Y-%m-%d}", len(line) + 1)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
            opened = os.open(path, flags, 0o600)
            try:
                os.write(opened, line + b"\n")
            finally:
                os.close(opened)

    def crash(self, report: bytes, at: datetime) -> None:
        """Keep a crash report; the oldest goes when there are too many."""
        with self._lock, suppress(OSError):
            private_folder(self.folder)
            stamp = f"crash-{at:%Y%m%dT%H%M%S}"
            same = [path for path in self.crashes() if path.name.startswith(stamp)]
            number = int(same[-1].stem.rpartition("-")[2]) + 1 if same else 0
            path = self.folder / f"{stamp}-{number:04}.json"
            opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(opened, "wb") as file:
                file.write(report[:CRASH])
            for old in self.crashes()[:-CRASHES]:
                old.unlink(missing_ok=True)

    def logs(self) -> list[Path]:
        """The files of lines, the oldest first."""
        return sorted(self.folder.glob(_LOGS))

    def crashes(self) -> list[Path]:
        """The crash reports, the oldest first."""
        return sorted(self.folder.glob(_CRASHES))

    def empty(self) -> None:
        """Delete all of it."""
        with self._lock:
            for path in (*self.logs(), *self.crashes()):
                with suppress(OSError):
                    path.unlink(missing_ok=True)

    def _current(self, day: str, size: int) -> Path:
        mine = sorted(self.folder.glob(f"counterpart-{day}-*.jsonl"))
        if mine and mine[-1].stat().st_size + size <= self._part:
            return mine[-1]
        private_folder(self.folder)
        self._make_room(size)
        number = int(mine[-1].stem.rpartition("-")[2]) + 1 if mine else 0
        return self.folder / f"counterpart-{day}-{number:04}.jsonl"

    def _make_room(self, size: int) -> None:
        """Before another file is begun, so many of the oldest go that all fit once it is full."""
        files = self.logs()
        sizes = [path.stat().st_size for path in files]
        while files and sum(sizes) + max(size, self._part) > self._total:
            files.pop(0).unlink(missing_ok=True)
            sizes.pop(0)

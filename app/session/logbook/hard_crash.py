"""Crashes below Python (a fault in Qt, in SQLite): the interpreter writes its frames as the process dies.

What it writes is file, line and function of each frame, and nothing else: no values, no messages. The files' folders
may name a user, so the next start makes a crash report of it in which only our own files have names, and deletes it.
"""

from __future__ import annotations

import faulthandler
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from app.session.logbook.happenings import Happened
from app.session.logbook.log import Log
from app.session.small_file import private_folder

_FILES = "fault-*.txt"
_MOST = 200_000
_FRAME = re.compile(r'^\s*File "(?P<file>[^"]*)", line (?P<line>\d+) in (?P<name>[\w<>]{1,100})$')
_OURS = re.compile(r"(?:^|[/\\])(app[/\\][\w/\\]+\.py)$")
_HEAD = re.compile(
    r"^(Fatal Python error: [A-Za-z ]{1,60}|Windows fatal exception: [\w ]{1,60}|Current thread|Thread)"
)


@contextmanager
def watched_for_faults(log: Log) -> Iterator[None]:
    """Have the interpreter write its frames to a file of this process if it dies; a clean end removes that file.

    What an earlier process left behind is taken up first.
    """
    if log.files is None:
        yield
        return
    folder = log.files.folder
    take_up(log)
    path = folder / f"fault-{os.getpid()}.txt"
    try:
        private_folder(folder)
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError:
        yield
        return
    was_on = faulthandler.is_enabled()
    with os.fdopen(opened, "w") as file:
        faulthandler.enable(file, all_threads=True)
        try:
            yield
        finally:
            faulthandler.disable()
            if was_on:
                with suppress(OSError, ValueError, AttributeError, RuntimeError):
                    faulthandler.enable()
    with suppress(OSError):
        path.unlink(missing_ok=True)


def take_up(log: Log) -> None:
    """Make a crash report of what a process wrote as it died. Empty files belong to processes that may still run."""
    if log.files is None:
        return
    for path in sorted(log.files.folder.glob(_FILES)):
        with suppress(OSError):
            text = path.read_bytes()[:_MOST].decode(errors="replace")
            if not text.strip():
                continue
            path.unlink()
            log.note(Happened.HARD_CRASH)
            log.report({"happened": Happened.HARD_CRASH.value, "frames": frames_of(text)})


def frames_of(text: str) -> list[str]:
    """Return what the interpreter wrote, frame by frame, with the names of our own files only."""
    found: list[str] = []
    for line in text.splitlines():
        frame, head = _FRAME.match(line), _HEAD.match(line)
        if frame is not None:
            ours = _OURS.search(frame["file"])
            where = ours[1].replace("\\", "/") if ours else "elsewhere"
            found.append(f"{where}:{frame['line']} in {frame['name']}" if ours else where)
        elif head is not None:
            found.append(head[1])
    return _squeezed(found)


def _squeezed(lines: list[str]) -> list[Any]:
    """Several frames elsewhere, one after the other, are one line."""
    kept: list[str] = []
    for line in lines:
        if line != "elsewhere" or not kept or kept[-1] != line:
            kept.append(line)
    return kept

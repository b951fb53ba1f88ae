"""Puts a verified package in place beside the release that runs, which goes on untouched.

In steps, after each of which the power may go: unpacked under a name that is never started, made durable, renamed, and
only then pointed at. What an interrupted attempt left is removed by the next one.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from app.contract.errors import DiskFull
from app.contract.said import said
from app.session.installation import Installation, InstallationKind, read_installation
from app.session.updates.places import Home, Pointer, sync_folder
from app.session.updates.refusals import UpdateRefused, Why
from app.session.updates.release import ReleaseFacts
from app.session.updates.tidying import remove
from app.session.updates.unpacking import unpack

#: In a package: `{"version": …, "platform": …}`, so that a package cannot be offered under another version.
RELEASE_FILE = "release.json"

#: Free on the disk beyond what a release takes.
_MARGIN = 50_000_000


class StagePoint(StrEnum):
    """Points between two steps, at which a test ends the process."""

    FETCHED = "package fetched and verified"
    UNPACKED = "unpacked"
    DURABLE = "made durable"
    IN_PLACE = "renamed"
    POINTED = "pointed at"
    TIDIED = "package removed"


Reached = Callable[[StagePoint], None]


def nowhere(_point: StagePoint) -> None:
    """What happens at a point outside tests."""


def stage(
    home: Home,
    installation: Installation,
    running: str,
    facts: ReleaseFacts,
    package: Path,
    reached: Reached = nowhere,
) -> None:
    """Put a release in place and point at it; the next start runs it. `running`: the version that runs now.

    Raises UpdateRefused for a package that is not what it says, DiskFull, OSError; nothing has changed then.
    """
    reached(StagePoint.FETCHED)
    part = home.versions / f"{facts.version}.part"
    remove(part)
    home.versions.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(home.versions).free < facts.unpacked + _MARGIN:
        raise DiskFull(kept=said("Counterpart goes on as it is."))
    try:
        unpack(package, part, facts.unpacked)
        reached(StagePoint.UNPACKED)
        check_package(home, part, facts)
        make_durable(part)
        reached(StagePoint.DURABLE)
        remove(home.version(facts.version))
        part.replace(home.version(facts.version))
        sync_folder(home.versions)
    except (UpdateRefused, OSError):
        remove(part)
        raise
    reached(StagePoint.IN_PLACE)
    home.point(pointed_at(home.pointer(), facts.version, running, installation))
    reached(StagePoint.POINTED)
    package.unlink(missing_ok=True)
    reached(StagePoint.TIDIED)


def pointed_at(pointer: Pointer, version: str, running: str, installation: Installation) -> Pointer:
    """Return the pointer to a release that was just put in place."""
    from_versions = running in (pointer.current, pointer.previous)
    return replace(
        pointer,
        current=version,
        previous=running if from_versions else "",
        healthy=False,
        tries=0,
        installed=pointer.installed if from_versions else str(installation.program),
    )


def check_package(home: Home, folder: Path, facts: ReleaseFacts) -> None:
    """Raises UpdateRefused when what was unpacked is not the release it was offered as."""
    program = home.program_in(folder)
    if not program.is_file() or not os.access(program, os.X_OK):
        raise UpdateRefused(Why.PACKAGE, "no program in it")
    try:
        said_inside = json.loads((folder / RELEASE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UpdateRefused(Why.PACKAGE, f"no {RELEASE_FILE} in it") from error
    if said_inside != {"version": facts.version, "platform": facts.platform}:
        raise UpdateRefused(Why.PACKAGE, f"it is {said_inside}")
    if read_installation(program, frozen=True).kind is not InstallationKind.PER_USER:
        raise UpdateRefused(Why.PACKAGE, "it is not for a user's own installation")


def make_durable(folder: Path) -> None:
    """Write everything below a folder, and its names, through to the disk."""
    for path in folder.rglob("*"):
        if path.is_symlink():
            continue
        if path.is_dir():
            sync_folder(path)
            continue
        # Windows flushes only what was opened for writing.
        descriptor = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    sync_folder(folder)

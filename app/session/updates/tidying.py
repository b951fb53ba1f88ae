"""Removes what is not needed any more of the releases that lie beside the program."""

from __future__ import annotations

import shutil
from pathlib import Path

from app.session.updates.places import Home


def tidy(home: Home, running: str) -> None:
    """Remove releases that are neither run nor pointed at, and rests of attempts."""
    pointer = home.pointer()
    kept = {running, pointer.current, pointer.previous}
    if home.versions.is_dir():
        for folder in home.versions.iterdir():
            if folder.name not in kept:
                remove(folder)
    for rest in home.folder.glob("*.new"):
        rest.unlink(missing_ok=True)


def remove(folder: Path) -> None:
    """Remove a folder as far as the system lets go of it; a release that runs on Windows stays until the next time."""
    shutil.rmtree(folder, ignore_errors=True)

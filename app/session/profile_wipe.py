"""The data of every user of a computer deleted by the system, when an uninstall is told not to keep it.

Windows runs it as the system, which may do everything, in folders where users may do much: one who puts a link in the
place of a folder must not have deleted what it leads to. So nothing is deleted where it lies. A user's folder is first
renamed into one that only the system can enter, links are never followed there, and it is deleted then. Each of these
steps is done to what was opened and looked at, not to a path that may lead elsewhere a moment later.

The keys of the stores stay in the users' own key stores, which the system cannot open. Without files they open nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.session.pinned_files import Handles, PinnedFiles

#: Where a user's accounts lie, from the user's own folder; as `default_root` has it on Windows.
DATA = Path("AppData", "Local", "Counterpart")

_PROFILES = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList"
#: People have such ids: of this computer or a domain, and of Entra. Services have others.
_PEOPLE = ("S-1-5-21-", "S-1-12-1-")
#: The system and the administrators, by their ids: their names differ from language to language.
_THE_SYSTEM, _ADMINISTRATORS = "*S-1-5-18", "*S-1-5-32-544"


@dataclass(frozen=True)
class WipedProfiles:
    """How many users' data is gone, and which folders could not be deleted, with why."""

    gone: int
    remaining: tuple[str, ...]


def wipe_profiles(profiles: Iterable[Path], close: Callable[[Path], None], handles: Handles) -> WipedProfiles:
    """Delete the data of these users. `close`: leaves a folder, which is empty, to the system alone.

    One user's failure does not keep the others' data.
    """
    gone, remaining = 0, []
    for profile in profiles:
        data = profile / DATA
        if not os.path.lexists(data):
            continue
        try:
            _wipe(data, PinnedFiles(handles, profile.parent), profile.parent, close)
        except (OSError, subprocess.SubprocessError) as error:
            remaining.append(f"{data}: {error}")
        else:
            gone += 1
    return WipedProfiles(gone, tuple(remaining))


def _wipe(data: Path, files: PinnedFiles, beside: Path, close: Callable[[Path], None]) -> None:
    # Beside the users' folders, so that it is on the same drive, and renaming is one step.
    closed = beside / f"Counterpart-{uuid.uuid4()}"
    closed.mkdir(mode=0o700)
    try:
        close(closed)
        if any(closed.iterdir()):
            raise OSError("somebody else writes beside the users' folders")
        # A name that nobody knows: on Windows one may pass a folder that is closed if one knows what is in it.
        moved = closed / str(uuid.uuid4())
        files.move(data, moved)
        # Nothing is emptied: a file may have a second name elsewhere.
        failed = files.delete(moved)
        if failed:
            raise OSError(
                f"{len(failed)} of its files could not be deleted; only the system can enter {moved}"
            )
    finally:
        # What could not be deleted is out of reach at least.
        with suppress(OSError):
            closed.rmdir()


def people(registry: Any) -> list[Path]:
    """The folders of the people who have signed in to this Windows. `registry`: the module `winreg`."""
    access = registry.KEY_READ | registry.KEY_WOW64_64KEY
    found = []
    with registry.OpenKey(registry.HKEY_LOCAL_MACHINE, _PROFILES, 0, access) as key:
        for at in range(registry.QueryInfoKey(key)[0]):
            name = registry.EnumKey(key, at)
            if not name.startswith(_PEOPLE):
                continue
            with registry.OpenKey(key, name, 0, access) as one, suppress(FileNotFoundError):
                text, _ = registry.QueryValueEx(one, "ProfileImagePath")
                found.append(Path(registry.ExpandEnvironmentStrings(text)))
    return found


def close_to_users(folder: Path) -> None:
    """Leave a folder to the system and the administrators. Raises OSError, SubprocessError."""
    program = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "icacls.exe")
    only = [f"{who}:(OI)(CI)F" for who in (_THE_SYSTEM, _ADMINISTRATORS)]
    command = [str(program), str(folder), "/inheritance:r", "/grant:r", *only]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def wipe_this_windows(platform: str = sys.platform) -> WipedProfiles:
    """Delete the data of everybody who uses this Windows. Raises OSError elsewhere."""
    if platform != "win32":
        raise OSError("only the installer on Windows does this; elsewhere each user removes the own accounts")
    import winreg  # noqa: PLC0415  # there is none elsewhere

    from app.session.windows_handles import windows_handles  # noqa: PLC0415  # as above

    return wipe_profiles(people(winreg), close_to_users, windows_handles())

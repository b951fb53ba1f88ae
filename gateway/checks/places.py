"""The folder and the keys in it: whose they are, whether there is room, and whether they can be used."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from gateway.checks.finding import Finding, know, mend
from gateway.keys import UnusableKey, load_secret, load_signing_key

_MB = 1024 * 1024

#: Free space below which writing will soon fail, and below which it is time to do something.
ROOM_LEAST = 256 * _MB
ROOM_LOW = 1024 * _MB


@dataclass(frozen=True)
class Folder:
    """The gateway's folder as it is found. `mode`: permission bits; `free`: bytes."""

    path: Path
    exists: bool
    mode: int = 0o700
    writable: bool = True
    free: int = ROOM_LOW


@dataclass(frozen=True)
class Key:
    """A key file as it is found. `wrong`: why it cannot be used, empty when it can."""

    path: Path
    exists: bool
    mode: int = 0o600
    wrong: str = ""


def check_folder(found: Folder) -> list[Finding]:
    """Check the folder."""
    path = found.path
    if not found.exists:
        return [
            mend(
                "folder_missing",
                f"There is no folder {path}.",
                "Name the right one (folder), or start the gateway once: `counterpart-gateway serve` makes it.",
            )
        ]
    findings = []
    if not found.writable:
        cause = f"{path} cannot be written by the user the gateway runs as."
        findings.append(mend("folder_unwritable", cause, f"Give it to that user: chown -R USER {path}."))
    if found.mode & 0o077:
        cause = f"{path} may be entered by others (mode {found.mode:o})."
        findings.append(
            know("folder_open", cause, f"chmod 700 {path}; what is in it is protected by itself.")
        )
    if found.free < ROOM_LEAST:
        cause = f"There are {found.free // _MB} MB left where {path} is; writing will fail soon."
        findings.append(mend("disk_full", cause, "Make room, or move the folder to a larger disk."))
    elif found.free < ROOM_LOW:
        cause = f"There are {found.free // _MB} MB left where {path} is."
        findings.append(know("disk_low", cause, "Make room before it runs out."))
    return findings


def check_key(found: Key) -> list[Finding]:
    """Check a key file. One that is not there is made at the first start."""
    if not found.exists:
        return []
    if found.mode & 0o077:
        cause = f"{found.path} may be read by others (mode {found.mode:o}), and the gateway does not use it."
        return [mend("key_open", cause, f"chmod 600 {found.path}; if others may have read it, replace it.")]
    if found.wrong:
        return [mend("key_unusable", found.wrong, "Put the right file back from the backup of keys.")]
    return []


def look_at_folder(path: Path) -> Folder:
    """Look at a folder."""
    if not path.is_dir():
        return Folder(path, exists=False)
    writable = os.access(path, os.W_OK | os.X_OK)
    return Folder(path, True, path.stat().st_mode & 0o777, writable, shutil.disk_usage(path).free)


def look_at_keys(folder: Path) -> list[Key]:
    """Look at the keys a gateway has in its folder, without making any."""
    found = []
    for name in ("secret.key", "receipts.pem"):
        path = folder / name
        if not path.is_file():
            found.append(Key(path, exists=False))
            continue
        mode = path.stat().st_mode & 0o777 if os.name == "posix" else 0o600
        found.append(Key(path, True, mode, "" if mode & 0o077 else _wrong(path)))
    return found


def _wrong(path: Path) -> str:
    try:
        if path.name == "secret.key":
            load_secret(path, os.urandom)
        else:
            load_signing_key(path)
    except (UnusableKey, OSError) as error:
        return f"{error}"
    return ""

"""Makes the package of a release out of a frozen app: a zip whose bytes depend only on what goes in."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path
from typing import Any

RELEASE_FILE, INSTALLATION_FILE = "release.json", "installation.json"

#: The time all files get; a zip knows none before.
_TIME = (1980, 1, 1, 0, 0, 0)


def make_package(frozen: Path, package: Path, version: str, platform: str) -> int:
    """Pack a folder as a package; returns how many bytes its files have.

    On Windows and Linux the program has to lie at the top, and the note that it is a user's own is put beside it. On
    macOS the folder holds *Counterpart.app*, signed with that note inside. Raises FileNotFoundError for anything else.
    """
    mac = platform.startswith("macos-")
    name = "counterpart.exe" if platform.startswith("windows-") else "counterpart"
    program = frozen / ("Counterpart.app/Contents/MacOS/counterpart" if mac else name)
    if not program.is_file():
        raise FileNotFoundError(f"no program at {program}")
    added = {RELEASE_FILE: _json({"version": version, "platform": platform})}
    if mac:
        note = frozen / "Counterpart.app/Contents/Resources" / INSTALLATION_FILE
        if not note.is_file() or json.loads(note.read_text("utf-8")) != {"kind": "per_user"}:
            raise FileNotFoundError(f"{note} has to be signed with the bundle, and say per_user")
    else:
        added[INSTALLATION_FILE] = _json({"kind": "per_user"})
    size = sum(len(data) for data in added.values())
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(frozen.rglob("*")):
            inside = path.relative_to(frozen).as_posix()
            if inside not in added:
                size += _put(archive, path, inside, executable=path == program)
        for inside, data in sorted(added.items()):
            archive.writestr(_info(inside, stat.S_IFREG | 0o644), data)
    return size


def _put(archive: zipfile.ZipFile, path: Path, inside: str, *, executable: bool) -> int:
    if path.is_symlink():
        archive.writestr(_info(inside, stat.S_IFLNK | 0o777), path.readlink().as_posix())
        return 0
    if not path.is_file():
        return 0
    data = path.read_bytes()
    mode = 0o755 if executable or path.stat().st_mode & 0o111 else 0o644
    archive.writestr(_info(inside, stat.S_IFREG | mode), data)
    return len(data)


def _info(inside: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(inside, _TIME)
    info.create_system = 3  # With the bits of Unix, also where it is made on Windows.
    info.external_attr = mode << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _json(data: dict[str, Any]) -> bytes:
    return (json.dumps(data, sort_keys=True) + "\n").encode()

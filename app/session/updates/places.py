"""Where a per-user installation keeps further releases, and which of them is started.

    <home>/current.json          which release is started; see `Pointer`
    <home>/versions/0.2.0/       a whole release, as its package had it
    <home>/versions/0.3.0.part/  one that is being unpacked; never started
    <home>/download/             packages on their way
    <home>/metadata/             what is known of signed metadata

On Windows and Linux `<home>` is the folder *updates* beside the program that was installed. A bundle of macOS is sealed
by its signature, so there it is a folder of the user's. Everything here is read before anything else of the program:
only the standard library is imported.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from app.session.installation import Installation
from app.session.updates.versions import is_version

_POINTER = "current.json"
_VERSIONS = "versions"
#: From a program in a bundle of macOS up to the folder of its version.
_LEVELS = 5


@dataclass(frozen=True)
class Pointer:
    """Which release is started.

    `current`: its version; empty for the one that was installed. `previous`: the one before, started again should
    `current` not come up. `healthy`: `current` has come up once. `tries`: how often it was started without that.
    `refused`: versions that did not come up, or that somebody went back from; they are never taken again. `set_back`:
    the one of them a person has to be told of. `installed`: the program that was installed.
    """

    current: str = ""
    previous: str = ""
    healthy: bool = True
    tries: int = 0
    refused: tuple[str, ...] = ()
    set_back: str = ""
    installed: str = ""


class Home:
    """The folder of a per-user installation's further releases."""

    def __init__(self, folder: Path, platform: str = sys.platform) -> None:
        """`platform`: as `sys.platform` has it."""
        self.folder = folder
        self._platform = platform

    @classmethod
    def of(cls, installation: Installation, platform: str = sys.platform) -> Home:
        """Return the home of a program: of the one that was installed, or of a release that lies in it."""
        up = installation.program
        for _ in range(_LEVELS):
            up = up.parent
            if up.parent.name == _VERSIONS and (up.parent.parent / _POINTER).exists():
                return cls(up.parent.parent, platform)
        if platform == "darwin":
            return cls(Path.home() / "Library" / "Application Support" / "Counterpart Updates", platform)
        return cls(installation.folder / "updates", platform)

    @property
    def metadata(self) -> Path:
        """Where signed metadata is kept."""
        return self.folder / "metadata"

    @property
    def download(self) -> Path:
        """Where packages lie on their way."""
        return self.folder / "download"

    @property
    def versions(self) -> Path:
        """Where releases lie."""
        return self.folder / _VERSIONS

    def version(self, version: str) -> Path:
        """Return the folder of a release. Raises ValueError for what is no version."""
        if not is_version(version):
            raise ValueError(f"{version!r} is no version")
        return self.versions / version

    def program(self, version: str) -> Path:
        """Return the program of a release."""
        return self.program_in(self.version(version))

    def program_in(self, folder: Path) -> Path:
        """Return the program in the folder of a release, by the convention of the platform."""
        match self._platform:
            case "darwin":
                return folder / "Counterpart.app" / "Contents" / "MacOS" / "counterpart"
            case "win32":
                return folder / "counterpart.exe"
            case _:
                return folder / "counterpart"

    def pointer(self) -> Pointer:
        """Return which release is started; a file that cannot be understood points at what was installed."""
        try:
            data = json.loads((self.folder / _POINTER).read_text(encoding="utf-8"))
            return _understood(data)
        except (OSError, ValueError, RecursionError, TypeError, AttributeError):
            return Pointer()

    def point(self, pointer: Pointer) -> None:
        """Switch over, at once and durably: a crash leaves the old pointer or the new one. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self.folder / f"{_POINTER}.{os.getpid()}.new"
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(asdict(pointer), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.folder / _POINTER)
        sync_folder(self.folder)


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable, where the system knows of such a thing."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _understood(data: Any) -> Pointer:
    """Raises ValueError or TypeError for what no version of this program wrote."""
    data["refused"] = tuple(data.get("refused", ()))
    fitting = {field.name: type(field.default) for field in fields(Pointer)}
    if any(type(value) is not fitting.get(name) for name, value in data.items()):
        raise ValueError("no pointer")
    versions = [data.get(name, "") for name in ("current", "previous", "set_back")] + [*data["refused"]]
    if not all(isinstance(version, str) and (not version or is_version(version)) for version in versions):
        raise ValueError("no pointer")
    return Pointer(**data)

"""Unpacks a package into an empty folder, and trusts nothing of what it says about itself.

The bytes are signed for, so a package that lies was made by somebody with the publisher's keys, or by mistake: it can
still write only below its folder, no more than it was signed for, and nothing that another system reads differently.
"""

from __future__ import annotations

import stat
import sys
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from app.session.updates.refusals import UpdateRefused, Why

#: Files, folders and links in one package.
MOST_ENTRIES = 20_000

_LONGEST_NAME, _LONGEST_LINK = 400, 400
_PIECE = 1024 * 1024
_FOLDER = "folder"
#: Names that mean a device on Windows, whatever their extension.
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
)
_FORBIDDEN = frozenset('<>:"|?*\\')


@dataclass(frozen=True)
class _Entry:
    info: zipfile.ZipInfo
    path: PurePosixPath

    @property
    def mode(self) -> int:
        return self.info.external_attr >> 16

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.mode)


def unpack(package: Path, folder: Path, unpacked: int) -> None:
    """Unpack a package into a folder that is made. `unpacked`: bytes of all its files, as signed for.

    Raises UpdateRefused for one that is not what it should be, OSError; the folder may hold a part of it then.
    """
    folder.mkdir(parents=True)
    try:
        with zipfile.ZipFile(package) as archive:
            entries = [_Entry(info, _safe(info.filename)) for info in archive.infolist()]
            _check(entries)
            left = unpacked
            for entry in entries:
                if not entry.info.is_dir() and not entry.is_link:
                    left -= _write(archive, entry, folder, left)
            if left:
                raise UpdateRefused(Why.PACKAGE, f"{left} bytes fewer than signed for")
            links = [entry for entry in entries if entry.is_link]
            for entry in links:
                _link(archive, entry, folder)
            for entry in links:
                _leads_inside(entry, folder)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError) as error:
        raise UpdateRefused(Why.PACKAGE, str(error)) from error
    except RuntimeError as error:  # An encrypted entry.
        raise UpdateRefused(Why.PACKAGE, str(error)) from error


def _safe(name: str) -> PurePosixPath:
    """Return a name as a path below the folder. Raises UpdateRefused for one that is not, on any system."""
    parts = name.removesuffix("/").split("/")
    fits = 0 < len(name) <= _LONGEST_NAME and all(_fits(part) for part in parts)
    if not fits:
        raise UpdateRefused(Why.PACKAGE, f"the name {name[:80]!r}")
    return PurePosixPath(*parts)


def _fits(part: str) -> bool:
    if part in ("", ".", "..") or part != part.strip() or part.endswith("."):
        return False
    if any(letter in _FORBIDDEN or not letter.isprintable() for letter in part):
        return False
    return part.split(".", maxsplit=1)[0].strip().lower() not in _DEVICES


def _check(entries: list[_Entry]) -> None:
    """Raises UpdateRefused for too much, for what is neither file, folder nor link, and for names that meet."""
    if len(entries) > MOST_ENTRIES:
        raise UpdateRefused(Why.PACKAGE, f"{len(entries)} entries")
    known: dict[str, tuple[str, str]] = {}
    for entry in entries:
        kind = stat.S_IFMT(entry.mode)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK):
            raise UpdateRefused(Why.PACKAGE, f"{entry.path} is of kind {kind:o}")
        own = _FOLDER if entry.info.is_dir() else "link" if entry.is_link else "file"
        twice = own != _FOLDER and _meeting(entry.path) in known
        # What lies in a folder makes it one: nothing goes through a link, or a file of the same name.
        for path, what in ((entry.path, own), *((parent, _FOLDER) for parent in entry.path.parents)):
            this = (what, path.as_posix())
            if twice or known.setdefault(_meeting(path), this) != this:
                raise UpdateRefused(Why.PACKAGE, f"{entry.path} is there twice")


def _meeting(path: PurePosixPath) -> str:
    """What two names have in common that a system may take for the same."""
    return unicodedata.normalize("NFC", path.as_posix()).casefold()


def _write(archive: zipfile.ZipFile, entry: _Entry, folder: Path, room: int) -> int:
    """Write a file of at most `room` bytes; returns how many it has, whatever the archive says."""
    target = folder / entry.path
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with archive.open(entry.info) as source, target.open("xb") as file:
        while piece := source.read(_PIECE):
            written += len(piece)
            if written > room:
                raise UpdateRefused(Why.PACKAGE, f"{entry.path} has more bytes than were signed for")
            file.write(piece)
    target.chmod(0o755 if entry.mode & 0o111 else 0o644)
    return written


def _link(archive: zipfile.ZipFile, entry: _Entry, folder: Path) -> None:
    if entry.info.file_size > _LONGEST_LINK or sys.platform == "win32":
        raise UpdateRefused(Why.PACKAGE, f"{entry.path} is a link")
    with archive.open(entry.info) as source:
        text = source.read(_LONGEST_LINK + 1).decode("utf-8", "replace")
    if not text or text.startswith("/") or "\\" in text or "\0" in text:
        raise UpdateRefused(Why.PACKAGE, f"{entry.path} leads outside")
    place = folder / entry.path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(text)


def _leads_inside(entry: _Entry, folder: Path) -> None:
    """Raises UpdateRefused for a link that leads outside, to nothing or in a circle, also by way of other links."""
    try:
        found = (folder / entry.path).resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise UpdateRefused(Why.PACKAGE, f"{entry.path} leads nowhere") from error
    if not found.is_relative_to(folder.resolve()):
        raise UpdateRefused(Why.PACKAGE, f"{entry.path} leads outside")

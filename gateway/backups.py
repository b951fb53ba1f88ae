"""Backups of a gateway that keeps everything in its folder: one consistent copy while it serves.

The gateway's database goes first, the embedded CRM's after it, the files last: so what is copied later is newer, as it
is in life. A row whose file is missing asks for it again; a CRM older than the gateway would look like deletions.

Keys are not among it. Whoever holds them can sign receipts and make cursors, and they never change: they are put
aside once, elsewhere, and not with every night's copy.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from gateway.keys import RECEIPT_FILE, SECRET_FILE

GATEWAY_DB = "gateway.sqlite3"
CRM_DB = "crm.sqlite3"
BLOBS = "blobs"
#: In the form of `sha256sum`, which checks it: the whole backup, itself left out.
SUMS = "SHA256SUMS"


class CannotBackUp(Exception):
    """Why there is no backup, and what to do."""


@dataclass(frozen=True)
class BackedUp:
    """What lies in the backup. `keys`: the files to be put aside elsewhere."""

    target: Path
    databases: tuple[str, ...]
    blobs: int
    size: int
    keys: tuple[Path, ...]

    def lines(self) -> list[str]:
        """Say it to a person."""
        keys = " and ".join(str(path) for path in self.keys)
        return [
            f"{', '.join(self.databases)} and {self.blobs} files are in {self.target}, {self.size:,} bytes.",
            f"Check them with: cd {self.target} && sha256sum -c {SUMS}",
            f"The keys are not among them. Keep a copy of {keys} apart from backups; they never change.",
        ]


def back_up(folder: Path, target: Path) -> BackedUp:
    """Copy a gateway's folder to `target`, which is new or empty; the gateway may be running.

    Raises CannotBackUp, and OSError for what the disk says. A copy that is not complete has no SHA256SUMS.
    """
    if not (folder / GATEWAY_DB).exists():
        raise CannotBackUp(f"There is no gateway's database in {folder}.")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CannotBackUp(f"{target} is not an empty folder. Give each backup a new one.")
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.chmod(0o700)
    databases = tuple(name for name in (GATEWAY_DB, CRM_DB) if (folder / name).exists())
    for name in databases:
        _copy_database(folder / name, target / name)
    blobs = sum(_copy_blob(path, target / BLOBS) for path in _blobs(folder))
    files = sorted(path for path in target.rglob("*") if path.is_file())
    lines = [f"{_sum(path)}  {path.relative_to(target).as_posix()}\n" for path in files]
    _write(target / SUMS, "".join(lines))
    keys = tuple(path for name in (SECRET_FILE, RECEIPT_FILE) if (path := folder / name).exists())
    return BackedUp(target, databases, blobs, sum(path.stat().st_size for path in files), keys)


def _copy_database(source: Path, target: Path) -> None:
    """Copy one moment of a database without holding its writers up, and make sure that it can be read."""
    target.touch(mode=0o600)
    with closing(sqlite3.connect(source, isolation_level=None, timeout=30)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))
    with closing(sqlite3.connect(target)) as copy:
        (found,) = copy.execute("PRAGMA quick_check").fetchone()
    if found != "ok":
        raise CannotBackUp(f"The copy of {source} is damaged: {found}. Look at the database itself.")
    _sync(target)


def _blobs(folder: Path) -> Iterator[Path]:
    return (path for path in (folder / BLOBS).glob("*/*") if path.is_file())


def _copy_blob(source: Path, blobs: Path) -> int:
    """Copy one file; returns 1, and 0 when it was thrown away meanwhile."""
    target = blobs / source.parent.name / source.name
    for folder in (blobs, target.parent):
        folder.mkdir(exist_ok=True, mode=0o700)
    try:
        shutil.copyfile(source, target)
    except FileNotFoundError:
        return 0
    target.chmod(0o600)
    _sync(target)
    return 1


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    path.chmod(0o600)
    _sync(path)


def _sync(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

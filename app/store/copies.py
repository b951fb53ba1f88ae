"""Copies of a store's file beside it: one from before it was migrated, one set aside when somebody went back.

They are encrypted as the file is, under its key, and go with its folder. What is revoked later would still stand in
them, so a scrub removes them; otherwise they go after some weeks.
"""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path

from app.contract.errors import DiskFull
from app.store.cipher import dbapi2

#: After that it is not gone back any more.
KEPT = timedelta(days=21)

_BEFORE, _NEWER = "schema-", "newer-"
_PAGES = 2_000


def copy_of(path: Path, schema: int) -> Path:
    """Return where the copy of a file lies from when its schema had so many steps."""
    return path.with_name(f"{path.name}.{_BEFORE}{schema:03d}")


def aside_of(path: Path, now: datetime) -> Path:
    """Return where a file is set aside that a newer version made."""
    return path.with_name(f"{path.name}.{_NEWER}{now:%Y%m%dT%H%M%S}")


def keep_copy(path: Path, reader: dbapi2.Connection, target: dbapi2.Connection, schema: int) -> None:
    """Copy a file as it is now; whoever calls it keeps everybody else from writing.

    `reader`: a connection to the file, outside a transaction; `target`: one to `copy_of(...)` with *.new* behind it,
    under the same key. Both are closed. Raises DiskFull, dbapi2.Error.
    """
    kept = copy_of(path, schema)
    fresh = kept.with_name(f"{kept.name}.new")
    try:
        if shutil.disk_usage(path.parent).free < 2 * path.stat().st_size:
            raise DiskFull
        reader.backup(target, pages=_PAGES)
    finally:
        reader.close()
        target.close()
    with fresh.open("r+b") as file:
        os.fsync(file.fileno())
    fresh.replace(kept)


def newest_copy(path: Path, schema: int) -> Path | None:
    """Return the copy with the most steps that a version with so many can open; None: there is none."""
    found = sorted(path.parent.glob(f"{path.name}.{_BEFORE}[0-9][0-9][0-9]"), reverse=True)
    return next((one for one in found if int(one.name[-3:]) <= schema), None)


def forget_copies(path: Path, before: datetime | None = None) -> None:
    """Delete the copies of a file: all, or those from before a moment."""
    for kind in (_BEFORE, _NEWER):
        for copy in path.parent.glob(f"{path.name}.{kind}*"):
            if before is None or copy.stat().st_mtime < before.timestamp():
                copy.unlink(missing_ok=True)

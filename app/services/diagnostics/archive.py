"""The files in one archive: the same files make the same bytes, and it stands in its place whole or not at all."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from app.contract.said import said
from app.services.diagnostics.contents import Item
from app.services.whole_file import write_whole

#: A zip's times are local and without a zone: each file gets the first there is.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = 0o600 << 16


def suggested_name(now: datetime) -> str:
    """Return what the archive is called unless its user wants otherwise."""
    return f"counterpart-diagnostics-{now:%Y%m%d-%H%M}.zip"


def packed(items: Iterable[Item]) -> bytes:
    """Return the archive."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for item in sorted(items, key=lambda one: one.name):
            entry = zipfile.ZipInfo(item.name, _NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # the same on each system
            entry.external_attr = _MODE
            archive.writestr(entry, item.text.encode(), compresslevel=9)
    return whole.getvalue()


def save(items: Iterable[Item], target: Path) -> Path:
    """Write the archive; returns where. Raises DiskFull, Refused."""
    write_whole(target, packed(items), kept=said("Nothing was lost; it can be made again."))
    return target

"""Files that leave the encrypted store: written beside their place, read back, and put there at once or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from app.contract.errors import DiskFull, Refused
from app.contract.said import said

_PIECE = 256 * 1024


def write_whole(path: Path, data: bytes, kept: str) -> None:
    """Write a file; whatever was under that name stays until the new one is whole. `kept` says what is not lost.

    Raises DiskFull, and Refused when the place cannot be written to or does not give back what was written.
    """
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if _digest(part) != hashlib.sha256(data).digest():
            raise Refused(
                said(
                    "What was written as “{name}” came back damaged, so it was removed again.", name=path.name
                ),
                kept=kept,
                next_step=said("Pick another folder, on another disk."),
                code="damaged",
            )
        part.replace(path)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull from error
        raise Refused(
            said("“{name}” could not be saved there.", name=path.name),
            kept=kept,
            next_step=said("Pick another folder."),
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _digest(path: Path) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.digest()

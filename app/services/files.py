"""Taking files in: from the user's disk into the encrypted store, checked, under a safe name."""

from __future__ import annotations

import codecs
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.contract.errors import Refused
from app.contract.said import said
from app.services.context import PortalContext
from app.services.file_names import safe_name
from app.services.pdf import page_count
from app.services.views_model import FileInfo

#: The most one file may hold, in bytes; the manifest says the same of the field `size`.
MOST_BYTES = 50 * 1024 * 1024
#: More than this no disk holds, nor the number of a row.
_MOST_NAMED = 1 << 62
_PDF = "application/pdf"
_UNKNOWN = "application/octet-stream"
_ENOUGH_CONFIDENCE = 0.3
_ENOUGH_TEXT = 65_536


@dataclass(frozen=True)
class NewFile:
    """A file of the user's disk as it was read, on its way into the store."""

    info: FileInfo
    data: bytes = field(repr=False)


def bytes_named(data: Mapping[str, Any]) -> int:
    """Return how many bytes a record says its file has; 0 for what no file can have."""
    size = data.get("size")
    return size if isinstance(size, int) and 0 <= size <= _MOST_NAMED else 0


def read_file(context: PortalContext, path: Path) -> NewFile:
    """Read a file to be taken in. Reads up to 50 MB: call it off the main thread, and outside a transaction.

    Raises Refused when it is no plain file, empty, too large or unreadable.
    """
    name = safe_name(path.name)
    data = _read(path, name, context)
    media_type = sniff(data, name)
    pages = page_count(data) if media_type == _PDF else None
    return NewFile(FileInfo(hashlib.sha256(data).hexdigest(), name, len(data), media_type, pages), data)


def take_in(context: PortalContext, file: NewFile) -> None:
    """Put a file's bytes into the store. Raises DiskFull.

    Call it in the transaction that names them: what nothing names may be let go of at any moment.
    """
    info = file.info
    context.store.blobs.add(info.sha256, info.size, info.media_type, info.name, (file.data,), context.now())


def _read(path: Path, name: str, context: PortalContext) -> bytes:
    try:
        if not path.is_file():
            raise _refused(
                context.tr("“{name}” is not a file.").format(name=name),
                context.tr("Drop single files; folders are not taken in."),
            )
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise _refused(
                context.tr("“{name}” is {size}.").format(name=name, size=context.formats.size(size)),
                context.tr("Files up to 50 MB can be added."),
            )
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _refused(
            context.tr("“{name}” cannot be read.").format(name=name),
            context.tr("Close it elsewhere, or copy it to another folder."),
        ) from error
    if len(data) > MOST_BYTES:
        raise _refused(
            context.tr("“{name}” is more than 50 MB.").format(name=name),
            context.tr("Files up to 50 MB can be added."),
        )
    if not data:
        raise _refused(
            context.tr("“{name}” is empty.").format(name=name),
            context.tr("Pick the file that has the content."),
        )
    return data


def _refused(cause: str, next_step: str) -> Refused:
    return Refused(
        cause, kept=said("Everything you entered is kept."), next_step=next_step, fields={"file": cause}
    )


def sniff(data: bytes, name: str) -> str:
    """Return the media type of bytes: what they say themselves, the name only to tell kinds of text apart."""
    import puremagic  # noqa: PLC0415  # reads all signatures it knows: only who takes in a file needs them

    try:
        matches = puremagic.magic_string(data, name)
    except (puremagic.PureError, ValueError):
        matches = []
    for match in matches:
        if match.mime_type and match.confidence >= _ENOUGH_CONFIDENCE:
            return str(match.mime_type)
    return _text_type(data, name)


def _text_type(data: bytes, name: str) -> str:
    start = data[:_ENOUGH_TEXT]
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start, final=len(data) <= _ENOUGH_TEXT)
    except UnicodeDecodeError:
        return _UNKNOWN
    if b"\x00" in start:
        return _UNKNOWN
    guessed = mimetypes.guess_type(name)[0]
    return guessed if guessed is not None and guessed.startswith("text/") else "text/plain"

"""Words that may be nowhere, and the search for them in whatever form they could lie on a disk."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote


def forms(word: str) -> dict[str, bytes]:
    """A word as it could be written: in several encodings, quoted, packed into base64 at each of three places."""
    plain = word.encode()
    found = {
        "UTF-8": plain,
        "UTF-16": word.encode("utf-16-le"),
        "UTF-16, the other way": word.encode("utf-16-be"),
        "UTF-32": word.encode("utf-32-le"),
        "hexadecimal": plain.hex().encode(),
        "in an address": quote(word, safe="").encode(),
        "in JSON": json.dumps(word)[1:-1].encode(),
        "backwards": plain[::-1],
    }
    for shift in range(3):
        # The first and the last letters of base64 depend on what is around; those between do not.
        packed = base64.b64encode(b"\0" * shift + plain)
        found[f"base64, {shift} further"] = packed[4 if shift else 0 : -4]
    return found


def sightings(content: bytes, words: Iterable[str]) -> list[str]:
    """Which words a file's bytes hold, and how; looked for without regard to case, packed parts unpacked."""
    looked_through = [content, *_unpacked(content)]
    lower = [one.lower() for one in looked_through]
    return [
        f"{word} ({how})"
        for word in words
        for how, form in forms(word).items()
        if any(form.lower() in one for one in lower)
    ]


def _unpacked(content: bytes) -> list[bytes]:
    found: list[bytes] = []
    for sign, unpack in ((b"\x1f\x8b\x08", gzip.decompress), (b"\x78\x9c", zlib.decompress)):
        at = content.find(sign)
        while at >= 0 and len(found) < 50:
            with suppress(OSError, EOFError, zlib.error):
                found.append(unpack(content[at:]))
            at = content.find(sign, at + 1)
    return found


def scan(folders: Iterable[Path], words: Iterable[str]) -> dict[str, list[str]]:
    """Every file below some folders that holds one of the words or has it in its name, and which."""
    wanted = tuple(words)
    found: dict[str, list[str]] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            seen = sightings(name.encode(), wanted)
            if path.is_file() and not path.is_symlink():
                seen += sightings(path.read_bytes(), wanted)
            if seen:
                found[str(path)] = seen
    return found

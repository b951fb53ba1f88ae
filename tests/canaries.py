"""Words that must never be found where strangers may read, in each of the forms in which they might get there."""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus


def forms(canary: str) -> Iterator[bytes]:
    """A word as it is, and as addresses, JSON, base64 at any place, hexadecimal and other encodings write it."""
    raw = canary.encode()
    yield raw
    yield canary.lower().encode()
    yield canary.upper().encode()
    yield quote(canary, safe="").encode()
    yield quote_plus(canary).encode()
    yield json.dumps(canary)[1:-1].encode()
    yield json.dumps(json.dumps(canary))[3:-3].encode()
    yield repr(canary)[1:-1].encode()
    yield repr(raw)[2:-1].encode()
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield canary.encode("utf-16-le")
    yield canary.encode("utf-16-be")
    for before in range(3):
        # Where it begins inside a triple of bytes decides how it looks; its ends depend on what is around it.
        for packed in (base64.b64encode, base64.urlsafe_b64encode):
            whole = packed(bytes(before) + raw + bytes(2))
            first, last = (8 * before + 5) // 6, (8 * (before + len(raw))) // 6
            yield whole[first:last]


def found_in(data: bytes, canaries: Mapping[str, str]) -> list[str]:
    """The names of those that are in there, in whatever form."""
    return [name for name, canary in canaries.items() if any(form in data for form in forms(canary))]


def found_under(places: Iterable[Path], canaries: Mapping[str, str]) -> list[str]:
    """Where which is: in names and contents of files, archives unpacked."""
    found = []
    for place in places:
        files = [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())
        for path in files:
            for name, data in ((path.name, path.read_bytes()), *_unpacked(path)):
                found += [f"{one} in {path.name}/{name}" for one in found_in(data + name.encode(), canaries)]
    return found


def _unpacked(path: Path) -> Iterator[tuple[str, bytes]]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from ((name, archive.read(name)) for name in archive.namelist())

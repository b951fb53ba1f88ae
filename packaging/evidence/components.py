"""The packages that ship, each with its licence and the texts it brings, from the environment that freezes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.utils import canonicalize_name

from evidence.lock import Pinned

#: What older packages call their licences, as SPDX does.
_SPDX: Mapping[str, str] = {
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "MPL-2.0": "MPL-2.0",
    "OSI Approved :: Apache Software License": "Apache-2.0",
    "OSI Approved :: BSD License": "BSD-3-Clause",
    "OSI Approved :: MIT License": "MIT",
}

#: Where a package's own words are no licence: what its files say.
_READ: Mapping[str, str] = {
    "click-default-group": "LicenseRef-Public-Domain",
    "pypdfium2": "BSD-3-Clause AND Apache-2.0",
    "pyside6-essentials": "LGPL-3.0-only",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "shiboken6": "LGPL-3.0-only",
    "sqlcipher3": "Zlib AND BSD-3-Clause",
}

_TEXTS = ("licen", "copying", "notice", "authors")


class Incomplete(Exception):
    """Something that ships has no licence or no text of it; the message names it."""


@dataclass(frozen=True)
class Component:
    """One package. `texts`: (file, content) of its licence; `here`: whether something of it is in this bundle."""

    pin: Pinned
    licence: str
    texts: tuple[tuple[str, str], ...]
    here: bool


def components(pins: Iterable[Pinned], packages: Path, bundled: Iterable[str]) -> tuple[Component, ...]:
    """Return what is locked for this computer, by name. Raises Incomplete."""
    found_there = distributions(path=[str(packages)])
    installed = {str(canonicalize_name(one.metadata["Name"])): one for one in found_there}
    found, inside = [], set(bundled)
    for pin in sorted(pins, key=lambda one: one.name):
        distribution = installed.get(pin.name)
        if distribution is None or distribution.version != pin.version:
            raise Incomplete(f"{pin.name} {pin.version} is locked and not installed in {packages}.")
        found.append(Component(pin, licence(pin.name, distribution), texts(distribution), pin.name in inside))
    return tuple(found)


def licence(name: str, distribution: Distribution) -> str:
    """Return a package's licence as SPDX writes it. Raises Incomplete."""
    if name in _READ:
        return _READ[name]
    metadata = distribution.metadata
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    said = metadata["License"].strip() if "License" in metadata else ""
    if said and "\n" not in said and len(said) < 60:
        return _SPDX.get(said, said)
    classified = [
        _SPDX[words]
        for line in metadata.get_all("Classifier") or ()
        if (words := str(line).removeprefix("License :: ")) in _SPDX
    ]
    if not classified:
        raise Incomplete(f"{name} says no licence that is known: {said[:60]!r}.")
    return " OR ".join(sorted(set(classified)))


def texts(distribution: Distribution) -> tuple[tuple[str, str], ...]:
    """Return the licence's files a package carries, in order."""
    found = []
    for file in sorted(distribution.files or (), key=str):
        path = Path(str(file))
        folder = any(part.endswith(".dist-info") for part in path.parts)
        named = any(word in part.lower() for part in path.parts[1:] for word in _TEXTS)
        place = Path(str(file.locate()))
        if folder and named and place.suffix != ".py" and place.is_file():
            found.append(
                (path.as_posix().partition("/")[2], place.read_text("utf-8", errors="replace").strip())
            )
    return tuple(found)

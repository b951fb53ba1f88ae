"""The licences of what ships: each package of client and gateway is under an allowed one."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from tools.project import ROOT, SHIPPED, say, venv_program

# Permissive, or copyleft that ends at the file. Spelt as SPDX does, and as older packages do.
ALLOWED = frozenset(
    {
        "0BSD",
        "Apache License, Version 2.0",
        "Apache Software License",
        "Apache-2.0",
        "BSD License",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "ISC License (ISCL)",
        "MIT",
        "MIT License",
        "MIT-0",
        "MIT-CMU",
        "MPL-2.0",
        "Mozilla Public License 2.0 (MPL 2.0)",
        "PSF-2.0",
        "Python Software Foundation License",
        "Zlib",
    }
)

# Allowed for the named packages only, with the reason.
EXCEPTIONS: Mapping[str, frozenset[str]] = {
    # Qt stays replaceable: onedir, dynamically linked, its licence texts beside it.
    "pyside6-essentials": frozenset({"LGPL-3.0-only"}),
    "shiboken6": frozenset({"LGPL-3.0-only"}),
    # Installed on the vendor's server as it is, a module of its own that can be replaced; nothing of it is in ours.
    "psycopg": frozenset({"LGPL-3.0-only"}),
    "psycopg-binary": frozenset({"LGPL-3.0-only"}),
    # Its metadata names no licence; the wheel's LICENSE is zlib's, SQLCipher's own is BSD-3-Clause.
    "sqlcipher3": frozenset({"UNKNOWN"}),
    # Its one file is dedicated to the public domain.
    "click-default-group": frozenset({"Public Domain"}),
    # PDFium's third-party parts, each permissive; the wheel carries their texts.
    "pypdfium2": frozenset({"dependency licenses"}),
}

_NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==", re.MULTILINE)
_SPLIT = re.compile(r"[-_.]+")


def normalised(name: str) -> str:
    """A package's name as the index compares it."""
    return _SPLIT.sub("-", name).lower()


def locked_names(files: Iterable[Path]) -> frozenset[str]:
    """The normalised names of all packages that the given lock files pin."""
    texts = (file.read_text(encoding="utf-8") for file in files)
    return frozenset(normalised(name) for text in texts for name in _NAME.findall(text))


def acceptable(package: str, licence: str) -> bool:
    """Whether a licence, as the package states it, may ship.

    ``A OR B`` needs one part that is allowed; ``A AND B`` and a list (``A; B``, ``A, B``) need all of them.
    """
    allowed = ALLOWED | EXCEPTIONS.get(normalised(package), frozenset())
    if licence in allowed:
        return True
    parts = [part.strip() for part in re.split(r"; | AND |, (?!Version)", licence.strip("()"))]
    return all(any(choice.strip(" ()") in allowed for choice in part.split(" OR ")) for part in parts)


def refused(licences: Mapping[str, str], shipped: frozenset[str]) -> dict[str, str]:
    """Of the installed packages (name → licence), those that ship and may not."""
    return {
        name: licence
        for name, licence in sorted(licences.items())
        if normalised(name) in shipped and not acceptable(name, licence)
    }


def check_licences() -> int:
    """Print and count what may not ship; 0 where all is well."""
    listed = subprocess.run(
        [str(venv_program("pip-licenses")), "--format=json", "--from=mixed", "--with-system"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    licences = {str(row["Name"]): str(row["License"]) for row in json.loads(listed.stdout)}
    shipped = locked_names(SHIPPED)
    bad = refused(licences, shipped)
    for name, licence in bad.items():
        say(f"{name}: {licence!r} is not in the allowed list of tools/licences.py")
    if not bad:
        say(f"Licences of the {len(shipped)} packages that ship are allowed")
    return len(bad)

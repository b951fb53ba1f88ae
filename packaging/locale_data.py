"""Babel's data of the world's locales without the two thirds that no screen of ours asks for.

Dates, figures, money, lists and countries stay, for every locale there is: the system's may be any.
"""

from __future__ import annotations

import pickle
from importlib.util import find_spec
from pathlib import Path

#: Names of units, of time zones, and of languages and their scripts.
DROPPED = (
    "compound_unit_patterns",
    "languages",
    "meta_zones",
    "scripts",
    "time_zones",
    "unit_display_names",
    "unit_patterns",
    "variants",
)


def slimmed(data: bytes) -> bytes:
    """Return one locale's file without what is dropped; the same bytes for the same file."""
    locale = pickle.loads(data)  # noqa: S301  # from the locked package
    for name in DROPPED:
        if name in locale:
            locale[name] = type(locale[name])()
    return pickle.dumps(locale, protocol=5)


def slim_locales(folder: Path) -> list[tuple[str, str]]:
    """Write all locales of the installed Babel into `folder`; gives (file, folder in the bundle) for the spec."""
    spec = find_spec("babel")
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).parent
    folder.mkdir(parents=True, exist_ok=True)
    found = [(str(source / "global.dat"), "babel")]
    for file in sorted((source / "locale-data").glob("*.dat")):
        target = folder / file.name
        target.write_bytes(slimmed(file.read_bytes()))
        found.append((str(target), "babel/locale-data"))
    return found

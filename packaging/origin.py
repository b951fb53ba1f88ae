"""Where each file of the bundle came from: our tree, a locked package, Python itself, PyInstaller, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.utils import canonicalize_name

#: What freezes puts a few modules of its own into the bundle: its way of importing, and what it runs before the app.
FREEZER = frozenset({"pyinstaller", "pyinstaller-hooks-contrib"})


@dataclass(frozen=True)
class Entry:
    """One file or module: its name in the bundle, its source on this machine, its kind as PyInstaller calls it."""

    name: str
    source: str
    kind: str


@dataclass(frozen=True)
class Places:
    """Folders of the build: our tree, the environment's packages, Python's own, and where the freezer works."""

    root: Path
    packages: Path
    python: tuple[Path, ...]
    work: Path


def entries(file: Path) -> tuple[Entry, ...]:
    """Return what the spec file wrote down."""
    return tuple(Entry(*(str(part) for part in line)) for line in json.loads(file.read_text("utf-8")))


def owners(packages: Path) -> dict[Path, str]:
    """Return the name of the package each installed file belongs to, as its RECORD says."""
    found: dict[Path, str] = {}
    for distribution in distributions(path=[str(packages)]):
        for file in distribution.files or ():
            found[Path(str(file.locate())).resolve()] = _name(distribution)
    return found


def bundled(listed: Iterable[Entry], places: Places, owned: Mapping[Path, str]) -> tuple[set[str], list[str]]:
    """Return the packages that went into the bundle, and the files nobody answers for."""
    names: set[str] = set()
    strange: list[str] = []
    for entry in listed:
        if entry.kind == "SYMLINK" or entry.source in ("", "-", "namespace"):
            continue
        source = Path(entry.source).resolve()
        owner = owned.get(source)
        if owner is not None:
            names.add(owner)
        elif not _ours(source, places) and not any(source.is_relative_to(folder) for folder in places.python):
            strange.append(f"{entry.name} from {entry.source}")
    return names, sorted(strange)


def faults(names: Iterable[str], locked: Iterable[str], strange: Iterable[str]) -> list[str]:
    """Return what must not be in the bundle, in words."""
    outside = sorted(set(names) - set(locked) - FREEZER)
    return [f"{name} is in the bundle and not in requirements/client.txt" for name in outside] + [
        f"{text}: neither ours, nor of a locked package, nor of Python" for text in strange
    ]


def _ours(source: Path, places: Places) -> bool:
    if source.is_relative_to(places.work):
        return True
    parts = ("app", "resources", "packaging")
    return any(source.is_relative_to(places.root / part) for part in parts)


def _name(distribution: Distribution) -> str:
    return canonicalize_name(distribution.metadata["Name"])

"""How this program came onto the computer: IT looks after it, a user installed it, or it runs from its source.

A package puts `installation.json` beside the program: `{"kind": "managed"}` or `{"kind": "per_user"}`. In a macOS
bundle it lies in `Contents/Resources`, where a signature allows files that are no code. Without one, or with one that
cannot be understood, nothing may be replaced: a frozen program counts as managed then.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

#: Beside the program.
INSTALLATION_FILE = "installation.json"


class InstallationKind(StrEnum):
    """Who looks after the program."""

    MANAGED = "managed"  # an MSI, a pkg or a deb; IT brings new releases
    PER_USER = "per_user"  # a user's own folder; it updates itself
    SOURCE = "source"  # run by a Python that has it as a package


@dataclass(frozen=True)
class Installation:
    """`program`: the file that was started; `folder`: where it lies."""

    kind: InstallationKind
    program: Path

    @property
    def folder(self) -> Path:
        """The folder of the program."""
        return self.program.parent

    @property
    def updates_itself(self) -> bool:
        """Whether it may fetch releases, where the organisation does not say otherwise."""
        return self.kind is InstallationKind.PER_USER


def read_installation(program: Path | None = None, *, frozen: bool | None = None) -> Installation:
    """Return how this program is installed. `program`, `frozen`: as the running one is, unless given."""
    program = Path(sys.executable) if program is None else program
    frozen = bool(getattr(sys, "frozen", False)) if frozen is None else frozen
    if not frozen:
        return Installation(InstallationKind.SOURCE, program)
    return Installation(_written(program.parent), program)


def _written(folder: Path) -> InstallationKind:
    in_bundle = folder.name == "MacOS" and folder.parent.name == "Contents"
    for place in (folder, folder.parent / "Resources") if in_bundle else (folder,):
        try:
            data = json.loads((place / INSTALLATION_FILE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        except (OSError, ValueError, RecursionError):
            return InstallationKind.MANAGED
        kind = data.get("kind") if isinstance(data, dict) else None
        return InstallationKind.PER_USER if kind == InstallationKind.PER_USER else InstallationKind.MANAGED
    return InstallationKind.MANAGED

"""What the lock files pin: names, versions, hashes, and where each is installed."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
CLIENT = ROOT / "requirements" / "client.txt"
FREEZE = ROOT / "requirements" / "freeze.txt"

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?: ; ([^\\\n]+?))?(?: \\)?$", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Pinned:
    """One package as it is locked. `name` as the index compares it; `hashes`: SHA-256 of each file that may be it."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    def here(self, environment: dict[str, str] | None = None) -> bool:
        """Tell whether this computer and Python (or those of `environment`) install it."""
        return not self.marker or Marker(self.marker).evaluate(environment)


def pinned(file: Path = CLIENT) -> tuple[Pinned, ...]:
    """Return all pins of a lock file, in its order; one package may have two, of which a Python takes one."""
    text = file.read_text("utf-8")
    found = list(_PIN.finditer(text))
    ends = [*(match.start() for match in found[1:]), len(text)]
    return tuple(
        Pinned(
            canonicalize_name(match[1]),
            match[2],
            (match[3] or "").strip(),
            tuple(_HASH.findall(text[match.end() : end])),
        )
        for match, end in zip(found, ends, strict=True)
    )


def installed_here(file: Path = CLIENT) -> tuple[Pinned, ...]:
    """Return what of a lock file this Python on this computer installs."""
    return tuple(pin for pin in pinned(file) if pin.here())


def python_tag() -> str:
    """Return the folder of an environment's packages below its root, as this Python names it."""
    major, minor = sys.version_info[:2]
    return "Lib/site-packages" if sys.platform == "win32" else f"lib/python{major}.{minor}/site-packages"

"""Where bundled files lie, in a source tree and in a frozen app alike.

Usage: ``asset_path("icons", "home.svg")``.
"""

from __future__ import annotations

import sys
from pathlib import Path


def resource_root() -> Path:
    """The ``resources`` folder: beside ``app`` in a source tree, unpacked by the freezer in a frozen app."""
    frozen_root = getattr(sys, "_MEIPASS", None)
    if isinstance(frozen_root, str):
        return Path(frozen_root) / "resources"
    return Path(__file__).resolve().parents[3] / "resources"


def asset_path(*parts: str) -> Path:
    """The path of one bundled file or folder below ``resources``; it need not exist."""
    return resource_root().joinpath(*parts)

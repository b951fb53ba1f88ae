"""The modules of `packaging/`, which are scripts on a path of their own and no package."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from tools.project import ROOT

PACKAGING = ROOT / "packaging"


def script(name: str) -> Any:
    """A module by its name there, such as `windows.sign`."""
    if str(PACKAGING) not in sys.path:
        sys.path.append(str(PACKAGING))
    return importlib.import_module(name)

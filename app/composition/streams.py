"""Standard streams where there are none: a Windows program with a window has no place to print to."""

from __future__ import annotations

import os
import sys


def ensure_streams() -> None:
    """Let what is printed go nowhere, where printing would be an error; a reader is at the end at once."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # Open until the process ends.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115

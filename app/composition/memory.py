"""What the process does about its memory: the collector passes over the program itself, and free memory goes back."""

from __future__ import annotations

import ctypes
import gc
import sys


def settle_program() -> None:
    """Let the collector pass over everything there is so far: modules, classes and functions, which all stay.

    A full collection that looks at them takes longer than three frames, on whichever thread it happens to come.
    """
    gc.freeze()


def give_back() -> None:
    """Give memory that is free again back to the system; glibc keeps it otherwise, other systems do it themselves."""
    if sys.platform != "linux":
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)

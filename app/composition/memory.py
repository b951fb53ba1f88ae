"""What the process does about its memory: the collector passes over the program itself, and free memory goes back."""

from __future__ import annotations

import ctypes
import gc
import sys


_USUAL = gc.get_threshold()

#: So many objects are made between two collections while the program is loaded, where Python would make 700.
_WHILE_LOADING = 100_000


def load_without_collecting() -> None:
    """Let the collector wait: what is made while modules are loaded stays, and looking for waste is a tenth of a start.

    A command that ends soon leaves it so; a window goes on with `settle_program`.
    """
    gc.set_threshold(_WHILE_LOADING, *gc.get_threshold()[1:])


def settle_program() -> None:
    """Let the collector pass over everything there is so far: modules, classes and functions, which all stay.

    A full collection that looks at them takes longer than three frames, on whichever thread it happens to come.
    """
    gc.freeze()


def collect_as_usual() -> None:
    """The first window stands: from now on Python collects as it does by itself."""
    gc.set_threshold(*_USUAL)


def give_back() -> None:
    """Give memory that is free again back to the system; glibc keeps it otherwise, other systems do it themselves."""
    if sys.platform != "linux":
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)

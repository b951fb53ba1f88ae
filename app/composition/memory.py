"""What the process does about its memory: who collects it, who gets it back, and that none of it comes to the disk."""

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


def leave_no_dump() -> None:
    """Keep the memory of a process that crashes off the disk: it holds the keys, and what they open."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  # not on Windows

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

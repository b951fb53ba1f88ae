"""What a process that holds other people's keys does for itself."""

from __future__ import annotations

import os


def no_core_dumps() -> None:
    """Have a crash of this process write no memory to the disk, where the system lets one say so.

    Windows writes none for programs by itself, unless somebody set it up to.
    """
    if os.name != "posix":
        return
    import resource  # noqa: PLC0415  (there is none on Windows)

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

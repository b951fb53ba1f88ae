"""Whether things may move on screen: what the system says, and what the person chose here.

Qt does not tell what a system is set to, so each is asked in its own way; one that cannot be asked is taken to allow
motion. `reduced` is pure; `system_reduces` looks once, at the start.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
from enum import StrEnum
from typing import assert_never

_ASKING_SECONDS = 1.0
#: Windows: whether controls and windows are animated (SPI_GETCLIENTAREAANIMATION).
_CLIENT_AREA_ANIMATION = 0x1042


class Motion(StrEnum):
    """What the person asked for."""

    SYSTEM = "system"
    REDUCED = "reduced"


def reduced(choice: Motion, *, system: bool) -> bool:
    """Whether nothing fades or slides."""
    match choice:
        case Motion.REDUCED:
            return True
        case Motion.SYSTEM:
            return system
        case _:
            assert_never(choice)


def system_reduces(platform: str = sys.platform) -> bool:
    """Ask the system whether it is set to less motion."""
    if platform == "win32":
        return _windows()
    if platform == "darwin":
        return said_by(["defaults", "read", "com.apple.universalaccess", "reduceMotion"]) == "1"
    return said_by(["gsettings", "get", "org.gnome.desktop.interface", "enable-animations"]) == "false"


def said_by(command: list[str]) -> str:
    """What one of the system's own tools says; empty when there is none, or it does not answer at once."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_ASKING_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _windows() -> bool:
    library = getattr(ctypes, "windll", None)
    if library is None:
        return False
    animated = ctypes.c_int(1)
    found = library.user32.SystemParametersInfoW(_CLIENT_AREA_ANIMATION, 0, ctypes.byref(animated), 0)
    return bool(found) and animated.value == 0

"""What an organisation set for the computer this runs on."""

from __future__ import annotations

import sys

from app.session.policy.linux import LinuxPolicy
from app.session.policy.macos import CoreFoundation, MacPolicy
from app.session.policy.reading import managed
from app.session.policy.schema import Managed, PolicySource
from app.session.policy.windows import WindowsPolicy, WinRegistry


def source_here(platform: str = sys.platform) -> PolicySource:
    """Return where this platform keeps it."""
    if platform == "win32":
        return WindowsPolicy(WinRegistry())
    if platform == "darwin":
        return MacPolicy(CoreFoundation())
    return LinuxPolicy()


def managed_here() -> Managed:
    """Return what holds on this computer."""
    return managed(source_here())


def places_here() -> tuple[str, ...]:
    """Return the places that are looked at on this computer, the strongest first."""
    return tuple(layer.place for layer in source_here().layers())

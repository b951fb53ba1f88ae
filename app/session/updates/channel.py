"""The channels of releases."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """Which releases are taken."""

    NONE = "none"
    STABLE = "stable"
    BETA = "beta"

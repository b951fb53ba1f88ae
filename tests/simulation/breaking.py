"""Where the ways to break the engine are entered, under what they break."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Patch = pytest.MonkeyPatch
Sabotage = Callable[[Patch], None]

SABOTAGES: dict[str, Sabotage] = {}

#: The system whose habits make each of them show.
PLAYED_WITH: dict[str, str] = {}


def sabotage(name: str, system: str = "embedded") -> Callable[[Sabotage], Sabotage]:
    """Enter a function that breaks something under what it breaks. `system`: the one it is played with."""

    def taken(breaks: Sabotage) -> Sabotage:
        SABOTAGES[name] = breaks
        PLAYED_WITH[name] = system
        return breaks

    return taken

"""Why the engine runs; apart from it, since a window wakes an engine long before there is one."""

from __future__ import annotations

from enum import StrEnum


class Wake(StrEnum):
    """Why a cycle runs."""

    START = "start"
    ENQUEUE = "enqueue"
    POKE = "poke"
    TIMER = "timer"
    USER = "user"
    RECONNECT = "reconnect"
    ONLINE = "online"
    SIGNED_IN = "signed_in"
    UPLOADED = "uploaded"

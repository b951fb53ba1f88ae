"""Who is calling."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Session:
    """One signed-in device of one user. What they may see is not in here: it is read afresh inside each call."""

    id: str
    user: str
    device: str
    device_name: str

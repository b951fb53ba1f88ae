"""Who is calling."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Session:
    """One signed-in device of one user. What they may see is not in here: it is read afresh inside each call.

    `kiosk`: signed in by a device code, for a working day, to work with records only. `machine`: how that kiosk names
    itself; empty for every other device.
    """

    id: str
    user: str
    device: str
    device_name: str
    kiosk: bool = False
    machine: str = ""


@dataclass(frozen=True)
class Bearer:
    """An access token nobody has looked at yet: it is checked in the transaction of the call it came with."""

    token: str


#: Who makes a reading call: a session that was looked up, or a token that is to be.
Whoever = Session | Bearer


def hashed(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()

"""What the entrance of a shared screen shows: a code to sign in with, who is locked here, what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.contract.manifest import Brand


class KioskStep(StrEnum):
    """What the middle of the entrance shows."""

    ASKING = "asking"  # the gateway is asked for a code
    CODE = "code"  # a code is shown, and good
    OPENING = "opening"  # somebody was let in; their portal opens
    TROUBLE = "trouble"  # there is no code to show; it tries again by itself, where that can help
    UNLOCK = "unlock"  # somebody who is locked here gives their code


@dataclass(frozen=True)
class SignInCode:
    """A code that is good. `address`: typed on a phone; `square`: what a camera reads; times are in UTC."""

    code: str
    address: str
    square: str
    given_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class LockedLine:
    """Somebody who is locked here. `minutes` left, rounded up."""

    id: str
    initials: str
    name: str
    minutes: int


@dataclass(frozen=True)
class Trouble:
    """Why there is no code, in the reader's language. `again_at`: when it is tried again; None: by hand only."""

    heading: str
    text: str
    again_at: datetime | None = None


@dataclass(frozen=True)
class Kept:
    """Unsent work that lies here, encrypted: of so many people."""

    people: int = 0


NOBODYS = Brand(vendor="Counterpart", initial="C")
"""What stands at the head until it is known whose screen this is."""

NOTHING = Kept()


@dataclass(frozen=True)
class KioskState:
    """All of it. `who` and `problem` belong to UNLOCK; `said`: one line about what just happened."""

    step: KioskStep = KioskStep.ASKING
    brand: Brand = NOBODYS
    place: str = ""
    help: str = ""
    idle_seconds: int = 120
    reached_at: datetime | None = None
    online: bool = False
    code: SignInCode | None = None
    trouble: Trouble | None = None
    people: tuple[LockedLine, ...] = ()
    who: LockedLine | None = None
    problem: str = ""
    kept: Kept = NOTHING
    said: str = ""

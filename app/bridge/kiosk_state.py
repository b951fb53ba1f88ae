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
    CLOSING = "closing"  # whoever had the screen is being locked or signed out
    TROUBLE = "trouble"  # there is no code to show; it tries again by itself
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
    """Why there is no code, in the reader's language. `again_at`: when it is tried again by itself."""

    heading: str
    text: str
    again_at: datetime | None = None


NOBODYS = Brand(vendor="Counterpart", initial="C")
"""What stands at the head until it is known whose screen this is."""


@dataclass(frozen=True)
class KioskState:
    """All of it. `who`, `problem`, `checking` belong to UNLOCK: why the last code did not open, whether one is tried.

    `kept`: what is announced of unsent work; `said`: one line about what just happened. Both without a name.
    """

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
    checking: bool = False
    kept: str = ""
    said: str = ""

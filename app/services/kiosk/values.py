"""What a kiosk tells of its people: as little as a screen that everybody sees may show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class KioskPerson:
    """Somebody who is signed in here. `id`: the account's; `name_short`: the first name, all that a screen shows."""

    id: str
    initials: str
    name_short: str


@dataclass(frozen=True)
class LockedPerson:
    """Somebody whose screen is locked. `until`, UTC: then they are signed out; `left`: seconds until then.

    `tries`: wrong codes that are left before they are signed out.
    """

    person: KioskPerson
    until: datetime
    left: float
    tries: int


@dataclass(frozen=True)
class Kept:
    """How somebody was signed out. `things`: unsent pieces of work that are kept here, encrypted, for them alone.

    `told_gateway`: the session is ended there; otherwise that is tried again. `sealed` False: the disk took no sealed
    file, so the whole store is kept as it is; its key is not on this computer either way.
    """

    things: int = 0
    told_gateway: bool = False
    sealed: bool = True


@dataclass(frozen=True)
class KeptSummary:
    """What is kept here of people who are not here: how many people, and how many things of theirs.

    `uncounted`: those among the people whose session broke off, so that nobody could count what they had not sent.
    """

    people: int = 0
    things: int = 0
    uncounted: int = 0


@dataclass(frozen=True)
class Apart:
    """A piece of kept work that this version cannot take up. `text`: all of it, as JSON, to be copied."""

    kind: str
    text: str


@dataclass(frozen=True)
class TakenBack:
    """What a sign-in brought back of what was kept here.

    `things`: pieces of work that go on. `apart`: pieces that cannot be taken up; they stay kept until `give_up_apart`.
    `unreadable`: files of this person that their key does not open any more; they are gone after thirty days.
    """

    things: int = 0
    apart: tuple[Apart, ...] = ()
    unreadable: int = 0

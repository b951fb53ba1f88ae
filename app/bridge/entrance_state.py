"""What the entrance shows: one step at a time, in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """Which page is shown."""

    ACCOUNT = "account"  # a list of accounts, and a field for a gateway's address
    BROWSER = "browser"  # waiting for the browser
    NEW_PASSPHRASE = "new_passphrase"  # choose one, twice  # noqa: S105
    UNLOCK = "unlock"  # the passphrase of the account
    LOCKED = "locked"  # nobody was there for too long; one click opens it
    WORKING = "working"  # something takes a moment
    PROBLEM = "problem"  # a text and what can be done
    BLOCKED = "blocked"  # what the organisation set is not understood
    ERASED = "erased"  # an account was ordered away
    DONE = "done"


@dataclass(frozen=True)
class AccountLine:
    """An account one can pick."""

    id: str
    name: str
    vendor: str
    gateway: str


@dataclass(frozen=True)
class Offer:
    """A button: `take(name)` does it."""

    name: str
    label: str
    primary: bool = False


@dataclass(frozen=True)
class EntranceState:
    """What is shown. `problem` belongs to the step's field; `address` is the sign-in page while the browser is open.

    `notes`: further short texts, one below the other. `fixed`: the only gateways that are offered, in place of the
    field for an address.
    """

    step: Step
    heading: str = ""
    text: str = ""
    problem: str = ""
    accounts: tuple[AccountLine, ...] = ()
    gateway: str = ""
    address: str = ""
    who: str = ""
    offers: tuple[Offer, ...] = ()
    notes: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()

"""What a check found: how it stands, what is so, and how to mend it; in words, and in facts for machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.contract.said import said


class State(StrEnum):
    """How a thing stands."""

    OK = "ok"
    WARN = "warn"  # it works, and somebody should look at it
    BAD = "bad"  # it keeps Counterpart from working
    UNKNOWN = "unknown"  # it could not be found out here


class Check(StrEnum):
    """Everything that is looked at, in the order in which it is told."""

    VERSIONS = "versions"
    INSTALLATION = "installation"
    POLICY = "policy"
    PROXY = "proxy"
    DNS = "dns"
    CERTIFICATE = "certificate"
    GATEWAY = "gateway"
    EVENTS = "events"
    DEVICE_CODES = "device_codes"
    CLOCK = "clock"
    LOCALE = "locale"
    KEYRING = "keyring"
    DISK = "disk"
    DATABASE = "database"
    LEFTOVERS = "leftovers"
    DISPLAY = "display"


#: What each is called on screen.
NAMES: Mapping[Check, str] = {
    Check.VERSIONS: said("Versions"),
    Check.INSTALLATION: said("Installation"),
    Check.POLICY: said("Organisation’s settings"),
    Check.PROXY: said("Proxy"),
    Check.DNS: said("Name lookup"),
    Check.CERTIFICATE: said("Certificate"),
    Check.GATEWAY: said("Gateway"),
    Check.EVENTS: said("Event channel"),
    Check.DEVICE_CODES: said("Sign-in by code"),
    Check.CLOCK: said("Clock"),
    Check.LOCALE: said("Language and time zone"),
    Check.KEYRING: said("Key store"),
    Check.DISK: said("Disk"),
    Check.DATABASE: said("Store"),
    Check.LEFTOVERS: said("Other windows"),
    Check.DISPLAY: said("Screen"),
}

Fact = str | int | float | bool | None


@dataclass(frozen=True)
class Finding:
    """`about`: which gateway's host or which account, where there may be several. `what`, `mend`: sentences.

    `facts`: the same for machines; closed kinds, hosts and figures, nothing of anybody.
    """

    name: Check
    state: State
    what: str
    mend: str = ""
    about: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)


def order(finding: Finding) -> tuple[int, str]:
    """Sorts findings as they are told."""
    return [*Check].index(finding.name), finding.about

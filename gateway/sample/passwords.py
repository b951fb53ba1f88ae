"""Sign-ins of the sample programme: they follow from the seed, so they are for trying out only."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.sample.dice import Dice

_WORDS = (
    "harbour",
    "lantern",
    "meadow",
    "copper",
    "thistle",
    "anchor",
    "willow",
    "granite",
    "saddle",
    "beacon",
    "orchard",
    "pebble",
    "marsh",
    "falcon",
    "timber",
    "violet",
)


@dataclass(frozen=True)
class SampleUser:
    """Somebody who signs in to the portal. `user` is the gateway's id, `companies` their gids."""

    name: str
    email: str
    password: str
    role: str
    company: str
    user: str
    companies: tuple[str, ...]


@dataclass(frozen=True)
class SampleStaff:
    """Somebody who signs in to the console. `role`: a code of `StaffRole`."""

    name: str
    login: str
    password: str
    job: str
    role: str


@dataclass(frozen=True)
class SampleAccounts:
    """Everybody who can sign in."""

    users: tuple[SampleUser, ...]
    staff: tuple[SampleStaff, ...]

    def user(self, name: str) -> SampleUser:
        """Return the portal user of that name."""
        return next(item for item in self.users if item.name == name)

    def staffer(self, name: str) -> SampleStaff:
        """Return the member of staff of that name."""
        return next(item for item in self.staff if item.name == name)


def sample_password(dice: Dice) -> str:
    """Return a password such as `harbour-thistle-42`."""
    first, second = dice.some(_WORDS, 2)
    return f"{first}-{second}-{dice.between(10, 99)}"

"""Everything about who may call: accounts, sign-in, sessions."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.ground import Ground
from gateway.identity.passwords import Passwords
from gateway.identity.people import NewUser, People
from gateway.identity.session import Session
from gateway.identity.sessions import Sessions
from gateway.identity.sign_in import SignIn


def user_tag(user: str) -> str:
    """Return the tag under which a user is told that what they may see has changed."""
    return f"user:{user}"


class Identity:
    """Accounts, sign-in and sessions, with the pokes a change of grant calls for."""

    def __init__(self, ground: Ground, secret: bytes, passwords: Passwords) -> None:
        clock, ids, random, limits = ground.clock, ground.ids, ground.random, ground.limits
        self._feed = ground.feed
        self.people = People(ground.database, ground.grants.views.manifest, passwords, clock, ids)
        self.sessions = Sessions(ground.database, secret, clock, ids, random, limits)
        self.sign_in = SignIn(ground.database, self.sessions, passwords, secret, clock, ids, random, limits)

    def add_user(self, new: NewUser) -> str:
        """Add a user; returns their id."""
        return self.people.add(new)

    def session_for(self, user: str, device_name: str, device_id: str = "") -> Session:
        """Start a session without a sign-in."""
        return self.sessions.session_for(user, device_name, device_id)

    def authenticate(self, access_token: str) -> Session:
        """Return the session of an access token. Raises Problem 401."""
        return self.sessions.authenticate(access_token)

    def set_role(self, user: str, role: str) -> None:
        """Give a user another role."""
        self.people.set_role(user, role)
        self._poke(user)

    def set_companies(self, user: str, companies: Sequence[str]) -> None:
        """Say anew for which companies a user acts."""
        self.people.set_companies(user, companies)
        self._poke(user)

    def deactivate(self, user: str) -> int:
        """Close an account and end its sessions; returns how many there were."""
        self.people.set_active(user, False)
        ended = self.sessions.end_user(user, "the account was closed")
        self._poke(user)
        return ended

    def revoke_device(self, user: str, device_id: str) -> int:
        """End the sessions of one device; returns how many there were."""
        ended = self.sessions.end_device(user, device_id, "the device was revoked")
        self._poke(user)
        return ended

    def _poke(self, user: str) -> None:
        self._feed.tell(frozenset({user_tag(user)}))

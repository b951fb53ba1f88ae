"""What samples need of the gateway's identity."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from gateway.identity.people import NewUser


class AddsUsers(Protocol):
    """Whoever takes people who may sign in."""

    def add_user(self, new: NewUser) -> str:
        """Add a user; returns their id."""


class OfRoles:
    """Takes those whose role a portal has; the others stay people of the CRM, and have no id."""

    def __init__(self, users: AddsUsers, roles: Collection[str]) -> None:
        self._users = users
        self._roles = roles

    def add_user(self, new: NewUser) -> str:
        """Add a user; returns their id, and an empty one for whoever the portal has no role for."""
        return self._users.add_user(new) if new.role in self._roles else ""

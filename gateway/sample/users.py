"""What samples need of the gateway's identity."""

from __future__ import annotations

from typing import Protocol

from gateway.identity.people import NewUser


class AddsUsers(Protocol):
    """Whoever takes people who may sign in."""

    def add_user(self, new: NewUser) -> str:
        """Add a user; returns their id."""

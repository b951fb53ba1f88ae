"""Who is told what happens to accounts, devices and sessions, in the transaction in which it happens."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Connection


class Witness(Protocol):
    """Keeps what it is told. What is rolled back was never told.

    Events: account_added, account_closed, account_reopened, account_locked, companies_changed, role_changed,
    invitation_made, invitation_used, identity_linked, signed_in, sign_in_failed, session_ended, token_reused,
    device_revoked, wipe_ordered, wiped.
    """

    def note(self, connection: Connection, event: str, *, user: str, device: str, **facts: object) -> None:
        """Keep one event. `user`: whom it is about, empty for an unknown address. `device`: empty where there is none.

        Facts hold no secrets: never a password, token, link or order.
        """


class Silent:
    """Keeps nothing."""

    def note(self, connection: Connection, event: str, *, user: str, device: str, **facts: object) -> None:
        """Keep nothing."""

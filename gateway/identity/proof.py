"""What somebody has proven, held against what is so when it is used: finding it out takes long enough for a reset."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from gateway.problems import Problem
from gateway.tables import account


@dataclass(frozen=True)
class Proof:
    """Who has proven who they are. `password`: what was stored of the one they gave; empty where an issuer says so."""

    user: str
    password: str = ""

    def check(self, connection: Connection) -> None:
        """Make sure that it still is one, in the transaction that relies on it. Raises Problem 401."""
        row = connection.execute(select(account).where(account.c.id == self.user, account.c.active)).first()
        if row is None or self.password not in ("", row.password):
            raise Problem(
                401,
                "wrong_password",
                "This account was changed a moment ago. Sign in again, with its new password.",
            )

"""Invitations: a link that works once, with which somebody sets their password. A forgotten password is a new link.

Of a link only a hash is kept. A new one takes the place of the one before.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from gateway.clock import Clock, Random
from gateway.database import Database
from gateway.identity.passwords import Passwords
from gateway.identity.session import hashed
from gateway.identity.sessions import Sessions
from gateway.identity.tries import Tries, email_key
from gateway.identity.witness import Witness
from gateway.limits import Limits
from gateway.problems import Problem, not_found, unacceptable
from gateway.tables import account, account_subject, invitation

#: Characters a password has at least.
SHORTEST = 10


@dataclass(frozen=True)
class Link:
    """The secret part of a link, shown once, and until when it is good."""

    user: str
    token: str
    until: datetime

    def address(self, base: str) -> str:
        """Return the link under a gateway's address."""
        return f"{base.rstrip('/')}/oauth/invitation/{self.token}"


@dataclass(frozen=True)
class Invited:
    """Whose link it is."""

    user: str
    name: str
    email: str


class Invitations:
    """Makes links, and lets them be used."""

    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        passwords: Passwords,
        clock: Clock,
        random: Random,
        limits: Limits,
        witness: Witness,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._passwords = passwords
        self._clock = clock
        self._random = random
        self._limits = limits
        self._witness = witness

    def make(self, connection: Connection, user: str, by: str) -> Link:
        """Return a new link for an account; the one before is not good any more. `by`: who made it, or empty.

        Who somebody is at an issuer is forgotten with it: a new link is how a wrong identity is mended.
        """
        now = self._clock.now()
        token = base64.urlsafe_b64encode(self._random(32)).decode().rstrip("=")
        until = now + self._limits.invitation
        drop(connection, user)
        connection.execute(delete(account_subject).where(account_subject.c.user_id == user))
        connection.execute(
            insert(invitation).values(
                user_id=user, hash=hashed(token), made_at=now, made_by=by, expires_at=until
            )
        )
        self._witness.note(connection, "invitation_made", user=user, device="", by=by)
        return Link(user, token, until)

    def look(self, token: str) -> Invited:
        """Return whose link it is, without using it. Raises Problem 404."""
        with self._database.read() as connection:
            return self._look(connection, token)

    def use(self, token: str, password: str, again: str) -> Invited:
        """Set a password by a link, once. Raises Problem 404 for the link, 422 with fields for the password."""
        found = self.look(token)
        wrong = shortcomings(password, again, found)
        if wrong:
            raise unacceptable("This password cannot be taken.", wrong)
        stored = self._passwords.stored(password)
        with self._database.write() as connection:
            # Looked at again: somebody may have used it while the password was hashed.
            found = self._look(connection, token)
            drop(connection, found.user)
            connection.execute(update(account).where(account.c.id == found.user).values(password=stored))
            Tries(self._limits).forget(connection, email_key(found.email))
            self._witness.note(connection, "invitation_used", user=found.user, device="")
            self._sessions.end_user(connection, found.user, "a new password was set")
        return found

    def _look(self, connection: Connection, token: str) -> Invited:
        row = connection.execute(
            select(account.c.id, account.c.name, account.c.email)
            .join(invitation, invitation.c.user_id == account.c.id)
            .where(
                invitation.c.hash == hashed(token),
                invitation.c.expires_at > self._clock.now(),
                account.c.active,
            )
        ).first()
        if row is None:
            raise no_such_link()
        return Invited(row.id, row.name, row.email)


def drop(connection: Connection, user: str) -> None:
    """Make a user's link good for nothing."""
    connection.execute(delete(invitation).where(invitation.c.user_id == user))


def no_such_link() -> Problem:
    """404, the same whether a link was used, replaced, too old or never made."""
    missing = not_found()
    words = "It was used, replaced, or is too old. Ask whoever invited you for another one."
    return Problem(missing.status, missing.code, words)


def shortcomings(password: str, again: str, whose: Invited) -> dict[str, str]:
    """Return what speaks against a password, by field; nothing when it may be taken."""
    plain = "".join(password.casefold().split())
    mailbox, _, domain = whose.email.partition("@")
    known = {"".join(text.casefold().split()) for text in (whose.email, mailbox, domain, whose.name)}
    if len(password) < SHORTEST:
        return {"password": f"Take {SHORTEST} characters at least."}
    if plain in known:
        return {"password": "That is your name or address. Take something nobody would try."}
    if len(set(plain)) < 4:
        return {"password": "Take more different characters."}
    if password != again:
        return {"again": "The two are not the same."}
    return {}

"""Handing a sign-in over to an issuer and taking it back.

What has to be remembered meanwhile (state, nonce, PKCE verifier, and what it is all for) goes along in a signed cookie:
only the browser that left comes back, and it takes no memory until it does. A state is good once.

The issuer says who somebody is; whether they may in, and as what, stays here. Nobody gets an account by it.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Connection, insert, select

from gateway.clock import Clock, Random
from gateway.database import Database
from gateway.identity.invitations import drop
from gateway.identity.oidc import Claims, Issuer
from gateway.identity.session import hashed
from gateway.identity.witness import Witness
from gateway.limits import Limits
from gateway.problems import Problem, unacceptable
from gateway.tables import account, account_subject, spent

#: Under which address the browser comes back; it has to be registered at the issuer.
CALLBACK = "/oauth/callback"


@dataclass(frozen=True)
class Leaving:
    """Where the browser goes, and the cookie it takes along."""

    address: str
    cookie: str
    value: str


@dataclass(frozen=True)
class Returned:
    """Who came back, and what it was all for. `user` is empty when they gave up at the issuer."""

    purpose: str
    user: str


@dataclass(frozen=True)
class _Kept:
    state: str
    nonce: str
    verifier: str
    purpose: str


class Handover:
    """Sends browsers to an issuer and takes them back."""

    def __init__(
        self,
        database: Database,
        issuer: Issuer,
        secret: bytes,
        clock: Clock,
        random: Random,
        limits: Limits,
        witness: Witness,
    ) -> None:
        self._database = database
        self.issuer = issuer
        self._serializer = URLSafeSerializer(secret, salt="hand-over")
        self._clock = clock
        self._random = random
        self._limits = limits
        self._witness = witness

    def leave(self, purpose: str, base: str) -> Leaving:
        """Return where the browser goes. `purpose` comes back with it. Raises Problem 502, 503."""
        kept = _Kept(self._text(), self._text(), self._text(), purpose)
        until = int((self._clock.now() + self._limits.sign_in).timestamp())
        value = str(self._serializer.dumps([until, *vars(kept).values()]))
        address = self.issuer.sign_in_address(_callback(base), kept.state, kept.nonce, kept.verifier)
        return Leaving(address, cookie_name(kept.state), value)

    def come_back(self, query: dict[str, str], cookie: str, base: str) -> Returned:
        """Return who came back. Raises Problem 403 (nobody here), 422 (not a way back of ours), 502, 503."""
        kept = self._kept(query, cookie)
        self._spend(kept.state)
        if query.get("error") or not query.get("code"):
            return Returned(kept.purpose, "")
        claims = self.issuer.redeem(query["code"], _callback(base), kept.verifier, kept.nonce)
        with self._database.write() as connection:
            user, refused = self._account(connection, claims)
            if refused:
                facts = {"because": refused, "issuer": self.issuer.options.issuer}
                self._witness.note(connection, "sign_in_failed", user=user, device="", **facts)
        if refused:
            raise Problem(403, "no_account", refused)
        return Returned(kept.purpose, user)

    def _kept(self, query: dict[str, str], cookie: str) -> _Kept:
        try:
            until, *fields = self._serializer.loads(cookie)
        except BadSignature:
            raise _lost() from None
        kept = _Kept(*fields)
        same = hmac.compare_digest(kept.state.encode(), query.get("state", "").encode())
        # RFC 9207: an issuer that names itself on the way back is the one that was asked.
        named = query.get("iss", self.issuer.options.issuer)
        if not same or named != self.issuer.options.issuer or self._clock.now().timestamp() > until:
            raise _lost()
        return kept

    def _spend(self, state: str) -> None:
        """Note that a state was used. Raises Problem 422 the second time."""
        until = self._clock.now() + self._limits.sign_in
        with self._database.write() as connection:
            if connection.execute(select(spent).where(spent.c.hash == hashed(state))).first():
                raise _lost()
            connection.execute(insert(spent).values(hash=hashed(state), expires_at=until))

    def _account(self, connection: Connection, claims: Claims) -> tuple[str, str]:
        """Return whose sign-in it is, and why it is refused, empty when it is not."""
        issuer = self.issuer.options.issuer
        known = connection.execute(
            select(account.c.id, account.c.active)
            .join(account_subject, account_subject.c.user_id == account.c.id)
            .where(account_subject.c.issuer == issuer, account_subject.c.subject == claims.subject)
        ).first()
        if known is not None:
            return known.id, "" if known.active else "This account is closed."
        if not claims.email or not (claims.email_verified or self.issuer.options.trust_email):
            return "", "Your sign-in service does not vouch for your e-mail address. Tell your administrator."
        row = connection.execute(
            select(account.c.id).where(account.c.email == claims.email, account.c.active)
        ).first()
        if row is None:
            return "", f"There is no account for {claims.email} here. Ask your administrator to invite you."
        mine = (account_subject.c.issuer == issuer) & (account_subject.c.user_id == row.id)
        if connection.execute(select(account_subject.c.subject).where(mine)).first():
            # The address was given to somebody else at the issuer since. A new invitation says that it is right.
            return (
                row.id,
                "This account belongs to another identity. Ask your administrator for a new invitation.",
            )
        connection.execute(
            insert(account_subject).values(
                issuer=issuer, subject=claims.subject, user_id=row.id, linked_at=self._clock.now()
            )
        )
        drop(connection, row.id)
        self._witness.note(connection, "identity_linked", user=row.id, device="", issuer=issuer)
        return row.id, ""

    def _text(self) -> str:
        return base64.urlsafe_b64encode(self._random(32)).decode().rstrip("=")


def cookie_name(state: str) -> str:
    """Return the name of the cookie that goes with a state: two windows do not get in one another's way."""
    return f"counterpart-{hashed(state)[:16]}"


def _callback(base: str) -> str:
    return base.rstrip("/") + CALLBACK


def _lost() -> Problem:
    return unacceptable("This sign-in was not begun here, or was used before. Start again from the app.")

"""Sign-in: authorization code with PKCE (S256 only), for a public client that listens on its own machine.

The code goes only to a loopback address (RFC 8252), is good once and for two minutes; used twice, it ends the session
it led to.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import insert, select, update
from sqlalchemy.engine import Row

from gateway.clock import Clock, Ids, Random
from gateway.database import Database
from gateway.identity.passwords import Passwords
from gateway.identity.session import hashed
from gateway.identity.sessions import InvalidGrant, Sessions, Tokens
from gateway.limits import Limits
from gateway.problems import Problem, unacceptable
from gateway.tables import account, auth_code

#: The clients there are. They are public: nothing they could keep secret would stay so on a partner's computer.
CLIENTS = ("counterpart-desktop",)

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True)
class SignInRequest:
    """What a client asked for when it opened the browser."""

    client_id: str
    redirect_uri: str
    state: str
    challenge: str
    device_id: str
    device_name: str

    def back(self, **answer: str) -> str:
        """Return the address the browser is sent back to."""
        separator = "&" if urlsplit(self.redirect_uri).query else "?"
        return f"{self.redirect_uri}{separator}{urlencode({**answer, 'state': self.state})}"


class SignIn:
    """Turns a password into a code, and a code into tokens."""

    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        passwords: Passwords,
        secret: bytes,
        clock: Clock,
        ids: Ids,
        random: Random,
        limits: Limits,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._passwords = passwords
        self._serializer = URLSafeSerializer(secret, salt="sign-in")
        self._clock = clock
        self._ids = ids
        self._random = random
        self._limits = limits

    # ------------------------------------------------------------------------------------------------- the page

    def request(self, query: dict[str, str]) -> SignInRequest:
        """Check what a client asks for. Raises Problem 422: a browser is never sent to an unchecked address."""
        wrong: dict[str, str] = {}
        if query.get("client_id") not in CLIENTS:
            wrong["client_id"] = "This client is not known."
        if not _is_loopback(query.get("redirect_uri", "")):
            wrong["redirect_uri"] = "Only http://127.0.0.1 or http://[::1] with a port."
        if query.get("response_type") != "code":
            wrong["response_type"] = "Only code."
        if query.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(
            query.get("code_challenge", "")
        ):
            wrong["code_challenge"] = "A challenge by S256 is needed."
        if not query.get("state"):
            wrong["state"] = "A state is needed."
        if wrong:
            raise unacceptable("This is not a sign-in the gateway can answer.", wrong)
        return SignInRequest(
            query["client_id"],
            query["redirect_uri"],
            query["state"],
            query["code_challenge"],
            query.get("device_id", "")[:60] or self._ids.new_id(),
            query.get("device_name", "")[:120] or "a computer",
        )

    def seal(self, request: SignInRequest) -> str:
        """Return the request as the page carries it: signed, and good for a while."""
        until = (self._clock.now() + self._limits.sign_in).timestamp()
        return str(self._serializer.dumps([int(until), *vars(request).values()]))

    def unseal(self, sealed: str) -> SignInRequest:
        """Return the request a page carried. Raises Problem 422."""
        try:
            until, *fields = self._serializer.loads(sealed)
        except BadSignature:
            raise unacceptable("This sign-in page is not ours. Start again from the app.") from None
        if self._clock.now().timestamp() > until:
            raise unacceptable("This sign-in page has been open too long. Start again from the app.")
        return SignInRequest(*fields)

    def submit(self, request: SignInRequest, email: str, password: str) -> str:
        """Check a password; return the address with the code. Raises Problem 401 (wrong), 429 (too many tries)."""
        user = self._checked(email, password)
        code = base64.urlsafe_b64encode(self._random(32)).decode().rstrip("=")
        with self._database.write() as connection:
            connection.execute(
                insert(auth_code).values(
                    hash=hashed(code),
                    user_id=user,
                    device=request.device_id,
                    device_name=request.device_name,
                    client_id=request.client_id,
                    redirect_uri=request.redirect_uri,
                    challenge=request.challenge,
                    expires_at=self._clock.now() + self._limits.code,
                )
            )
        return request.back(code=code)

    def _checked(self, email: str, password: str) -> str:
        now = self._clock.now()
        found = select(account).where(account.c.email == email.strip().lower(), account.c.active)
        with self._database.read() as connection:
            row = connection.execute(found).first()
        if row and row.locked_until and row.locked_until > now:
            wait = (row.locked_until - now).total_seconds()
            raise Problem(429, "too_many_tries", "Too many tries. Wait a few minutes.", retry_after=wait)
        fits = self._passwords.fits(row.password if row else None, password)
        if row:
            self._count(row, fits=fits)
        if row is None or not fits:
            raise Problem(401, "wrong_password", "This e-mail address and password do not go together.")
        return str(row.id)

    def _count(self, row: Row[*tuple[Any, ...]], *, fits: bool) -> None:
        failures = 0 if fits else row.failures + 1
        until = None
        if failures >= self._limits.password_tries:
            failures, until = 0, self._clock.now() + self._limits.password_wait
        if failures != row.failures or until != row.locked_until:
            with self._database.write() as connection:
                changed = {"failures": failures, "locked_until": until}
                connection.execute(update(account).where(account.c.id == row.id).values(**changed))

    # -------------------------------------------------------------------------------------------- the exchange

    def exchange(self, code: str, verifier: str, redirect_uri: str, client_id: str) -> Tokens:
        """Turn a code into tokens. Raises InvalidGrant."""
        replayed = None
        with self._database.write() as connection:
            row = connection.execute(select(auth_code).where(auth_code.c.hash == hashed(code))).first()
            if row is None or not self._matches(row, verifier, redirect_uri, client_id):
                raise InvalidGrant("The code is not good.")
            if row.session is None and row.expires_at > self._clock.now():
                opened = self._sessions.open(connection, row.user_id, row.device, row.device_name)
                used = update(auth_code).where(auth_code.c.hash == row.hash).values(session=opened)
                connection.execute(used)
                return self._sessions.first_tokens(connection, opened)
            replayed = row.session
        if replayed:
            self._sessions.end(replayed, "its code was used twice")
        raise InvalidGrant("The code is not good any more.")

    def _matches(self, row: Row[*tuple[Any, ...]], verifier: str, redirect_uri: str, client_id: str) -> bool:
        if not _VERIFIER.fullmatch(verifier):
            return False
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        same_place = row.redirect_uri == redirect_uri and row.client_id == client_id
        return same_place and hmac.compare_digest(challenge, row.challenge)


def _is_loopback(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return False
    plain = parts.username is None and parts.password is None and not parts.fragment
    return parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1") and bool(port) and plain

"""Sign-in: authorization code with PKCE (S256 only), for a public client that listens on its own machine.

The code goes only to a loopback address (RFC 8252). How a code becomes tokens is in `codes` and `protocol`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Connection, select

from gateway.clock import Clock, Ids
from gateway.database import Database
from gateway.identity.clients import CLIENTS, is_loopback
from gateway.identity.codes import Asker, Codes
from gateway.identity.passwords import Passwords
from gateway.identity.proof import Proof
from gateway.identity.texts import without_controls
from gateway.identity.tries import Tries, address_key, email_key
from gateway.identity.witness import Witness
from gateway.limits import Limits
from gateway.problems import Problem, unacceptable
from gateway.tables import account

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


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

    @property
    def asker(self) -> Asker:
        """For whom a code is."""
        return Asker(self.client_id, self.redirect_uri, self.challenge, self.device_id, self.device_name)


class SignIn:
    """Turns a password, or an issuer's word, into a code."""

    def __init__(
        self,
        database: Database,
        codes: Codes,
        passwords: Passwords,
        secret: bytes,
        clock: Clock,
        ids: Ids,
        limits: Limits,
        witness: Witness,
    ) -> None:
        self._database = database
        self._codes = codes
        self._passwords = passwords
        self._serializer = URLSafeSerializer(secret, salt="sign-in")
        self._clock = clock
        self._ids = ids
        self._limits = limits
        self._witness = witness
        self._tries = Tries(limits)

    # ------------------------------------------------------------------------------------------------- the page

    def request(self, query: dict[str, str]) -> SignInRequest:
        """Check what a client asks for. Raises Problem 422: a browser is never sent to an unchecked address."""
        wrong: dict[str, str] = {}
        if query.get("client_id") not in CLIENTS:
            wrong["client_id"] = "This client is not known."
        if not is_loopback(query.get("redirect_uri", "")):
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
            without_controls(query.get("device_id", ""))[:60] or self._ids.new_id(),
            without_controls(query.get("device_name", ""))[:120] or "a computer",
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

    def submit(self, request: SignInRequest, email: str, password: str, address: str = "") -> str:
        """Check a password; return where the browser goes with the code.

        `address`: the network address it comes from. Raises Problem 401 (wrong), 429 (too many tries).
        """
        return self.let_in(request, self.check_password(email, password, address, request.device_id))

    def let_in(self, request: SignInRequest, proof: Proof) -> str:
        """Return where the browser goes with a code for somebody who has proven who they are. Raises Problem 401."""
        with self._database.write() as connection:
            proof.check(connection)
            code = self._codes.give(connection, proof.user, request.asker)
        return request.back(code=code)

    # --------------------------------------------------------------------------------------------- the password

    def check_password(self, email: str, password: str, address: str = "", device: str = "") -> Proof:
        """Return the proof of whose password it is. Raises Problem 401 (wrong), 429 (too many tries).

        An address nobody has costs the same work, is counted the same way and sounds the same.
        """
        email = without_controls(email).strip().lower()
        keys = self.counted(email_key(email), address)
        with self._database.read() as connection:
            row = connection.execute(
                select(account).where(account.c.email == email, account.c.active)
            ).first()
        fits = self._passwords.fits(row.password if row else None, password)
        with self._database.write() as connection:
            if row is not None and fits:
                self._tries.forget(connection, keys[0])
                for key in keys[1:]:
                    self._tries.give_back(connection, key)
                return Proof(row.id, row.password)
            self._note_failure(connection, keys[0], row.id if row else "", device, address)
        raise Problem(401, "wrong_password", "This e-mail address and password do not go together.")

    def counted(self, key: str, address: str) -> list[str]:
        """Count one more try for a key and a network address; return under what. Raises Problem 429."""
        keys = [key, *([address_key(address)] if address else [])]
        now = self._clock.now()
        with self._database.write() as connection:
            # Who tries from a place that has to wait does not make an account wait as well.
            wait = next(
                (wait for each in reversed(keys) if (wait := self._tries.take(connection, each, now))), 0
            )
        if wait:
            raise too_many_tries(wait)
        return keys

    def counted_from(self, address: str) -> list[str]:
        """Count one more try from a network address alone; return under what. Raises Problem 429."""
        return self.counted(address_key(address), "") if address else []

    def take_back(self, keys: Sequence[str]) -> None:
        """Take tries back that came to a good end."""
        with self._database.write() as connection:
            for key in keys:
                self._tries.give_back(connection, key)

    def _note_failure(self, connection: Connection, key: str, user: str, device: str, address: str) -> None:
        self._witness.note(connection, "sign_in_failed", user=user, device=device, address=address)
        if self._tries.waits(connection, key, self._clock.now()):
            self._witness.note(connection, "account_locked", user=user, device=device, address=address)


def too_many_tries(wait: float) -> Problem:
    """429."""
    return Problem(429, "too_many_tries", "Too many tries. Wait a few minutes.", retry_after=wait)

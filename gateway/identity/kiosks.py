"""The page on which somebody lets a kiosk in: the code they type, and what they then decide."""

from __future__ import annotations

from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer

from gateway.clock import Clock
from gateway.database import Database
from gateway.identity.device_codes import DeviceCodes, Waiting
from gateway.identity.proof import Proof
from gateway.identity.tries import Tries, address_key
from gateway.limits import Limits
from gateway.problems import Problem, unacceptable


@dataclass(frozen=True)
class Shown:
    """A kiosk that waits. `sealed`: its code as the page carries it on, signed."""

    waiting: Waiting
    sealed: str


class Kiosks:
    """Looks codes up and answers kiosks."""

    def __init__(
        self, database: Database, codes: DeviceCodes, secret: bytes, clock: Clock, limits: Limits
    ) -> None:
        self._database = database
        self._codes = codes
        self._serializer = URLSafeSerializer(secret, salt="kiosk")
        self._clock = clock
        self._tries = Tries(limits)

    def look(self, user_code: str, address: str) -> Shown:
        """Return the kiosk that shows a code. Raises Problem 422 when none does, 429 after many such."""
        key = address_key(address)
        with self._database.write() as connection:
            wait = self._tries.take(connection, key, self._clock.now())
            if wait:
                raise Problem(429, "too_many_tries", "Too many tries. Wait a few minutes.", retry_after=wait)
        with self._database.write() as connection:
            waiting = self._codes.shown(connection, user_code)
            self._tries.give_back(connection, key)
        return Shown(waiting, str(self._serializer.dumps(user_code)))

    def again(self, sealed: str) -> tuple[str, Shown]:
        """Return the code a page carried, and its kiosk. Raises Problem 422."""
        user_code = self._code(sealed)
        with self._database.read() as connection:
            return user_code, Shown(self._codes.shown(connection, user_code), sealed)

    def allow(self, sealed: str, proof: Proof) -> Waiting:
        """Let a kiosk in as somebody who has proven who they are. Raises Problem 401, 422."""
        with self._database.write() as connection:
            proof.check(connection)
            return self._codes.answer(connection, self._code(sealed), proof.user, allow=True)

    def deny(self, sealed: str) -> Waiting:
        """Keep a kiosk out. Raises Problem 422."""
        with self._database.write() as connection:
            return self._codes.answer(connection, self._code(sealed), "", allow=False)

    def _code(self, sealed: str) -> str:
        try:
            return str(self._serializer.loads(sealed))
        except BadSignature:
            raise unacceptable("This page is not ours. Begin again with the code.") from None

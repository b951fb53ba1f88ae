"""Authorization codes: good once and for two minutes, for whoever asked. Used twice, one ends the session it led to."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin
from sqlalchemy import Connection, insert, select, update

from gateway.clock import Clock, Random
from gateway.identity.session import hashed
from gateway.identity.sessions import Refused, Sessions, Tokens
from gateway.limits import Limits
from gateway.tables import auth_code


@dataclass(frozen=True)
class AuthCode(AuthorizationCodeMixin):
    """A code that was given out. `session`: the one it led to, empty while it has not been used."""

    hash: str
    user: str
    device: str
    device_name: str
    client_id: str
    redirect_uri: str
    code_challenge: str
    expires_at: datetime
    session: str
    #: Nothing else is ever asked for.
    code_challenge_method: str = "S256"

    def get_redirect_uri(self) -> str:
        """Return where the code was sent."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """There are no scopes."""
        return ""


@dataclass(frozen=True)
class Asker:
    """For which client, place and device a code is, and what its verifier must hash to."""

    client_id: str
    redirect_uri: str
    challenge: str
    device_id: str
    device_name: str


class Codes:
    """Gives codes out, and turns them into sessions."""

    def __init__(self, sessions: Sessions, clock: Clock, random: Random, limits: Limits) -> None:
        self._sessions = sessions
        self._clock = clock
        self._random = random
        self._limits = limits

    def give(self, connection: Connection, user: str, asker: Asker) -> str:
        """Return a new code for a user."""
        code = base64.urlsafe_b64encode(self._random(32)).decode().rstrip("=")
        connection.execute(
            insert(auth_code).values(
                hash=hashed(code),
                user_id=user,
                device=asker.device_id,
                device_name=asker.device_name,
                client_id=asker.client_id,
                redirect_uri=asker.redirect_uri,
                challenge=asker.challenge,
                expires_at=self._clock.now() + self._limits.code,
            )
        )
        return code

    def find(self, connection: Connection, code: str) -> AuthCode | None:
        """Return a code, good or not any more."""
        row = connection.execute(select(auth_code).where(auth_code.c.hash == hashed(code))).first()
        if row is None:
            return None
        return AuthCode(
            row.hash,
            row.user_id,
            row.device,
            row.device_name,
            row.client_id,
            row.redirect_uri,
            row.challenge,
            row.expires_at,
            row.session or "",
        )

    def exchange(self, connection: Connection, code: AuthCode) -> Tokens | Refused:
        """Turn a code into tokens, once it is known that the caller is who asked for it."""
        if code.session:
            self._sessions.end_in(connection, code.session, "its code was used twice")
        if code.session or code.expires_at <= self._clock.now():
            return Refused("The code is not good any more.")
        opened = self._sessions.open(connection, code.user, code.device, code.device_name)
        connection.execute(update(auth_code).where(auth_code.c.hash == code.hash).values(session=opened))
        return self._sessions.first_tokens(connection, opened)

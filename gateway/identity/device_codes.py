"""Device codes (RFC 8628): a kiosk shows a short code, and somebody lets it in from a browser of their own.

The short code is good for ten minutes and for one kiosk. The kiosk is signed in for a working day.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, insert, select, update

from gateway.clock import Clock, Ids, Random
from gateway.identity.session import hashed
from gateway.identity.sessions import Refused, Sessions, Tokens
from gateway.identity.texts import without_controls
from gateway.limits import Limits
from gateway.problems import Problem
from gateway.tables import device_grant

#: No vowels, so that no words come out, and nothing that looks like something else (RFC 8628, 6.1).
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_SLOWER = 5


@dataclass(frozen=True)
class Waiting:
    """A kiosk that asked. `user`: who let it in, empty so far. `session`: the one it got, empty so far."""

    hash: str
    client_id: str
    device: str
    device_name: str
    expires_at: datetime
    pace: int
    asked_at: datetime | None
    user: str
    denied: bool
    session: str


class DeviceCodes:
    """Lets kiosks ask, people answer, and kiosks in."""

    def __init__(self, sessions: Sessions, clock: Clock, ids: Ids, random: Random, limits: Limits) -> None:
        self._sessions = sessions
        self._clock = clock
        self._ids = ids
        self._random = random
        self._good_for = limits.device_code
        #: Seconds a code is good for, and seconds between two questions.
        self.good_for = int(limits.device_code.total_seconds())
        self.pace = limits.device_pace

    # ------------------------------------------------------------------------------------------------- the kiosk

    def new_device_code(self) -> str:
        """Return the secret the kiosk keeps."""
        return base64.urlsafe_b64encode(self._random(32)).decode().rstrip("=")

    def new_user_code(self) -> str:
        """Return the code it shows, such as BCDF-GHJK."""
        # Eight bytes to the number 20⁸: no letter is noticeably likelier than another.
        number = int.from_bytes(self._random(8), "big")
        letters = [_LETTERS[number // len(_LETTERS) ** place % len(_LETTERS)] for place in range(8)]
        return "".join(letters[:4]) + "-" + "".join(letters[4:])

    def ask(
        self,
        connection: Connection,
        client_id: str,
        device_code: str,
        user_code: str,
        form: Mapping[str, str],
    ) -> None:
        """Note that a kiosk asks. `form`: may hold `device_id` and `device_name`."""
        connection.execute(
            insert(device_grant).values(
                hash=hashed(device_code),
                user_code=hashed(_plain(user_code)),
                client_id=client_id,
                device=without_controls(form.get("device_id", ""))[:60] or self._ids.new_id(),
                device_name=without_controls(form.get("device_name", ""))[:120] or "a kiosk",
                expires_at=self._clock.now() + self._good_for,
                pace=self.pace,
                denied=False,
            )
        )

    def find(self, connection: Connection, device_code: str) -> Waiting | None:
        """Return what a kiosk asked."""
        return self._read(connection, device_grant.c.hash == hashed(device_code))

    def by_hash(self, connection: Connection, found: str) -> Waiting:
        """Return a request that is there by what its device code is kept as."""
        waiting = self._read(connection, device_grant.c.hash == found)
        assert waiting is not None
        return waiting

    def is_late(self, waiting: Waiting) -> bool:
        """Tell whether a request has run out."""
        return waiting.expires_at <= self._clock.now()

    def asked_too_soon(self, connection: Connection, waiting: Waiting) -> bool:
        """Note a question; a kiosk that does not keep its pace is given a slower one."""
        now = self._clock.now()
        soon = waiting.asked_at is not None and now < waiting.asked_at + timedelta(seconds=waiting.pace)
        values = {"asked_at": now, "pace": waiting.pace + (_SLOWER if soon else 0)}
        connection.execute(update(device_grant).where(device_grant.c.hash == waiting.hash).values(**values))
        return soon

    def exchange(self, connection: Connection, waiting: Waiting) -> Tokens | Refused:
        """Turn a request that was allowed into tokens, once."""
        if waiting.session:
            self._sessions.end_in(connection, waiting.session, "its code was used twice")
            return Refused("The device code was used before.")
        device_id = self._sessions.kiosk_id(connection, waiting.user, waiting.device)
        opened = self._sessions.open(connection, waiting.user, device_id, waiting.device_name, waiting.device)
        used = update(device_grant).where(device_grant.c.hash == waiting.hash)
        connection.execute(used.values(session=opened))
        return self._sessions.first_tokens(connection, opened)

    # ------------------------------------------------------------------------------------------------- the person

    def shown(self, connection: Connection, user_code: str) -> Waiting:
        """Return the request behind a code somebody typed. Raises Problem 422 when there is none that waits."""
        found = self._read(connection, device_grant.c.user_code == hashed(_plain(user_code)))
        if found is None or self.is_late(found) or found.user or found.denied:
            raise Problem(422, "code", "There is no device that shows this code now. Look again.")
        return found

    def answer(self, connection: Connection, user_code: str, user: str, *, allow: bool) -> Waiting:
        """Let a kiosk in as a user, or not. Raises Problem 422."""
        found = self.shown(connection, user_code)
        values = {"user_id": user or None, "denied": not allow}
        connection.execute(update(device_grant).where(device_grant.c.hash == found.hash).values(**values))
        return found

    def _read(self, connection: Connection, condition: ColumnElement[bool]) -> Waiting | None:
        row = connection.execute(select(device_grant).where(condition)).first()
        if row is None:
            return None
        return Waiting(
            row.hash,
            row.client_id,
            row.device,
            row.device_name,
            row.expires_at,
            row.pace,
            row.asked_at,
            row.user_id or "",
            row.denied,
            row.session or "",
        )


def _plain(user_code: str) -> str:
    """Return a code however somebody wrote it."""
    return "".join(letter for letter in user_code.upper() if letter in _LETTERS)

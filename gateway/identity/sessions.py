"""Sessions and tokens: opaque, hashed at rest, one family a device.

A refresh token is good for one use. Its successor is derived from it with a secret, so that a client whose answer was
lost gets the very same one when it asks again at once. Later it gets another one, for some days, and the one before
counts as used. So when two hold a token, whichever of them got the earlier successor comes with a used one: that
tells a theft. Then the session of that device ends, and no other.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.engine import Row

from gateway.clock import Clock, Ids, Random
from gateway.database import Database
from gateway.identity.session import Session, hashed
from gateway.identity.wipes import (
    order_for_refresh,
    outstanding,
    refusal,
    sessions_under_order,
    wipe_ordered,
)
from gateway.identity.witness import Witness
from gateway.limits import Limits
from gateway.problems import sign_in_needed
from gateway.tables import (
    access_token,
    account,
    auth_code,
    device,
    device_grant,
    refresh_token,
    session,
    spent,
)


@dataclass(frozen=True)
class Tokens:
    """What a client gets. `expires_in` in seconds."""

    access: str
    refresh: str
    expires_in: int


@dataclass(frozen=True)
class Refused:
    """A code or refresh token that is not good (any more). `wipe`: what its device was ordered, if it was."""

    because: str
    wipe: str = ""


class InvalidGrant(Exception):
    """A code or refresh token that is not good (any more)."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.because)
        self.wipe = refused.wipe


def tokens_or_raise(answer: Tokens | Refused) -> Tokens:
    """Return the tokens. Raises InvalidGrant when they were refused."""
    if isinstance(answer, Refused):
        raise InvalidGrant(answer)
    return answer


class Sessions:
    """Opens, continues and ends sessions."""

    def __init__(
        self,
        database: Database,
        secret: bytes,
        clock: Clock,
        ids: Ids,
        random: Random,
        limits: Limits,
        witness: Witness,
    ) -> None:
        self._database = database
        self._secret = secret
        self._clock = clock
        self._ids = ids
        self._random = random
        self._limits = limits
        self._witness = witness

    # ------------------------------------------------------------------------------------------------- opening

    def open(
        self, connection: Connection, user: str, device_id: str, device_name: str, machine: str = ""
    ) -> str:
        """Start a session of a device; returns its id. On a device that is to wipe itself it has ended already.

        `machine`: the kiosk it is begun on, as that names itself; empty for every other device.
        """
        now, kiosk = self._clock.now(), bool(machine)
        known = (device.c.user_id == user) & (device.c.id == device_id)
        seen = {"name": device_name, "revoked_at": None, "last_seen_at": now}
        if connection.execute(select(device.c.id).where(known)).first():
            connection.execute(update(device).where(known).values(**seen))
        else:
            connection.execute(insert(device).values(user_id=user, id=device_id, created_at=now, **seen))
        opened = self._ids.new_id()
        connection.execute(
            insert(session).values(
                id=opened, user_id=user, device=device_id, created_at=now, kiosk=kiosk, machine=machine
            )
        )
        self._witness.note(connection, "signed_in", user=user, device=device_id, session=opened, kiosk=kiosk)
        if outstanding(connection, user, device_id):
            self.end_in(connection, opened, "the device is to be wiped")
        return opened

    def kiosk_id(self, connection: Connection, user: str, device_id: str) -> str:
        """Return the id of a kiosk that gives itself this one: another where it is that of a device of the user's own.

        Who stands at a kiosk may sign it out and have it wipe itself, and nothing else of its user's. One that is to
        wipe itself stays who it is, so that it hears the order.
        """
        mine = (session.c.user_id == user) & (session.c.device == device_id) & session.c.kiosk.is_(False)
        taken = connection.execute(select(session.c.id).where(mine)).first() is not None
        return self._ids.new_id() if taken and not outstanding(connection, user, device_id) else device_id

    def first_tokens(self, connection: Connection, session_id: str) -> Tokens:
        """Return the tokens a session begins with."""
        return self._issue(connection, session_id, self._text(self._random(32)), self._text(self._random(32)))

    def session_for(self, user: str, device_name: str, device_id: str = "") -> Session:
        """Start a session without a sign-in: for tests, the simulation and administrators of this machine."""
        device_id = device_id or self._ids.new_id()
        with self._database.write() as connection:
            opened = self.open(connection, user, device_id, device_name)
        return Session(opened, user, device_id, device_name)

    # ----------------------------------------------------------------------------------------------- using it

    def authenticate(self, token: str) -> Session:
        """Return the session of an access token. Raises Problem 401."""
        with self._database.read() as connection:
            row = connection.execute(
                select(session, device.c.name, access_token.c.expires_at)
                .join(access_token, access_token.c.session == session.c.id)
                .join(device, (device.c.id == session.c.device) & (device.c.user_id == session.c.user_id))
                .join(account, account.c.id == session.c.user_id)
                .where(access_token.c.hash == hashed(token), account.c.active)
            ).first()
            if row is None or row.ended_at is not None or row.expires_at <= self._clock.now():
                raise refusal(connection, hashed(token))
        return Session(row.id, row.user_id, row.device, row.name, row.kiosk, row.machine)

    def check(self, opened: Session) -> None:
        """Make sure that a session that was opened still holds. Raises Problem 401."""
        with self._database.read() as connection:
            still_open(connection, opened)

    def refresh(self, token: str) -> Tokens:
        """Exchange a refresh token for the next tokens. Raises InvalidGrant."""
        with self._database.write() as connection:
            answer = self.renew(connection, token)
        return tokens_or_raise(answer)

    def renew(self, connection: Connection, token: str) -> Tokens | Refused:
        """Exchange a refresh token for the next tokens. A refusal may have ended the session: commit it."""
        now = self._clock.now()
        row = _find(connection, token)
        if row is None or row.ended_at is not None or not row.active or row.expires_at <= now:
            return Refused("The session has ended.", order_for_refresh(connection, hashed(token)))
        given = self._given(connection, token)
        if row.used_at is None:
            _use(connection, token, now)
            return self._issue(connection, row.id, *self._following(token, given))
        access, successor = self._following(token, given - 1)
        late = now > row.used_at + self._limits.refresh_again
        if given and not late and _is_unused(connection, successor):
            if now <= row.used_at + self._limits.refresh_same:
                return self._again(connection, row.id, access, successor)
            _use(connection, token, now)
            _use(connection, successor, now)
            connection.execute(delete(access_token).where(access_token.c.hash == hashed(access)))
            return self._issue(connection, row.id, *self._following(token, given))
        self._witness.note(connection, "token_reused", user=row.user_id, device=row.device, session=row.id)
        self.end_in(connection, row.id, "a refresh token was used twice")
        return Refused("This refresh token was used before; the session has been ended.")

    def _given(self, connection: Connection, token: str) -> int:
        """Return how many successors of a refresh token were given out."""
        return next(n for n in count() if _find(connection, self._following(token, n)[1]) is None)

    def _following(self, token: str, number: int) -> tuple[str, str]:
        """Return the access and refresh token that follow a refresh token, by their number from 0."""
        nth = f"{number}:".encode() if number else b""
        return self._derived(b"access:" + nth, token), self._derived(b"refresh:" + nth, token)

    def _issue(self, connection: Connection, session_id: str, access: str, refresh: str) -> Tokens:
        now = self._clock.now()
        opened = connection.execute(select(session).where(session.c.id == session_id)).one()
        # A kiosk is signed in for a working day, however often it renews its tokens.
        expires = opened.created_at + self._limits.kiosk if opened.kiosk else now + self._limits.refresh
        connection.execute(
            insert(refresh_token).values(hash=hashed(refresh), session=session_id, expires_at=expires)
        )
        seen = (device.c.user_id == opened.user_id) & (device.c.id == opened.device)
        connection.execute(update(device).where(seen).values(last_seen_at=now))
        return self._again(connection, session_id, access, refresh)

    def _again(self, connection: Connection, session_id: str, access: str, refresh: str) -> Tokens:
        """Give tokens out, maybe for the second time; the access token holds from now on."""
        now = self._clock.now()
        stale = (access_token.c.expires_at <= now) | (access_token.c.hash == hashed(access))
        connection.execute(delete(access_token).where(stale))
        connection.execute(
            insert(access_token).values(
                hash=hashed(access), session=session_id, expires_at=now + self._limits.access
            )
        )
        return Tokens(access, refresh, int(self._limits.access.total_seconds()))

    def _derived(self, purpose: bytes, token: str) -> str:
        return self._text(hmac.digest(self._secret, purpose + token.encode(), "sha256"))

    def _text(self, raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    # ------------------------------------------------------------------------------------------------- ending

    def end(self, session_id: str, because: str) -> None:
        """End one session."""
        with self._database.write() as connection:
            self.end_in(connection, session_id, because)

    def end_user(self, connection: Connection, user: str, because: str) -> int:
        """End all sessions of a user, and those that were about to begin; returns how many there were."""
        _forget_codes(connection, user)
        return self._end_where(connection, session.c.user_id == user, because)

    def count_open(self, connection: Connection, user: str) -> int:
        """Return how many sessions a user has."""
        mine = (session.c.user_id == user) & session.c.ended_at.is_(None)
        return connection.execute(select(func.count()).select_from(session).where(mine)).scalar_one()

    def end_device(self, connection: Connection, user: str, device_id: str, because: str) -> int:
        """End all sessions of one device, and those that were about to begin; returns how many there were."""
        _forget_codes(connection, user, device_id)
        known = (device.c.user_id == user) & (device.c.id == device_id)
        connection.execute(update(device).where(known).values(revoked_at=self._clock.now()))
        mine = (session.c.user_id == user) & (session.c.device == device_id)
        return self._end_where(connection, mine, because)

    def end_in(self, connection: Connection, session_id: str, because: str) -> None:
        """End one session in a transaction that is open."""
        self._end_where(connection, session.c.id == session_id, because)

    def _end_where(self, connection: Connection, condition: ColumnElement[bool], because: str) -> int:
        now = self._clock.now()
        found = connection.execute(select(session).where(condition, session.c.ended_at.is_(None))).all()
        for row in found:
            ended = update(session).where(session.c.id == row.id)
            connection.execute(ended.values(ended_at=now, ended_because=because))
            # The token of a device that is to wipe itself stays known, so that the device is told why it is refused.
            if not outstanding(connection, row.user_id, row.device):
                connection.execute(delete(access_token).where(access_token.c.session == row.id))
            facts = {"session": row.id, "because": because}
            self._witness.note(connection, "session_ended", user=row.user_id, device=row.device, **facts)
        return len(found)


def session_of(connection: Connection, token: str) -> str:
    """Return the session an access or refresh token belongs to, empty when there is none."""
    for table in (refresh_token, access_token):
        found = connection.execute(select(table.c.session).where(table.c.hash == hashed(token))).scalar()
        if found:
            return str(found)
    return ""


def _forget_codes(connection: Connection, user: str, device_id: str = "") -> None:
    """Make codes that were given for a user, or for one device of theirs, lead to no session any more.

    Those that led to one stay: used again, they tell that somebody else has them.
    """
    for table in (auth_code, device_grant):
        mine = (table.c.user_id == user) & table.c.session.is_(None)
        if device_id:
            mine &= table.c.device == device_id
        connection.execute(delete(table).where(mine))


def still_open(connection: Connection, opened: Session) -> None:
    """Make sure that a session has not ended. Raises Problem 401."""
    if connection.execute(_HOLDS, {"id": opened.id}).first() is None:
        order = outstanding(connection, opened.user, opened.device)
        raise wipe_ordered(order, opened.user) if order else sign_in_needed()


_HOLDS = select(session.c.id).where(session.c.id == bindparam("id"), session.c.ended_at.is_(None))


def forget_expired(connection: Connection, now: datetime, known_for: timedelta) -> None:
    """Throw away what could not be used any more anyway.

    `known_for`: how long the last refresh token of a device is kept beyond its end.
    """
    for tokens in (access_token, refresh_token):
        # Those of a device that is to wipe itself are how it hears of it, whenever it comes back.
        useless = (tokens.c.expires_at <= now) & tokens.c.session.not_in(sessions_under_order())
        if tokens is refresh_token:
            # The one it has not used is good for nothing else by now; but the order may be given later still.
            useless &= refresh_token.c.used_at.is_not(None) | (refresh_token.c.expires_at <= now - known_for)
        connection.execute(delete(tokens).where(useless))
    for table in (auth_code, device_grant, spent):
        connection.execute(delete(table).where(table.c.expires_at <= now))


def _find(connection: Connection, token: str) -> Row[*tuple[Any, ...]] | None:
    return connection.execute(
        select(
            session.c.id,
            session.c.user_id,
            session.c.device,
            session.c.ended_at,
            refresh_token.c.expires_at,
            refresh_token.c.used_at,
            account.c.active,
        )
        .join(refresh_token, refresh_token.c.session == session.c.id)
        .join(account, account.c.id == session.c.user_id)
        .where(refresh_token.c.hash == hashed(token))
    ).first()


def _is_unused(connection: Connection, token: str) -> bool:
    row = _find(connection, token)
    return row is not None and row.used_at is None


def _use(connection: Connection, token: str, now: datetime) -> None:
    connection.execute(update(refresh_token).where(refresh_token.c.hash == hashed(token)).values(used_at=now))

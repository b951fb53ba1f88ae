"""Staff sign in to the console with a password of their own; only its Argon2id hash is kept."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import Row, func, select, update
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin.auth import AdminUser, AuthProvider, LoginFailed

from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.models import Staff
from gateway.crm.embedded.staff import StaffMember
from gateway.identity.passwords import decoy

#: Wrong passwords in a row after which a name has to wait, and for how long.
ATTEMPTS = 5
WAIT = timedelta(minutes=5)

#: The most names whose wrong passwords are remembered at a time.
_NAMES = 1000

#: Where a session says who has signed in.
SESSION_KEY = "staff"

#: For how long somebody stays signed in at most, however busy.
LONGEST = timedelta(hours=24)


class Door(Protocol):
    """Counts who tries to come in, and notes who does."""

    def may_try(self, login: str, address: str) -> bool:
        """Count a try from a network address; tells whether it is allowed."""

    def came_in(self, login: str, address: str) -> None:
        """The password was right."""

    def was_wrong(self, login: str) -> None:
        """The name or the password was not right."""


@dataclass
class _Failures:
    count: int = 0
    until: datetime | None = None


class OwnDoor:
    """Counts in this process alone: for a CRM without a gateway."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._failures: dict[str, _Failures] = {}

    def may_try(self, login: str, _address: str) -> bool:
        """Count a try; tells whether it is allowed."""
        if len(self._failures) >= _NAMES:
            self._forget()
        failures = self._failures.setdefault(login, _Failures())
        return failures.until is None or self._now() >= failures.until

    def came_in(self, login: str, _address: str) -> None:
        """The password was right."""
        self._failures.pop(login, None)

    def was_wrong(self, login: str) -> None:
        """The name or the password was not right."""
        failures = self._failures.setdefault(login, _Failures())
        failures.count += 1
        if failures.count >= ATTEMPTS:
            failures.until, failures.count = self._now() + WAIT, 0

    def _forget(self) -> None:
        """Drop names that need not wait, so that trying many names does not fill the memory."""
        now = self._now()
        self._failures = {
            name: kept for name, kept in self._failures.items() if kept.until is not None and kept.until > now
        }


class TooManyAttempts(Exception):
    """A name was tried with a wrong password too often and has to wait."""


@dataclass(frozen=True)
class Visit:
    """A session of a member of staff. `since`: when it began, in seconds.

    `mark`: what changes with their password and with each sign-out, and tells nothing of either.
    """

    staff_id: int
    mark: str
    since: int


class StaffAuth:
    """Checks staff passwords against the CRM's staff table."""

    def __init__(
        self, crm: EmbeddedCrm, hasher: PasswordHasher | None = None, door: Door | None = None
    ) -> None:
        self._crm = crm
        self._door = door or OwnDoor(crm.now)
        self._hasher = hasher or PasswordHasher()
        # Verified for names nobody has, so that the answer takes as long as for those somebody has.
        self._decoy = decoy(self._hasher)

    def set_password(self, staff_id: int, password: str) -> None:
        """Give a member of staff a new password; an empty one locks them out."""
        hashed = self._hasher.hash(password) if password else ""
        with self._crm.writing() as unit:
            unit.connection.execute(update(Staff).where(Staff.id == staff_id).values(pw_hash=hashed))

    def sign_in(self, login: str, password: str, address: str = "") -> Visit | None:
        """Return the session that begins, or None for a wrong name or password. Raises TooManyAttempts."""
        login = login.strip().lower()
        if not self._door.may_try(login, address):
            raise TooManyAttempts
        with self._crm.database.read() as connection:
            row = connection.execute(_STAFF.where(Staff.login == login, Staff.archived.is_(False))).first()
        right = self._matches(row.pw_hash if row is not None and row.pw_hash else self._decoy, password)
        if row is not None and row.pw_hash and right:
            self._door.came_in(login, address)
            # Of the password that was given: finding out whether it is right takes long enough for a new one.
            return Visit(row.id, _mark(row), int(self._crm.now().timestamp()))
        self._door.was_wrong(login)
        return None

    def visitor(self, visit: Visit) -> StaffMember | None:
        """Return whose session it is, read afresh; None when it holds no more, or they may not sign in."""
        with self._crm.database.read() as connection:
            row = connection.execute(
                _STAFF.where(Staff.id == visit.staff_id, Staff.archived.is_(False))
            ).first()
        if (
            row is None
            or not row.pw_hash
            or not hmac.compare_digest(_mark(row).encode(), visit.mark.encode())
        ):
            return None
        if self._crm.now().timestamp() - visit.since > LONGEST.total_seconds():
            return None
        return StaffMember(row.id, row.full_name, row.login, row.role_code)

    def sign_out(self, visit: Visit) -> None:
        """End all sessions of a member of staff: of the one that ends there may be copies."""
        if self.visitor(visit) is not None:
            ended = func.coalesce(Staff.sign_outs, 0) + 1
            with self._crm.writing() as unit:
                unit.connection.execute(
                    update(Staff).where(Staff.id == visit.staff_id).values(sign_outs=ended)
                )

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (Argon2Error, InvalidHashError):
            return False


_STAFF = select(Staff.id, Staff.full_name, Staff.login, Staff.pw_hash, Staff.role_code, Staff.sign_outs)


def _mark(row: Row[*tuple[Any, ...]]) -> str:
    return hashlib.sha256(f"mark:{row.pw_hash}:{row.sign_outs or 0}".encode()).hexdigest()[:16]


@dataclass
class StaffUser(AdminUser):
    """Who is signed in, as the admin's pages and actions see them."""

    member: StaffMember = field(default_factory=lambda: StaffMember(0, "", ""))


class ConsoleSignIn(AuthProvider):
    """The sign-in page. The session's cookie holds a `Visit`: with another password, with none, after a sign-out and
    after a day it is good for nothing.
    """

    def __init__(self, staff: StaffAuth) -> None:
        # The data routes answer 401 by themselves, so that a script is not sent to a page.
        super().__init__(allow_routes=["data-list", "data-one"])
        self._staff = staff

    async def login(
        self, username: str, password: str, remember_me: bool, request: Request
    ) -> Response | None:
        """Check name and password."""
        try:
            address = request.client.host if request.client else ""
            visit = await anyio.to_thread.run_sync(self._staff.sign_in, username, password, address)
        except TooManyAttempts:
            raise LoginFailed("Too many wrong passwords. Wait a few minutes and try again.") from None
        if visit is None:
            raise LoginFailed("Name or password is not right.")
        request.session.clear()
        request.session[SESSION_KEY] = [visit.staff_id, visit.mark, visit.since]
        return None

    async def logout(self, request: Request) -> Response | None:
        """Forget who was signed in, here and in every other browser."""
        visit = _visit(request)
        if visit:
            await anyio.to_thread.run_sync(self._staff.sign_out, visit)
        request.session.clear()
        return None

    async def authenticate(self, request: Request) -> AdminUser | None:
        """Return who is signed in, read afresh so that somebody who left is out at once."""
        visit = _visit(request)
        member = await anyio.to_thread.run_sync(self._staff.visitor, visit) if visit else None
        return None if member is None else StaffUser(username=member.name, member=member)


def _visit(request: Request) -> Visit | None:
    match request.session.get(SESSION_KEY):
        case [int(staff_id), str(mark), int(since)]:
            return Visit(staff_id, mark, since)
        case _:
            return None


def signed_in(request: Request) -> StaffMember | None:
    """Return the member of staff behind a request."""
    user = getattr(request.state, "admin_user", None)
    return user.member if isinstance(user, StaffUser) else None

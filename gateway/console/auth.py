"""Staff sign in to the console with a password of their own; only its Argon2id hash is kept."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import select, update
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

    def sign_in(self, login: str, password: str, address: str = "") -> StaffMember | None:
        """Return who signs in, or None for a wrong name or password. Raises TooManyAttempts."""
        login = login.strip().lower()
        if not self._door.may_try(login, address):
            raise TooManyAttempts
        query = select(Staff.id, Staff.full_name, Staff.login, Staff.pw_hash, Staff.role_code)
        with self._crm.database.read() as connection:
            row = connection.execute(query.where(Staff.login == login, Staff.archived.is_(False))).first()
        right = self._matches(row.pw_hash if row is not None and row.pw_hash else self._decoy, password)
        if row is not None and row.pw_hash and right:
            self._door.came_in(login, address)
            return StaffMember(row.id, row.full_name, row.login, row.role_code)
        self._door.was_wrong(login)
        return None

    def member(self, staff_id: int) -> StaffMember | None:
        """Return a member of staff who may still sign in."""
        query = select(Staff.id, Staff.full_name, Staff.login, Staff.role_code)
        with self._crm.database.read() as connection:
            row = connection.execute(query.where(Staff.id == staff_id, Staff.archived.is_(False))).first()
        return None if row is None else StaffMember(row.id, row.full_name, row.login, row.role_code)

    def mark(self, staff_id: int) -> str:
        """Return what changes with a member's password, and tells nothing of it; empty for who has none."""
        with self._crm.database.read() as connection:
            stored = connection.execute(select(Staff.pw_hash).where(Staff.id == staff_id)).scalar()
        return hashlib.sha256(f"mark:{stored}".encode()).hexdigest()[:16] if stored else ""

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (Argon2Error, InvalidHashError):
            return False


@dataclass
class StaffUser(AdminUser):
    """Who is signed in, as the admin's pages and actions see them."""

    member: StaffMember = field(default_factory=lambda: StaffMember(0, "", ""))


class ConsoleSignIn(AuthProvider):
    """The sign-in page. The session's cookie holds the id of a member of staff, and a mark of the password they gave:
    with another password, or with none, it is good for nothing.
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
            member = await anyio.to_thread.run_sync(self._staff.sign_in, username, password, address)
        except TooManyAttempts:
            raise LoginFailed("Too many wrong passwords. Wait a few minutes and try again.") from None
        if member is None:
            raise LoginFailed("Name or password is not right.")
        request.session.clear()
        mark = await anyio.to_thread.run_sync(self._staff.mark, member.id)
        request.session[SESSION_KEY] = [member.id, mark]
        return None

    async def logout(self, request: Request) -> Response | None:
        """Forget who was signed in."""
        request.session.clear()
        return None

    async def authenticate(self, request: Request) -> AdminUser | None:
        """Return who is signed in, read afresh so that somebody who left is out at once."""
        match request.session.get(SESSION_KEY):
            case [int(staff_id), str(mark)] if mark:
                member = await anyio.to_thread.run_sync(self._holds, staff_id, mark)
            case _:
                return None
        return None if member is None else StaffUser(username=member.name, member=member)

    def _holds(self, staff_id: int, mark: str) -> StaffMember | None:
        """Return the member of staff of a session, if it still holds."""
        same = hmac.compare_digest(self._staff.mark(staff_id).encode(), mark.encode())
        return self._staff.member(staff_id) if same else None


def signed_in(request: Request) -> StaffMember | None:
    """Return the member of staff behind a request."""
    user = getattr(request.state, "admin_user", None)
    return user.member if isinstance(user, StaffUser) else None

"""Users and their devices, as the console's pages show them and act on them: through the gateway's own identity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from gateway.core import Gateway
from gateway.feed import mirror as mirrored
from gateway.grants import company_names
from gateway.identity.invitations import Link
from gateway.identity.people import NewUser, User
from gateway.problems import not_found
from gateway.tables import account, account_company, account_contact, device, invitation, session, wipe

#: Users or devices on one page.
PAGE = 50


@dataclass(frozen=True)
class Named:
    """Something with an id and words for it."""

    id: str
    words: str


@dataclass(frozen=True)
class UserLine:
    """One account. `companies`: those they act for, by name. `contacts`: whom they stand for, with an id where the
    console has a page of it."""

    id: str
    name: str
    email: str
    role: str
    role_words: str
    companies: tuple[Named, ...]
    contacts: tuple[Named, ...]
    active: bool
    created_at: datetime
    invited_until: datetime | None = None


@dataclass(frozen=True)
class DeviceLine:
    """One device of one user. `open`: it is signed in. `wiped_at`: its receipt that it destroyed what it held."""

    user: str
    user_name: str
    id: str
    name: str
    signed_in_at: datetime
    seen_at: datetime | None
    open: bool
    revoked_at: datetime | None
    wipe_ordered_at: datetime | None = None
    wiped_at: datetime | None = None
    kept_aside: int | None = None


@dataclass(frozen=True)
class Page:
    """Some of the lines there are, and whether more follow."""

    lines: tuple[Any, ...]
    more: bool


@dataclass(frozen=True)
class Handed:
    """What is handed to a person once and never shown again: a link or a first password."""

    name: str
    email: str
    what: str
    text: str
    until: datetime | None = None


class PeopleOffice:
    """What operations do with users and devices."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._database = gateway.ground.database
        self._manifest = gateway.setup.manifest

    # -------------------------------------------------------------------------------------------------- looking

    def roles(self) -> list[Named]:
        """Return the roles a user may have."""
        return [Named(role.name, role.label) for role in self._manifest.roles]

    def companies(self) -> list[Named]:
        """Return the companies a user may act for, by name."""
        found = company_names(self._database)
        return sorted((Named(gid, name) for name, gid in found.items()), key=lambda item: item.words.lower())

    def contacts_taken(self, system: str) -> frozenset[str]:
        """Return the ids of contacts of a system for whom somebody signs in."""
        query = select(account_contact.c.source_id).where(
            account_contact.c.system == system, account_contact.c.object == "contact"
        )
        with self._database.read() as connection:
            return frozenset(connection.execute(query).scalars())

    def users(self, text: str = "", company: str = "", state: str = "", page: int = 1) -> Page:
        """Return users by name: those whose name or address holds `text`, of a company, `open` or `closed`."""
        query = select(account).order_by(account.c.name, account.c.id)
        query = query.where(*_wanted(text, company, state)).offset((page - 1) * PAGE).limit(PAGE + 1)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            return Page(tuple(self._lines(connection, rows[:PAGE])), len(rows) > PAGE)

    def user(self, user: str) -> UserLine:
        """Return one user. Raises Problem 404."""
        with self._database.read() as connection:
            rows = connection.execute(select(account).where(account.c.id == user)).all()
            if not rows:
                raise not_found()
            return self._lines(connection, rows)[0]

    def devices(self, user: str = "", text: str = "", page: int = 1) -> Page:
        """Return devices, the latest first: all, or a user's, or those whose name or user's name holds `text`."""
        query = _DEVICES.offset((page - 1) * PAGE).limit(PAGE + 1)
        if user:
            query = query.where(device.c.user_id == user)
        if text:
            query = query.where(or_(_holds(device.c.name, text), _holds(account.c.name, text)))
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return Page(tuple(self._device(row) for row in rows[:PAGE]), len(rows) > PAGE)

    def _lines(self, connection: Connection, rows: Sequence[Any]) -> list[UserLine]:
        ids = [row.id for row in rows]
        theirs = _by_user(
            connection.execute(select(account_company).where(account_company.c.user_id.in_(ids)))
        )
        contacts = _by_user(
            connection.execute(select(account_contact).where(account_contact.c.user_id.in_(ids)))
        )
        gids = {line.company for lines in theirs.values() for line in lines}
        good = select(invitation.c.user_id, invitation.c.expires_at).where(
            invitation.c.user_id.in_(ids), invitation.c.expires_at > self._gateway.ground.clock.now()
        )
        invited = {row.user_id: row.expires_at for row in connection.execute(good)}
        names = {
            gid: str(row.data.get("name", gid)) for gid, row in mirrored.by_gids(connection, gids).items()
        }
        words = {role.name: role.label for role in self._manifest.roles}
        return [
            UserLine(
                id=row.id,
                name=row.name,
                email=row.email,
                role=row.role,
                role_words=words.get(row.role, row.role),
                companies=_named(theirs.get(row.id, ()), names),
                contacts=tuple(_contact(line) for line in contacts.get(row.id, ())),
                active=row.active,
                created_at=row.created_at,
                invited_until=invited.get(row.id),
            )
            for row in rows
        ]

    def _device(self, row: Any) -> DeviceLine:
        return DeviceLine(
            user=row.user_id,
            user_name=row.user_name,
            id=row.id,
            name=row.name,
            signed_in_at=row.signed_in_at or row.created_at,
            seen_at=row.last_seen_at,
            open=bool(row.open_sessions),
            revoked_at=row.revoked_at,
            wipe_ordered_at=row.ordered_at,
            wiped_at=row.wiped_at,
            kept_aside=row.kept_aside,
        )

    # --------------------------------------------------------------------------------------------------- acting

    def invite(self, new: NewUser, base: str) -> Handed:
        """Add a user and return the link to hand to them, this once. Raises Problem 409, 422.

        `base`: the address under which the gateway was called; the setting `public_url` goes before it.
        """
        link = self._gateway.identity.invite(new)
        return self._handed(link, new.name, new.email.strip().lower(), base)

    def new_link(self, user: str, base: str) -> Handed:
        """Return another link for a user; the one before is not good any more. Raises Problem 404."""
        found = self._known(user)
        return self._handed(self._gateway.identity.new_link(user), found.name, found.email, base)

    def _handed(self, link: Link, name: str, email: str, base: str) -> Handed:
        address = link.address(self._gateway.identity.options.public_url or base)
        return Handed(name, email, "Link to set a password", address, link.until)

    def set_role(self, user: str, role: str) -> None:
        """Give a user another role. Raises Problem 404, 422."""
        self._known(user)
        self._gateway.identity.set_role(user, role)

    def set_companies(self, user: str, companies: Sequence[str]) -> None:
        """Say anew for which companies a user acts. Raises Problem 404."""
        self._known(user)
        known = {item.id for item in self.companies()}
        if not set(companies) <= known:
            raise not_found()
        self._gateway.identity.set_companies(user, companies)

    def close(self, user: str, *, wipe: bool) -> int:
        """Close an account and end its sessions; returns how many there were. Raises Problem 404.

        `wipe`: its devices also destroy what they hold.
        """
        self._known(user)
        return self._gateway.identity.deactivate(user, wipe=wipe)

    def reopen(self, user: str) -> None:
        """Open a closed account again. Raises Problem 404."""
        self._known(user)
        self._gateway.identity.reactivate(user)

    def sign_out(self, user: str, device_id: str) -> int:
        """End the sessions of a device; returns how many there were. Raises Problem 404."""
        return self._gateway.identity.revoke_device(user, device_id)

    def wipe(self, user: str, device_id: str) -> None:
        """Sign a device out and order it to destroy what it holds. Raises Problem 404."""
        self._gateway.identity.revoke_device(user, device_id, wipe=True)

    def _known(self, user: str) -> User:
        found = self._gateway.identity.people.get(user)
        if found is None:
            raise not_found()
        return found


def _holds(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    return func.lower(column).contains(text.lower(), autoescape=True)


def _wanted(text: str, company: str, state: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if text:
        found.append(or_(_holds(account.c.name, text), _holds(account.c.email, text)))
    if company:
        of_it = select(account_company.c.user_id).where(account_company.c.company == company)
        found.append(account.c.id.in_(of_it))
    if state in ("open", "closed"):
        found.append(account.c.active.is_(state == "open"))
    return found


def _by_user(rows: Iterable[Any]) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.user_id, []).append(row)
    return found


def _contact(line: Any) -> Named:
    page = line.source_id if (line.system, line.object) == ("embedded", "contact") else ""
    return Named(page, f"{line.object} {line.source_id} in {line.system}")


def _named(lines: Sequence[Any], names: Mapping[str, str]) -> tuple[Named, ...]:
    found = (Named(line.company, names.get(line.company, line.company)) for line in lines)
    return tuple(sorted(found, key=lambda item: item.words.lower()))


def _devices() -> Select[Any]:
    theirs = and_(session.c.user_id == device.c.user_id, session.c.device == device.c.id)
    orders = wipe.alias("orders")
    given = select(func.max(orders.c.ordered_at)).where(
        orders.c.user_id == device.c.user_id, orders.c.device == device.c.id
    )
    # An order that was carried out before the device was signed in again is of the past.
    latest = and_(
        wipe.c.user_id == device.c.user_id,
        wipe.c.device == device.c.id,
        wipe.c.ordered_at == given.scalar_subquery(),
        device.c.revoked_at.is_not(None),
    )
    began = select(func.max(session.c.created_at)).where(theirs).scalar_subquery()
    still_open = select(func.count()).where(theirs, session.c.ended_at.is_(None)).scalar_subquery()
    return (
        select(
            device,
            account.c.name.label("user_name"),
            wipe.c.ordered_at,
            wipe.c.wiped_at,
            wipe.c.kept_aside,
            began.label("signed_in_at"),
            still_open.label("open_sessions"),
        )
        .join(account, account.c.id == device.c.user_id)
        .outerjoin(wipe, latest)
        .order_by(device.c.created_at.desc(), device.c.id)
    )


_DEVICES = _devices()

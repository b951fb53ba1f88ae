"""Whom a partner's administrator may invite, change and remove, and how.

What they may is decided from what holds in the transaction in which it is done: two administrators who remove one
another at the same moment do it one after the other, and the second is none any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from typing import assert_never

from sqlalchemy import Connection, delete, func, select, update

from app.contract.colleagues import Colleague, Colleagues, Invited, NewColleague, RoleChoice
from app.contract.manifest import Manifest, Role
from gateway.database import Database
from gateway.identity.invitations import Invitations, Link, drop
from gateway.identity.people import Contact, NewUser, People
from gateway.identity.session import Session
from gateway.identity.sessions import Sessions, still_open
from gateway.identity.texts import has_controls
from gateway.problems import Problem, not_found, unacceptable
from gateway.tables import account, account_company, account_subject, device, invitation


@dataclass(frozen=True)
class Member:
    """An account as its colleagues see it. `invited_until`: it was not taken up yet; its link is good until then."""

    id: str
    name: str
    email: str
    role: str
    companies: frozenset[str]
    invited_until: datetime | None = None
    last_seen_at: datetime | None = None


class Change(Enum):
    """What may be done to a colleague."""

    ROLE = auto()
    LINK = auto()
    REMOVE = auto()


def refusal(
    change: Change,
    caller: Member,
    target: Member,
    administrators: Mapping[str, frozenset[str]],
    *,
    keeps: bool,
) -> Problem | None:
    """Return what speaks against a change to a colleague of the caller's, None when it may be done.

    `administrators`: who keeps colleagues, by company. `keeps`: whether the target does after a change of role.
    """
    if target.id == caller.id:
        return not_allowed("Nobody changes their own account. Ask another administrator.")
    foreign = target.companies - caller.companies
    match change:
        case Change.ROLE | Change.LINK if foreign:
            return not_allowed(f"{target.name} also works for companies that are not yours. Ask the vendor.")
        case Change.LINK:
            return None
        case Change.ROLE if keeps:
            return None
        case Change.ROLE | Change.REMOVE:
            shared = target.companies & caller.companies
            if any(administrators.get(company, frozenset()) == {target.id} for company in shared):
                words = f"{target.name} is the last administrator. Make somebody else one first."
                return Problem(409, "last_administrator", words)
            return None
        case _:
            assert_never(change)


def not_allowed(words: str) -> Problem:
    """403."""
    return Problem(403, "not_allowed", words)


class ColleagueKeeping:
    """The calls of the contract's `colleagues`. Each takes the caller's session and does one transaction."""

    def __init__(
        self,
        database: Database,
        manifest: Manifest,
        people: People,
        invitations: Invitations,
        sessions: Sessions,
    ) -> None:
        self._database = database
        self._manifest = manifest
        self._people = people
        self._invitations = invitations
        self._sessions = sessions

    # ------------------------------------------------------------------------------------------------- reading

    def listed(self, session: Session) -> Colleagues:
        """Return everybody of the caller's companies. Raises Problem 401, 403."""
        with self._database.read() as connection:
            caller = self._caller(connection, session)
            found = self._members(connection, caller.companies)
        ordered = sorted(found.values(), key=lambda member: (member.name.casefold(), member.id))
        return Colleagues(
            items=tuple(self._shown(member, caller) for member in ordered),
            roles=tuple(RoleChoice(name=role.name, label=role.label) for role in self._givable()),
        )

    # ------------------------------------------------------------------------------------------------- changing

    def wish(self, session: Session, new: NewColleague) -> NewUser:
        """Return the user a colleague would be, if they may be invited. Raises Problem 401, 403, 422."""
        with self._database.read() as connection:
            return self._wished(self._caller(connection, session), new)

    def _wished(self, caller: Member, new: NewColleague) -> NewUser:
        self._check_givable(new.role)
        user = NewUser(new.name.strip(), new.email, new.role, tuple(sorted(caller.companies)))
        if not user.name or has_controls(user.name):
            raise unacceptable("A name is needed.", {"name": "A name is needed."})
        if has_controls(user.email):
            raise unacceptable("An e-mail address is needed.", {"email": "This is not an address."})
        return user

    def invite(
        self, session: Session, new: NewColleague, base: str, contacts: tuple[Contact, ...] = ()
    ) -> Invited:
        """Add a colleague for the caller's own companies.

        `base`: under which address the link is. `contacts`: whom they stand for in the source systems. Raises Problem
        401, 403, 409 `exists`, 422.
        """
        with self._database.write() as connection:
            caller = self._caller(connection, session)
            user = replace(self._wished(caller, new), contacts=contacts)
            try:
                added = self._people.add_in(connection, user, by=caller.id)
            except Problem as problem:
                raise _taken(problem, new.email) from None
            link = self._invitations.make(connection, added, caller.id)
            return self._invited(connection, caller, link, base)

    def new_link(self, session: Session, user: str, base: str) -> Invited:
        """Make another link for a colleague: the one before is not good any more. Raises Problem 401, 403, 404."""
        with self._database.write() as connection:
            caller, _ = self._checked(connection, session, user, Change.LINK)
            link = self._invitations.make(connection, user, caller.id)
            return self._invited(connection, caller, link, base)

    def set_role(self, session: Session, user: str, role: str) -> Colleague:
        """Give a colleague another role. Raises Problem 401, 403, 404, 409, 422."""
        with self._database.write() as connection:
            caller, target = self._checked(connection, session, user, Change.ROLE, role)
            self._check_givable(role)
            if target.role != role:
                self._people.set_role_in(connection, user, role, by=caller.id)
            return self._shown(self._members(connection, caller.companies)[user], caller)

    def remove(self, session: Session, user: str) -> None:
        """Take the caller's companies away from a colleague; an account left with none is closed.

        Raises Problem 401, 403, 404, 409.
        """
        with self._database.write() as connection:
            caller, target = self._checked(connection, session, user, Change.REMOVE)
            left = sorted(target.companies - caller.companies)
            self._people.set_companies_in(connection, user, left, by=caller.id)
            if not left:
                self._close(connection, user, caller.id)

    def _close(self, connection: Connection, user: str, by: str) -> None:
        """Close an account whose company let it go. Its address is free again, for another account."""
        self._people.set_active_in(connection, user, False, by=by)
        drop(connection, user)
        connection.execute(delete(account_subject).where(account_subject.c.user_id == user))
        connection.execute(update(account).where(account.c.id == user).values(email=f"left:{user}"))
        self._sessions.end_user(connection, user, "the account was closed")

    # ------------------------------------------------------------------------------------------------- deciding

    def _caller(self, connection: Connection, session: Session) -> Member:
        """Return the caller, who may keep colleagues now. Raises Problem 401, 403."""
        still_open(connection, session)
        found = _accounts(connection, [session.user]).get(session.user)
        role = self._manifest.role(found.role) if found else None
        if found is None or role is None or not role.keeps_colleagues or not found.companies:
            raise not_allowed("Only administrators invite and remove colleagues.")
        if session.kiosk:
            raise not_allowed("Not on a shared device. Sign in on your own.")
        return found

    def _checked(
        self, connection: Connection, session: Session, user: str, change: Change, role: str = ""
    ) -> tuple[Member, Member]:
        """Return caller and colleague of a change that may be done. Raises Problem."""
        caller = self._caller(connection, session)
        members = self._members(connection, caller.companies)
        target = members.get(user)
        if target is None:
            raise not_found()
        administrators = {
            company: frozenset(
                m.id for m in members.values() if company in m.companies and self._keeps(m.role)
            )
            for company in caller.companies
        }
        problem = refusal(change, caller, target, administrators, keeps=self._keeps(role))
        if problem:
            raise problem
        return caller, target

    def _keeps(self, role: str) -> bool:
        found = self._manifest.role(role)
        return bool(found and found.keeps_colleagues)

    def _givable(self) -> tuple[Role, ...]:
        return tuple(role for role in self._manifest.roles if role.side == "partner")

    def _check_givable(self, role: str) -> None:
        if role not in {item.name for item in self._givable()}:
            known = ", ".join(item.name for item in self._givable())
            raise unacceptable(f"You can give these roles: {known}.", {"role": "Not a role you can give."})

    # ------------------------------------------------------------------------------------------------- showing

    def _members(self, connection: Connection, companies: frozenset[str]) -> dict[str, Member]:
        """Return everybody on the partners' side who works for one of these companies."""
        ids = connection.execute(
            select(account_company.c.user_id)
            .where(account_company.c.company.in_(sorted(companies)))
            .distinct()
        )
        theirs = {role.name for role in self._givable()}
        found = _accounts(connection, ids.scalars().all())
        return {user: member for user, member in found.items() if member.role in theirs}

    def _shown(self, member: Member, caller: Member) -> Colleague:
        role = self._manifest.role(member.role)
        return Colleague(
            id=member.id,
            name=member.name,
            email=member.email,
            role=member.role,
            role_label=role.label if role else member.role,
            you=member.id == caller.id,
            invited_until=member.invited_until,
            last_seen_at=member.last_seen_at,
        )

    def _invited(self, connection: Connection, caller: Member, link: Link, base: str) -> Invited:
        member = _accounts(connection, [link.user])[link.user]
        shown = self._shown(member, caller)
        return Invited(colleague=shown, link=link.address(base), link_until=link.until)


def _accounts(connection: Connection, users: Sequence[str]) -> dict[str, Member]:
    """Return accounts that are open, by id."""
    companies: dict[str, set[str]] = {user: set() for user in users}
    for row in connection.execute(select(account_company).where(account_company.c.user_id.in_(users))):
        companies[row.user_id].add(row.company)
    seen = (
        select(
            device.c.user_id, func.max(device.c.last_seen_at, type_=device.c.last_seen_at.type).label("at")
        )
        .where(device.c.user_id.in_(users))
        .group_by(device.c.user_id)
        .subquery()
    )
    rows = connection.execute(
        select(account, invitation.c.expires_at, seen.c.at)
        .outerjoin(invitation, invitation.c.user_id == account.c.id)
        .outerjoin(seen, seen.c.user_id == account.c.id)
        .where(account.c.id.in_(users), account.c.active)
    )
    return {
        row.id: Member(
            row.id,
            row.name,
            row.email,
            row.role,
            frozenset(companies[row.id]),
            None if row.password else row.expires_at,
            row.at,
        )
        for row in rows
    }


def _taken(problem: Problem, email: str) -> Problem:
    """Return a refusal of an address in words that fit whoever invites, on the field it belongs to."""
    if problem.code != "exists":
        return problem
    words = (
        f"There is an account for {email.strip().lower()} already. Ask the vendor if it is not in your list."
    )
    return Problem(409, "exists", words, fields={"email": "There is an account already."})

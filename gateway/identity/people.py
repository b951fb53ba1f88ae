"""Accounts: who may sign in, in which role, for which companies, and whom they stand for in each source system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from app.contract.ids import source_gid
from app.contract.manifest import Manifest
from gateway.clock import Clock, Ids
from gateway.crm.port import Ref
from gateway.database import Database
from gateway.identity.passwords import NO_PASSWORD, Passwords
from gateway.identity.witness import Witness
from gateway.problems import Problem, unacceptable
from gateway.tables import account, account_company, account_contact


@dataclass(frozen=True)
class Contact:
    """Whom a user stands for in a source system."""

    system: str
    ref: Ref

    @property
    def user(self) -> str:
        """The user id that follows from it; the mapping's `person` fields yield the same."""
        return source_gid(self.system, self.ref.obj, self.ref.id)


@dataclass(frozen=True)
class NewUser:
    """A user to be. `companies`: gids of the companies they act for. The first contact gives the user's id."""

    name: str
    email: str
    role: str
    companies: tuple[str, ...] = ()
    password: str = ""
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True)
class User:
    """A user as an administrator sees them."""

    id: str
    name: str
    email: str
    role: str
    companies: tuple[str, ...]
    active: bool


class People:
    """Keeps accounts."""

    def __init__(
        self,
        database: Database,
        manifest: Manifest,
        passwords: Passwords,
        clock: Clock,
        ids: Ids,
        witness: Witness,
    ) -> None:
        self._database = database
        self._manifest = manifest
        self._passwords = passwords
        self._clock = clock
        self._ids = ids
        self._witness = witness

    def add(self, new: NewUser) -> str:
        """Add a user; returns their id. Raises Problem 409 when the address or contact is taken, 422 for a bad role."""
        stored = self._passwords.stored(new.password)
        with self._database.write() as connection:
            return self.add_in(connection, new, stored)

    def add_in(self, connection: Connection, new: NewUser, stored: str = NO_PASSWORD, by: str = "") -> str:
        """Add a user in a transaction that is open; `stored` is kept as their password. Raises as `add` does."""
        self._check_role(new.role)
        user = new.contacts[0].user if new.contacts else self._ids.new_id()
        email = new.email.strip().lower()
        taken = select(account).where((account.c.email == email) | (account.c.id == user))
        if connection.execute(taken).first():
            raise Problem(409, "exists", f"There is an account for {email} or its contact already.")
        connection.execute(
            insert(account).values(
                id=user,
                email=email,
                name=new.name,
                role=new.role,
                password=stored,
                active=True,
                failures=0,
                created_at=self._clock.now(),
            )
        )
        _set_companies(connection, user, new.companies)
        for contact in new.contacts:
            connection.execute(
                insert(account_contact).values(
                    user_id=user, system=contact.system, object=contact.ref.obj, source_id=contact.ref.id
                )
            )
        facts = {"by": by, "role": new.role, "companies": list(new.companies)}
        self._witness.note(connection, "account_added", user=user, device="", **facts)
        return user

    def _check_role(self, role: str) -> None:
        if self._manifest.role(role) is None:
            known = ", ".join(item.name for item in self._manifest.roles)
            raise unacceptable(f"There is no role {role}. Roles are: {known}.", {"role": "Not a role."})

    def find(self, email: str) -> User | None:
        """Return the user with that address."""
        with self._database.read() as connection:
            row = connection.execute(select(account).where(account.c.email == email.strip().lower())).first()
            return None if row is None else _user(connection, row.id)

    def get(self, user: str) -> User | None:
        """Return a user."""
        with self._database.read() as connection:
            return _user(connection, user)

    def everybody(self) -> list[User]:
        """Return all users by name."""
        with self._database.read() as connection:
            ids = connection.execute(select(account.c.id).order_by(account.c.name)).scalars().all()
            return [found for user in ids if (found := _user(connection, user))]

    def set_role(self, user: str, role: str) -> None:
        """Give a user another role. Raises Problem 422 for one that is none."""
        with self._database.write() as connection:
            self.set_role_in(connection, user, role)

    def set_role_in(self, connection: Connection, user: str, role: str, by: str = "") -> None:
        """Give a user another role in a transaction that is open. Raises Problem 422."""
        self._check_role(role)
        connection.execute(update(account).where(account.c.id == user).values(role=role))
        self._witness.note(connection, "role_changed", user=user, device="", by=by, role=role)

    def set_companies(self, user: str, companies: Sequence[str]) -> None:
        """Say anew for which companies a user acts."""
        with self._database.write() as connection:
            self.set_companies_in(connection, user, companies)

    def set_companies_in(
        self, connection: Connection, user: str, companies: Sequence[str], by: str = ""
    ) -> None:
        """Say anew for which companies a user acts, in a transaction that is open."""
        _set_companies(connection, user, companies)
        facts = {"by": by, "companies": list(companies)}
        self._witness.note(connection, "companies_changed", user=user, device="", **facts)

    def set_active(self, user: str, active: bool) -> None:
        """Close an account, or open it again. `Identity.deactivate` ends its sessions as well."""
        with self._database.write() as connection:
            self.set_active_in(connection, user, active)

    def set_active_in(self, connection: Connection, user: str, active: bool, by: str = "") -> None:
        """Close an account, or open it again, in a transaction that is open."""
        connection.execute(update(account).where(account.c.id == user).values(active=active))
        event = "account_reopened" if active else "account_closed"
        self._witness.note(connection, event, user=user, device="", by=by)

    def set_password(self, user: str, password: str) -> None:
        """Give a user another password."""
        stored = self._passwords.stored(password)
        with self._database.write() as connection:
            connection.execute(update(account).where(account.c.id == user).values(password=stored))


def _set_companies(connection: Connection, user: str, companies: Sequence[str]) -> None:
    connection.execute(delete(account_company).where(account_company.c.user_id == user))
    for company in dict.fromkeys(companies):
        connection.execute(insert(account_company).values(user_id=user, company=company))


def _user(connection: Connection, user: str) -> User | None:
    row = connection.execute(select(account).where(account.c.id == user)).first()
    if row is None:
        return None
    companies = connection.execute(
        select(account_company.c.company)
        .where(account_company.c.user_id == user)
        .order_by(account_company.c.company)
    )
    return User(row.id, row.name, row.email, row.role, tuple(companies.scalars()), row.active)

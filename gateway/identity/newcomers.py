"""Whom somebody new stands for in the source systems, which write only for people they know.

What somebody registers is theirs by the contact they stand for. So a new account at a partner is given one before it is
made: the company's contact with the same e-mail address if nobody signs in for it yet, otherwise one that is added.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from app.contract.manifest import Manifest
from gateway.crm.port import CrmUnavailable, KeepsPeople, Ref
from gateway.database import Database
from gateway.feed import mirror as mirrored
from gateway.identity.people import Contact, NewUser
from gateway.problems import too_busy
from gateway.systems import Systems
from gateway.tables import account, account_contact


class Newcomers:
    """Makes new users known."""

    def __init__(self, database: Database, manifest: Manifest, systems: Systems) -> None:
        self._database = database
        self._manifest = manifest
        self._systems = systems

    def contacts(self, new: NewUser) -> tuple[Contact, ...]:
        """Return whom a user is to stand for; no transaction may be open. Raises Problem 503 while a system is down.

        One whose address has an account already is left alone: they are going to be refused.
        """
        role = self._manifest.role(new.role)
        if new.contacts or role is None or role.side != "partner":
            return new.contacts
        email = new.email.strip().lower()
        with self._database.read() as connection:
            if connection.execute(select(account.c.id).where(account.c.email == email)).first():
                return ()
            homes = _homes(connection, new.companies)
            taken = {system: _taken(connection, system) for system in homes}
        found = []
        for name, company in homes.items():
            system = self._systems.named(name)
            if system is not None and isinstance(system.port, KeepsPeople):
                try:
                    ref = system.port.person(company, new.name.strip(), email, taken[name])
                except CrmUnavailable as error:
                    raise too_busy("Nobody can be added right now. Try again.", error.retry_after) from error
                found.append(Contact(name, ref))
        return tuple(found)


def _homes(connection: Connection, companies: tuple[str, ...]) -> dict[str, Ref]:
    """Return for each system that has one of the companies the row of the first of them."""
    found = mirrored.by_gids(connection, companies)
    homes: dict[str, Ref] = {}
    for gid in companies:
        if gid in found:
            homes.setdefault(found[gid].system, found[gid].ref)
    return homes


def _taken(connection: Connection, system: str) -> frozenset[str]:
    query = select(account_contact.c.source_id).where(account_contact.c.system == system)
    return frozenset(connection.execute(query).scalars())

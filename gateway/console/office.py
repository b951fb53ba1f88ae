"""What the console's pages over the gateway itself ask for: one seam to the gateway's own code.

The pages know nothing else of the gateway. Whatever of it is not there has no page and no button.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select

from gateway import ledger
from gateway.console.machinery import Machinery
from gateway.console.people import Named, PeopleOffice
from gateway.core import Gateway
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.models import Account, Contact
from gateway.crm.port import Ref
from gateway.feed import mirror as mirrored
from gateway.identity.people import Contact as StandsFor
from gateway.problems import unacceptable


@dataclass(frozen=True)
class AuditWanted:
    """Which entries of the audit log to show. Empty: all. `before`: those older than that entry, 0 for the newest."""

    actor: str = ""
    company: str = ""
    event: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int = 0


@dataclass(frozen=True)
class AuditLine:
    """One entry: who did what, to what. `actor`, `companies`: in words where there are some."""

    seq: int
    at: datetime
    event: str
    actor: str
    device: str
    companies: tuple[str, ...]
    subject: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What a check of the audit log found, in words."""

    whole: bool
    words: str


class AuditLog(Protocol):
    """The audit log, to be read."""

    def page(self, wanted: AuditWanted, most: int) -> Sequence[AuditLine]:
        """Return entries, the newest first."""

    def events(self) -> Sequence[str]:
        """Return the kinds of event there are."""

    def verify(self) -> Verdict:
        """Walk the chain from its beginning."""


@dataclass(frozen=True)
class StaffDeed:
    """Something a member of staff did in the console, or was refused."""

    login: str
    area: str
    deed: str
    subject: str
    refused: bool


#: Told of every write in the console, and of every refusal.
StaffWitness = Callable[[StaffDeed], None]


def _silent(_deed: StaffDeed) -> None:
    """Keep nothing."""


@dataclass(frozen=True)
class Office:
    """The gateway as the console sees it, beside its own CRM."""

    gateway: Gateway
    crm: EmbeddedCrm
    people: PeopleOffice
    machinery: Machinery
    audit: AuditLog | None = None
    witness: StaffWitness = _silent

    @classmethod
    def of(cls, gateway: Gateway, crm: EmbeddedCrm) -> Office:
        """Return the office over a gateway beside that CRM."""
        return cls(gateway, crm, PeopleOffice(gateway), Machinery(gateway))

    def receipts(self, refs: Sequence[Ref]) -> Mapping[Ref, tuple[datetime, datetime]]:
        """Return when rows of the CRM were received from partners, and captured; others are left out."""
        with self.gateway.ground.database.read() as connection:
            known = mirrored.known(connection, self.crm.system, refs)
            times = ledger.first_receipts(connection, [row.gid for row in known.values()])
        return {ref: times[row.gid] for ref, row in known.items() if row.gid in times}

    def contacts(self) -> list[Named]:
        """Return contacts in the CRM for whom nobody signs in yet, by name and company."""
        taken = self.people.contacts_taken(self.crm.system)
        query = (
            select(Contact.id, Contact.full_name, Account.acct_name)
            .outerjoin(Account, Account.id == Contact.account_id)
            .where(Contact.archived.is_(False))
            .order_by(Contact.full_name)
        )
        with self.crm.database.read() as connection:
            rows = connection.execute(query).all()
        return [
            Named(str(row.id), f"{row.full_name}, {row.acct_name or self.crm.vendor}")
            for row in rows
            if str(row.id) not in taken
        ]

    def by_name(self, contacts: Sequence[Named]) -> list[Named]:
        """Return contacts with their names in this CRM; those of other systems stay as they are."""
        keys = [int(item.id) for item in contacts if item.id.isdecimal()]
        query = select(Contact.id, Contact.full_name).where(Contact.id.in_(keys))
        with self.crm.database.read() as connection:
            names = {str(row.id): row.full_name for row in connection.execute(query)}
        return [Named(item.id, names.get(item.id, item.words)) for item in contacts]

    def contact(self, key: str) -> tuple[StandsFor]:
        """Return whom somebody is to stand for. Raises Problem 422 when there is no such contact."""
        if key not in {item.id for item in self.contacts()}:
            raise unacceptable("This contact is not there, or somebody signs in for it already.")
        return (StandsFor(self.crm.system, Ref("contact", key)),)

"""What the console's pages over the gateway itself ask for: one seam to the gateway's own code.

The pages know nothing else of the gateway. Whatever of it is not there has no page and no button.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from gateway import ledger
from gateway.console.machinery import Machinery
from gateway.console.people import PeopleOffice
from gateway.core import Gateway
from gateway.crm.port import Ref
from gateway.feed import mirror as mirrored


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
    """The gateway as the console sees it."""

    people: PeopleOffice
    machinery: Machinery
    receipts: Callable[[Sequence[Ref]], Mapping[Ref, tuple[datetime, datetime]]]
    audit: AuditLog | None = None
    witness: StaffWitness = _silent

    @classmethod
    def of(cls, gateway: Gateway, system: str) -> Office:
        """Return the office over a gateway; `system` is the name of the console's own CRM."""

        def receipts(refs: Sequence[Ref]) -> Mapping[Ref, tuple[datetime, datetime]]:
            return received_at(gateway, system, refs)

        return cls(PeopleOffice(gateway), Machinery(gateway), receipts)


def received_at(
    gateway: Gateway, system: str, refs: Sequence[Ref]
) -> Mapping[Ref, tuple[datetime, datetime]]:
    """Return when rows were received from partners, and when captured; those born in the CRM are left out."""
    with gateway.ground.database.read() as connection:
        known = mirrored.known(connection, system, refs)
        times = ledger.first_receipts(connection, [row.gid for row in known.values()])
    return {ref: times[row.gid] for ref, row in known.items() if row.gid in times}

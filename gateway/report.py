"""How a gateway stands: what `counterpart-gateway check` tells."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from gateway.core import Gateway
from gateway.crm.port import CrmError
from gateway.ingest.lanes import progress_of
from gateway.ledger import State
from gateway.tables import dead_letter, ledger


@dataclass(frozen=True)
class SystemReport:
    """One source system. `late`: it has not been read completely for too long, or never.

    `held`: by object, how many of how many records are missing and wait for a person.
    """

    system: str
    label: str
    reachable: bool
    read_at: str
    late: bool
    problem: str
    held: dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Report:
    """The whole gateway. `open_mutations`: received and not done; `set_aside`: rows that cannot be understood."""

    epoch: str
    position: int
    systems: tuple[SystemReport, ...]
    open_mutations: int
    set_aside: tuple[str, ...]

    @property
    def well(self) -> bool:
        """Whether nothing asks for a person."""
        troubled = any(system.held or system.late or not system.reachable for system in self.systems)
        return not troubled and not self.set_aside

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {**asdict(self), "well": self.well}


def report(gateway: Gateway) -> Report:
    """Look at a gateway and ask each source system whether it answers."""
    known = {source.system: source for source in gateway.sources()}
    systems = []
    with gateway.ground.database.read() as connection:
        progress = {system.name: progress_of(connection, system) for system in gateway.systems}
        is_open = select(func.count()).where(ledger.c.state == State.RECEIVED.value)
        still_open = int(connection.execute(is_open).scalar_one())
        rows = connection.execute(select(dead_letter).order_by(dead_letter.c.at).limit(50)).all()
    for system in gateway.systems:
        problem = ""
        try:
            system.port.changed_since(system.mapping.objects()[0], None, None, 1)
        except CrmError as error:
            problem = str(error)
        read_at = known[system.name].read_at
        held = {p.obj: (p.held_missing, p.held_live) for p in progress[system.name] if p.held_missing}
        reachable, when = not problem, read_at.isoformat() if read_at else ""
        late = not _is_recent(read_at, gateway)
        systems.append(SystemReport(system.name, system.port.label, reachable, when, late, problem, held))
    aside = tuple(f"{row.system}/{row.object}/{row.source_id}: {row.reason}" for row in rows)
    return Report(gateway.epoch, gateway.ground.feed.head(), tuple(systems), still_open, aside)


def _is_recent(read_at: datetime | None, gateway: Gateway) -> bool:
    # A time in the future was noted by a clock that has been set back since: it says nothing.
    within = gateway.ground.limits.read_within
    return read_at is not None and timedelta(0) <= gateway.ground.clock.now() - read_at <= within

"""How a gateway stands: what `counterpart-gateway check` tells."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select

from gateway.core import Gateway
from gateway.crm.port import CrmError
from gateway.ingest.lanes import progress_of
from gateway.ledger import State
from gateway.tables import dead_letter, ledger


@dataclass(frozen=True)
class SystemReport:
    """One source system. `held`: by object, how many of how many records are missing and wait for a person."""

    system: str
    label: str
    reachable: bool
    read_at: str
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
        held = any(system.held or not system.reachable for system in self.systems)
        return not held and not self.set_aside

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
        systems.append(SystemReport(system.name, system.port.label, reachable, when, problem, held))
    aside = tuple(f"{row.system}/{row.object}/{row.source_id}: {row.reason}" for row in rows)
    return Report(gateway.epoch, gateway.ground.feed.head(), tuple(systems), still_open, aside)

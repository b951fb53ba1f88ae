"""How a gateway stands: what `counterpart-gateway check` tells."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from gateway.core import Gateway
from gateway.crm.port import CrmBusy, CrmError
from gateway.ingest.aside import dead_letters
from gateway.ingest.lanes import progress_of
from gateway.ingest.state import LaneState, lanes
from gateway.ingest.sweep import held_objects
from gateway.ledger import State
from gateway.systems import System
from gateway.tables import ledger


@dataclass(frozen=True)
class LaneReport:
    """One lane. `lag`: seconds it is behind, None when that is not known; `budget`: calls it could make at once."""

    lane: str
    lag: float | None
    succeeded_at: str
    error: str
    backlog: int
    changed: int
    budget: int | None

    def line(self) -> str:
        """Say it in one line."""
        behind = "no round yet" if self.lag is None else f"{self.lag:.0f} s behind"
        parts = [f"{self.lane:8} {behind}", f"{self.changed} records changed"]
        parts += [f"{self.backlog} waiting"] if self.backlog else []
        parts += [f"{self.budget} calls left"] if self.budget is not None else []
        parts += [self.error] if self.error else []
        return ", ".join(parts)


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
    lanes: tuple[LaneReport, ...] = ()


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
        rows = dead_letters(connection, 50)
        states = lanes(connection, gateway.systems.with_journal)
    for system in gateway.systems:
        problem = _problem(system)
        read_at = known[system.name].read_at
        systems.append(
            SystemReport(
                system=system.name,
                label=system.port.label,
                reachable=not problem,
                read_at=read_at.isoformat() if read_at else "",
                late=not _is_recent(read_at, gateway),
                problem=problem,
                held=held_objects(progress[system.name]),
                lanes=tuple(_lane(state, gateway) for state in states if state.system == system.name),
            )
        )
    aside = tuple(f"{row.system}/{row.ref.obj}/{row.ref.id}: {row.reason}" for row in rows)
    return Report(gateway.epoch, gateway.ground.feed.head(), tuple(systems), still_open, aside)


def _problem(system: System) -> str:
    try:
        system.port.changed_since(system.mapping.objects()[0], None, None, 1)
    except CrmBusy:
        return ""  # it answers, or would
    except CrmError as error:
        return str(error)
    return ""


def _lane(state: LaneState, gateway: Gateway) -> LaneReport:
    now = gateway.ground.clock.now()
    lag = state.lag(now)
    return LaneReport(
        lane=state.lane.value,
        lag=None if lag is None else round(lag.total_seconds(), 1),
        succeeded_at=state.succeeded_at.isoformat() if state.succeeded_at else "",
        error=state.error,
        backlog=state.backlog,
        changed=state.changed,
        budget=state.budget_left(now),
    )


def _is_recent(read_at: datetime | None, gateway: Gateway) -> bool:
    # A time in the future was noted by a clock that has been set back since: it says nothing.
    within = gateway.ground.limits.read_within
    return read_at is not None and timedelta(0) <= gateway.ground.clock.now() - read_at <= within

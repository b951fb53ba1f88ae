"""What changes because a day has come: offers and protections end, invoices and memberships fall due.

Nothing else looks at the clock to say who may see or do what: what a day changes is written into the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from gateway.crm.embedded import writes
from gateway.crm.embedded.codes import (
    STATE_COLUMN,
    ContractStatus,
    DocumentStatus,
    InvoiceStatus,
    LeadStatus,
    MembershipStatus,
    MilestoneStatus,
    Stage,
)
from gateway.crm.embedded.objects import spec_of
from gateway.crm.embedded.unit import AUTOMATION, Unit
from gateway.crm.port import Ref

#: Days before its end from which a membership is due.
DUE_DAYS = 60


@dataclass(frozen=True)
class Timer:
    """Rows of `obj` in one of `states` whose day in `column` is more than `after` days past are moved to `to`.

    `after` may be negative: so many days ahead.
    """

    obj: str
    column: str
    states: tuple[str, ...]
    to: str
    after: int = 0


#: In this order: a membership that is due may have lapsed.
TIMERS: tuple[Timer, ...] = (
    Timer("lead", "offer_ends", (LeadStatus.OFFER,), LeadStatus.EXPIRED),
    Timer("registration", "prot_to", (Stage.PROTECTED,), Stage.LAPSED),
    Timer("document", "valid_to", (DocumentStatus.CURRENT,), DocumentStatus.EXPIRED),
    Timer("invoice", "due_on", (InvoiceStatus.OPEN,), InvoiceStatus.OVERDUE),
    Timer("contract", "term_end", (ContractStatus.UPCOMING, ContractStatus.QUOTED), ContractStatus.LAPSED),
    Timer(
        "membership",
        "valid_to",
        (MembershipStatus.ACTIVE, MembershipStatus.DUE),
        MembershipStatus.LAPSED,
    ),
    Timer("membership", "valid_to", (MembershipStatus.ACTIVE,), MembershipStatus.DUE, -DUE_DAYS - 1),
    Timer(
        "milestone",
        "due_on",
        (MilestoneStatus.PLANNED, MilestoneStatus.RUNNING),
        MilestoneStatus.LATE,
    ),
)


def by_day(unit: Unit, today: date, objects: frozenset[str] | None = None) -> list[Ref]:
    """Move on what is due today; returns the rows. `objects`: these kinds only, all when None."""
    moved: list[Ref] = []
    for timer in TIMERS:
        if objects is None or timer.obj in objects:
            moved += _run(unit, timer, today)
    return moved


def _run(unit: Unit, timer: Timer, today: date) -> list[Ref]:
    state = STATE_COLUMN[timer.obj]
    found = _due(unit, timer, state, today)
    for ref in found:
        writes.apply(unit, ref.obj, writes.living(unit, ref), {state: str(timer.to)}, AUTOMATION)
    return found


def _due(unit: Unit, timer: Timer, state: str, today: date) -> list[Ref]:
    table = spec_of(timer.obj).table
    limit = (today - timedelta(days=timer.after)).isoformat()
    query = select(table.c.id).where(
        table.c[state].in_([str(code) for code in timer.states]),
        table.c.archived.is_(False),
        table.c[timer.column].is_not(None),
        table.c[timer.column] != "",
        table.c[timer.column] < limit,
    )
    keys = unit.connection.execute(query.order_by(table.c.id)).scalars()
    return [Ref(timer.obj, str(key)) for key in keys]

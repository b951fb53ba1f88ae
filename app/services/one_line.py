"""One line of truth about a record: how it stands, what comes next and when, and who has to act.

It answers *where is my order* in the search itself, from what is on this computer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.contract.manifest import EntityType
from app.services.context import PortalContext, state_spec
from app.services.format import date_of, decimal_of
from app.services.journey import expectation, lines, shipped_lines
from app.services.records import Records
from app.services.views_model import Due, RecordView

#: An answer that is older says as of when it holds.
_FRESH = timedelta(minutes=15)


@dataclass(frozen=True)
class Answer:
    """The line and the moment as of which it holds, None when it is as good as now."""

    words: str
    as_of: datetime | None


def answer(context: PortalContext, records: Records, record: RecordView) -> Answer:
    """Return the line for a record; its words are empty for a type without states."""
    entity = context.manifest.entity(record.entity)
    if entity is None or entity.lifecycle is None:
        return Answer("", None)
    ships = entity.field("tracking") is not None
    parts = _shipment(context, record) if ships else _usual(context, records, entity, record)
    as_of = context.store.cursors.read().as_of
    stale = as_of is not None and context.present() - as_of > _FRESH
    if stale and as_of is not None:
        parts.append(context.tr("as of {when}").format(when=context.formats.since(as_of)))
    return Answer(" · ".join(part for part in parts if part), as_of if stale else None)


def _shipment(context: PortalContext, record: RecordView) -> list[str]:
    """*Shipped, 2 of 3 lines · DHL 3391 · expected Wed 25 Nov*."""
    data = record.data
    delivered = date_of(data.get("delivered_at"))
    carried = " ".join(str(data[name]) for name in ("carrier", "tracking") if data.get(name))
    counted = shipped_lines(lines(context, record))
    left = bool(data.get("shipped_at") or data.get("tracking") or (counted and counted[0]))
    head = record.state_label
    if delivered is not None:
        head = context.tr("Delivered {day}").format(day=context.formats.weekday_day(delivered))
    elif left and _under_way(context, record):
        head = context.tr("Shipped")
        if counted and counted[0] and counted[0] < counted[1]:
            head = context.tr("Shipped, {count} of {all} lines").format(count=counted[0], all=counted[1])
    if not _under_way(context, record) and delivered is None:
        return [head, carried]
    when, late = expectation(context, record)
    return [head, carried, context.tr.inside(when), late]


def _under_way(context: PortalContext, record: RecordView) -> bool:
    state = state_spec(context.manifest.entity(record.entity), record.state)
    return state is None or state.open


def _usual(context: PortalContext, records: Records, entity: EntityType, record: RecordView) -> list[str]:
    """*Quoted · 5 days · your turn*, *Overdue · €6,412.50 to pay · was due Fri 20 Nov*."""
    state = state_spec(entity, record.state)
    parts = [record.state_label]
    open_now = state is None or state.open
    if entity.field("balance") is not None and open_now:
        parts += _owed(context, record)
    else:
        due = records.due(record)
        parts.append(_left(context, due) if due else "")
    if state is not None and state.waits_on:
        mine = state.waits_on == "partner"
        whose = context.tr("your turn") if mine else context.tr("{vendor}’s turn")
        parts.append(whose.format(vendor=context.vendor))
    return parts


def _left(context: PortalContext, due: Due) -> str:
    """A countdown of bare days says that they are left; other words say so themselves."""
    today = context.formats.today()
    days = (context.formats.local(due.at).date() - today).days if due.at else 0
    if days > 0 and due.words == context.tr.plural(days, "%n day", "%n days"):
        return context.tr("{time} left").format(time=due.words)
    return context.tr.inside(due.words)


def _owed(context: PortalContext, record: RecordView) -> list[str]:
    balance, due = decimal_of(record.data.get("balance")), date_of(record.data.get("due_at"))
    currency = str(record.data.get("currency") or "")
    owed = (
        context.tr("{amount} to pay").format(amount=context.formats.money(balance, currency))
        if balance
        else ""
    )
    if due is None:
        return [owed]
    passed = due < context.formats.today()
    words = context.tr("was due {day}") if passed else context.tr("due {day}")
    return [owed, words.format(day=context.formats.weekday_day(due))]

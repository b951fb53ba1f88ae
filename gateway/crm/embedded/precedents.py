"""What has to be so before a portal user's write is taken, besides what the row itself says. Raises CrmRefused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from gateway.crm.embedded.codes import STATE_COLUMN, LeadStatus, TaskStatus, TicketStatus
from gateway.crm.embedded.objects import spec_of
from gateway.crm.embedded.times import iso_day
from gateway.crm.embedded.unit import Unit
from gateway.crm.port import CrmMissing, CrmRefused

#: Days within which a resolved request can be taken up again.
REOPEN_DAYS = 14

_DAY_MS = 86_400_000
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def check(unit: Unit, obj: str, before: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """Check a portal user's change (`before` is empty for a new row)."""
    if obj == "registration":
        _colleagues(unit, {**before, **changes}, changes)
    column = STATE_COLUMN.get(obj, "")
    if not before or changes.get(column, before.get(column)) == before.get(column):
        return
    match obj, changes[column]:
        case "task", TaskStatus.HANDED_IN:
            _accepted_before(unit, before)
        case "ticket", TicketStatus.WAIT_VENDOR if before["status_code"] == TicketStatus.DONE:
            _within_reach(unit, before)
        case "lead", LeadStatus.TAKEN:
            _offer_stands(unit, before)
        case _:
            pass


def _accepted_before(unit: Unit, task: Mapping[str, Any]) -> None:
    """What a task begins after must have been accepted."""
    wanted = list(task["after_ids"] or ())
    if not wanted:
        return
    table = spec_of("task").table
    done = (TaskStatus.ACCEPTED.value, TaskStatus.CANCELLED.value)
    query = select(table.c.subject).where(
        table.c.id.in_(wanted), table.c.status_code.not_in(done), table.c.archived.is_(False)
    )
    missing = list(unit.connection.execute(query.order_by(table.c.id)).scalars())
    if missing:
        names = " and ".join(f"“{name}”" for name in missing)
        told = f"It begins after {names}, which {'is' if len(missing) == 1 else 'are'} not accepted yet."
        raise CrmRefused(told, {"after_ids": told})


def _within_reach(unit: Unit, ticket: Mapping[str, Any]) -> None:
    done = ticket["done_ms"]
    if done is not None and unit.now_ms - done > REOPEN_DAYS * _DAY_MS:
        told = f"It was resolved more than {REOPEN_DAYS} days ago. Raise a new request and name {ticket['req_no']}."
        raise CrmRefused(told, {"status_code": told})


def _offer_stands(unit: Unit, lead: Mapping[str, Any]) -> None:
    ends = lead["offer_ends"]
    if ends and ends < iso_day(unit.now_ms):
        day = date.fromisoformat(ends)
        told = f"The offer ended on {day.day} {_MONTHS[day.month - 1]} {day.year}."
        raise CrmRefused(told, {"offer_ends": told})


def _colleagues(unit: Unit, deal: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    for key in changes.get("co_worker_ids") or ():
        try:
            company = unit.row("contact", int(key))["account_id"]
        except (CrmMissing, ValueError, TypeError):
            company = None
        if company is None or str(company) != str(deal["account_id"]):
            told = "Pick people of the company whose deal it is."
            raise CrmRefused(told, {"co_worker_ids": told})

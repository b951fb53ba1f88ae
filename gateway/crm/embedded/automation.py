"""What the CRM does by itself: answer times, whose turn it is, and what follows from a new state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.crm.embedded import trade
from gateway.crm.embedded.codes import (
    STATE_COLUMN,
    ApprovalStatus,
    DeliverableStatus,
    LeadStatus,
    MilestoneStatus,
    Stage,
    TicketStatus,
)
from gateway.crm.embedded.times import add_working_hours, from_ms, iso_day, to_ms
from gateway.crm.embedded.unit import AUTOMATION, Hand, Unit

#: Working hours within which the vendor answers, by priority.
ANSWER_HOURS: Mapping[str, int] = {"P1": 2, "P2": 8, "P3": 16, "P4": 40}

#: Working hours a partner has before a request that waits for them is chased.
PARTNER_HOURS = 18


def answer_due(now_ms: int, priority: str) -> int:
    """Return when an answer is due."""
    return to_ms(add_working_hours(from_ms(now_ms), ANSWER_HOURS.get(priority, 16)))


def partner_due(now_ms: int) -> int:
    """Return until when the partner should have answered."""
    return to_ms(add_working_hours(from_ms(now_ms), PARTNER_HOURS))


def after_note(unit: Unit, obj: str, row_id: int, hand: Hand, internal: bool) -> None:
    """Move a ticket on after somebody wrote under it: a note through the portal gives the ball to the vendor."""
    if obj != "ticket" or internal:
        return
    ticket = unit.row(obj, row_id)
    changes: dict[str, Any] = {"last_note_ms": unit.now_ms}
    if hand.portal and ticket["status_code"] in (TicketStatus.WAIT_PARTNER, TicketStatus.DONE):
        changes["status_code"] = TicketStatus.WAIT_VENDOR
        changes["answer_due_ms"] = answer_due(unit.now_ms, ticket["prio"])
    unit.change(obj, row_id, changes, AUTOMATION, before=ticket)


def after_change(
    unit: Unit, obj: str, before: Mapping[str, Any], changes: Mapping[str, Any], hand: Hand
) -> None:
    """Do what follows from a change that was just written. `hand`: who made it."""
    column = STATE_COLUMN.get(obj)
    if column is None or changes.get(column, before[column]) == before[column]:
        return
    row = unit.row(obj, before["id"])
    match obj, row[column]:
        case "registration", Stage.WON:
            trade.order_of_deal(unit, row)
        case "registration", Stage.NEW:
            _convert_lead(unit, row["lead_id"])
        case "ticket", _:
            _reset_due(unit, row)
        case "lead", LeadStatus.DECLINED:
            refusers = sorted({*(row["declined_by"] or ()), row["account_id"]})
            unit.change(obj, row["id"], {"declined_by": refusers}, AUTOMATION, before=row)
        case "order", _:
            trade.after_order(unit, row)
        case "invoice", _:
            trade.after_invoice(unit, row)
        case ("approval", ApprovalStatus.APPROVED | ApprovalStatus.REJECTED) | (
            "deliverable",
            DeliverableStatus.ACCEPTED | DeliverableStatus.SENT_BACK,
        ):
            decided = {"decided_by": hand.name, "decided_ms": unit.now_ms}
            unit.change(obj, row["id"], decided, AUTOMATION, before=row)
        case "milestone", MilestoneStatus.REACHED if not row["reached_on"]:
            unit.change(obj, row["id"], {"reached_on": iso_day(unit.now_ms)}, AUTOMATION, before=row)
        case _:
            pass


def _convert_lead(unit: Unit, lead_id: int | None) -> None:
    """A lead whose deal was handed in is converted."""
    if lead_id is None:
        return
    lead = unit.row("lead", lead_id)
    if lead["status_code"] in (LeadStatus.TAKEN, LeadStatus.WORK):
        changes = {"status_code": LeadStatus.CONVERTED.value}
        unit.change("lead", lead_id, changes, AUTOMATION, before=lead)


def _reset_due(unit: Unit, ticket: Mapping[str, Any]) -> None:
    match ticket["status_code"]:
        case TicketStatus.DONE | TicketStatus.SHUT:
            due = None
        case TicketStatus.WAIT_PARTNER:
            due = partner_due(unit.now_ms)
        case _:
            due = answer_due(unit.now_ms, ticket["prio"])
    done = unit.now_ms if ticket["status_code"] == TicketStatus.DONE else ticket["done_ms"]
    if (due, done) != (ticket["answer_due_ms"], ticket["done_ms"]):
        changes = {"answer_due_ms": due, "done_ms": done}
        unit.change("ticket", ticket["id"], changes, AUTOMATION, before=ticket)

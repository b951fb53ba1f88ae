"""What the CRM does by itself: answer times, whose turn it is, an order for a won deal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from gateway.crm.embedded.codes import PRODUCT_WORDS, OrderStatus, Stage, TicketStatus
from gateway.crm.embedded.money import money_words
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


def after_change(unit: Unit, obj: str, before: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """Do what follows from a change that was just written."""
    match obj:
        case "registration" if before["stage_code"] != Stage.WON and changes.get("stage_code") == Stage.WON:
            _place_order(unit, unit.row(obj, before["id"]))
        case "ticket" if changes.get("status_code", before["status_code"]) != before["status_code"]:
            _reset_due(unit, unit.row(obj, before["id"]))
        case _:
            pass


def _reset_due(unit: Unit, ticket: Mapping[str, Any]) -> None:
    match ticket["status_code"]:
        case TicketStatus.DONE | TicketStatus.SHUT:
            due = None
        case TicketStatus.WAIT_PARTNER:
            due = partner_due(unit.now_ms)
        case _:
            due = answer_due(unit.now_ms, ticket["prio"])
    if due != ticket["answer_due_ms"]:
        unit.change("ticket", ticket["id"], {"answer_due_ms": due}, AUTOMATION, before=ticket)


def _place_order(unit: Unit, deal: Mapping[str, Any]) -> None:
    words = (
        ", ".join(PRODUCT_WORDS.get(code, code) for code in deal["product_codes"] or ()) or deal["deal_name"]
    )
    line = {
        "name": words,
        "code": deal["reg_no"],
        "quantity": "1",
        "value": money_words(deal["est_value"], deal["cur"]),
        "shipped": "0",
    }
    values = {
        "account_id": deal["account_id"],
        "registration_id": deal["id"],
        "cust_name": deal["cust_name"],
        "po_ref": deal["po_ref"],
        "total": deal["est_value"],
        "cur": deal["cur"],
        "placed_on": iso_day(unit.now_ms),
        "eta_on": (from_ms(unit.now_ms) + timedelta(days=21)).date().isoformat(),
        "lines": [line],
        "status_code": OrderStatus.PLACED,
    }
    unit.insert("order", values, AUTOMATION)

"""What follows from selling: orders of won deals and of renewals, their way, invoices, renewed certificates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from gateway.crm.embedded import files
from gateway.crm.embedded.codes import (
    PRODUCT_WORDS,
    ContractStatus,
    InvoiceStatus,
    MembershipStatus,
    OrderStatus,
)
from gateway.crm.embedded.models_sold import Invoice
from gateway.crm.embedded.money import money_words
from gateway.crm.embedded.papers import certificate_paper, invoice_paper
from gateway.crm.embedded.sheet import Paper
from gateway.crm.embedded.times import from_ms, iso_day
from gateway.crm.embedded.unit import AUTOMATION, Hand, Unit

#: Days after which an order is expected, and after which an invoice is due.
DELIVERY_DAYS, PAYMENT_DAYS = 21, 30


def order_of_deal(unit: Unit, deal: Mapping[str, Any]) -> int:
    """Place the order of a deal that was won; returns its id."""
    words = (
        ", ".join(PRODUCT_WORDS.get(code, code) for code in deal["product_codes"] or ()) or deal["deal_name"]
    )
    about = {
        "registration_id": deal["id"],
        "po_ref": deal["po_ref"],
        "total": deal["est_value"],
        "lines": [_line(words, deal["reg_no"], "1", deal["est_value"], deal["cur"])],
    }
    return _place(unit, deal, about)


def order_of_renewal(unit: Unit, contract: Mapping[str, Any], hand: Hand) -> int:
    """Place the order of a contract whose partner wants to renew it, and renew the membership it stands for."""
    count = contract["wanted_qty"] or contract["qty"]
    each = contract["unit_value"]
    total = contract["quote_value"]
    if each and count != contract["qty"]:
        total = f"{Decimal(each) * count:.2f}"
    line = _line(contract["product_label"], contract["ctr_no"], str(count), total, contract["cur"])
    order_id = _place(unit, contract, {"total": total or "0.00", "lines": [line]})
    changes = {"status_code": ContractStatus.ORDERED.value, "order_id": order_id}
    unit.change("contract", contract["id"], changes, hand, before=contract)
    if contract["membership_id"] is not None:
        renew_membership(unit, unit.row("membership", contract["membership_id"]))
    return order_id


def _line(name: str, code: str, quantity: str, value: str | None, currency: str | None) -> dict[str, str]:
    return {
        "name": name,
        "code": code,
        "quantity": quantity,
        "value": money_words(value, currency),
        "shipped": "0",
    }


def _place(unit: Unit, source: Mapping[str, Any], about: Mapping[str, Any]) -> int:
    values = {
        "account_id": source["account_id"],
        "cust_name": source["cust_name"],
        "cur": source["cur"],
        "placed_on": iso_day(unit.now_ms),
        "eta_on": (from_ms(unit.now_ms) + timedelta(days=DELIVERY_DAYS)).date().isoformat(),
        "status_code": OrderStatus.PLACED.value,
        **about,
    }
    return unit.insert("order", values, AUTOMATION)


def shipped_lines(lines: list[Any]) -> list[Any]:
    """Return an order's lines as they are once everything has left."""
    return [{**line, "shipped": line.get("quantity", "1")} for line in lines]


def after_order(unit: Unit, order: Mapping[str, Any]) -> None:
    """Do what follows from an order's new status: what has left is marked, and what is invoiced gets its invoice."""
    match order["status_code"]:
        case OrderStatus.FULFILLED if not order["shipped_on"]:
            changes: dict[str, Any] = {"shipped_on": iso_day(unit.now_ms)}
            if all(line.get("shipped", "0") == "0" for line in order["lines"] or ()):
                changes["lines"] = shipped_lines(order["lines"] or [])
            unit.change("order", order["id"], changes, AUTOMATION, before=order)
        case OrderStatus.INVOICED if not _invoices(unit, order["id"]):
            invoice_order(unit, order)
        case _:
            pass


def invoice_order(unit: Unit, order: Mapping[str, Any], **given: Any) -> int:
    """Make the invoice of an order with its paper; returns its id. `given`: columns that are known already."""
    about = {name: order[name] for name in ("account_id", "cust_name", "total", "cur")}
    return invoice(unit, {**about, "order_id": order["id"], **given}, order)


def invoice(unit: Unit, about: Mapping[str, Any], order: Mapping[str, Any] | None = None) -> int:
    """Make an invoice of today with its paper; returns its id."""
    today = from_ms(unit.now_ms).date()
    values = {
        "balance": about["total"],
        "issued_on": today.isoformat(),
        "due_on": (today + timedelta(days=PAYMENT_DAYS)).isoformat(),
        "status_code": InvoiceStatus.OPEN.value,
        **about,
    }
    key = unit.insert("invoice", values, AUTOMATION)
    row = unit.row("invoice", key)
    file = stored_as(unit, f"{row['inv_no']}.pdf", invoice_paper(unit.vendor, row, order))
    unit.change("invoice", key, file, AUTOMATION, before=row)
    return key


def stored_as(unit: Unit, name: str, paper: Paper) -> dict[str, Any]:
    """Keep a paper, and return what a row says of its file."""
    stored = files.store(unit.connection, [paper.body])
    return {
        "file_name": name,
        "mime": "application/pdf",
        "byte_count": stored.size,
        "digest": stored.digest,
    }


def after_invoice(unit: Unit, invoice: Mapping[str, Any]) -> None:
    """Do what follows from a paid invoice: nothing is left to pay, and an order whose last one it was is paid."""
    if invoice["status_code"] != InvoiceStatus.PAID:
        return
    if invoice["balance"] != "0.00":
        unit.change("invoice", invoice["id"], {"balance": "0.00"}, AUTOMATION, before=invoice)
    if invoice["order_id"] is None:
        return
    order = unit.row("order", invoice["order_id"])
    settled = (InvoiceStatus.PAID, InvoiceStatus.CANCELLED)
    if order["status_code"] == OrderStatus.INVOICED and all(
        status in settled for status in _invoices(unit, order["id"])
    ):
        unit.change("order", order["id"], {"status_code": OrderStatus.PAID.value}, AUTOMATION, before=order)


def _invoices(unit: Unit, order_id: int) -> list[str]:
    """Return the statuses of an order's invoices."""
    query = select(Invoice.status_code).where(Invoice.order_id == order_id, Invoice.archived.is_(False))
    return list(unit.connection.execute(query).scalars())


def renew_membership(unit: Unit, row: Mapping[str, Any]) -> None:
    """Let a membership hold for another term, and write its new certificate."""
    today = from_ms(unit.now_ms).date()
    ends = date.fromisoformat(row["valid_to"]) if row["valid_to"] else today
    begins = max(ends + timedelta(days=1), today) if row["valid_to"] else today
    changes = {
        "valid_from": begins.isoformat() if ends < today else row["valid_from"],
        "valid_to": months_later(max(ends, today), row["term_months"] or 12).isoformat(),
        "status_code": MembershipStatus.ACTIVE.value,
    }
    company = unit.row("account", row["account_id"])["acct_name"]
    paper = certificate_paper(unit.vendor, {**row, **changes}, company)
    name = f"{row['mem_no']}-{changes['valid_to'][:4]}.pdf"
    unit.change("membership", row["id"], changes | stored_as(unit, name, paper), AUTOMATION, before=row)


def months_later(day: date, months: int) -> date:
    """Return the same day of a later month, or its last day where there is no such day."""
    number = day.month - 1 + months
    year, month = day.year + number // 12, number % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))

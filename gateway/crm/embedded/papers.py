"""The papers the CRM writes by itself: invoices and certificates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from gateway.crm.embedded.money import money_words
from gateway.crm.embedded.sheet import Column, Paper, Sheet

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_LINES = (
    Column("Item", 4),
    Column("Code", 1.6, soft=True),
    Column("Quantity", 1, right=True),
    Column("Value", 1.6, right=True),
)


def invoice_paper(vendor: str, invoice: Mapping[str, Any], order: Mapping[str, Any] | None) -> Paper:
    """Return an invoice; `invoice` and `order` are rows."""
    sheet = Sheet(f"Invoice {invoice['inv_no']}", vendor, "Invoice", str(invoice["inv_no"]), plain=True)
    below = f"Issued {_day(invoice['issued_on'])}. Due {_day(invoice['due_on'])}."
    sheet.title(f"Invoice {invoice['inv_no']}", below)
    if order is not None:
        reference = f" Your reference {order['po_ref']}." if order["po_ref"] else ""
        sheet.paragraph(f"For order {order['ord_no']}, {order['cust_name']}.{reference}")
        rows = [[str(line.get(name, "")) for name in _MEMBERS] for line in order["lines"] or ()]
        sheet.table(_LINES, rows)
    elif invoice["cust_name"]:
        sheet.paragraph(f"For {invoice['cust_name']}.")
    sheet.heading(f"To pay: {money_words(invoice['total'], invoice['cur'])}")
    sheet.paragraph(f"Please name {invoice['inv_no']} with your payment. Prices are without tax.")
    return sheet.finish()


_MEMBERS = ("name", "code", "quantity", "value")


def certificate_paper(vendor: str, membership: Mapping[str, Any], company: str) -> Paper:
    """Return a certificate; `membership` is a row."""
    sheet = Sheet(str(membership["credential"]), vendor, "Certificate", str(membership["mem_no"]), plain=True)
    sheet.gap(60)
    sheet.title(str(membership["credential"]), str(membership["level_label"] or ""))
    sheet.gap(20)
    sheet.heading(str(membership["holder"] or company))
    if membership["holder"]:
        sheet.paragraph(company)
    sheet.gap(20)
    if membership["valid_to"]:
        since = f"from {_day(membership['valid_from'])} " if membership["valid_from"] else ""
        sheet.paragraph(f"Valid {since}to {_day(membership['valid_to'])}.")
    if membership["keeps"]:
        sheet.paragraph(str(membership["keeps"]))
    return sheet.finish()


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

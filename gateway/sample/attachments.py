"""Files that partners and staff attach: requests for quotes, site lists, quotes, logs, forms."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.crm.embedded import files
from gateway.crm.embedded.sheet import Column, Paper, Sheet
from gateway.crm.embedded.unit import Hand, Unit
from gateway.sample.days import long_day
from gateway.sample.deal_plans import DealPlan
from gateway.sample.dice import Dice
from gateway.sample.prices import Prices
from gateway.sample.script import Row, Script
from gateway.sample.texts import plain_text
from gateway.sample.words import short_slug
from gateway.sample.xlsx import spreadsheet

_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "txt": "text/plain",
    "log": "text/plain",
}
_VENDOR = "Halden Systems"


class Attachments:
    """Makes files by their names; the same name in the same place gives the same bytes."""

    def __init__(self, prices: Prices, dice: Dice) -> None:
        self._prices = prices
        self._dice = dice

    def evidence_names(self, plan: DealPlan, dice: Dice) -> tuple[str, ...]:
        """Return the names of what a deal is evidenced by."""
        short = short_slug(plan.customer.name)
        first = dice.pick(
            (f"{short}-rfq.pdf", f"{short}-requirements.pdf", f"{short}-site-survey.pdf", f"{short}-mail.txt")
        )
        return (first, "sites.xlsx") if dice.chance(25) else (first,)

    def add(
        self,
        script: Script,
        moment: datetime,
        parent: Row,
        name: str,
        hand: Hand,
        places: Mapping[str, Any],
        plan: DealPlan | None = None,
        note: Row | None = None,
    ) -> None:
        """Attach a file at a moment."""
        body = self.body(name, moment, places, plan)
        ending = name.rpartition(".")[2]

        def act(unit: Unit) -> None:
            stored = files.store(unit.connection, [body])
            values = {
                "parent_obj": parent.obj,
                "parent_id": parent.id,
                "note_id": note.id if note is not None else None,
                "file_name": name,
                "mime": _TYPES[ending],
                "byte_count": stored.size,
                "digest": stored.digest,
                "internal": False,
                "added_by": hand.name,
            }
            unit.insert("attachment", values, hand)

        script.at(moment, act)

    def body(self, name: str, moment: datetime, places: Mapping[str, Any], plan: DealPlan | None) -> bytes:
        """Return the bytes of a file of this name."""
        dice = self._dice.derive(f"{name}/{moment.isoformat()}/{places['customer']}")
        if name.endswith(".xlsx"):
            return spreadsheet(_site_rows(places, dice))
        if name.endswith((".txt", ".log")):
            return plain_text(name, moment, places, dice).encode()
        return self._paper(name, moment, places, plan, dice).body

    def _paper(
        self, name: str, moment: datetime, places: Mapping[str, Any], plan: DealPlan | None, dice: Dice
    ) -> Paper:
        stem = name.removesuffix(".pdf")
        if plan is not None:
            return self._evidence(stem, moment, places, plan, dice)
        if stem.startswith("Q-"):
            return self._quote(stem, moment, places, dice)
        if stem.startswith("credit-note"):
            return _form(
                "Credit note",
                stem,
                moment,
                places,
                [
                    ("For invoice", places["invoice"]),
                    ("Amount", places["amount"]),
                    ("Reason", f"Return {places['rma']}"),
                ],
            )
        if stem.startswith("INV-"):
            return _form(
                "Invoice, corrected",
                stem,
                moment,
                places,
                [("Invoice", places["invoice"]), ("Total", places["amount"]), ("Order", places["order"])],
            )
        if stem.startswith("ORD-"):
            return _delivery_note(stem, moment, places, dice)
        if stem.startswith("return-label"):
            return _form(
                "Return label",
                stem,
                moment,
                places,
                [
                    ("Return", places["rma"]),
                    ("To", "Halden Systems, Returns, Unit 4, Leeds"),
                    ("Contents", places["product"]),
                ],
            )
        if stem.endswith("plan"):
            return _site_paper("Site plan", stem, moment, places, dice)
        title = stem.replace("-", " ").capitalize()
        return _form(
            title,
            stem,
            moment,
            places,
            [
                ("For", places["customer"]),
                ("Contact", places["contact"]),
                ("Subject", places["product"]),
                ("Valid until", places["later"]),
            ],
        )

    def _evidence(
        self, stem: str, moment: datetime, places: Mapping[str, Any], plan: DealPlan, dice: Dice
    ) -> Paper:
        who = plan.customer
        sheet = Sheet(plan.title, who.name, long_day(moment.date()), stem, plain=True)
        sheet.title("Request for quotation" if "rfq" in stem else plan.title, f"{who.name}, {who.town}")
        sheet.paragraph(f"To {plan.company.name}, for the attention of {plan.owner.name}.")
        sheet.heading("What we need solved")
        sheet.paragraph(plan.problem)
        sheet.heading("What we ask for")
        rows = [[self._prices.name(code), str(count)] for code, count in plan.quantities.items()]
        sheet.table([Column("Product", 5), Column("Quantity", 1, right=True)], rows)
        sheet.heading("Where")
        sheet.table(
            [Column("Place", 3), Column("Line", 2, soft=True), Column("Devices", 1, right=True)],
            [[str(row[0]), str(row[2]), str(row[3])] for row in _site_rows(places, dice)[1:]],
        )
        sheet.paragraph(
            f"Please answer to {who.contact}, {who.contact_job}, {who.contact_mail}, {who.contact_phone}."
        )
        return sheet.finish()

    def _quote(self, stem: str, moment: datetime, places: Mapping[str, Any], dice: Dice) -> Paper:
        sheet = Sheet(f"Quote {stem}", _VENDOR, "Confidential", stem)
        sheet.title(
            f"Quote {stem}",
            f"For {places['customer']}, {long_day(moment.date())}. Valid until {places['later']}. Prices without tax.",
        )
        quantities, currency = dict(places["quantities"]), str(places["currency"])
        total = self._prices.amount(quantities, currency, 3)
        rows = [
            [line["name"], line["code"], line["quantity"], line["value"]]
            for line in self._prices.lines(quantities, currency, total)
        ]
        columns = [
            Column("Product", 4),
            Column("Code", 1.4, soft=True),
            Column("Quantity", 1, right=True),
            Column("Value", 2, right=True),
        ]
        sheet.table(columns, [*rows, ["Total", "", "", f"{total:,.2f} {currency}"]])
        sheet.paragraph(
            "Delivery within ten working days of the order. The discount of the registered deal is included."
        )
        if dice.chance(60):
            sheet.next_page()
            sheet.title("Variant with Care around the clock")
            more = self._prices.amount({**quantities, "CARE": int(places["n"])}, currency, 3)
            sheet.table(
                columns,
                [
                    ["As on page 1", "", "", f"{total:,.2f} {currency}"],
                    ["Care 24×7, three years", "CR-24", str(places["n"]), f"{more - total:,.2f} {currency}"],
                    ["Total", "", "", f"{more:,.2f} {currency}"],
                ],
            )
        return sheet.finish()


def _form(
    title: str, stem: str, moment: datetime, places: Mapping[str, Any], rows: list[tuple[str, Any]]
) -> Paper:
    sheet = Sheet(title, _VENDOR, long_day(moment.date()), stem, plain=True)
    sheet.title(title, str(places["customer"]))
    sheet.table([Column("", 1, soft=True), Column("", 3)], [[label, str(value)] for label, value in rows])
    sheet.gap(40)
    sheet.paragraph("Date and signature")
    return sheet.finish()


def _delivery_note(stem: str, moment: datetime, places: Mapping[str, Any], dice: Dice) -> Paper:
    sheet = Sheet("Delivery note", _VENDOR, long_day(moment.date()), stem, plain=True)
    sheet.title(f"Delivery note for {places['order']}", str(places["customer"]))
    rows = [[str(number), str(places["product"]), serial(dice)] for number in range(1, int(places["n"]) + 1)]
    sheet.table([Column("No.", 1), Column("Product", 4), Column("Serial number", 3, soft=True)], rows)
    return sheet.finish()


def _site_paper(title: str, stem: str, moment: datetime, places: Mapping[str, Any], dice: Dice) -> Paper:
    sheet = Sheet(title, str(places["customer"]), long_day(moment.date()), stem, plain=True)
    sheet.title(title, f"{places['customer']}, {places['town']}")
    sheet.table(
        [
            Column("Place", 3),
            Column("Room", 2),
            Column("Line", 2, soft=True),
            Column("Devices", 1, right=True),
        ],
        [[str(cell) for cell in row] for row in _site_rows(places, dice)[1:]],
    )
    return sheet.finish()


_ROOMS = ("Cabinet, ground floor", "Office", "Server room", "Corridor, first floor", "Back office", "Cellar")
_LINES = (
    "Fibre 1 Gbit/s",
    "Fibre 200 Mbit/s",
    "VDSL 80 Mbit/s",
    "VDSL 40 Mbit/s",
    "Cellular only",
    "Cable 500 Mbit/s",
)
_QUARTERS = (
    "North",
    "South",
    "East",
    "West",
    "Harbour",
    "Station",
    "Market",
    "Mill",
    "Castle",
    "Bridge",
    "Park",
    "Church",
)


def _site_rows(places: Mapping[str, Any], dice: Dice) -> list[list[str | int]]:
    rows: list[list[str | int]] = [["Place", "Room", "Line", "Devices"]]
    count = min(int(places["n"]), 40)
    for number in range(count):
        quarter = _QUARTERS[number % len(_QUARTERS)]
        more = f" {number // len(_QUARTERS) + 1}" if number >= len(_QUARTERS) else ""
        rows.append(
            [f"{places['town']} {quarter}{more}", dice.pick(_ROOMS), dice.pick(_LINES), dice.between(4, 60)]
        )
    return rows


def serial(dice: Dice) -> str:
    """Return a serial number."""
    digits = hashlib.sha256(str(dice.between(0, 10**9)).encode()).hexdigest()[:7].upper()
    return f"HS{dice.between(23, 26)}-{digits}"

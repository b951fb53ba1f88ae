"""Orders: “where is my order” by number and by customer, what is in it and on its way, and an invoice to read."""

from __future__ import annotations

from tests.e2e.tour.jobs.desk import Desk, Step
from tests.e2e.tour.jobs.notes import Notes
from tests.e2e.tour.jobs.office import Office, must

NUMBER, CUSTOMER = "ORD-58214", "Norvik Shipping"
INVOICE = "INV-20977"
REFERENCED, REFERENCE = "Swiftwater Couriers", "BI-TOUR-7"


class Orders:
    """What was bought."""

    name = "orders"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def online(self) -> list[Step]:
        return [
            (
                "found by its number: what left, with whom, what is still to come",
                lambda: self._where(NUMBER, CUSTOMER),
            ),
            ("an invoice opens inside the window", self._invoice),
        ]

    def _where(self, wanted: str, seen: str) -> str:
        desk, person = self._desk, self._desk.person
        desk.at("Orders", "All")
        person.search(wanted)
        person.take_row(seen)
        lines = desk.card("of 3 lines", 8)
        way = desk.card("to come", 5)
        desk.picture("orders-where" if wanted == NUMBER else "orders-where-offline")
        person.search("")
        return f"{wanted}: {lines.replace(chr(10), ', ')}; {way}"

    def _invoice(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.open("Invoices", INVOICE, "All")
        person.click("own_file.open")
        seen = desk.card("1 of 1", 30)
        desk.picture("orders-invoice")
        person.click("Back")
        return f"{INVOICE}: {seen}"

    def offline(self) -> list[Step]:
        return [
            ("found by its customer without a network", lambda: self._where(CUSTOMER, CUSTOMER)),
            ("one's own reference is written down and waits", self._reference),
            ("the invoice that was opened is still to be read", self._invoice_again),
        ]

    def _reference(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.open("Orders", REFERENCED, "All")
        person.click("deals.edit")
        person.type("Your reference", REFERENCE)
        words = desk.must_wait(desk.save())
        desk.card(REFERENCE, 5)
        return f"“{words}”"

    def _invoice_again(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.open("Invoices", INVOICE, "All")
        person.click("own_file.open")
        seen = desk.card("1 of 1", 10)
        person.click("Back")
        return seen

    def back(self) -> list[Step]:
        return []

    @staticmethod
    def arrived(office: Office, notes: Notes) -> list[Step]:
        return [("the reference is there", lambda: _referenced(office))]


def _referenced(office: Office) -> str:
    rows = [row for row in office.every("order", cust_name=REFERENCED) if row["po_ref"] == REFERENCE]
    must(len(rows) == 1, f"{len(rows)} orders with that reference")
    return f"{rows[0]['ord_no']}: {rows[0]['po_ref']}"

"""Renewals: one click where nothing changes, an answer with changes off line, and a credential that is renewed."""

from __future__ import annotations

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from tests.e2e.tour.jobs.desk import Desk, Step
from tests.e2e.tour.jobs.notes import Notes
from tests.e2e.tour.jobs.office import Office, Row, must

CLICKED = "Norvik Shipping"
CREDENTIAL, MEMBERSHIP = "RN-1001", "Halden Gold Partner"
CHANGED = "changed-renewal"
NOTE = "Twelve seats more, from January."


class Renewals:
    """Contracts and a membership."""

    name = "renewals"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def online(self) -> list[Step]:
        return [
            ("one click renews as quoted", self._click),
            ("staff order the membership, and the credential holds for longer", self._credential),
        ]

    def _click(self) -> str:
        desk = self._desk
        desk.open("Renewals", CLICKED, "Open")
        desk.picture("renewals-quoted")
        desk.command("renew_as_quoted")
        said = desk.toast()
        desk.sent()
        desk.open("Renewals", CLICKED, "Open")
        return f"“{said}”, then {desk.card('Intent sent', 10)}"

    def _credential(self) -> str:
        desk = self._desk
        desk.open("Renewals", CREDENTIAL, "Open")
        desk.command("renew_as_quoted")
        desk.sent()
        row = desk.office.wait_for(
            "the answer", lambda: _answered(desk.office.find("contract", ctr_no=CREDENTIAL))
        )
        before = desk.office.find("membership", credential=MEMBERSHIP, account_id=str(row["account_id"]))
        desk.office.act("contract", row, "order_renewal")
        after = desk.office.find("membership", credential=MEMBERSHIP, account_id=str(row["account_id"]))
        must(after["valid_to"] > before["valid_to"], f"it holds until {after['valid_to']} as before")
        desk.open("Renewals", CREDENTIAL, "All")
        seen = desk.card("Ordered", 20)
        desk.picture("renewals-credential")
        return f"{seen}; {MEMBERSHIP} until {before['valid_to']}, then {after['valid_to']}"

    def offline(self) -> list[Step]:
        return [("answered with another quantity, which waits to send", self._answer)]

    def _answer(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.at("Renewals", "Open")
        words = next(said for _, _, said in person.rows() if "Quoted" in said)
        name = desk.notes.put(CHANGED, words.split(" | ")[0])
        person.take_row(name)
        first = desk.must_wait(desk.command("send_intent"))
        for _ in range(2):
            person.press(person.find(QAbstractButton, "quantity.more"))
        person.type("Note", NOTE)
        QTest.qWait(80)
        desk.picture("renewals-answer")
        desk.must_wait(desk.run())
        return f"{name}: “{first}”, then “{desk.must_wait(desk.toast())}”"

    def back(self) -> list[Step]:
        return []

    @staticmethod
    def arrived(office: Office, notes: Notes) -> list[Step]:
        return [
            ("the first is renewed as quoted there", lambda: _as_quoted(office)),
            ("the other has the quantity that was asked for", lambda: _changed(office, notes)),
        ]


def _answered(row: Row) -> Row | None:
    return row if row["status_code"] == "INT" else None


def _as_quoted(office: Office) -> str:
    row = office.find("contract", ctr_no="RN-1187")
    must(row["intent_code"] == "RENEW", f"the intent is {row['intent_code']}")
    return f"{row['ctr_no']} {row['status_code']}, intent {row['intent_code']}"


def _changed(office: Office, notes: Notes) -> str:
    rows = office.every("contract", cust_name=notes.get(CHANGED))
    row = next(one for one in rows if one["wanted_qty"])
    must(row["wanted_qty"] == row["qty"] + 2, f"{row['wanted_qty']} wanted, {row['qty']} quoted")
    must(row["partner_note"] == NOTE, f"the note is {row['partner_note']}")
    return f"{row['ctr_no']} {row['status_code']}: {row['wanted_qty']} instead of {row['qty']}"

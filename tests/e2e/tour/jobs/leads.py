"""Leads: one is accepted, worked on and turned into a deal; another one is declined with a reason, off line."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractButton, QLineEdit

from tests.e2e.tour.jobs.desk import Desk, Step
from tests.e2e.tour.jobs.notes import Notes
from tests.e2e.tour.jobs.office import Office, must
from tests.e2e.tour.jobs.papers import a_paper

TAKEN, TAKEN_NUMBER = "Fennimore Dairy", "LD-0772"
TITLE = "A second line for six dairies"
DECLINED = "declined-lead"


class Leads:
    """What the vendor offers."""

    name = "leads"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def online(self) -> list[Step]:
        return [
            ("offered with the days that are left; accepted, then worked on", self._accept),
            ("turned into a deal, with what is known copied", self._convert),
        ]

    def _accept(self) -> str:
        desk = self._desk
        desk.open("Leads", TAKEN_NUMBER, "Offered")
        left = desk.card("days", 5)
        desk.picture("leads-offered")
        desk.command("accept")
        desk.card("Accepted", 15)
        desk.sent()
        desk.open("Leads", TAKEN_NUMBER, "Open")
        desk.command("start_work")
        desk.sent()
        return f"“{left}”, then {desk.card('Register the deal once you know enough', 10)}"

    def _convert(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.open("Leads", TAKEN_NUMBER, "Open")
        person.click("detail.job.convert_lead")
        desk.card("Saved on this computer", 5)
        copied = next(one.text() for one in person.all(QLineEdit, "Customer name"))
        must(copied == TAKEN, f"the form holds {copied}")
        person.type("Title", TITLE)
        person.type("Amount", "15900")
        person.type("Target close", "2027-05-05")
        desk.drop("fennimore-lines.pdf", a_paper("Lines of six dairies"))
        desk.picture("leads-convert")
        desk.submit()
        desk.sent()
        desk.open("Leads", TAKEN_NUMBER, "All")
        return f"{copied} copied; the lead says {desk.card('Converted', 15)}"

    def offline(self) -> list[Step]:
        return [("declined with a reason, which waits to send", self._decline)]

    def _decline(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.at("Leads", "Offered")
        _, _, words = person.rows()[0]
        name = words.split(" | ")[0]
        desk.notes.put(DECLINED, name)
        person.take_row(name)
        first = desk.must_wait(desk.command("decline"))
        person.press(person.find(QAbstractButton, "Next steps unclear"))
        desk.picture("leads-decline")
        desk.must_wait(desk.run())
        return f"{name}: “{first}”, then “{desk.must_wait(desk.toast())}”"

    def back(self) -> list[Step]:
        return []

    @staticmethod
    def arrived(office: Office, notes: Notes) -> list[Step]:
        return [
            ("the lead is converted and the deal names it", lambda: _converted(office)),
            ("the other is declined with its reason", lambda: _declined(office, notes)),
        ]


def _converted(office: Office) -> str:
    lead = office.find("lead", lead_no=TAKEN_NUMBER)
    deal = office.find("registration", deal_name=TITLE)
    must(lead["status_code"] == "CONV", f"the lead is {lead['status_code']}")
    must(str(deal["lead_id"]) == str(lead["id"]), f"the deal names lead {deal['lead_id']}")
    return f"{lead['lead_no']} {lead['status_code']}, {deal['reg_no']}"


def _declined(office: Office, notes: Notes) -> str:
    lead = next(row for row in office.every("lead", cust_name=notes.get(DECLINED)) if row["decline_code"])
    must(lead["status_code"].startswith("DECL"), f"it is {lead['status_code']}")
    return f"{lead['lead_no']} {lead['status_code']}, reason {lead['decline_code']}"

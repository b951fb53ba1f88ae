"""The company's own page: details one keeps oneself, what has to be asked for, and the people to turn to."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit

from tests.e2e.tour.jobs.desk import Desk, Step
from tests.e2e.tour.jobs.notes import Notes
from tests.e2e.tour.jobs.office import Office, must

STREET = "16 Granary Wharf"
CONTACT, MAIL = "Tess Arkwright", "tess.arkwright@brightwater.example"
NAME = "Brightwater Networks Ltd"


class Account:
    """Your company."""

    name = "account"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def online(self) -> list[Step]:
        return [
            ("the address is changed and reaches the vendor", self._address),
            ("memberships and who looks after the company stand there", self._around),
        ]

    def _address(self) -> str:
        desk, person = self._desk, self._desk.person
        person.go("Your company")
        desk.picture("account")
        person.click("account.edit")
        person.type("Street", STREET)
        desk.save()
        desk.sent()
        return desk.card(STREET, 10)

    def _around(self) -> str:
        desk = self._desk
        desk.person.go("Your company")
        return f"{desk.card('Halden Gold Partner', 5)}; {desk.card('Ingrid Solheim', 5)}; {desk.card('Valid until', 5)}"

    def offline(self) -> list[Step]:
        return [
            ("a contact is added, which waits", self._contact),
            ("another legal name is asked for, which waits", self._ask),
        ]

    def _contact(self) -> str:
        desk, person = self._desk, self._desk.person
        person.go("Your company")
        person.click("account.add.contact")
        person.wait_for("Saved on this computer", 5)
        person.type("Name", CONTACT)
        person.type("E-mail", MAIL)
        words = desk.must_wait(desk.submit())
        person.go("Your company")
        desk.card(CONTACT, 5)
        return f"“{words}”, {CONTACT} stands among the contacts"

    def _ask(self) -> str:
        desk, person = self._desk, self._desk.person
        person.go("Your company")
        person.click("Ask for a change of Legal name")
        person.wait_for("Saved on this computer", 5)
        now = person.find(QLineEdit, "As it is now").text()
        must(now == "Brightwater IT Ltd", f"as it is now: {now}")
        person.type("As it should be", NAME)
        words = desk.must_wait(desk.submit())
        person.go("Your company")
        desk.picture("account-offline")
        return f"“{words}”; {desk.card(NAME, 5)}"

    def back(self) -> list[Step]:
        return []

    @staticmethod
    def arrived(office: Office, notes: Notes) -> list[Step]:
        return [("address, contact and the change that is asked for are there", lambda: _there(office))]


def _there(office: Office) -> str:
    company = office.find("account", acct_name="Brightwater IT Ltd")
    must(company["addr_street"] == STREET, f"street {company['addr_street']}")
    contact = office.find("contact", mail=MAIL)
    asked = office.find("change_request", new_text=NAME)
    must(asked["old_text"] == "Brightwater IT Ltd", f"as it was: {asked['old_text']}")
    return f"{company['addr_street']}, {contact['full_name']}, {asked['chg_no']} {asked['status_code']}"

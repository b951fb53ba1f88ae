"""Deliverables of the client portal: one is accepted as it is shown, another one sent back with a reason, off line."""

from __future__ import annotations

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from tests.e2e.tour.jobs.desk import Desk, Step
from tests.e2e.tour.jobs.notes import Notes
from tests.e2e.tour.jobs.office import Office, must
from tests.e2e.tour.person import wait_until

ACCEPTED, SENT_BACK = "Texts of the order mails", "Three shapes for the gift boxes"
REASON = "The tin does not fit our courier's crates. Please show one that is 4 cm lower."


class Deliverables:
    """What the agency hands over."""

    name = "deliverables"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def online(self) -> list[Step]:
        return [
            ("a project shows its milestones and what waits", self._project),
            ("read with its file, then accepted", self._accept),
        ]

    def _project(self) -> str:
        desk, person = self._desk, self._desk.person
        person.go("Projects")
        person.take_row("Online shop") if person.sees("Online shop") else person.take_row(
            person.rows()[0][2].split(" | ")[0]
        )
        QTest.qWait(150)
        desk.picture("client-project")
        return desk.card("spent", 8)

    def _accept(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.at("Deliverables")
        person.take_row(SENT_BACK)  # its file comes while there is a network
        desk.card("Page 1 of", 25)
        person.take_row(ACCEPTED)
        button = person.find(QAbstractButton, "decision.accept")
        wait_until(button.isEnabled, f"it cannot be accepted: {button.toolTip()}", 25)
        QTest.qWait(400)
        desk.picture("client-deliverable")
        person.press(button)
        said = desk.toast()
        desk.sent()
        return f"“{said}”"

    def offline(self) -> list[Step]:
        return [("sent back with a reason, which waits to send", self._send_back)]

    def _send_back(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.at("Deliverables")
        person.take_row(SENT_BACK)
        desk.card("Your decision waits to send", 8)
        person.click("decision.send_back")
        QTest.qWait(80)
        label = next(one for one in ("Why", "What is missing", "What should change") if person.sees(one))
        person.type(label, REASON)
        desk.picture("client-send-back")
        button = person.find(QAbstractButton, "decision.confirm")
        words = desk.must_wait(button.text())
        person.press(button)
        return f"“{words}”, then “{desk.must_wait(desk.toast())}”"

    def back(self) -> list[Step]:
        return []

    @staticmethod
    def arrived(office: Office, notes: Notes) -> list[Step]:
        return [
            ("accepted and sent back there, each with the hash of what was shown", lambda: _decided(office))
        ]


def _decided(office: Office) -> str:
    seen = []
    for name, status, reason in ((ACCEPTED, "OK", ""), (SENT_BACK, "BACK", REASON)):
        row = office.find("deliverable", dlv_name=name)
        must(row["status_code"] == status, f"{name} is {row['status_code']}")
        must(row["shown_hash"], f"no hash of what was shown of {name}")
        must((row["decide_note"] or "") == reason, f"the reason is {row['decide_note']}")
        seen.append(f"{row['dlv_no']} {row['status_code']} by {row['decided_by']}")
    return ", ".join(seen)

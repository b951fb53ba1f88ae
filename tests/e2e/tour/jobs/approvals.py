"""Approvals: what is shown is decided on, and nothing else."""

from __future__ import annotations

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget

from tests.e2e.tour.jobs.desk import Desk, Step
from tests.e2e.tour.jobs.notes import Notes
from tests.e2e.tour.jobs.office import Office, must
from tests.e2e.tour.person import NotSeen, wait_until

APPROVED, FINAL, DRAFT = "Quote Q-2291", "Special prices, final", "Special prices, first draft"
REJECTED = "Joint campaign, winter 2027"
CHANGED = "7400.00"
REASON = "Two breakfasts are one too many for us this winter."


class Approvals:
    """A quote and a budget."""

    name = "approvals"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def online(self) -> list[Step]:
        return [
            ("what was replaced says so and has no buttons", self._superseded),
            ("what changes while it is open has to be read first", self._changed),
            ("approved as it is shown", self._approve),
        ]

    def _superseded(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.open("Approvals", DRAFT, "All")
        seen = desk.card("Something newer is to be decided instead", 8)
        if person.all(QAbstractButton, "decision.approve"):
            raise NotSeen("what was replaced can still be approved")
        desk.picture("approvals-replaced")
        return seen

    def _changed(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.open("Approvals", REJECTED, "To decide")
        row = desk.office.find("approval", subject=REJECTED)
        desk.office.edit("approval", row, total=CHANGED)
        person.find(QWidget, "decision.changed")
        wait_until(lambda: person.all(QWidget, "decision.changed"), "no word of what changed", 20)
        seen = desk.card("Read what changed first", 10)
        approve = person.find(QAbstractButton, "decision.approve")
        must(not approve.isEnabled(), "it can be approved before it was read")
        desk.picture("approvals-changed")
        person.click("decision.read")
        QTest.qWait(100)
        must(
            person.find(QAbstractButton, "decision.approve").isEnabled(), "read, and still not to be decided"
        )
        return f"{seen}; {desk.card('7,400', 5)}"

    def _approve(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.open("Approvals", FINAL, "To decide")
        button = person.find(QAbstractButton, "decision.approve")
        wait_until(button.isEnabled, f"it cannot be approved: {button.toolTip()}", 20)
        desk.picture("approvals-quote")
        person.press(button)
        said = desk.toast()
        desk.sent()
        desk.open("Approvals", FINAL, "All")
        return f"“{said}”, then {desk.card('Approved', 10)}"

    def offline(self) -> list[Step]:
        return [("rejected with a reason, which waits to send", self._reject)]

    def _reject(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.open("Approvals", REJECTED, "To decide")
        first = desk.card("Your decision waits to send", 5)
        person.click("decision.reject")
        QTest.qWait(80)
        person.type("Why not", REASON)
        desk.picture("approvals-reject")
        button = person.find(QAbstractButton, "decision.confirm")
        desk.must_wait(button.text())
        person.press(button)
        return f"“{first}”, then “{desk.must_wait(desk.toast())}”"

    def back(self) -> list[Step]:
        return []

    @staticmethod
    def arrived(office: Office, notes: Notes) -> list[Step]:
        return [
            ("approved there, with the hash of what was shown", lambda: _decided(office, FINAL, "YES", "")),
            ("rejected there, with the reason", lambda: _decided(office, "Budget", "NO", REASON)),
        ]


def _decided(office: Office, step: str, status: str, reason: str) -> str:
    row = office.find("approval", step_label=step)
    must(row["status_code"] == status, f"it is {row['status_code']}")
    must(row["shown_hash"] and len(row["shown_hash"]) == 32, "no hash of what was shown")
    must((row["decide_note"] or "") == reason, f"the reason is {row['decide_note']}")
    return f"{row['apv_no']} {row['status_code']} by {row['decided_by']}, {row['shown_hash'][:8]}…"

"""Tasks: terms are read and signed, a form that came back is mended, and something is handed in with no network."""

from __future__ import annotations

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from app.views.tasks.checklist import TaskRow
from app.views.widgets.choice_controls import CheckBox
from app.views.widgets.files import DropArea
from tests.e2e.tour.jobs.desk import Desk, Step
from tests.e2e.tour.jobs.notes import Notes
from tests.e2e.tour.jobs.office import Office, must
from tests.e2e.tour.jobs.papers import a_paper
from tests.e2e.tour.person import NotSeen, wait_until

TERMS, PROFILE, PAGE = "Sign the 2027 programme terms", "Company profile", "Publish your partner page"
QUESTIONS = "Security questions"
AGREES = "I have read the document and agree to it for my company"
MISSING = "The certificate ends in June. Please add the new one."


class Tasks:
    """What the vendor asks the company to do."""

    name = "tasks"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def online(self) -> list[Step]:
        return [
            ("terms cannot be signed before they were opened; then they are signed", self._sign),
            ("a returned form says what is missing; what is wrong is said; mended and handed in", self._mend),
            ("what begins after it may begin once it is accepted", self._begins),
        ]

    def take(self, title: str) -> None:
        """Open a task by its title."""
        person = self._desk.person
        row = next((one for one in person.all(TaskRow) if one.accessibleName().startswith(title)), None)
        if row is None:
            raise NotSeen(f"no task “{title}” among {[one.accessibleName() for one in person.all(TaskRow)]}")
        person.press(row)
        QTest.qWait(120)

    def _sign(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.at("Tasks", "Open")
        self.take(TERMS)
        button = person.find(QAbstractButton, "tasks.submit")
        must(not button.isEnabled(), "it can be signed unread")
        why = button.toolTip()
        desk.picture("tasks-terms")
        person.click("tasks.open_document")
        if person.all(QAbstractButton, "Pull"):
            person.click("Pull")
        desk.card("Page 1 of", 25)
        person.click("tasks.close_document")
        person.press(person.find(CheckBox, AGREES))
        person.type("Full name", "Maya Okafor")
        person.type("Position", "Sales manager")
        wait_until(lambda: person.find(QAbstractButton, "tasks.submit").isEnabled(), "it cannot be signed", 8)
        person.click("tasks.submit")
        desk.sent()
        return f"“{why}”; then {desk.card('Handed in', 10)}"

    def _mend(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.at("Tasks", "Open")
        self.take(PROFILE)
        said = desk.card("Please add public sector", 8)
        person.type("VAT number", "118")
        wrong = desk.card("Write it with its country", 5)
        desk.picture("tasks-profile")
        person.type("VAT number", "GB118273645")
        person.press(person.find(CheckBox, "Public sector"))
        QTest.qWait(400)
        person.click("tasks.submit")
        desk.sent()
        return f"“{said[:60]}”; “{wrong}”; {desk.card('Handed in', 10)}"

    def _begins(self) -> str:
        desk, person = self._desk, self._desk.person
        row = desk.office.wait_for("the profile", lambda: _handed(desk.office, PROFILE))
        before = [
            one.accessibleName() for one in person.all(TaskRow) if one.accessibleName().startswith(PAGE)
        ]
        desk.office.act("task", row, "accept", note="Thank you.")
        done = desk.office.find("task", subject=QUESTIONS)
        desk.office.act("task", done, "return_task", note=MISSING)
        must(before and "Begins after" in before[0], f"before it says {before}")
        wait_until(lambda: not person.sees("Begins after"), "it still waits for the other", 25)
        return before[0]

    def offline(self) -> list[Step]:
        return [
            ("one without a form is handed in, which waits", self._hand_in),
            ("one that came back gets another file, which waits with it", self._with_file),
        ]

    def _hand_in(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.at("Tasks", "Open")
        self.take(PAGE)
        button = person.find(QAbstractButton, "tasks.submit")
        words = desk.must_wait(button.text())
        person.press(button)
        return f"“{words}”, then “{desk.must_wait(desk.toast())}”"

    def _with_file(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.at("Tasks", "Open")
        self.take(QUESTIONS)
        said = desk.card(MISSING, 8)
        file = desk.work / "iso-27001-2027.pdf"
        file.write_bytes(a_paper("Certificate 2027"))
        person.find(DropArea, "Drop files, or browse").dropped.emit((file,))
        desk.card(file.name, 10)
        desk.picture("tasks-offline")
        words = desk.must_wait(person.find(QAbstractButton, "tasks.submit").text())
        person.click("tasks.submit")
        return f"“{said}”; “{words}”, then “{desk.must_wait(desk.toast())}”"

    def back(self) -> list[Step]:
        return []

    @staticmethod
    def arrived(office: Office, notes: Notes) -> list[Step]:
        return [
            ("signed there with a name", lambda: _signed(office)),
            ("the profile names the public sector", lambda: _profile(office)),
            ("handed in off line, with its file", lambda: _handed_in(office)),
        ]


def _handed(office: Office, subject: str):  # type: ignore[no-untyped-def]
    row = office.find("task", subject=subject)
    return row if row["status_code"] == "HAND" else None


def _signed(office: Office) -> str:
    row = office.find("task", subject=TERMS)
    replies = row["replies"] or {}
    must(replies.get("agreed") is True and replies.get("signed_by") == "Maya Okafor", f"replies {replies}")
    return f"{row['task_no']} {row['status_code']}, signed by {replies['signed_by']}"


def _profile(office: Office) -> str:
    row = office.find("task", subject=PROFILE)
    must("public" in row["replies"]["markets"], f"markets {row['replies']['markets']}")
    return f"{row['task_no']} {row['status_code']}, markets {', '.join(row['replies']['markets'])}"


def _handed_in(office: Office) -> str:
    page, questions = office.find("task", subject=PAGE), office.find("task", subject=QUESTIONS)
    names = [file["file_name"] for file in questions["files"]]
    must("iso-27001-2027.pdf" in names, f"files {names}")
    must(
        questions["status_code"] == page["status_code"], f"{page['status_code']}, {questions['status_code']}"
    )
    return f"{page['task_no']} and {questions['task_no']} {page['status_code']}, files {', '.join(names)}"

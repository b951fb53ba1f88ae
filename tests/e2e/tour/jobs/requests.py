"""Requests: what may answer it stands there before it is raised; answers, whose turn it is, and opening it again."""

from __future__ import annotations

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel

from app.views.register.suggestions import SuggestionRow
from app.views.requests.composer import Composer
from tests.e2e.tour.jobs.desk import Desk, Step
from tests.e2e.tour.jobs.notes import Notes
from tests.e2e.tour.jobs.office import Office, must
from tests.e2e.tour.person import NotSeen, wait_until

RAISED = "Cellular failover on a rope walk"
QUESTION = "Which antenna keeps the second line up at the far end?"
ANSWER = "The AN-9 on the winding house. I put the drawing into your library."
STILL = "The drawing shows the old mast. Could you send the new one?"
REPLIED, REPLY = "VPN drops after firmware 8.4", "It happened again this morning; the log is on its way."


class Requests:
    """Questions to the vendor."""

    name = "requests"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def online(self) -> list[Step]:
        return [
            ("suggestions stand beside the form before it is raised", self._raise),
            ("the vendor answers: whose turn it is, and until when", self._answered),
            ("resolved; it asks whether it helped, and is opened again with words", self._again),
        ]

    def _raise(self) -> str:
        desk, person = self._desk, self._desk.person
        person.go("Requests")
        person.click("Raise a request")
        person.wait_for("Saved on this computer", 5)
        person.type("Subject", RAISED)
        person.type("Message", QUESTION)
        desk.card("May already be answered", 10)
        found = [one.suggestion.title for one in person.all(SuggestionRow)]
        if not found:
            raise NotSeen("no suggestions")
        desk.picture("requests-suggestions")
        desk.submit()
        desk.sent()
        return f"suggested: {', '.join(found)}"

    def _answered(self) -> str:
        desk, person, office = self._desk, self._desk.person, self._desk.office
        row = office.wait_for(RAISED, lambda: office.find("ticket", subject=RAISED))
        desk.open("Requests", RAISED, "Open")
        first = desk.card("turn since", 10)
        office.act("ticket", row, "take")
        office.act("ticket", row, "answer", text=ANSWER)
        desk.card(ANSWER, 25)
        wait_until(
            lambda: any("Your turn" in one.text() for one in person.all(QLabel)), "not one's own turn", 15
        )
        desk.picture("requests-answered")
        return f"{first}; then the answer, and {desk.card('Your turn since', 5)}"

    def _again(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.open("Requests", RAISED, "Open")
        person.click("Mark resolved")
        desk.sent()
        desk.open("Requests", RAISED, "All")
        desk.card("Did this help?", 15)
        desk.picture("requests-helped")
        person.click("No, open it again")
        self._write(STILL)
        desk.sent()
        seen = desk.card("turn since", 15)
        return f"asked, opened again: {seen}"

    def _write(self, words: str) -> str:
        person = self._desk.person
        composer = person.find(Composer, "Write a message")
        person.write(composer.words, words, leave=False)
        button = next(
            one
            for one in composer.findChildren(QAbstractButton)
            if one.isVisible() and one.text().startswith("Send")
        )
        said = button.text()
        person.press(button)
        QTest.qWait(120)
        return said

    def offline(self) -> list[Step]:
        return [("a reply waits to send, and marking resolved does", self._reply)]

    def _reply(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.open("Requests", REPLIED, "Open")
        words = desk.must_wait(self._write(REPLY))
        desk.card(REPLY, 5)
        desk.picture("requests-offline")
        person.click("Mark resolved", starts=True)
        return f"“{words}”; resolved: “{desk.must_wait(desk.toast())}”"

    def back(self) -> list[Step]:
        return []

    @staticmethod
    def arrived(office: Office, notes: Notes) -> list[Step]:
        return [
            ("raised once, answered, opened again", lambda: _raised(office)),
            ("the reply is there once, and it is resolved", lambda: _replied(office)),
        ]


def _raised(office: Office) -> str:
    row = office.find("ticket", subject=RAISED)
    bodies = [note["body"] for note in row["notes"]]
    must(bodies.count(QUESTION) == 1 and bodies.count(STILL) == 1, f"notes {bodies}")
    must(row["status_code"] not in ("DONE", "SHUT"), f"it is {row['status_code']}")
    return f"{row['req_no']} {row['status_code']}, {len(bodies)} messages"


def _replied(office: Office) -> str:
    row = office.find("ticket", subject=REPLIED)
    bodies = [note["body"] for note in row["notes"]]
    must(bodies.count(REPLY) == 1, f"the reply is there {bodies.count(REPLY)} times")
    must(row["status_code"] == "DONE", f"it is {row['status_code']}")
    return f"{row['req_no']} {row['status_code']}"

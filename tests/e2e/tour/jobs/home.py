"""Home: what needs somebody, what changed, how far the deals are, and how fresh all of it is."""

from __future__ import annotations

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from tests.e2e.tour.jobs.desk import Desk, Step
from tests.e2e.tour.jobs.notes import Notes
from tests.e2e.tour.jobs.office import Office, must
from tests.e2e.tour.person import NotSeen


class Home:
    """Where one begins."""

    name = "home"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def online(self) -> list[Step]:
        return [
            ("what needs me, what changed, and that it is live", self._look),
            ("the pipeline as a picture and as a table", self._pipeline),
            ("a button there leads to the job", self._act),
        ]

    def _look(self) -> str:
        desk = self._desk
        desk.person.go("Home")
        QTest.qWait(200)
        desk.picture("home")
        seen = [desk.card(words, 5) for words in ("Needs you", "jobs", "Changed since", "Live")]
        return " / ".join(seen)

    def _pipeline(self) -> str:
        desk, person = self._desk, self._desk.person
        person.go("Home")
        title = desk.card("open deals", 5)
        before = set(person.read())
        person.click("home.pipeline.toggle")
        QTest.qWait(150)
        more = [words for words in person.read() if words and words not in before]
        desk.picture("home-table")
        if not more:
            raise NotSeen("the table shows nothing that the picture does not")
        person.click("home.pipeline.toggle")
        return f"{title}; table: {' / '.join(more[:6])}"

    def _act(self) -> str:
        person = self._desk.person
        person.go("Home")
        button = next(one for one in person.all(QAbstractButton, "Reply"))
        person.press(button)
        QTest.qWait(200)
        must(not person.sees("Needs you"), "it stays where it is")
        return "Reply leads to the request"

    def offline(self) -> list[Step]:
        return [("it is all there, and says as of when", self._offline)]

    def _offline(self) -> str:
        desk = self._desk
        desk.person.go("Home")
        seen = [desk.card(words, 5) for words in ("Needs you", "Offline · as of", "sent when you are back")]
        desk.picture("home-offline")
        return " / ".join(seen)

    def back(self) -> list[Step]:
        return []

    @staticmethod
    def arrived(office: Office, notes: Notes) -> list[Step]:
        return []

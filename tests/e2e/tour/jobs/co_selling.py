"""Co-selling: one's own view and the vendor's side by side, and next steps that both write."""

from __future__ import annotations

from PySide6.QtWidgets import QTextEdit

from app.views.deals.board import Board
from tests.e2e.tour.jobs.desk import Desk, Step
from tests.e2e.tour.jobs.notes import Notes
from tests.e2e.tour.jobs.office import Office, must

OURS, OUR_STEP = "Northgate Hospitals", "Sizing is done: 42 TB in the first year."
THEIR_STEP = "The restore test runs from Monday; we write every evening."
BOTH = "Kestrel Foods"
MINE = "Maya brings the rack plan to Leeds."
HERS = "Marcus presents the pilot to their board."


class CoSelling:
    """Opportunities that both sides work on."""

    name = "co_selling"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def online(self) -> list[Step]:
        return [
            ("one's own view is edited, the vendor's arrives beside it", self._sides),
            ("and as a board", self._board),
        ]

    def _sides(self) -> str:
        desk, person, office = self._desk, self._desk.person, self._desk.office
        desk.open("Co-selling", OURS, "Open")
        person.click("sides.edit")
        person.type("Your next steps", OUR_STEP)
        desk.save()
        desk.sent()
        row = office.find("opportunity", cust_name=OURS)
        must(row["p_next"] == OUR_STEP, f"the vendor reads {row['p_next']}")
        office.edit("opportunity", row, v_next=THEIR_STEP)
        seen = desk.card(THEIR_STEP, 25)
        desk.card(OUR_STEP, 5)
        desk.picture("co-selling-sides")
        return f"You: {OUR_STEP} / Halden: {seen}"

    def _board(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.at("Co-selling", "Open")
        person.click("Show as: Board")
        columns = len(person.find(Board, "Board").panes)
        desk.picture("co-selling-board")
        person.click("Show as: Table")
        must(columns >= 3, f"{columns} columns")
        return f"{columns} columns"

    def offline(self) -> list[Step]:
        return [("joint next steps written here and there wait, and merge line by line", self._together)]

    def _together(self) -> str:
        desk, person, office = self._desk, self._desk.person, self._desk.office
        desk.open("Co-selling", BOTH, "Open")
        person.click("together.next_steps")
        box = person.find(QTextEdit, "Joint next steps")
        before = box.toPlainText()
        person.write(box, f"{before}\n{MINE}")
        words = desk.must_wait(desk.save())
        seen = desk.card("waits to send", 5)
        desk.picture("co-selling-offline")
        row = office.find("opportunity", cust_name=BOTH)
        office.edit("opportunity", row, joint_next=f"{HERS}\n{row['joint_next']}")
        return f"“{words}”, {seen}"

    def back(self) -> list[Step]:
        return [("both lines stand there", self._merged)]

    def _merged(self) -> str:
        desk = self._desk
        desk.open("Co-selling", BOTH, "Open")
        desk.card(HERS, 15)
        return desk.card(MINE, 15)

    @staticmethod
    def arrived(office: Office, notes: Notes) -> list[Step]:
        return [("both lines are in the vendor's record, once each", lambda: _both(office))]


def _both(office: Office) -> str:
    text = office.find("opportunity", cust_name=BOTH)["joint_next"]
    must(text.count(MINE) == 1 and text.count(HERS) == 1, f"it says {text}")
    return str(text).replace("\n", " / ")

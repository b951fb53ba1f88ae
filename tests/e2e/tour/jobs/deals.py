"""Deals: from the form to a longer protection with the vendor's part in between, and what one does with no network."""

from __future__ import annotations

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QTextEdit

from app.views.deals.board import Board
from tests.e2e.tour.jobs.desk import Desk, Step
from tests.e2e.tour.jobs.notes import Notes
from tests.e2e.tour.jobs.office import Office, Row, must
from tests.e2e.tour.jobs.papers import a_paper, a_picture, a_text
from tests.e2e.tour.person import NotSeen

NEW = "Halcyon Ropeworks"
OFFLINE = "Lantern Quay Theatre"
WITHDRAWN = "Ledbury Homes"
TALKED = "Meridian Rail"
SHARED = "Atelier Corvin"
COLLEAGUE = "Nadeem Aslam"
MENDED = "Six cable runs of 40 m each are in the survey, and the rope walk needs two more antennas."
ASKED = "How many cable runs does the rope walk need?"
COMMENT = "Owen Tranter moved the Crewe demonstration to the tenth."
PROBLEM = "The rope walk is 380 metres long and the tills at its far end lose the network in every storm."


class Deals:
    """The whole lifecycle of one deal, and parts of others."""

    name = "deals"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # on line

    def online(self) -> list[Step]:
        return [
            ("registered with evidence and a co-worker", self._register),
            ("the vendor asks for more; mended and submitted again", self._asked_and_mended),
            ("approved: protected, with the days that are left", self._approved),
            ("a longer protection asked for and given", self._extended),
            ("a renewal is made from it, with what is known copied", self._renewed),
            ("the board shows the stages", self._board),
        ]

    def _register(self) -> str:
        desk = self._desk
        self._fill(NEW, "halcyonropeworks.example")
        shown = desk.add_name("Co-workers", "Grace Adeyemi")
        desk.drop("halcyon-survey.pdf", a_paper("Survey of the rope walk"))
        desk.drop("halcyon-roof.png", a_picture())
        desk.drop("halcyon-sites.txt", a_text())
        desk.picture("deals-register")
        words = desk.submit()
        must(words == "Submit", f"the button says {words}")
        desk.sent()
        desk.open("Deals", NEW)
        desk.card("Halden’s turn.")
        return f"{shown.removeprefix('Remove ')} works on it; {desk.person.row(NEW)[:80]}"

    def _fill(self, customer: str, website: str) -> None:
        person = self._desk.person
        person.go("Deals")
        person.click("Register a deal")
        person.wait_for("Saved on this computer", 5)
        person.type("Customer name", customer)
        person.type("Website", website)
        person.choose("Country", "United Kingdom")
        person.type("Title", "Wireless for the rope walk")
        person.type("Amount", "21400")
        person.type("Target close", "2027-03-18")
        person.type("Problem to solve", PROBLEM)

    def _asked_and_mended(self) -> str:
        desk, person = self._desk, self._desk.person
        row = desk.office.wait_for(NEW, lambda: desk.office.find("registration", cust_name=NEW))
        desk.office.act("registration", row, "start_review")
        desk.office.act("registration", row, "ask_information", note=ASKED)
        desk.card("Halden asks for more", 20)
        seen = desk.card(ASKED, 5)
        desk.picture("deals-asked")
        person.click("detail.notice.edit")
        box = next(one for one in person.all(QTextEdit) if one.toPlainText() == PROBLEM)
        person.write(box, MENDED)
        desk.save()
        desk.command("submit")
        desk.card("Halden’s turn.", 20)
        return f"“{seen}”, mended, then whose turn it is"

    def _approved(self) -> str:
        desk = self._desk
        row = desk.office.wait_for("the mended one", lambda: _in(desk.office, NEW, "NEW"))
        must(row["pain"] == MENDED, f"the vendor reads {row['pain']}")
        desk.office.act("registration", row, "approve")
        seen = desk.card("days left", 20)
        desk.picture("deals-approved")
        return seen

    def _extended(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.open("Deals", NEW)
        desk.command("ask_extension")
        person.type("Protect until", "2027-04-30")
        person.type("Why it takes longer", "The harbour board meets in April.")
        desk.picture("deals-extension")
        desk.run()
        asked = desk.card("asked for 30 Apr 2027", 20)
        row = desk.office.wait_for("the question", lambda: _in(desk.office, NEW, "EXT_ASKED"))
        desk.office.act("registration", row, "approve")
        return f"{asked}; {desk.card('Protected until 30 Apr 2027', 20)}"

    def _renewed(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.open("Deals", NEW)
        person.click("detail.job.renew_deal")
        desk.card("Saved on this computer", 5)
        copied = next(one.text() for one in person.all(QLineEdit, "Customer name"))
        must(copied == NEW, f"the form holds {copied}")
        person.type("Target close", "2027-11-20")
        desk.drop("halcyon-renewal.pdf", a_paper("Renewal of the rope walk"))
        desk.picture("deals-renewal")
        desk.submit()
        desk.sent()
        return f"customer {copied} copied, submitted as its renewal"

    def _board(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.at("Deals", "Open")
        person.click("Show as: Board")
        QTest.qWait(300)
        board = person.find(Board, "Board")
        names = [pane.accessibleName() for pane in board.panes]
        must(len(names) >= 4, f"columns {names}")
        desk.picture("deals-board")
        person.click("Show as: Table")
        return " / ".join(names)[:200]

    # off line

    def offline(self) -> list[Step]:
        return [
            ("the hint of a clash is there while one types", self._clash),
            ("a deal registered off line waits to send", self._register_offline),
            ("withdrawing asks first, then waits", self._withdraw),
            ("a comment waits", self._comment),
            ("a co-worker added waits", self._share),
        ]

    def _clash(self) -> str:
        desk, person = self._desk, self._desk.person
        theirs = desk.notes.get("clashing").split("|")
        person.go("Deals")
        person.click("Register a deal")
        person.wait_for("Saved on this computer", 5)
        person.type("Customer name", theirs[0])
        person.type("Website", theirs[1])
        seen = desk.card("May clash with a registration of another partner", 8)
        desk.picture("deals-clash")
        if any("Calder" in said for said in person.read()):
            raise NotSeen("the hint names who registered it")
        person.click("register.close")
        return f"{theirs[0]}: {seen}"

    def _register_offline(self) -> str:
        desk = self._desk
        self._fill(OFFLINE, "lanternquay.example")
        desk.drop("lantern-survey.pdf", a_paper("Survey of the theatre"))
        words = desk.must_wait(desk.submit())
        desk.card("Waiting to send", 8)
        return f"button “{words}”"

    def _withdraw(self) -> str:
        desk = self._desk
        desk.open("Deals", WITHDRAWN, "Open")
        words = desk.must_wait(desk.command("withdraw"))
        question = desk.confirm()
        desk.must_wait(desk.toast())
        return f"“{words}”, asked “{question}”, then “{desk.toast()}”"

    def _comment(self) -> str:
        desk = self._desk
        desk.open("Deals", TALKED, "Open")
        words = desk.must_wait(desk.comment(COMMENT))
        desk.picture("deals-offline")
        return f"“{words}”"

    def _share(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.open("Deals", SHARED, "Open")
        person.click("deals.edit")
        desk.add_name("Co-workers", COLLEAGUE)
        words = desk.must_wait(desk.save())
        return f"“{words}”; {person.row(SHARED)[-40:]}"

    # afterwards

    def back(self) -> list[Step]:
        return []

    @staticmethod
    def arrived(office: Office, notes: Notes) -> list[Step]:
        return [
            ("the vendor holds the deal, its files and its renewal", lambda: _whole(office)),
            ("once the deal of the journey, with its file", lambda: _once(office)),
            ("withdrawn, commented and shared there", lambda: _rest(office)),
        ]


def clashing(office: Office) -> str:
    """A customer that another partner registered: name and website, with a bar between."""
    rows = [
        row
        for page in ("NEW", "REVIEW", "PROTECTED")
        for row in office.every("registration", stage_code=page)
    ]
    row = next(row for row in rows if row["account_id"] == 2 and row["country_iso"] == "GB")
    return f"{row['cust_name']}|{row['domain']}"


def _in(office: Office, customer: str, stage: str) -> Row | None:
    rows = office.every("registration", cust_name=customer, stage_code=stage)
    return rows[0] if rows else None


def _whole(office: Office) -> str:
    first, renewal = sorted(office.every("registration", cust_name=NEW), key=lambda row: int(row["id"]))
    whole = office.find("registration", reg_no=first["reg_no"])
    must(first["stage_code"] == "PROTECTED", f"it is {first['stage_code']}")
    must(first["prot_to"] == "2027-04-30", f"protected until {first['prot_to']}")
    must(len(whole["files"]) == 3, f"{len(whole['files'])} files")
    must(first["co_worker_ids"], "nobody works on it")
    must(renewal["kind_code"] == "R", f"the second is of kind {renewal['kind_code']}")
    return f"{first['reg_no']} protected until {first['prot_to']}, renewal {renewal['reg_no']}"


def _once(office: Office) -> str:
    row = office.find("registration", cust_name=OFFLINE)
    must(len(row["files"]) == 1, f"{len(row['files'])} files")
    return f"{row['reg_no']} {row['stage_code']}, one file"


def _rest(office: Office) -> str:
    gone = next(
        row for row in office.every("registration", cust_name=WITHDRAWN) if row["stage_code"] != "WON"
    )
    talked = [note["body"] for note in office.find("registration", cust_name=TALKED)["notes"]]
    shared = office.find("registration", cust_name=SHARED)
    must(gone["stage_code"] == "WITHDRAWN", f"{WITHDRAWN} is {gone['stage_code']}")
    must(talked.count(COMMENT) == 1, f"the comment is there {talked.count(COMMENT)} times")
    nadeem = office.find("contact", full_name=COLLEAGUE)
    with_it = [str(one) for one in shared["co_worker_ids"] or ()]
    must(with_it == [str(nadeem["id"])], f"co-workers {with_it}")
    return f"{gone['reg_no']} {gone['stage_code']}, one comment, {COLLEAGUE} works on it"

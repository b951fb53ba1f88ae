"""Documents: what is new since one read it, confirming, keeping, looking inside, and what is taken back while open."""

from __future__ import annotations

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from tests.e2e.tour.jobs.desk import Desk, Step
from tests.e2e.tour.jobs.notes import Notes
from tests.e2e.tour.jobs.office import Office, must
from tests.e2e.tour.jobs.papers import a_paper, a_picture, a_text
from tests.e2e.tour.person import wait_until

AGREEMENT, AGREEMENT_CODE = "Partner agreement", "HS-LG-PA-7"
TERMS, TERMS_CODE = "Data processing terms", "HS-LG-DP-3"
READ, GONE, PICTURE, TEXT = "Rope walk guide", "Rope walk prices", "Rope walk roof", "Rope walk sites"
NEWS = "The winding house has a second cabinet."


class Documents:
    """The vendor's library."""

    name = "documents"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def online(self) -> list[Step]:
        return [
            ("a PDF, a picture and a text open inside the window", self._inside),
            ("one that has to be confirmed is read, then confirmed", self._confirm),
            ("what changed since it was read is said", self._changed),
            ("one that is taken back while it is open goes, and says so", self._taken_back),
            ("one is kept for working off line", self._keep),
        ]

    def _read(self, title: str, seen: str = "Page 1 of") -> str:
        """Find a document, have it come, and see it in the window."""
        desk, person = self._desk, self._desk.person
        desk.at("Documents", "All")
        person.search(title)
        person.take_row(title)
        QTest.qWait(300)
        pull = person.all(QAbstractButton, "Pull")
        if pull:
            person.press(pull[0])
        return desk.card(seen, 25)

    def _inside(self) -> str:
        desk, office = self._desk, self._desk.office
        about = {"cat_code": "GUI", "ver_label": "1", "abstract": "For the harbour towns"}
        office.publish(
            ("guide.pdf", a_paper(READ), "application/pdf"), doc_code="RW-GD-1", doc_title=READ, **about
        )
        office.publish(
            ("prices.pdf", a_paper(GONE), "application/pdf"), doc_code="RW-PR-1", doc_title=GONE, **about
        )
        office.publish(("roof.png", a_picture(), "image/png"), doc_code="RW-RF-1", doc_title=PICTURE, **about)
        office.publish(("sites.txt", a_text(), "text/plain"), doc_code="RW-ST-1", doc_title=TEXT, **about)
        desk.at("Documents", "All")
        desk.person.search("Rope walk")
        wait_until(lambda: len({words for _, _, words in desk.person.rows()}) >= 4, "they did not come", 25)
        seen = [self._read(READ)]
        desk.picture("documents-pdf")
        self._read(PICTURE, PICTURE)
        QTest.qWait(600)
        desk.picture("documents-picture")
        seen.append(self._read(TEXT, "Winding house, one cabinet"))
        desk.picture("documents-text")
        return " / ".join(one[:60] for one in seen)

    def _confirm(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.at("Documents", "All")
        person.search(AGREEMENT_CODE)
        person.take_row(AGREEMENT)
        self._read(AGREEMENT)
        wait_until(
            lambda: person.find(QAbstractButton, "documents.confirm").isEnabled(), "no way to confirm", 10
        )
        person.click("documents.confirm")
        desk.sent()
        desk.picture("documents-confirmed")
        return desk.card("You confirmed", 10)

    def _changed(self) -> str:
        desk, person, office = self._desk, self._desk.person, self._desk.office
        self._read(READ)
        QTest.qWait(2500)
        row = office.find("document", doc_title=READ)
        office.replace(
            row,
            ("guide-2.pdf", a_paper(f"{READ}, second"), "application/pdf"),
            ver_label="2",
            change_note=NEWS,
        )
        desk.at("Documents", "All")
        person.search(READ)
        wait_until(
            lambda: any("2" in words and READ in words for _, _, words in person.rows()), "no new one", 25
        )
        person.take_row(READ)
        seen = desk.card("Changed since you read", 20)
        desk.card(NEWS, 5)
        desk.picture("documents-changed")
        return f"{seen}; {NEWS}"

    def _taken_back(self) -> str:
        desk, office = self._desk, self._desk.office
        self._read(GONE)
        office.act("document", office.find("document", doc_title=GONE), "archive")
        seen = desk.card("no longer shared", 25)
        desk.picture("documents-taken-back")
        return seen

    def _keep(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.at("Documents", "All")
        person.search(TERMS)
        person.take_row(TERMS)
        person.click("Keep offline")
        wait_until(
            lambda: any(one.isEnabled() for one in person.all(QAbstractButton, "Open")), "it did not come", 25
        )
        return TERMS

    def offline(self) -> list[Step]:
        return [("found, read and confirmed, which waits to send", self._read_offline)]

    def _read_offline(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.at("Documents", "Kept offline")
        person.search(TERMS)
        person.take_row(TERMS)
        seen = desk.card("Page 1 of", 10)
        button = person.find(QAbstractButton, "documents.confirm")
        wait_until(button.isEnabled, f"no way to confirm: {button.toolTip()}", 10)
        words = desk.must_wait(button.text())
        desk.picture("documents-offline")
        person.press(button)
        person.search("")
        return f"{seen}; “{words}”, then “{desk.must_wait(desk.toast())}”"

    def back(self) -> list[Step]:
        return []

    @staticmethod
    def arrived(office: Office, notes: Notes) -> list[Step]:
        return [("both confirmations are there, for the version that was read", lambda: _confirmed(office))]


def _confirmed(office: Office) -> str:
    seen = []
    for code in (AGREEMENT_CODE, TERMS_CODE):
        paper = office.find("document", doc_code=code)
        rows = office.every("acknowledgement", parent_id=str(paper["id"]))
        mine = [row for row in rows if row["read_by"] == "Maya Okafor"]
        must(len(mine) == 1, f"{len(mine)} confirmations of {code}")
        must(mine[0]["digest"] == paper["digest"], "of other bytes")
        seen.append(f"{code} version {mine[0]['ver_label']}")
    return ", ".join(seen)

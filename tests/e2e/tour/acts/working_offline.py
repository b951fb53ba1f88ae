"""First act: the partner signs in, gets the first sync, goes offline, works, and is killed while writing."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit

from app.views.requests.composer import Composer
from app.views.widgets.dialog import Dialog
from app.views.widgets.files import DropArea
from app.views.widgets.gauges import ProgressBar, Switch
from tests.e2e.tour import story
from tests.e2e.tour.acts.stage import Act, Script
from tests.e2e.tour.person import NotSeen, wait_until


class WorkingOffline:
    """Each part proves claims of its own."""

    def __init__(self, act: Act) -> None:
        self.act = act
        self.claims = act.claims
        self.person = act.open()
        self.document = ""

    def play(self) -> None:
        prove, person = self.claims.prove, self.person
        prove("first_sync", "a progress bar with records, rate and remaining; then Live", self.first_sync)
        prove("places", "Home, Deals, Documents and Requests show records", self.places)
        prove("vendor_edit_appears", "the vendor's edit appears by itself", self.vendor_edit)
        prove("documents", "a pulled document opens in the window", self.pull)
        prove("offline_switch", "the switch takes the window offline", self.go_offline)
        prove("register_offline", "waits to send", self.register)
        prove("rejected_back", "the deal the CRM will refuse waits to send", self.register_refused)
        prove("edit_offline", "edits wait to send; locked fields are not offered", self.edit)
        prove("stale_command", "withdrawing waits to send", self.withdraw)
        prove("documents", "offline it is found by search and read", self.read_offline)
        prove("queue_pull", "another one is queued", self.queue_pull)
        prove("request_offline", "a request with a file waits to send", self.raise_request)
        prove("message_offline", "a message on an existing request waits", self.message)
        person.go("Sync centre")
        person.picture("10-sync-centre-offline")
        prove("killed", "half a form is saved as it is typed", self.half)
        self.act.sign("half-written")
        self.act.wait_to_be_killed()

    def first_sync(self) -> str:
        person = self.person
        seen = ""
        for _ in range(400):
            if person.all(ProgressBar) and person.sees("a second"):
                lines = [said for said in person.read() if " a second" in said or " of " in said]
                seen = " / ".join(dict.fromkeys(lines))
                break
            if person.sees("Live"):
                break
            QTest.qWait(5)
        person.picture("01-first-sync")
        person.wait_for("Live", 60)
        if not seen:
            raise NotSeen("no progress bar with a rate was seen before Live")
        return seen

    def places(self) -> str:
        person, seen = self.person, []
        for number, place in enumerate(("Home", "Deals", "Requests", "Documents"), start=2):
            person.go(place)
            QTest.qWait(200)
            person.picture(f"{number:02}-{place.lower()}")
            rows = len(person.rows())
            if place != "Home" and not rows:
                raise NotSeen(f"{place} lists nothing")
            seen.append(f"{place} {rows}" if place != "Home" else place)
        return ", ".join(seen)

    def vendor_edit(self) -> str:
        person = self.person
        person.go("Deals")
        person.take_row(story.REVOKED)
        self.act.sign("looking-at-castellane")
        return person.wait_for(story.REVOKED_WORD, 25)

    def pull(self) -> str:
        person = self.person
        person.go("Documents")
        _, index, words = person.rows()[0]
        self.document = str(index.data())
        person.take_row(words)
        person.click("Keep offline")
        wait_until(lambda: self._can("Open"), "the document did not come", 25)
        person.click("Open")
        seen = person.wait_for("page 1 of", 10)
        QTest.qWait(400)
        person.picture("06-document")
        person.click("Back to the list")
        return seen

    def _can(self, name: str) -> bool:
        return any(button.isEnabled() for button in self.person.all(QAbstractButton, name))

    def go_offline(self) -> str:
        person = self.person
        person.go("Sync centre")
        person.press(person.find(Switch, "Work offline"))
        person.wait_for("as you chose", 15)
        return person.wait_for("Offline ·")

    def register(self) -> str:
        person = self.person
        self._fill(story.NEW_DEAL, "owl@harrowgate.example")
        person.type("Target close", "1 Jan 2020")
        wrong = person.wait_for("Has passed", 5)
        person.picture("07-register-wrong-date")
        person.type("Target close", "2027-05-20")
        if person.sees("Has passed"):
            raise NotSeen("the message did not go when the date was mended")
        self._evidence("harrowgate-survey.pdf")
        person.picture("08-register")
        return f"{wrong}; {self._submit()}"

    def register_refused(self) -> str:
        self._fill(story.REFUSED_DEAL, story.REFUSED_MAIL)
        self.person.type("Target close", "2027-06-10")
        self._evidence("tansy-survey.pdf")
        return self._submit()

    def _fill(self, customer: str, mail: str) -> None:
        person = self.person
        person.go("Deals")
        person.click("Register a deal")
        person.wait_for("Saved on this computer", 5)
        person.type("Customer name", customer)
        person.type("Website", f"{customer.split(maxsplit=1)[0].lower()}.example")
        person.choose("Country", "United Kingdom")
        person.type("Contact", "Wren Aldous")
        person.type("Contact e-mail", mail)
        person.type("Title", "Camera links for the dome")
        person.type("Amount", "18250")
        person.type("Problem to solve", story.PROBLEM)

    def _evidence(self, name: str) -> None:
        file = self.act.script.work / name
        file.write_bytes(b"%PDF-1.4\n% " + name.encode() + b"\n%%EOF\n")
        self._drop(file)
        self.person.wait_for(name, 10)

    def _drop(self, file: Path) -> None:
        self.person.find(DropArea, "register.drop").dropped.emit((file,))

    def _submit(self) -> str:
        person = self.person
        button = person.find(QAbstractButton, "register.submit")
        words = button.text()
        person.press(button)
        person.wait_for("Waiting to send", 8)
        return f"button “{words}”, then Waiting to send"

    def edit(self) -> str:
        locked = self._edit(story.MERGED, "Competitor", story.RIVAL)
        self._edit(story.CLASHED, "Next steps", story.MY_STEP)
        return f"{story.MERGED}: {locked}; both wait to send"

    def _edit(self, deal: str, label: str, text: str) -> str:
        person = self.person
        person.go("Deals")
        person.take_row(deal)
        person.click("Edit", starts=True)
        QTest.qWait(150)
        if any(not one.isReadOnly() for one in person.all(QLineEdit, "Customer name")):
            raise NotSeen("a locked field can be edited")
        person.type(label, text)
        person.picture("09-edit-deal")
        person.click("Save", starts=True)
        QTest.qWait(150)
        row = person.row(deal)
        if "Waiting" not in row:
            raise NotSeen(f"the row says {row}")
        return "Customer name is locked"

    def withdraw(self) -> str:
        person = self.person
        person.go("Deals")
        person.take_row(story.STALE)
        person.click("detail.command.withdraw")
        dialog = person.find(Dialog, "Withdraw", starts=True)
        person.press(dialog.verb_button)
        QTest.qWait(150)
        person.go("Sync centre")
        return person.row(story.STALE)

    def read_offline(self) -> str:
        person = self.person
        person.go("Documents")
        person.search(self.document[:12])
        person.take_row(self.document)
        person.click("Open")
        seen = person.wait_for("page 1 of", 8)
        person.click("Back to the list")
        person.search("")
        return f"{self.document}: {seen}"

    def queue_pull(self) -> str:
        person = self.person
        person.go("Documents")
        words = next(said for _, _, said in person.rows() if self.document not in said)
        person.take_row(words)
        person.click("Keep offline")
        person.wait_for("Will be kept", 6)
        (self.act.script.work / "queued-document").write_text(words.split(" | ")[0])
        return f"{words.split(' | ')[0]}: Will be kept"

    def raise_request(self) -> str:
        person = self.person
        person.go("Requests")
        person.click("Raise a request")
        person.type("Subject", story.REQUEST)
        person.type("Message", story.REQUEST_TEXT)
        self._evidence("bay-photo.pdf")
        person.press(person.find(QAbstractButton, "register.submit"))
        person.go("Sync centre")
        return person.row(story.REQUEST)

    def message(self) -> str:
        person = self.person
        person.go("Requests")
        _, _, words = next(found for found in person.rows() if story.REQUEST not in found[2])
        person.take_row(words)
        composer = person.find(Composer, "Write a message")
        person.write(composer.words, story.MESSAGE, leave=False)
        person.click("Send (waits)")
        person.wait_for(story.MESSAGE, 5)
        person.picture("11-message")
        (self.act.script.work / "messaged-request").write_text(words.split(" | ", maxsplit=1)[0])
        return f"on {words[:60]}"

    def half(self) -> str:
        person = self.person
        person.go("Deals")
        person.click("Register a deal")
        person.wait_for("Saved on this computer", 5)
        person.type("Customer name", story.HALF_DEAL)
        person.type("Title", story.HALF_TITLE, leave=False)
        QTest.qWait(400)
        return person.wait_for("Saved on this computer", 3)


if __name__ == "__main__":
    WorkingOffline(Act(Script.read())).play()

"""Second act: started again after the kill, with the gateway stopped; then everything agrees."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit

from app.store.revocation import Revocation
from app.views.conflict.table import ConflictTable
from app.views.records.record.receipt import ReceiptPane
from app.views.widgets.choice_cell import RadioDot
from app.views.widgets.gauges import Switch
from tests.e2e.tour import story
from tests.e2e.tour.acts.stage import Act, Script
from tests.e2e.tour.person import NotSeen, wait_until


class ComingBack:
    """Each part proves claims of its own."""

    def __init__(self, act: Act) -> None:
        self.act = act
        self.claims = act.claims
        self.person = act.open()

    def play(self) -> None:
        prove = self.claims.prove
        prove(
            "offline_gateway", "says that the gateway cannot be reached, and what is kept", self.unreachable
        )
        prove("killed", "all of it is still there after kill -9", self.still_there)
        self.act.sign("gateway-wanted")
        prove("offline_gateway", "comes back by itself once the gateway is there", self.back)
        prove("queue_pull", "the queued document has come", self.queued_came)
        prove("conflict", "base, theirs, mine side by side; resolved by clicks", self.conflict)
        prove("stale_command", "explains itself and offers what is possible", self.stale)
        prove("rejected_back", "back in its draft, the vendor's reason on the field", self.rejected)
        prove("revoked", "gone from lists and search", self.revoked)
        prove("receipt", "opened on a deal, exported, checked by itself; an altered one fails", self.receipt)
        prove("merged", "the window shows both sides' values", self.merged)
        self.act.sign("settled")
        self.act.await_sign("edited-again")
        prove("vendor_edit_appears", "and another one, after coming back", self.appears)
        prove("verify", "identical, what was proven and when", self.verify)
        self.act.sign("verified")
        self.person.window.close()
        self.act.client.close()

    def unreachable(self) -> str:
        person = self.person
        person.wait_for("Offline since", 20)
        person.go("Sync centre")
        switch = person.find(Switch, "Work offline")
        # What was chosen before the kill still holds; the switch shows it once the engine has said so.
        for _ in range(8):
            if not person.sees("as you chose"):
                break
            if switch.isChecked():
                person.press(switch)
            QTest.qWait(2500)
        seen = person.wait_for("Offline since", 10)
        person.find(QAbstractButton, "Why offline?")
        person.click("Why offline?")
        why = person.window.toast.text
        if "not running" not in why:
            raise NotSeen(f"the reason is “{why}”")
        person.picture("12-unreachable")
        return f"{seen}; {why}"

    def still_there(self) -> str:
        person = self.person
        person.go("Sync centre")
        waiting = (story.NEW_DEAL, story.REFUSED_DEAL, story.REQUEST, story.STALE)
        seen = [self._row(words) for words in waiting]
        person.go("Requests")
        person.take_row((self.act.script.work / "messaged-request").read_text())
        seen.append(person.wait_for(story.MESSAGE, 8))
        person.go("Deals")
        seen += [self._row(deal) for deal in (story.MERGED, story.CLASHED, story.HALF_DEAL)]
        person.take_row(story.HALF_DEAL)
        self._continue()
        person.wait_for(story.HALF_TITLE, 5)
        person.go("Documents")
        return f"{len(seen)} items, and the half-written title"

    def _continue(self) -> None:
        """A draft's row shows its record; the button goes on in its form."""
        QTest.qWait(150)
        self.person.click("detail.continue")
        QTest.qWait(150)

    def _row(self, words: str) -> str:
        return self.person.row(words)

    def back(self) -> str:
        return self.person.wait_for("Live", 60)

    def queued_came(self) -> str:
        person = self.person
        title = (self.act.script.work / "queued-document").read_text()
        person.go("Documents")
        person.take_row(title)
        wait_until(lambda: bool(person.all(QAbstractButton, "Kept offline")), "it did not come", 20)
        return f"{title}: Kept offline"

    def conflict(self) -> str:
        person = self.person
        person.go("Sync centre")
        wait_until(
            lambda: any(story.CLASHED in said and "onflict" in said for _, _, said in person.rows()),
            "no conflict in the outbox",
            60,
        )
        person.picture("13-sync-centre-back")
        person.go("Deals")
        person.take_row(story.CLASHED)
        person.click("Compare", starts=True)
        table = person.find(ConflictTable, "Fields that differ")
        person.wait_for(story.THEIR_STEP, 5)
        said = " ".join(person.read())
        told = self.act.script.told
        for words in (story.MY_STEP, "Base", "Theirs", "Mine", told):
            if words not in said:
                raise NotSeen(f"the comparison does not show {words}")
        person.picture("14-conflict")
        mine = next(dot for dot in table.findChildren(RadioDot) if ", mine:" in dot.accessibleName())
        person.press(mine)
        person.click("Apply and send")
        QTest.qWait(300)
        return f"theirs{f' by {told}' if told else ''} and mine side by side; mine taken"

    def stale(self) -> str:
        person = self.person
        person.go("Sync centre")
        row = person.row(story.STALE)
        person.go("Deals")
        person.take_row(story.STALE)
        QTest.qWait(200)
        person.picture("15-stale-command")
        notice = [said for said in person.read() if "nder review" in said or "no longer" in said]
        offered = [
            b.text() for b in person.all(QAbstractButton) if b.objectName().startswith("detail.notice.")
        ]
        if "nder review" not in row + " ".join(notice) or not offered:
            raise NotSeen(f"{row}; offered {offered}")
        return f"{row}; offered {offered}"

    def rejected(self) -> str:
        person = self.person
        person.go("Deals")
        wait_until(self._refused, "the refused deal is not marked", 20)
        person.take_row(story.REFUSED_DEAL)
        self._continue()
        person.wait_for("sent this back", 8)
        QTest.qWait(200)
        person.picture("16-rejected")
        field = person.find(QLineEdit, "Contact e-mail")
        if not field.accessibleDescription() or field.text() != story.REFUSED_MAIL:
            raise NotSeen(f"the field says “{field.accessibleDescription()}” and holds {field.text()}")
        return f"Contact e-mail: {field.accessibleDescription()}"

    def _refused(self) -> bool:
        return any(story.REFUSED_DEAL in said and "aiting" not in said for _, _, said in self.person.rows())

    def revoked(self) -> str:
        person = self.person
        person.go("Deals")
        person.search(story.REVOKED)
        wait_until(lambda: not self._listed(), f"{story.REVOKED} is still listed", 40)
        person.search(story.REVOKED_WORD)
        if self._listed():
            raise NotSeen("search still finds it")
        person.picture("17-revoked")
        person.search("")
        return "neither listed nor found"

    def _listed(self) -> bool:
        return any(
            f"-{story.REVOKED_NUMBER}" in said or story.REVOKED in said for _, _, said in self.person.rows()
        )

    def merged(self) -> str:
        person = self.person
        person.go("Deals")
        person.take_row(story.MERGED)
        person.wait_for(story.RIVAL, 10)
        person.wait_for(story.VENDOR_STEP, 10)
        wait_until(lambda: "Synced" in person.row(story.MERGED), "not marked as synced", 15)
        person.picture("19-merged")
        return f"{story.RIVAL} and {story.VENDOR_STEP}"

    def receipt(self) -> str:
        person, target = self.person, self.act.script.work / "receipt.json"
        person.go("Deals")
        person.take_row(story.NEW_DEAL)
        person.click("Receipt R-", starts=True)
        person.wait_for("Signed, and nothing in it was changed", 10)
        person.wait_for("this computer’s clock", 2)
        person.picture("18-receipt")
        pane = next(one for one in person.all(ReceiptPane))
        pane._ask = lambda _parent, _suggested: target
        person.click("Export")
        wait_until(target.exists, "nothing was exported", 5)
        holds, said = _verified(target)
        # The same file with another outcome, as somebody would want it.
        target.write_text(target.read_text().replace('"applied"', '"rejected"'))
        altered, complaint = _verified(target)
        if (holds, altered) != (0, 1):
            raise NotSeen(f"exit {holds}: {said}; altered, exit {altered}: {complaint}")
        return f"{said.splitlines()[0]} Altered: {complaint.splitlines()[0]}"

    def appears(self) -> str:
        return self.person.wait_for(story.SELF_MADE, 20)

    def verify(self) -> str:
        person = self.person
        person.go("Sync centre")
        person.click("Prove now")
        headline = person.wait_for("Identical to the gateway at", 40)
        detail = person.wait_for("hashed afresh", 5)
        person.picture("20-verify")
        return f"{headline}. {detail}"


def _verified(file: Path) -> tuple[int, str]:
    """What the command line says of a receipt, in a process that knows no account."""
    command = [sys.executable, "-m", "app", "receipt", "verify", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def _sabotage(fault: str) -> None:
    """With the fault *revoke*, what is no longer shared stays."""
    if fault == "revoke":
        patch.object(Revocation, "forget", _keep).start()


def _keep(_revocation: Revocation, _gid: str) -> None:
    """Do not forget it."""


if __name__ == "__main__":
    script = Script.read()
    _sabotage(script.fault)
    ComingBack(Act(script)).play()

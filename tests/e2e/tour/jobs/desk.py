"""What every job needs: somebody in front of the window, somebody at the vendor's console, and usual ways of both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QListView, QWidget

from app.views.theme.theme import SchemeChoice
from app.views.widgets.dialog import Dialog
from app.views.widgets.files import DropArea
from app.views.widgets.gauges import Switch
from app.views.widgets.toast import Toast
from tests.e2e.tour.acts.stage import Act
from tests.e2e.tour.jobs.notes import Notes
from tests.e2e.tour.jobs.office import Office
from tests.e2e.tour.person import NotSeen, Person, wait_until

#: What is expected, and how it is looked for; what `look` returns is what was seen.
Step = tuple[str, Callable[[], str]]

_THEMES = (SchemeChoice.LIGHT, SchemeChoice.DARK, SchemeChoice.CONTRAST)


class Job(Protocol):
    """One family of jobs. Each part is a list of steps; what one step leaves behind the next may use."""

    name: str

    def online(self) -> list[Step]:
        """What is done while there is a network."""

    def offline(self) -> list[Step]:
        """What is done without one; each step must say that it waits to send, or show what is kept here."""

    def back(self) -> list[Step]:
        """What the window shows once everything was sent."""

    @staticmethod
    def arrived(office: Office, notes: Notes) -> list[Step]:
        """What the vendor holds afterwards, in its own words."""


class Desk:
    """A person, the vendor's office, and a folder for pictures, numbered as they are taken."""

    def __init__(self, act: Act, person: Person, office: Office, first: int = 1) -> None:
        self.act, self.person, self.office = act, person, office
        self.work: Path = act.script.work
        self.notes = Notes(self.work)
        self._number = first - 1
        #: A run that is only looked at in passing takes its pictures in one theme.
        self.themes = _THEMES[:1] if act.script.more.get("quick") else _THEMES

    def prove(self, claim: str, steps: Sequence[Step]) -> None:
        """Go through steps that make up one claim; the next is tried whatever became of the one before."""
        for expected, look in steps:
            if not self.act.claims.prove(claim, expected, look):
                self.give_up(claim)

    # ways of the person

    def picture(self, name: str) -> None:
        """Take a picture of the window in every theme."""
        self._number += 1
        QTest.qWait(120)  # as long as somebody needs to look
        self.person.pictures(f"{self._number:02}-{name}", self.themes)

    def at(self, place: str, chip: str = "") -> None:
        """Go to a list, shown as a table, and narrow it by one of its chips."""
        self.person.go(place)
        if chip:
            self.chip(chip)

    def chip(self, name: str) -> None:
        """Choose a chip by the word it begins with."""
        person = self.person
        found = [
            one for one in person.all(QAbstractButton) if one.text() == name or _bare(one.text()) == name
        ]
        if found:
            person.press(found[0])
        else:
            person.take_entry(person.find(QAbstractButton, "chips.more"), name)
        QTest.qWait(150)

    def open(self, place: str, words: str, chip: str = "") -> None:
        """Open the record whose row has these words."""
        self.at(place, chip)
        self.person.take_row(words)
        QTest.qWait(120)

    def add_name(self, label: str, text: str) -> str:
        """Write a name into a field that holds several, and take it from the list below."""
        person = self.person
        edit = person.find(QLineEdit, label)
        person.write(edit, text, leave=False)
        wait_until(_popups, f"no list below {label}", 5)
        view = _popups()[0]
        spot = view.visualRect(view.model().index(0, 0)).center()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        return self.card(f"Remove {text}", 5)

    def command(self, name: str) -> str:
        """Press a record's command; returns the words on the button. One that ends something is confirmed."""
        person = self.person
        button = person.find(QAbstractButton, f"detail.command.{name}")
        words = button.text()
        person.press(button)
        QTest.qWait(80)
        return words

    def confirm(self) -> str:
        """Say yes to the question that is open; returns the question."""
        dialog = next(iter(self.person.all(Dialog)), None)
        if dialog is None:
            raise NotSeen("nothing was asked")
        question = dialog.accessibleName() or next(
            (one.text() for one in dialog.findChildren(QLabel) if one.text()), ""
        )
        self.person.press(dialog.verb_button)
        QTest.qWait(80)
        return question

    def run(self) -> str:
        """Hand in what a command asked for; returns the words on the button."""
        button = self.person.find(QAbstractButton, "detail.command.run")
        words = button.text()
        self.person.press(button)
        QTest.qWait(80)
        return words

    def save(self) -> str:
        """Save the form that is open; returns the words on the button."""
        button = self.person.find(QAbstractButton, "deals.save")
        words = button.text()
        self.person.press(button)
        QTest.qWait(80)
        return words

    def submit(self) -> str:
        """Hand in the form of something new; returns the words on the button."""
        button = self.person.find(QAbstractButton, "register.submit")
        words = button.text()
        self.person.press(button)
        QTest.qWait(150)
        return words

    def drop(self, name: str, content: bytes) -> Path:
        """Drop a new file onto the form; returns where it lies."""
        file = self.work / name
        file.write_bytes(content)
        self.person.find(DropArea, "register.drop").dropped.emit((file,))
        self.person.wait_for(name, 10)
        return file

    def toast(self) -> str:
        """The word at the bottom of the window. Raises NotSeen."""
        found = [one.text for one in self.person.all(Toast)]
        if not found:
            raise NotSeen("no word at the bottom of the window")
        return found[0]

    def must_wait(self, words: str) -> str:
        """Make sure that something says it waits to send, or is sent later."""
        if "wait" not in words.lower() and "when you are back" not in words.lower():
            raise NotSeen(f"it does not say that it waits: {words}")
        return words

    def card(self, words: str, seconds: float = 10.0) -> str:
        """Wait until words stand in the window."""
        return self.person.wait_for(words, seconds)

    def press_in(self, holder: QWidget, name: str) -> None:
        """Press the button of that name within a part of the window."""
        found = [
            one
            for one in holder.findChildren(QAbstractButton)
            if one.isVisible() and name in (one.objectName(), one.text(), one.accessibleName())
        ]
        if not found:
            raise NotSeen(f"no button “{name}” there")
        self.person.press(found[0])

    def comment(self, words: str) -> str:
        """Write a comment on the record that is open, and send it; returns the words on the button."""
        person = self.person
        person.write(person.find(QWidget, "comment.box"), words, leave=False)
        button = person.find(QAbstractButton, "comment.send")
        said = button.accessibleName()
        person.press(button)
        self.card(words, 5)
        return said

    def give_up(self, name: str) -> None:
        """After something went wrong: what stands open is shown in a picture and closed, so that one can go on."""
        self.person.pictures(f"wrong-{name}", _THEMES[:1])
        for popup in _popups():
            popup.close()
        for dialog in self.person.window.findChildren(Dialog):
            if dialog.isVisible():
                dialog.reject()
        QTest.qWait(50)

    # the network

    def go_offline(self) -> str:
        """Take the window off line by its switch."""
        person = self.person
        person.go("Sync centre")
        switch = person.find(Switch, "Work offline")
        if not switch.isChecked():
            person.press(switch)
        person.wait_for("as you chose", 15)
        return person.wait_for("Offline ·")

    def go_online(self) -> str:
        """Let it sync again, and wait until nothing waits any more."""
        person = self.person
        person.go("Sync centre")
        switch = person.find(Switch, "Work offline")
        if switch.isChecked():
            person.press(switch)
        person.wait_for("Live", 60)
        return self.sent(90)

    def sent(self, seconds: float = 30.0) -> str:
        """Wait until nothing waits to be sent. Raises NotSeen with what still does."""
        outbox = self.person.window._portal.outbox
        try:
            for _ in range(2):  # what one change leads to may follow a moment later
                wait_until(lambda: not outbox.items(), "", seconds)
                QTest.qWait(200)
        except NotSeen:
            left = [f"{item.what}: {item.whom}" for item in outbox.items()]
            raise NotSeen(f"after {seconds:.0f} s there still wait {left}") from None
        return "nothing waits"


def _popups() -> list[QListView]:
    tops = QApplication.topLevelWidgets()
    return [one for one in tops if isinstance(one, QListView) and one.isVisible()]


def _bare(text: str) -> str:
    """A chip's words without its count."""
    return text.rstrip("0123456789 \u2009\u00a0,")

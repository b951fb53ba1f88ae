"""What a desktop is for: keys, palette, undo, what leaves the app, lists as one wants them, links, help, language."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import TypeVar

from pypdfium2 import PdfDocument
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QFileDialog, QLineEdit, QWidget

from app.composition.instance import Instance
from app.views.main_window import MainWindow
from app.views.shell.sheet import KeySheet
from app.views.theme.theme import SchemeChoice
from app.views.widgets.choice_controls import CheckBox
from tests.e2e.tour.acts.stage import Act, Script
from tests.e2e.tour.jobs.desk import Desk
from tests.e2e.tour.jobs.office import Office, must
from tests.e2e.tour.person import NotSeen, Person, wait_until
from tests.services.test_exporting import cells_of

_Kind = TypeVar("_Kind", bound=QWidget)
_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
_DEAL = "Meridian Rail"


class Desktop:
    """One claim each."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def play(self) -> None:
        """All of them; the language last, since the window is made anew for it."""
        parts = (
            ("palette", "Ctrl K finds a record and opens it", self.palette),
            ("shortcuts", "? shows all keys", self.shortcuts),
            ("undo", "Ctrl Z takes an edit back before it is sent", self.undo),
            ("copy", "rows go to the clipboard as words and as a table", self.copy),
            ("export", "XLSX, CSV and PDF are written and read back", self.export),
            ("filter", "a filter is kept under a name, and narrows the list", self.filter),
            ("columns", "a column is added", self.columns),
            ("bulk", "several are marked and acted on at once, and undone", self.bulk),
            ("pinned", "a pinned record stands in the navigation", self.pinned),
            ("link", "a link handed to a second start opens in this window", self.link),
            ("help", "F1 shows the help beside the page", self.help),
            ("contrast", "high contrast is chosen from the palette", self.contrast),
            ("german", "German is chosen in the settings and spoken at once", self.german),
        )
        for name, expected, look in parts:
            self._desk.prove(f"desktop.{name}", [(expected, look)])

    def _key(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self._desk.person.window, key, held)
        QTest.qWait(120)

    def _all(self) -> None:
        """All deals, with the keyboard in the list and not in a field."""
        self._desk.at("Deals", "Open")
        QTest.qWait(150)

    def palette(self) -> str:
        desk, person = self._desk, self._desk.person
        person.go("Home")
        self._key(Qt.Key.Key_K, _CTRL)
        edit = next(one for one in person.window.overlays.palette.findChildren(QLineEdit) if one.isVisible())
        QTest.keyClicks(edit, "where ORD-58214")
        QTest.qWait(100)
        edit.selectAll()
        QTest.keyClicks(edit, "58214")
        desk.card("ORD-58214", 8)
        desk.picture("palette")
        QTest.keyClick(edit, Qt.Key.Key_Return)
        return desk.card("of 3 lines", 10)

    def shortcuts(self) -> str:
        desk, person = self._desk, self._desk.person
        self._all()
        QTest.keyClicks(person.window, "?")
        sheet = next(iter(person.all(KeySheet)), None)
        if sheet is None:
            raise NotSeen("no sheet of keys")
        desk.picture("shortcuts")
        seen = desk.card("Do, go to, or find anything", 5)
        QTest.keyClick(sheet, Qt.Key.Key_Escape)
        return f"All keys, such as “{seen}”"

    def undo(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.go_offline()
        desk.open("Deals", _DEAL, "Open")
        person.click("deals.edit")
        person.type("Competitor", "Nobody we know")
        desk.save()
        desk.card("Nobody we know", 5)
        said = desk.toast()
        QTest.keyClick(person.window, Qt.Key.Key_Z, _CTRL)
        wait_until(lambda: not person.sees("Nobody we know"), "the edit stays", 5)
        desk.go_online()
        return f"“{said}”, gone with Ctrl Z, and nothing was sent"

    def copy(self) -> str:
        self._all()
        person = self._desk.person
        person.take_entry(person.find(QAbstractButton, "records.more"), "Copy the list as a table")
        QTest.qWait(300)
        data = QGuiApplication.clipboard().mimeData()
        lines = data.text().splitlines()
        must(lines and lines[0].startswith("Customer\t"), f"the clipboard holds {lines[:1]}")
        must("<table" in data.html(), "no table on the clipboard")
        return f"{len(lines) - 1} rows under {lines[0]!r}; {self._desk.toast()}"

    def export(self) -> str:
        self._all()
        rows = self._count()
        written = {kind: self._written(kind, entry) for kind, entry in _EXPORTS.items()}
        cells = cells_of(written["xlsx"].read_bytes())
        filled = {int("".join(filter(str.isdigit, name))) for name in cells}
        must(len(filled) >= rows + 1, f"the workbook has {len(filled)} rows")
        with written["csv"].open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file, delimiter=_delimiter(written["csv"])))
        must(len(lines) == rows + 1, f"{len(lines)} lines for {rows} rows")
        paper = PdfDocument(written["pdf"])
        words = paper[0].get_textpage().get_text_range()
        first = lines[1][0]
        must(first in words, f"{first} is not on the first page")
        return f"{rows} rows: XLSX {len(filled)} rows, CSV {len(lines)} lines, PDF {len(paper)} pages"

    def _count(self) -> int:
        table = self._desk.person.find(QWidget, "deals.table")
        return int(table.model().rowCount())  # type: ignore[attr-defined]

    def _written(self, kind: str, entry: str) -> Path:
        person, path = self._desk.person, self._desk.work / f"deals.{kind}"
        # The dialog is the system's own; whoever answers it picks this path.
        QFileDialog.getSaveFileName = staticmethod(lambda *_given, **_more: (str(path), ""))  # type: ignore[method-assign]
        person.take_entry(person.find(QAbstractButton, "records.more"), entry)
        wait_until(lambda: path.exists() and path.stat().st_size > 100, f"no {kind} was written", 20)
        QTest.qWait(300)
        return path

    def filter(self) -> str:
        desk, person = self._desk, self._desk.person
        self._all()
        before = self._count()
        person.press(person.find(QAbstractButton, "records.filter"))
        QTest.qWait(150)
        panel = QApplication.activePopupWidget()
        if panel is None:
            raise NotSeen("no pane for a filter")
        subject = next(one for one in panel.findChildren(QComboBox) if one.accessibleName() == "Field")
        subject.setFocus()
        for _ in range(subject.count()):
            if subject.currentText() == "Stage":
                break
            QTest.keyClick(subject, Qt.Key.Key_Down)
        must(subject.currentText() == "Stage", f"the field is {subject.currentText()}")
        box = next(one for one in panel.findChildren(CheckBox) if one.text() == "Approved")
        QTest.keyClick(box, Qt.Key.Key_Space)
        name = _within(panel, QLineEdit, "filter.name")
        name.selectAll()
        QTest.keyClicks(name, "Protected ones")
        QTest.qWait(400)
        panel.grab().save(str(desk.act.script.pictures / "filter-pane-light.png"))
        save = _within(panel, QAbstractButton, "filter.save")
        QTest.mouseClick(save, Qt.MouseButton.LeftButton)
        QTest.qWait(300)
        panel.close()
        wait_until(lambda: 0 < self._count() < before, f"{self._count()} of {before} rows", 8)
        desk.picture("filter")
        found = self._count()
        desk.chip("Open")
        return f"“Protected ones” shows {found} of {before}"

    def columns(self) -> str:
        desk, person = self._desk, self._desk.person
        self._all()
        person.press(person.find(QAbstractButton, "records.columns"))
        QTest.qWait(150)
        panel = QApplication.activePopupWidget()
        if panel is None:
            raise NotSeen("no pane of columns")
        box = _within(panel, CheckBox, "column.country")
        QTest.keyClick(box, Qt.Key.Key_Space)
        panel.grab().save(str(desk.act.script.pictures / "columns-pane-light.png"))
        panel.close()
        QTest.qWait(200)
        model = person.find(QWidget, "deals.table").model()  # type: ignore[attr-defined]
        heads = [model.headerData(n, Qt.Orientation.Horizontal) for n in range(model.columnCount())]
        must("Country" in heads, f"columns {heads}")
        desk.picture("columns")
        return ", ".join(heads)

    def bulk(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.go_offline()
        self._all()
        table = person.find(QWidget, "deals.table")
        table.setFocus()
        for _ in range(self._count()):
            QTest.keyClick(table, Qt.Key.Key_Down, _SHIFT)
        marked = desk.card("selected", 5)
        wait_until(self._offers, "nothing can be done with them", 10)
        offer = self._offers()[0]
        words = desk.must_wait(offer.text())
        desk.picture("bulk")
        person.press(self._offers()[0])
        asked = desk.confirm()
        said = desk.must_wait(desk.toast())
        waiting = len(person.window._portal.outbox.items())
        must(waiting > 1, f"{waiting} wait to be sent")
        person.click("Undo")
        wait_until(lambda: not person.window._portal.outbox.items(), "they still wait after Undo", 8)
        desk.go_online()
        return f"{marked}; “{words}”, “{asked}”, “{said}”: {waiting} wait, none after Undo"

    def _offers(self) -> list[QAbstractButton]:
        buttons = [one for one in self._desk.person.all(QAbstractButton) if one.isEnabled()]
        named = [one for one in buttons if one.objectName().startswith("records.bulk.")]
        return [one for one in named if one.objectName() != "records.bulk.more"]

    def pinned(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.open("Deals", _DEAL, "Open")
        person.take_entry(person.find(QAbstractButton, "detail.more"), "Pin")
        said = desk.toast()
        wait_until(
            lambda: any(one.text() == _DEAL for one in person.window.nav.findChildren(QAbstractButton)),
            "it does not stand in the navigation",
            5,
        )
        desk.picture("pinned")
        return said

    def link(self) -> str:
        desk, person = self._desk, self._desk.person
        desk.open("Deals", _DEAL, "Open")
        person.take_entry(person.find(QAbstractButton, "detail.more"), "Copy link")
        link = QGuiApplication.clipboard().text()
        must(link.startswith("counterpart://deal/"), f"the link is {link}")
        person.go("Home")
        data = str(desk.act.script.data)
        started = subprocess.Popen(
            [sys.executable, "-m", "app", "open", "--data", data, link], env={**os.environ}
        )
        wait_until(lambda: started.poll() is not None, "the second start goes on", 60)
        wait_until(lambda: person.sees("Depot edge refresh"), "the link did not open here", 15)
        must(started.returncode == 0, f"the second start ended with {started.returncode}")
        return f"{link}: shown here, the second start ended"

    def help(self) -> str:
        desk, person = self._desk, self._desk.person
        person.go("Home")
        QTest.keyClick(person.window, Qt.Key.Key_F1)
        seen = desk.card("Working offline", 5)
        desk.picture("help")
        person.click("Close help")
        return f"Help, with “{seen}”"

    def contrast(self) -> str:
        desk, person = self._desk, self._desk.person
        person.go("Home")
        self._key(Qt.Key.Key_K, _CTRL)
        edit = next(one for one in person.window.overlays.palette.findChildren(QLineEdit) if one.isVisible())
        QTest.keyClicks(edit, "High contrast")
        desk.card("High contrast", 5)
        QTest.keyClick(edit, Qt.Key.Key_Return)
        wait_until(lambda: desk.act.theme.choice is SchemeChoice.CONTRAST, "it looks as before", 10)
        desk.act.theme.choose(SchemeChoice.LIGHT)
        return "chosen by keyboard, and it holds"

    def german(self) -> str:
        desk, person = self._desk, self._desk.person
        before = person.window
        person.go("Settings")
        person.click("Language: Deutsch")
        wait_until(lambda: _window(desk.act) is not before, "the window is not made anew", 15)
        window = _window(desk.act)
        assert window is not None
        wait_until(window.isVisible, "the German window does not show", 10)
        desk.person = Person(window, desk.act.theme, desk.act.script.pictures)
        home = next(one.text() for one in window.nav.findChildren(QAbstractButton) if one.text())
        desk.person.go(home)
        seen = desk.card("Guten", 10)
        desk.picture("german-home")
        lists = [one.text() for one in window.nav.findChildren(QAbstractButton) if one.text()]
        desk.person.go(lists[1])
        QTest.qWait(300)
        desk.picture("german-deals")
        return f"{home}: “{seen}”"


_EXPORTS = {"xlsx": "Export to Excel", "csv": "Export as CSV", "pdf": "Export as PDF"}


def _within(holder: QWidget, kind: type[_Kind], name: str) -> _Kind:
    found = holder.findChild(kind, name)
    if found is None:
        raise NotSeen(f"no {name} there")
    return found


def _delimiter(path: Path) -> str:
    head = path.read_text("utf-8-sig").splitlines()[0]
    return next(one for one in (";", ",", "\t") if one in head)


def _window(act: Act) -> MainWindow | None:
    return act.client.window


def main() -> None:
    """Play."""
    script = Script.read()
    script.data.mkdir(parents=True, exist_ok=True)
    act = Act(script)
    instance = Instance(script.data)
    must(instance.claim(), "another window holds this folder")
    instance.asked.connect(act.client.take)
    more = script.more
    office = Office(more["console"], more["login"], more["staff_password"])
    person = act.open()
    desk = Desk(act, person, office, 60)
    wait_until(lambda: person.sees("Live"), "it is not live", 120)
    Desktop(desk).play()
    act.sign("desktop-done")
    desk.person.window.close()
    act.client.close()
    instance.close()
    office.close()


if __name__ == "__main__":
    main()

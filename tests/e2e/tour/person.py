"""Somebody in front of the window: finds things by their names, clicks, types, reads, waits, takes pictures."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QPlainTextEdit,
    QScrollArea,
    QTableView,
    QTextEdit,
    QTreeView,
    QWidget,
)

from app.bridge.roles import DataRole
from app.views.documents.pages_view import PagesView
from app.views.main_window import MainWindow
from app.views.theme.theme import SchemeChoice, Theme

_Widget = TypeVar("_Widget", bound=QWidget)
_EDITS = (QLineEdit, QPlainTextEdit, QTextEdit)
_READ = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.AccessibleTextRole,
    DataRole.TITLE,
    DataRole.SUBTITLE,
    DataRole.REASON,
)
_PATIENCE = 20.0


class NotSeen(AssertionError):
    """What a person waited or looked for is not there."""


def wait_until(look: Callable[[], object], what: str, seconds: float = _PATIENCE) -> None:
    """Let the window live until something is so. Raises NotSeen after the time."""
    end = time.monotonic() + seconds
    while not look():
        if time.monotonic() > end:
            raise NotSeen(f"after {seconds:.0f} s: {what}")
        QTest.qWait(20)


class Person:
    """Sits in front of one window."""

    def __init__(self, window: MainWindow, theme: Theme, pictures: Path) -> None:
        self.window = window
        self._theme = theme
        self._pictures = pictures
        window.resize(1280, 800)
        window.activateWindow()
        QTest.qWait(30)

    # finding

    def all(self, kind: type[_Widget], name: str = "", *, starts: bool = False) -> list[_Widget]:
        """What is visible of a kind, with that name, text or object name."""
        found = [one for one in self.window.findChildren(kind) if one.isVisible()]
        return [one for one in found if not name or any(_fits(said, name, starts) for said in _names(one))]

    def find(self, kind: type[_Widget], name: str, *, starts: bool = False) -> _Widget:
        """The one with that name. Raises NotSeen."""
        wait_until(lambda: self.all(kind, name, starts=starts), f"no {kind.__name__} “{name}”", 6)
        return self.all(kind, name, starts=starts)[0]

    def sees(self, words: str) -> bool:
        """Whether these words stand anywhere in the window."""
        return any(words in said for said in self.read())

    def wait_for(self, words: str, seconds: float = _PATIENCE) -> str:
        """Wait until words stand in the window; returns the text they stand in."""
        wait_until(lambda: self.sees(words), f"“{words}” is not in the window", seconds)
        return next(said for said in self.read() if words in said)

    def read(self) -> Iterator[str]:
        """Every text in the window."""
        for one in self.window.findChildren(QWidget):
            if not one.isVisible():
                continue
            if isinstance(one, QLabel | QAbstractButton | QLineEdit):
                yield one.text()
            elif isinstance(one, QPlainTextEdit | QTextEdit):
                yield one.toPlainText()
            elif isinstance(one, QAbstractItemView):
                yield from (said for index in _indexes(one) for said in _cell(index))
            yield one.accessibleName()

    # doing

    def click(self, name: str, kind: type[QWidget] = QAbstractButton, *, starts: bool = False) -> None:
        """Click what has that name."""
        self.press(self.find(kind, name, starts=starts))

    def press(self, widget: QWidget) -> None:
        """Click a widget, scrolled into view. Raises NotSeen when it cannot be clicked."""
        _scroll_to(widget)
        if not widget.isEnabled():
            raise NotSeen(f"“{widget.accessibleName()}” cannot be clicked: {widget.toolTip()}")
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=widget.rect().center())
        QTest.qWait(30)

    def type(self, label: str, text: str, *, leave: bool = True) -> None:
        """Write into the field of that label, replacing what stands there; then go on to the next field."""
        edit = next(one for one in self.all(QWidget, label) if isinstance(one, _EDITS))
        self.write(edit, text, leave=leave)

    def write(self, edit: QWidget, text: str, *, leave: bool = True) -> None:
        """Write into an edit."""
        _scroll_to(edit)
        if not self.window.isActiveWindow():  # a list that opened and closed took that away
            self.window.activateWindow()
            QTest.qWait(20)
        edit.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(edit, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        for number, line in enumerate(text.split("\n")):
            if number:
                QTest.keyClick(edit, Qt.Key.Key_Return)
            QTest.keyClicks(edit, line)
        if leave:
            QTest.keyClick(edit, Qt.Key.Key_Tab)
        QTest.qWait(20)

    def choose(self, label: str, text: str) -> None:
        """Pick from a list by its keyboard. Raises NotSeen when it is not among the choices."""
        box = self.find(QComboBox, label)
        _scroll_to(box)
        box.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClicks(box, text.split(maxsplit=1)[0])
        for _ in range(box.count()):
            if box.currentText() == text:
                break
            QTest.keyClick(box, Qt.Key.Key_Down)
        if box.currentText() != text:
            raise NotSeen(f"{label} shows {box.currentText()}, not {text}")
        QTest.keyClick(box, Qt.Key.Key_Tab)
        QTest.qWait(20)

    def pick(self, label: str, text: str) -> None:
        """Write into a field that refers to another record, and take it from the list below."""
        edit = self.find(QLineEdit, label)
        self.write(edit, text, leave=False)
        lists = [
            one for one in QApplication.topLevelWidgets() if isinstance(one, QListView) and one.isVisible()
        ]
        if not lists:
            offered = [one.label for one in self.window._portal.records.options("company")]
            raise NotSeen(f"no list below {label}; offered {offered}")
        spot = lists[0].visualRect(lists[0].model().index(0, 0)).center()
        QTest.mouseClick(lists[0].viewport(), Qt.MouseButton.LeftButton, pos=spot)
        QTest.qWait(50)
        if text not in edit.text():
            raise NotSeen(f"{label} shows {edit.text()}")

    def take_entry(self, opener: QWidget, words: str) -> None:
        """Open a menu by its button and take the entry that begins with these words. Raises NotSeen."""
        self.press(opener)
        QTest.qWait(50)
        menu = QApplication.activePopupWidget()
        if not isinstance(menu, QMenu):
            raise NotSeen(f"no menu opened for “{words}”")
        entry = next((one for one in menu.actions() if _plain(one.text()).startswith(words)), None)
        if entry is None or not entry.isEnabled():
            offered = [_plain(one.text()) for one in menu.actions()]
            menu.close()
            raise NotSeen(f"the menu has no “{words}”; it has {offered}")
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(entry).center())
        QTest.qWait(60)

    def go(self, place: str) -> None:
        """Go to a place of the navigation."""
        rows = self.window.nav.findChildren(QAbstractButton)
        found = next((one for one in rows if one.text() == place), None)
        if found is None:
            raise NotSeen(f"no place “{place}” among {[one.text() for one in rows]}")
        QTest.mouseClick(found, Qt.MouseButton.LeftButton)
        QTest.qWait(60)

    def rows(self) -> list[tuple[QAbstractItemView, QModelIndex, str]]:
        """Every row of every list in sight, in words."""
        found = []
        for view in self.all(QAbstractItemView):
            model = view.model()
            for number in range(model.rowCount()):
                cells = [model.index(number, column) for column in range(_columns(view))]
                words = " | ".join(dict.fromkeys(said for cell in cells for said in _cell(cell)))
                found.append((view, cells[0], words))
        return found

    def row(self, words: str) -> str:
        """The row of a list that holds these words. Raises NotSeen."""
        return self._row(words)[2]

    def take_row(self, words: str, *, twice: bool = False) -> None:
        """Click the row of a list that holds these words."""
        view, index, _ = self._row(words)
        view.scrollTo(index)
        QTest.qWait(20)
        spot = view.visualRect(index).center()
        spot.setX(min(spot.x(), 60))
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        if twice:
            QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        QTest.qWait(80)

    def _row(self, words: str) -> tuple[QAbstractItemView, QModelIndex, str]:
        wait_until(lambda: any(words in said for _, _, said in self.rows()), f"no row with “{words}”", 8)
        return next(found for found in self.rows() if words in found[2])

    def search(self, text: str) -> None:
        """Write into the search box of the page."""
        box = self.window.bar.search
        edit = next((one for one in box.findChildren(QLineEdit) if one.isVisible()), None) if box else None
        if edit is None:
            raise NotSeen("the page has no search box")
        edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        edit.selectAll()
        if text:
            QTest.keyClicks(edit, text)
        else:
            QTest.keyClick(edit, Qt.Key.Key_Delete)
        QTest.qWait(500)

    # pictures

    def picture(self, name: str) -> None:
        """Take a picture in the light and one in the dark."""
        self.pictures(name, (SchemeChoice.LIGHT, SchemeChoice.DARK))

    def pictures(self, name: str, choices: Sequence[SchemeChoice]) -> None:
        """Take a picture in each of these themes."""
        self._until_drawn()
        for choice in choices:
            self._theme.choose(choice)
            QTest.qWait(40)
            self.window.grab().save(str(self._pictures / f"{name}-{choice.value}.png"))
        self._theme.choose(SchemeChoice.LIGHT)
        print(f"picture {name}", file=sys.stderr, flush=True)

    def _until_drawn(self) -> None:
        """Wait a little for the page of a document, which another process draws."""
        for _ in range(100):
            views = [view for view in self.all(PagesView) if view.count]
            if all(view._renderer.image(view.page) is not None for view in views):
                return
            QTest.qWait(20)


def _names(widget: QWidget) -> tuple[str, ...]:
    text = widget.text() if isinstance(widget, QAbstractButton | QLabel) else ""
    return text, widget.accessibleName(), widget.objectName()


def _plain(text: str) -> str:
    """The words of an entry, without the mark of its key and without what is shown at its far end."""
    return text.replace("&", "").split("\t", maxsplit=1)[0]


def _fits(said: str, name: str, starts: bool) -> bool:
    return said.startswith(name) if starts else said == name


def _indexes(view: QAbstractItemView) -> Iterator[QModelIndex]:
    model = view.model()
    if model is not None:
        for row in range(model.rowCount()):
            yield from (model.index(row, column) for column in range(_columns(view)))


def _columns(view: QAbstractItemView) -> int:
    return view.model().columnCount(QModelIndex()) if isinstance(view, QTableView | QTreeView) else 1


def _cell(index: QModelIndex) -> list[str]:
    said = (index.data(int(role)) for role in _READ)
    return [words for words in said if isinstance(words, str) and words]


def _scroll_to(widget: QWidget) -> None:
    parent = widget.parentWidget()
    while parent is not None:
        content = parent.widget() if isinstance(parent, QScrollArea) else None
        if isinstance(parent, QScrollArea) and content is not None:
            top = widget.mapTo(content, QPoint(0, 0))
            parent.ensureVisible(top.x() + widget.width() // 2, top.y() + widget.height() // 2, 0, 80)
        parent = parent.parentWidget()
    QTest.qWait(20)

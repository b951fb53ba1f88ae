"""What is measured inside the window's process: everything from the user's side, up to the painted screen."""

from __future__ import annotations

import gc
import io
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLineEdit

from app.composition.memory import settle_program
from app.composition.surroundings import real_surroundings
from app.composition.window import SWITCH_INTERVAL, Client, WindowRequest
from app.services.views_model import Mode
from app.views.main_window import MainWindow
from app.views.page import HOME, Place
from app.views.records.page import RecordsPage
from app.views.theme.theme import Theme
from benchmarks.records import ENTITY
from benchmarks.window_store import PASSPHRASE

Found = dict[str, Any]

_PATIENCE = 120.0
#: Milliseconds after which is looked again even when nothing happened.
_LOOK = 20


class Desk:
    """The client as it runs for a person, and hands to work it."""

    def __init__(self, root: Path) -> None:
        made = QApplication.instance() or QApplication(sys.argv[:1])
        assert isinstance(made, QApplication)
        self.app = made
        theme = Theme()
        theme.apply(made)
        sys.setswitchinterval(SWITCH_INTERVAL)
        settle_program()
        surroundings = real_surroundings(root, ring=lambda: None)
        request = WindowRequest(passphrase=PASSPHRASE, page="home")
        self.client = Client(made, surroundings, request, theme, io.StringIO())
        self.settled = 0

    @property
    def window(self) -> MainWindow:
        """The window, once it is open."""
        assert self.client.window is not None
        return self.client.window

    def open(self) -> None:
        """Open the account; its window is there afterwards."""
        self.client.begin()
        self.until(lambda: self.client.window is not None)
        self.window.settled.connect(self._on_settled)

    def _on_settled(self) -> None:
        self.settled += 1

    def until(self, true: Callable[[], bool]) -> None:
        """Let the window live until something is so; between events it sleeps, as in the product."""
        deadline = time.perf_counter() + _PATIENCE
        look = QTimer()
        look.start(_LOOK)
        while not true():
            if time.perf_counter() > deadline:
                raise TimeoutError
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def rest(self, seconds: float) -> None:
        """Let the window live for a while."""
        over = time.perf_counter() + seconds
        self.until(lambda: time.perf_counter() > over)

    def list(self) -> RecordsPage:
        """Go to the list of deals; it stands there whole afterwards."""
        self.window.go(Place(ENTITY))
        page = self.window.current
        assert isinstance(page, RecordsPage)
        self.until(lambda: page.model.listing.whole and not page.model.waiting)
        return page

    def close(self) -> None:
        """Leave."""
        self.client.close()


@contextmanager
def opened(root: Path) -> Iterator[Desk]:
    """A desk with its window open and Home on it."""
    desk = Desk(root)
    desk.open()
    try:
        yield desk
    finally:
        desk.close()


# ---------------------------------------------------------------------------------------------------------- lists
def lists(root: Path, quick: bool) -> Found:
    """Open, sort, filter by chip and by text: milliseconds until the whole list is there and painted."""
    with opened(root) as desk:
        page = desk.list()
        desk.rest(0.5 if quick else 6.0)  # the other orders are made ready meanwhile
        rounds = 1 if quick else 6
        opening = [_reopened(desk, page) for _ in range(rounds * 3)]
        fields = [n for n, column in enumerate(page.model.columns) if column.field]
        sorting = [
            _measured(desk, page, lambda n=n, d=d: page.table.head.sort_asked.emit(n, d))  # type: ignore[misc]
            for _ in range(rounds)
            for n in fields
            for d in (False, True)
        ]
        chips = [chip.name for chip in page.model.entity.list.chips] if page.model.entity else []
        filtering = [
            _measured(desk, page, lambda name=name: _choose(page, name))  # type: ignore[misc]
            for _ in range(rounds)
            for name in chips
        ]
        typing = [
            _measured(desk, page, lambda text=text: page.search(text))  # type: ignore[misc]
            for word in _WORDS[: 2 if quick else len(_WORDS)]
            for text in _typed(word)
        ]
        return {"open": opening, "sort": sorting, "chip": filtering, "text": typing}


def _reopened(desk: Desk, page: RecordsPage) -> float:
    before = desk.settled
    desk.window.go(Place(HOME))
    desk.until(lambda: desk.settled > before)
    desk.rest(0.05)
    return _measured(desk, page, lambda: desk.window.go(Place(ENTITY)))


def _choose(page: RecordsPage, name: str) -> None:
    page.chips.select(name)
    page.chips.chosen.emit(name)


def _measured(desk: Desk, page: RecordsPage, act: Callable[[], None]) -> float:
    gc.collect()
    desk.until(lambda: not page.model.waiting)
    began = time.perf_counter()
    act()
    desk.until(lambda: page.model.listing.whole and not page.model.waiting)
    desk.app.processEvents()  # what has changed is painted
    return (time.perf_counter() - began) * 1000


#: What people type: words of titles, customers, numbers and people.
_WORDS = (
    "logistics",
    "karo",
    "reg-000123",
    "nia osei",
    "hospital",
    "miten",
    "solbar foods",
    "edge",
    "tom avery",
    "dun",
)


def _typed(word: str) -> Iterator[str]:
    """What stands in the field after each key."""
    return (word[:length] for length in range(1, len(word) + 1) if not word[:length].endswith(" "))


# --------------------------------------------------------------------------------------------------------- search
def search(root: Path, quick: bool) -> Found:
    """Search as you type in the palette: milliseconds from a key until the results stand there, painted."""
    with opened(root) as desk:
        desk.until(lambda: desk.settled > 0)
        desk.rest(0.2 if quick else 2.0)
        desk.window.open_palette()
        palette = desk.window.palette_overlay
        field = palette.findChildren(QLineEdit)[0]
        taken = []
        for _ in range(1 if quick else 3):
            for word in _WORDS[: 2 if quick else len(_WORDS)]:
                for text in _typed(word):
                    gc.collect()
                    began = time.perf_counter()
                    field.setText(text)
                    field.textEdited.emit(text)
                    desk.until(lambda: not palette.waiting)
                    desk.app.processEvents()  # what has changed is painted
                    taken.append((time.perf_counter() - began) * 1000)
        return {"key": taken}


# --------------------------------------------------------------------------------------------------------- scroll
def scroll(root: Path, quick: bool) -> Found:
    """Scroll by wheel, by page and by throwing the scrollbar: milliseconds a frame, reading rows included."""
    with opened(root) as desk:
        page = desk.list()
        desk.rest(0.2 if quick else 6.0)
        table, bar = page.table, page.table.verticalScrollBar()
        wheel = [_frame(desk, lambda: _turn(table)) for _ in range(20 if quick else 600)]
        pages = [
            _frame(desk, lambda: bar.setValue(bar.value() + table.viewport().height()))
            for _ in range(10 if quick else 300)
        ]
        draw = Random(3)  # noqa: S311
        thrown = [
            _frame(desk, lambda: bar.setValue(draw.randrange(max(1, bar.maximum()))))
            for _ in range(5 if quick else 100)
        ]
        return {"wheel": wheel, "page": pages, "thrown": thrown}


def _turn(table: Any) -> None:
    at = QPointF(200, 200)
    event = QWheelEvent(
        at, table.viewport().mapToGlobal(at), QPoint(0, -120), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(table.viewport(), event)


def _frame(desk: Desk, act: Callable[[], None]) -> float:
    desk.app.processEvents()
    began = time.perf_counter()
    act()
    desk.app.processEvents()  # what has changed is painted
    return (time.perf_counter() - began) * 1000


# ---------------------------------------------------------------------------------------------------------- stall
class Heartbeat:
    """Beats on the main thread as often as it may; notes how long each beat was late."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(1)
        self._timer.timeout.connect(self._beat)
        self._last = 0.0

    def start(self) -> None:
        """Begin."""
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        """End."""
        self._timer.stop()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.late.append(max(0.0, (now - self._last) * 1000 - 1))
        self._last = now


def stall(root: Path, quick: bool) -> Found:
    """A first sync with the list of deals open: how late the main thread's beats are, and when the list is usable."""
    desk = Desk(root)
    desk.open()
    heart = Heartbeat()
    try:
        bridge = desk.client.bridge
        assert bridge is not None
        # The server that sends prepared bytes cannot say that its manifest is the one held already.
        greeted: list[bool] = []
        bridge.manifestChanged.connect(lambda: greeted.append(True))
        desk.until(lambda: bool(greeted))
        began = time.perf_counter()
        desk.window.go(Place(ENTITY))
        page = desk.window.current
        assert isinstance(page, RecordsPage)
        heart.start()
        _run(desk, lambda: page.model.rowCount() > 0)
        page.table.viewport().repaint()
        usable = time.perf_counter() - began
        # Building and first painting a page is what opening a list takes; here it is about what comes after.
        heart.late.clear()
        calm = _Calm(page)
        _run(desk, lambda: bridge.status.mode is Mode.LIVE)
        whole = time.perf_counter() - began
        over = time.perf_counter() + (0.5 if quick else 4.0)
        _run(desk, lambda: time.perf_counter() > over)
        heart.stop()
        return {
            "late": heart.late,
            "usable": usable,
            "whole": whole,
            "rows": page.model.rowCount(),
            "moved": calm.moved,
        }
    finally:
        heart.stop()
        desk.close()


class _Calm:
    """Counts how often rows that were shown already stood elsewhere after more had arrived."""

    def __init__(self, page: RecordsPage) -> None:
        self.moved = 0
        self._page = page
        self._before = page.model.listing.ids
        page.model.refreshed.connect(self._look)

    def _look(self) -> None:
        now = self._page.model.listing.ids
        self.moved += list(now[:100]) != list(self._before[:100])
        self._before = now


def _run(desk: Desk, true: Callable[[], bool]) -> None:
    """Run Qt's own loop, as in the product, until something is so."""
    look = QTimer()
    look.setInterval(5)
    look.timeout.connect(lambda: desk.app.quit() if true() else None)
    look.start()
    desk.app.exec()
    look.stop()


ERRANDS: Mapping[str, Callable[[Path, bool], Found]] = {
    "lists": lists,
    "search": search,
    "scroll": scroll,
    "stall": stall,
}

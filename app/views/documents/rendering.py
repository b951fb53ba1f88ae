"""Rendering pages off the main thread, one at a time, what is visible first.

Usage::

    pages = Renderer(bridge); pages.open(sheets); pages.ready.connect(view.page_ready)
    pages.want([3, 4, 2], scale)          # in order of need; scale in pixels a point
    pages.image(3)                        # None until it is there; perhaps of an earlier scale meanwhile
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.contract.errors import CounterpartError
from app.views.documents.sheets import Sheets
from app.views.widgets.own_tasks import OwnTasks

if TYPE_CHECKING:
    from app.bridge.engine import Bridge
    from app.services.portal import Portal

#: Rendered pages kept, in bytes.
_ROOM = 128_000_000


@dataclass(frozen=True)
class _Drawn:
    scale: float
    image: QImage


class Renderer(QObject):
    """Holds one open document and its rendered pages. `ready` tells the page that came."""

    ready = Signal(int)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._tasks = OwnTasks(self, bridge)
        self._open: list[Sheets] = []
        self.destroyed.connect(partial(_let_go, bridge, self._open))
        self._sheets: Sheets | None = None
        self._drawn: OrderedDict[int, _Drawn] = OrderedDict()
        self._broken: set[int] = set()
        self._wanted: list[int] = []
        self._scale = 1.0
        self._at_work = False

    def open(self, sheets: Sheets) -> None:
        """Take over a document; an earlier one is closed."""
        self.close()
        self._sheets = sheets
        self._open.append(sheets)

    def close(self) -> None:
        """Let the document go. Closing waits its turn on a worker, behind a page that is being drawn."""
        self._sheets = None
        self._drawn.clear()
        self._broken.clear()
        self._wanted = []
        _let_go(self._bridge, self._open)

    def want(self, pages: Sequence[int], scale: float) -> None:
        """Ask for pages, most needed first; what was asked for before and is not any more is dropped."""
        self._scale = scale
        self._wanted = [page for page in pages if self._lacks(page)]
        self._next()

    def image(self, page: int) -> QImage | None:
        """Return what is there of a page, at whatever scale."""
        found = self._drawn.get(page)
        if found is None:
            return None
        self._drawn.move_to_end(page)
        return found.image

    def broken(self, page: int) -> bool:
        """Whether a page could not be drawn."""
        return page in self._broken

    def _lacks(self, page: int) -> bool:
        found = self._drawn.get(page)
        return page not in self._broken and (found is None or abs(found.scale - self._scale) > 0.001)

    def _next(self) -> None:
        sheets, scale = self._sheets, self._scale
        if self._at_work or sheets is None or not self._wanted:
            return
        page = self._wanted.pop(0)
        self._at_work = True

        def draw(_portal: Portal) -> QImage:
            return sheets.render(page, scale)

        def drawn(image: QImage) -> None:
            self._at_work = False
            if sheets is self._sheets:
                self._keep(page, _Drawn(scale, image))
            self._next()

        def failed(_problem: CounterpartError) -> None:
            self._at_work = False
            if sheets is self._sheets:
                self._broken.add(page)
                self.ready.emit(page)
            self._next()

        self._tasks.run(draw, drawn, failed)

    def _keep(self, page: int, drawn: _Drawn) -> None:
        self._drawn[page] = drawn
        self._drawn.move_to_end(page)
        while len(self._drawn) > 2 and sum(d.image.sizeInBytes() for d in self._drawn.values()) > _ROOM:
            self._drawn.popitem(last=False)
        self.ready.emit(page)


def _let_go(bridge: Bridge, opened: list[Sheets], *_destroyed: object) -> None:
    """Close documents on a worker. Left to the garbage, one could be closed in the middle of another's drawing."""
    for sheets in opened:
        bridge.tasks.run(partial(_close, sheets=sheets))
    opened.clear()


def _close(_portal: Portal, sheets: Sheets) -> None:
    sheets.close()

"""A list and what stands beside it: side by side where there is room, else one over the other.

Usage: ``halves = Halves(theme, prefs, "lead.split", left, (detail, form)); halves.show_side(form)``.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from app.services.prefs import Prefs
from app.views.theme.theme import Theme
from app.views.widgets.splitter import Splitter

#: The widths of both in a window of usual size.
LIST_WIDTH, DETAIL_WIDTH = 743, 328
#: Narrower than this there is room for the list or the record, not for both.
_BOTH = 1000
_LEAST_LIST = 420


class Halves(QWidget):
    """`narrowed` tells whether there is room for only one of them from now on."""

    narrowed = Signal(bool)

    def __init__(self, theme: Theme, prefs: Prefs, key: str, left: QWidget, sides: Sequence[QWidget]) -> None:
        """`key`: where the widths are kept. `sides`: what may stand beside the list, the usual one first."""
        super().__init__()
        self._prefs = prefs
        self._key = key
        self.narrow = False
        self.left = left
        left.setMinimumWidth(_LEAST_LIST)
        self.side = QStackedWidget()
        self.side.setMinimumWidth(sides[0].minimumWidth())
        for one in sides:
            self.side.addWidget(one)
        self.splitter = Splitter(theme)
        self.splitter.add(left, 1)
        self.splitter.add(self.side, 0)
        sizes = prefs.get(key, None)
        known = isinstance(sizes, list) and len(sizes) == 2 and all(isinstance(n, int) for n in sizes)
        self.splitter.setSizes(sizes if known else [LIST_WIDTH, DETAIL_WIDTH])
        self.splitter.moved.connect(self._remember)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.splitter)

    def show_side(self, one: QWidget) -> None:
        """Let something else stand beside the list."""
        self.side.setCurrentWidget(one)

    def cover(self, covered: bool) -> None:
        """Where there is room for one of them only: the record over the list, or the list again."""
        if self.narrow:
            self.left.setVisible(not covered)
            self.side.setVisible(covered)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < _BOTH
        if narrow != self.narrow:
            self.narrow = narrow
            self.left.setVisible(True)
            self.side.setVisible(not narrow)
            self.narrowed.emit(narrow)

    def _remember(self) -> None:
        if not self.narrow:
            self._prefs.set(self._key, self.splitter.sizes())

"""Two columns that become one below the other where there is no room for both.

Usage: ``Columns(left, right, side=336)`` keeps the second at 336; without ``side`` both share the width.
"""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from app.views.theme.tokens import Space
from app.views.widgets.layout import Margins

#: Narrower than this, two columns would squeeze each other.
LEAST = 860
_ANY = 16_777_215


class Columns(QWidget):
    """The first column takes what is left, or half."""

    def __init__(
        self,
        first: QWidget,
        second: QWidget,
        *,
        side: int = 0,
        gap: int = Space.COLUMN,
        margins: Margins = (Space.PAGE, Space.XL, Space.PAGE, Space.XL),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._second = second
        self._side = side
        self._gap = gap
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(*margins)
        self._box.setSpacing(gap)
        self._box.addWidget(first, 1)
        self._box.addWidget(second, 0 if side else 1)
        self._stack(False)

    @property
    def stacked(self) -> bool:
        """Whether the second column stands below the first."""
        return self._box.direction() is QBoxLayout.Direction.TopToBottom

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < LEAST
        if narrow is not self.stacked:
            self._stack(narrow)

    def _stack(self, stacked: bool) -> None:
        directions = QBoxLayout.Direction
        self._box.setDirection(directions.TopToBottom if stacked else directions.LeftToRight)
        if self._side:
            self._second.setMinimumWidth(0 if stacked else self._side)
            self._second.setMaximumWidth(_ANY if stacked else self._side)
        self._box.setStretch(0, 0 if stacked else 1)
        self._box.setStretch(1, 1 if stacked or not self._side else 0)

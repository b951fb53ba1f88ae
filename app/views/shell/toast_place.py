"""Where a toast stands: at the bottom, and never on what is worked on.

What is worked on are buttons, fields and the figures of home; of a page they are gathered by `worked_on`, and
`free_place` finds the place. Only where there is none does the toast lie over something, at the bottom centre.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from app.views.home.stage_table import StageTable
from app.views.widgets.stage_bar import StageBar

#: From the lower edge of the pages to the toast, and around it.
_RISE, _AIR = 32, 8
#: Further up than this share of the height it would be looked for in vain.
_LOWER = 0.5
_STEP = 8

_WORKED = (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    StageBar,
    StageTable,
)


def worked_on(page: QWidget, window: QWidget) -> list[QRect]:
    """The places, in the window, of what is worked on in a page."""
    found = (one for kind in _WORKED for one in page.findChildren(kind) if one.isVisible())
    return [area for one in found if not (area := _seen(one, window)).isEmpty()]


def _seen(widget: QWidget, window: QWidget) -> QRect:
    """The part of a widget that is not scrolled out of view."""
    area = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
    parent = widget.parentWidget()
    while parent is not None and parent is not window:
        area &= QRect(parent.mapTo(window, QPoint(0, 0)), parent.size())
        parent = parent.parentWidget()
    return area


def free_place(room: QRect, size: QSize, taken: Sequence[QRect]) -> QPoint:
    """The lowest place in the room that covers nothing taken: in the middle, else at a side."""
    for place in _places(room, size):
        around = QRect(place, size).adjusted(-_AIR, -_AIR, _AIR, _AIR)
        if not any(around.intersects(area) for area in taken):
            return place
    return next(_places(room, size))


def _places(room: QRect, size: QSize) -> Iterator[QPoint]:
    inset = _RISE - _AIR
    middle = room.left() + max(_AIR, (room.width() - size.width()) // 2)
    sides = (room.right() + 1 - inset - size.width(), room.left() + inset)
    lowest = room.bottom() + 1 - _RISE - size.height()
    highest = room.top() + round(room.height() * _LOWER)
    heights = range(lowest, max(highest, lowest - _STEP), -_STEP)
    # As low as it goes: under the lists at the edge before half way up in the middle.
    for top in [*heights] or [lowest]:
        for left in (middle, *sides):
            yield QPoint(max(left, room.left() + _AIR), top)

"""Where a toast stands: at the bottom, and never on what is worked on.

What is worked on are buttons, fields, the strips below lists and forms, and the figures of home. `worked_on` gathers
them of a page, and `free_place` finds the place. Only where there is none does the toast lie over something, where it
covers least.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from app.views.home.pipeline import PipelineSection
from app.views.home.renewals import RenewalsSection
from app.views.widgets.base import Panel
from app.views.widgets.rows import OpenRow

#: From the lower edge of the pages to the toast, from their sides, and around it.
_RISE, _SIDE, _AIR = 12, 24, 8
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
    PipelineSection,
    RenewalsSection,
)


def worked_on(page: QWidget, window: QWidget) -> list[QRect]:
    """The places, in the window, of what is worked on in a page."""
    found = [one for kind in _WORKED for one in page.findChildren(kind)]
    found += [one for one in page.findChildren(Panel) if one.is_foot]
    # What is written into has tools and hints around its field.
    found += [one for one in page.findChildren(QFrame) if one.property("kind") == "fieldbox"]
    # A row that opens by a click is read; what is done about it has a button of its own.
    found = [one for one in found if one.isVisible() and not isinstance(one, OpenRow)]
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
    return min(_places(room, size), key=lambda place: _covered(QRect(place, size), taken))


def _covered(area: QRect, taken: Sequence[QRect]) -> int:
    """How many pixels of what is taken lie below an area."""
    below = (area & one for one in taken)
    return sum(one.width() * one.height() for one in below)


def _places(room: QRect, size: QSize) -> Iterator[QPoint]:
    middle = room.left() + max(_AIR, (room.width() - size.width()) // 2)
    sides = (room.right() + 1 - _SIDE - size.width(), room.left() + _SIDE)
    lowest = room.bottom() + 1 - _RISE - size.height()
    highest = room.top() + round(room.height() * _LOWER)
    heights = range(lowest, highest - 1, -_STEP)
    # As low as it goes: under the lists at the edge before half way up in the middle.
    for top in [*heights] or [lowest]:
        for left in (middle, *sides):
            yield QPoint(max(left, room.left() + _AIR), top)

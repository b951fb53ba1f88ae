"""Short ways to say rows and columns without Qt's default gaps.

Usage: ``column(row(title, None, button), body, gap=12)``; ``None`` is a stretch, an int a fixed gap.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

Item = QWidget | QLayout | int | None
Margins = tuple[int, int, int, int]
NO_MARGINS: Margins = (0, 0, 0, 0)


def row(*items: Item, gap: int = 8, margins: Margins = NO_MARGINS, align: bool = True) -> QHBoxLayout:
    """Side by side; with ``align`` widgets are centred in height, else they fill it."""
    layout = QHBoxLayout()
    _fill(layout, items, gap, margins, Qt.AlignmentFlag.AlignVCenter if align else None)
    return layout


def column(*items: Item, gap: int = 0, margins: Margins = NO_MARGINS) -> QVBoxLayout:
    """One below the other, filling the width."""
    layout = QVBoxLayout()
    _fill(layout, items, gap, margins, None)
    return layout


def holding(layout: QLayout, parent: QWidget | None = None) -> QWidget:
    """A plain widget around a layout, for places that take only widgets."""
    widget = QWidget(parent)
    widget.setLayout(layout)
    return widget


def _fill(
    layout: QBoxLayout, items: tuple[Item, ...], gap: int, margins: Margins, align: Qt.AlignmentFlag | None
) -> None:
    layout.setContentsMargins(*margins)
    layout.setSpacing(gap)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        elif isinstance(item, QWidget):
            if align is None:
                layout.addWidget(item)
            else:
                layout.addWidget(item, 0, align)
        else:
            layout.addLayout(item)
            if align is not None:
                layout.setAlignment(item, align)


def emptied(layout: QLayout) -> None:
    """Take everything out of a layout, layouts within included; the widgets go once their events are done."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            emptied(inner)

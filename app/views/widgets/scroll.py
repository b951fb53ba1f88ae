"""A page that scrolls up and down and never sideways, and what stands still below it.

Usage: ``area = scrolled(content, self.tr("Home"))``; the content keeps its own margins. ``Below(theme, area, layout)``
is the strip under it.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QLayout, QScrollArea, QWidget

from app.views.theme.theme import Theme
from app.views.widgets.base import Panel


def scrolled(content: QWidget, name: str) -> QScrollArea:
    """Put `content` into a scroll area that follows its width; `name` is the accessible name."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setAccessibleName(name)
    # The viewport paints nothing itself, so that the ground of the window shows through in either scheme.
    area.viewport().setAutoFillBackground(False)
    area.setWidget(content)
    content.setAutoFillBackground(False)
    return area


class Below(Panel):
    """What goes on below the fold is parted from this strip by a rule; where all is seen, nothing parts them."""

    def __init__(self, theme: Theme, area: QAbstractScrollArea, layout: QLayout) -> None:
        super().__init__(theme, "surface")
        self._bar = area.verticalScrollBar()
        self.setLayout(layout)
        for moved in (self._bar.valueChanged, self._bar.rangeChanged):
            moved.connect(self._show_fold)

    def _show_fold(self) -> None:
        self.rule("top", on=self._bar.value() < self._bar.maximum())

"""A page that scrolls up and down and never sideways.

Usage: ``area = scrolled(content, self.tr("Home"))``; the content keeps its own margins.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


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

"""The small mark beside a time that this computer's clock gave while it was wrong.

Usage: ``mark = DoubtMark(theme); mark.show_doubt(message.doubt)``. Absent where nothing speaks against the time.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.bridge.tips import plain_tip
from app.services.views_model import Doubt
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.tiles import Icon

#: The shape, also where a row is painted.
DOUBT_ICON = "clock-exclamation"
DOUBT_SIZE = 14


class DoubtMark(Icon):
    """A clock with a question to it; the tip and the description say by whose clock and how wrong."""

    def __init__(self, theme: Theme, doubt: Doubt | None = None, parent: QWidget | None = None) -> None:
        super().__init__(theme, DOUBT_ICON, Tone.WARN, DOUBT_SIZE, parent=parent)
        self.setObjectName("doubt")
        self.setCursor(Qt.CursorShape.WhatsThisCursor)
        self.show_doubt(doubt)

    def show_doubt(self, doubt: Doubt | None) -> None:
        """Say why the time beside is wrong, or go."""
        self.setToolTip(plain_tip(doubt.text if doubt else ""))
        self.setAccessibleName(doubt.words if doubt else "")
        self.setAccessibleDescription(doubt.text if doubt else "")
        self.setVisible(doubt is not None)

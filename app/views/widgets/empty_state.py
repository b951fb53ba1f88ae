"""An empty place: what belongs here, what to do first, one button.

Usage: ``EmptyState(theme, "briefcase", "No deals here yet", "Register the first one; it works offline too.",
"Register a deal")``; ``acted`` is the button.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import Button, primary
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon


class EmptyState(ThemedWidget):
    """Centred in whatever room it has."""

    acted = Signal()

    def __init__(
        self,
        theme: Theme,
        icon: str,
        title: str,
        text: str = "",
        action: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._icon = Icon(theme, icon, Tone.TEXT3, 24)
        self._title = Text(theme, title, Role.NAME)
        self._text = Text(theme, text, Role.SECONDARY, Tone.TEXT3)
        self._button: Button = primary(theme, action)
        self._button.clicked.connect(self.acted)
        layout = QVBoxLayout(self)
        layout.setSpacing(4)
        layout.setContentsMargins(24, 24, 24, 24)
        centre = Qt.AlignmentFlag.AlignHCenter
        layout.addStretch(1)
        layout.addWidget(self._icon, 0, centre)
        layout.addSpacing(4)
        layout.addWidget(self._title, 0, centre)
        layout.addWidget(self._text, 0, centre)
        layout.addSpacing(8)
        layout.addWidget(self._button, 0, centre)
        layout.addStretch(1)
        self.show_words(icon, title, text, action)

    def show_words(self, icon: str, title: str, text: str = "", action: str = "") -> None:
        self._icon.show_icon(icon)
        self._title.set_text(title)
        self._text.set_text(text)
        self._text.setVisible(bool(text))
        self._button.set_text(action)
        self._button.setVisible(bool(action))
        self.setAccessibleName(f"{title}. {text}" if text else title)

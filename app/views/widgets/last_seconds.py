"""The last seconds before the screen is given away, counted down, with a button that stops them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import Panel
from app.views.widgets.buttons import Button
from app.views.widgets.layout import row
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon

_EDGE = 16


class LastSeconds(Panel):
    """A clock, words, *Stay*. `stayed`: somebody is still there."""

    stayed = Signal()

    def __init__(
        self, theme: Theme, role: Role, stay: Button, icon: int, parent: QWidget | None = None
    ) -> None:
        """`stay`: the button, `role` and `icon` the size of words and clock: a finger needs more than a pointer."""
        super().__init__(theme, "warn_soft", rules="bottom", parent=parent)
        self.left = Text(theme, "", role, Tone.WARN, elide=True)
        self.stay = stay
        stay.clicked.connect(self.stayed)
        told = row(Icon(theme, "clock", Tone.WARN, icon), gap=12, margins=(_EDGE, 0, _EDGE, 1))
        told.addWidget(self.left, 1)
        told.addWidget(stay)
        self.setLayout(told)

    def say(self, words: str) -> None:
        """How many seconds are left, in words."""
        self.left.set_text(words)
        self.setAccessibleName(words)

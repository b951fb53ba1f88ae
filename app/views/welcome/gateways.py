"""The gateways an organisation offers, in place of a field for an address."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.buttons import Button, primary
from app.views.widgets.cards import Rule
from app.views.widgets.layout import row
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon


class GatewayChoices(QWidget):
    """Each with its button, and who says so."""

    chosen = Signal(str)
    """The address one wants to sign in at."""

    def __init__(self, theme: Theme, gateways: Sequence[str], problem: str = "") -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.buttons: dict[str, Button] = {}
        for number, gateway in enumerate(gateways):
            if number:
                layout.addWidget(Rule(theme))
            layout.addLayout(self._line(theme, gateway))
        layout.addSpacing(14)
        set_by = self.tr("Set by your organisation")
        who = Text(theme, set_by, Role.SECONDARY, Tone.TEXT3)
        layout.addLayout(row(Icon(theme, "lock", Tone.TEXT3, 14), who, None, gap=6))
        self._problem = Text(theme, problem, Role.SECONDARY, Tone.BAD, wrap=True)
        self._problem.setVisible(bool(problem))
        layout.addSpacing(6)
        layout.addWidget(self._problem)

    def _line(self, theme: Theme, gateway: str) -> QVBoxLayout:
        shown = Text(theme, gateway, Role.NAME, elide=True)
        button = primary(theme, self.tr("Sign in"), "login")
        button.setAccessibleName(self.tr("Sign in at {gateway}").format(gateway=gateway))
        button.clicked.connect(lambda: self.chosen.emit(gateway))
        self.buttons[gateway] = button
        line = row(gap=12, margins=(0, 8, 0, 8))
        line.addWidget(shown, 1)
        line.addWidget(button)
        around = QVBoxLayout()
        around.addLayout(line)
        return around

    @property
    def problem(self) -> str:
        """Why what was asked for did not happen."""
        return self._problem.text()

    def set_problem(self, problem: str) -> None:
        """Say why what was asked for did not happen; empty: nothing is wrong."""
        self._problem.set_text(problem)
        self._problem.setVisible(bool(problem))

    def focus_first(self) -> None:
        """Give the keyboard to the first."""
        next(iter(self.buttons.values())).setFocus()

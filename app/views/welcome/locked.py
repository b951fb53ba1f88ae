"""The card of an account that nobody touched for too long: why it is closed, and the one click that opens it."""

from __future__ import annotations

from PySide6.QtCore import Qt

from app.bridge.entrance import Entrance
from app.bridge.entrance_state import EntranceState
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.welcome.steps import StepCard
from app.views.widgets.buttons import Button, primary
from app.views.widgets.layout import row
from app.views.widgets.text import Text
from app.views.widgets.tiles import Avatar


class LockedStep(StepCard):
    """Whose it is, *Unlock*, and the way to another account."""

    def __init__(self, theme: Theme, entrance: Entrance, state: EntranceState) -> None:
        super().__init__(theme, entrance, state, "lock", Tone.ACCENT)
        who = row(Avatar(theme, state.who, 24, own=True), Text(theme, state.who, Role.NAME), None, gap=8)
        self.parts.addLayout(who)
        self.parts.addSpacing(20)
        self.back = Button(theme, self.tr("Other accounts"))
        self.back.clicked.connect(entrance.cancel)
        self.go: Button = primary(theme, self.tr("Unlock"))
        self.go.clicked.connect(lambda: entrance.take("retry"))
        self.parts.addLayout(row(None, self.back, self.go, gap=12))

    def focus_first(self) -> None:
        self.go.setFocus(Qt.FocusReason.OtherFocusReason)

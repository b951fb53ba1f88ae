"""The card of a computer on which what the organisation set is not understood: what to show to IT, and nothing else."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication

from app.bridge.entrance import Entrance
from app.bridge.entrance_state import EntranceState
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.welcome.steps import StepCard
from app.views.widgets.buttons import Button
from app.views.widgets.layout import row
from app.views.widgets.text import Text

_COPIED_MS = 2_000


class BlockedStep(StepCard):
    """Each problem in a line, and a button that copies them."""

    def __init__(self, theme: Theme, entrance: Entrance, state: EntranceState) -> None:
        super().__init__(theme, entrance, state, "lock", Tone.WARN)
        self._problems = state.notes
        self.notes = [Text(theme, note, Role.BODY, wrap=True) for note in state.notes]
        for note in self.notes:
            self.parts.addWidget(note)
            self.parts.addSpacing(12)
        self.parts.addSpacing(8)
        self.copy: Button = Button(theme, self.tr("Copy this"))
        self.copy.clicked.connect(self._copy)
        self.parts.addLayout(row(None, self.copy))
        self.setAccessibleDescription(" ".join((state.text, *state.notes)))
        self._back = QTimer(self)
        self._back.setSingleShot(True)
        self._back.setInterval(_COPIED_MS)
        self._back.timeout.connect(lambda: self.copy.set_text(self.tr("Copy this")))

    def focus_first(self) -> None:
        self.copy.setFocus(Qt.FocusReason.OtherFocusReason)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(self._problems))
        self.copy.set_text(self.tr("Copied"))
        self._back.start()

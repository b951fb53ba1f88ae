"""The window before there is a portal: which account, the browser, the passphrase, and whatever stands in the way.

It renders `entrance.state` and calls the entrance's methods; it decides nothing itself.
"""

from __future__ import annotations

from typing import assert_never

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.bridge.entrance import Entrance
from app.bridge.entrance_state import EntranceState, Step
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space
from app.views.welcome.blocked import BlockedStep
from app.views.welcome.locked import LockedStep
from app.views.welcome.steps import (
    AccountStep,
    BrowserStep,
    ErasedStep,
    PassphraseStep,
    ProblemStep,
    StepCard,
    WorkingStep,
)
from app.views.widgets.base import Panel
from app.views.widgets.buttons import Button, link
from app.views.widgets.painting import LaidOutFirst

_SIZE = (1280, 800)
_CARD = 480


class EntranceWindow(Panel):
    """One card in the middle of a quiet ground. `hides`: when it is closed the app goes on in the tray."""

    def __init__(self, entrance: Entrance, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "bg", parent=parent)
        self._entrance = entrance
        self._state: EntranceState | None = None
        self.card: StepCard | None = None
        self.hides = False
        self.setWindowTitle("Counterpart")
        self.setAccessibleName("Counterpart")
        self.resize(*_SIZE)
        self.setMinimumSize(560, 520)
        self._middle = QVBoxLayout()
        self._middle.addStretch(2)
        self._middle.addStretch(3)
        self.check: Button = link(theme, self.tr("Check this computer"), "help-circle")
        self.check.clicked.connect(self.open_check)
        self._middle.addWidget(self.check, 0, Qt.AlignmentFlag.AlignHCenter)
        line = QHBoxLayout(self)
        line.setContentsMargins(Space.PAGE, Space.PAGE, Space.PAGE, Space.PAGE)
        line.addStretch(1)
        line.addLayout(self._middle)
        line.addStretch(1)
        LaidOutFirst(self)
        entrance.changed.connect(self.follow)
        self.follow()

    def open_check(self) -> None:
        """Look at what may keep one from getting in."""
        from app.views.doctor.check_window import CheckWindow  # noqa: PLC0415  # with all that it may show

        window = CheckWindow(self.theme, self._entrance.checkup, self._entrance.words, self)
        window.finished.connect(window.deleteLater)
        window.open()

    def follow(self) -> None:
        """Render the state as it is now."""
        state = self._entrance.state
        if state.step is Step.DONE or state == self._state:
            return
        same_step = self._state is not None and self._state.step is state.step and self.card is not None
        self._state = state
        if same_step and self.card is not None and self.card.take(state):
            return
        if self.card is not None:
            self._middle.removeWidget(self.card)
            self.card.hide()
            self.card.deleteLater()
        self.card = self._make(state)
        self.card.setFixedWidth(_CARD)
        self._middle.insertWidget(1, self.card, 0, Qt.AlignmentFlag.AlignHCenter)
        self.card.show()
        self.card.focus_first()

    def _make(self, state: EntranceState) -> StepCard:
        match state.step:
            case Step.ACCOUNT:
                return AccountStep(self.theme, self._entrance, state)
            case Step.BROWSER:
                return BrowserStep(self.theme, self._entrance, state)
            case Step.NEW_PASSPHRASE | Step.UNLOCK:
                return PassphraseStep(self.theme, self._entrance, state)
            case Step.LOCKED:
                return LockedStep(self.theme, self._entrance, state)
            case Step.WORKING | Step.DONE:
                return WorkingStep(self.theme, self._entrance, state)
            case Step.BLOCKED:
                return BlockedStep(self.theme, self._entrance, state)
            case Step.ERASED:
                return ErasedStep(self.theme, self._entrance, state)
            case Step.PROBLEM:
                return ProblemStep(self.theme, self._entrance, state)
            case _:
                assert_never(state.step)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.hides:
            event.ignore()
            self.hide()
            return
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        going_back = self._state is not None and self._state.step in {
            Step.BROWSER,
            Step.UNLOCK,
            Step.NEW_PASSPHRASE,
        }
        if event.key() == Qt.Key.Key_Escape and going_back:
            self._entrance.cancel()
            return
        super().keyPressEvent(event)

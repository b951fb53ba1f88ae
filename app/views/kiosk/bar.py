"""The bar over the pages of a shared screen: whose it is, locking, signing out, the last seconds before it locks."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.views.kiosk.press import press
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Kiosk
from app.views.widgets.base import Panel
from app.views.widgets.buttons import ButtonKind
from app.views.widgets.last_seconds import LastSeconds
from app.views.widgets.layout import row
from app.views.widgets.text import Text
from app.views.widgets.tiles import Avatar

_EDGE = 16


class KioskBar(QStackedWidget):
    """64 high, two faces: who has the screen, or how long until it locks. `stayed`: somebody is still there."""

    lock_asked = Signal()
    leave_asked = Signal()
    stayed = Signal()

    def __init__(
        self, theme: Theme, name: str, letters: str, *, locks: bool, parent: QWidget | None = None
    ) -> None:
        """`name`: the first one, which is all a screen shows. `locks`: whether a lock leaves a way back at all."""
        super().__init__(parent)
        self.setFixedHeight(Kiosk.BAR)
        self._locks = locks
        self.who = Text(
            theme, self.tr("{name} is signed in here").format(name=name), Role.KIOSK_STEP, elide=True
        )
        self.lock = press(theme, self.tr("Lock"), "lock", low=True)
        self.leave = press(theme, self.tr("Sign out"), "logout", low=True)
        self.lock.clicked.connect(self.lock_asked)
        self.leave.clicked.connect(self.leave_asked)
        if not locks:
            self.lock.hide()
        usual = Panel(theme, "raised", rules="bottom")
        line = row(Avatar(theme, name, 40, own=True, letters=letters), gap=12, margins=(_EDGE, 0, _EDGE, 1))
        line.addWidget(self.who, 1)
        line.addWidget(self.lock)
        line.addWidget(self.leave)
        usual.setLayout(line)
        self.stay = press(theme, self.tr("Stay"), "hand-stop", ButtonKind.PRIMARY, low=True)
        self.warning = LastSeconds(theme, Role.KIOSK_STEP, self.stay, 24)
        self.warning.stayed.connect(self.stayed)
        self.left = self.warning.left
        for face in (usual, self.warning):
            self.addWidget(face)

    def count_down(self, seconds: int) -> None:
        """Seconds until it locks; 0 while somebody is there."""
        if not seconds:
            self.setCurrentIndex(0)
            return
        words = self.tr("Locks in {seconds} s – touch to stay")
        if not self._locks:
            words = self.tr("Signs you out in {seconds} s – touch to stay")
        self.warning.say(words.format(seconds=seconds))
        self.setCurrentIndex(1)

    @property
    def counts(self) -> bool:
        """Whether the last seconds run."""
        return self.currentIndex() == 1


def stacked(bar: KioskBar, below: QWidget, layout: QVBoxLayout) -> None:
    """Put the bar over what is below, without a gap."""
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(bar)
    layout.addWidget(below, 1)

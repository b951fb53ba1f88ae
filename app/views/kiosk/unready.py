"""The whole screen of a kiosk whose policy is not complete: what is missing, and when it is looked at again."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLayout

from app.bridge.kiosk_state import NOBODYS, Trouble
from app.views.kiosk.head import EntranceHead
from app.views.kiosk.middle import ToldMiddle
from app.views.theme.theme import Theme
from app.views.theme.tokens import Kiosk
from app.views.widgets.base import Panel
from app.views.widgets.layout import column
from app.views.widgets.painting import LaidOutFirst


class UnreadyScreen(Panel):
    """`again`: somebody does not want to wait until it is looked at again by itself."""

    again = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "bg")
        self.setWindowTitle("Counterpart")
        self.setAccessibleName(self.tr("This screen is not set up yet"))
        self.head = EntranceHead(theme, NOBODYS)
        self.head.chip.hide()
        self.told = ToldMiddle(theme)
        self.told.again.connect(self.again)
        inner = column(self.head, None, self.told, None, margins=(Kiosk.EDGE, 42, Kiosk.EDGE, 40))
        inner.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.setLayout(inner)
        LaidOutFirst(self)

    def show_missing(self, place: str, cause: str, rest: str, left: int) -> None:
        """`cause`: what is missing; `rest`: what to do about it; `left`: seconds until it is looked at again."""
        self.head.show_brand(NOBODYS, place)
        heading = self.tr("This screen is not set up yet: {cause}").format(cause=cause)
        self.told.show_trouble(Trouble(heading, rest), left)
        self.setAccessibleDescription(f"{heading} {rest}")

    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()

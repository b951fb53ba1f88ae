"""The whole screen while somebody uses it: the bar, and below it the window of their account."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLayout, QVBoxLayout

from app.views.kiosk.bar import KioskBar, stacked
from app.views.main_window import MainWindow
from app.views.theme.theme import Theme
from app.views.widgets.base import Panel
from app.views.widgets.fingers import Fingers
from app.views.widgets.painting import LaidOutFirst


class UseScreen(Panel):
    """Owns the window of an account while it is shown."""

    def __init__(self, theme: Theme, window: MainWindow, name: str, letters: str, *, locks: bool) -> None:
        super().__init__(theme, "surface")
        self.pages = window
        self.bar = KioskBar(theme, name, letters, locks=locks)
        layout = QVBoxLayout(self)
        # It has the size of the screen, whatever its pages would like and a keyboard leaves of it.
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        window.setMinimumSize(1, 1)
        stacked(self.bar, window, layout)
        LaidOutFirst(self)
        Fingers(self)
        self.setWindowTitle(window.windowTitle())
        self.setAccessibleName(window.accessibleName())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.WindowStateChange and self.isMinimized():
            QTimer.singleShot(0, self.showFullScreen)

    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()

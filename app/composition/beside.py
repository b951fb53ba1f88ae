"""The open account beside its window: the icon in the tray, and a line now and then while nobody looks."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QGuiApplication

from app.bridge.engine import Bridge
from app.bridge.notifying import Notifying
from app.services.portal import Portal
from app.services.prefs import STAYS
from app.services.views_model import Target
from app.views.shell.tray import Tray
from app.views.theme.theme import Theme

#: Whether the person was told where the app goes when its window is closed.
_TOLD = "window.stays.told"


class Beside(QObject):
    """Made where the system has a tray, and only there."""

    def __init__(
        self,
        portal: Portal,
        bridge: Bridge,
        theme: Theme,
        come_forward: Callable[[Target | None], None],
        quit_app: Callable[[], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._portal = portal
        self.tray = Tray(theme, portal, bridge, self)
        self.notifying = Notifying(portal, bridge, self)
        self.tray.opened.connect(come_forward)
        self.tray.quit_asked.connect(quit_app)
        self.notifying.told.connect(self.tray.tell)
        self.notifying.waiting.connect(self.tray.show_count)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.applicationStateChanged.connect(self._on_state)
        self.tray.icon.show()

    def hides(self) -> bool:
        """Whether closing the window only hides it; the first time, it is said where the app went."""
        if self._portal.prefs.get(STAYS) is not True:
            return False
        if self._portal.prefs.get(_TOLD) is not True:
            self._portal.prefs.set(_TOLD, True)
            self.tray.say_it_stays()
        self.notifying.set_active(False)
        return True

    @Slot(Qt.ApplicationState)
    def _on_state(self, state: Qt.ApplicationState) -> None:
        self.notifying.set_active(state is Qt.ApplicationState.ApplicationActive)

    def close(self) -> None:
        """Take the icon away."""
        self.tray.close()

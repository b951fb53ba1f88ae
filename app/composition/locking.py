"""The lock of an account that nobody touches: the last seconds over its window, then entrance and tray say so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from app.composition.idling import Idling
from app.contract.manifest import Brand
from app.services.idle import IdleWatch
from app.sync.clock import Clock
from app.views.shell.idle_bar import IdleBar
from app.views.shell.traces import clear_traces
from app.views.theme.theme import Theme
from app.views.welcome.entrance import EntranceWindow
from app.views.widgets.touched import Touched

if TYPE_CHECKING:
    from app.views.main_window import MainWindow
    from app.views.shell.locked_tray import LockedTray

#: A dialog of the system waits in a loop of its own, which has to end before its window may go.
_AGAIN_MS, _TRIES = 100, 50


@dataclass(frozen=True)
class WindowLeft:
    """How a window stood when its account was locked; the entrance stands likewise.

    `shown`: on the screen, perhaps `minimised`; `active`: somebody was in it, and not in another program. `stays`: when
    it is closed the app goes on in the tray. `brand`: whose icon is in the tray; None where there is none.
    """

    shown: bool
    minimised: bool
    active: bool
    stays: bool
    brand: Brand | None

    @classmethod
    def of(cls, window: QWidget, *, stays: bool, brand: Brand | None) -> WindowLeft:
        """Return how it stands."""
        active = QGuiApplication.applicationState() is Qt.ApplicationState.ApplicationActive
        return cls(window.isVisible(), window.isMinimized(), active, stays, brand)

    def put_up(self, entrance: EntranceWindow) -> None:
        """Show the entrance where the window was; nobody is called away from another program."""
        entrance.hides = self.stays
        entrance.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, not self.active)
        if not self.shown:
            return
        if self.minimised:
            entrance.showMinimized()
        else:
            entrance.show()


class Locking(QObject):
    """Made where policy locks a desk at all. `due`: the account has to be closed now."""

    due = Signal()

    def __init__(
        self, app: QApplication, clock: Clock, seconds: int, theme: Theme, parent: QObject | None = None
    ) -> None:
        """`seconds` without a touch lock; more than 0."""
        super().__init__(parent)
        self.seconds = seconds
        self._theme = theme
        self._touches = Touched(app)
        self._window: MainWindow | None = None
        self._bar: IdleBar | None = None
        self._tray: LockedTray | None = None
        self._tries = 0
        self.idling = Idling(self._touches, IdleWatch(clock, seconds), self)
        self.idling.counts.connect(self._count_down)
        self.idling.over.connect(self._on_over)

    def begin(self, window: MainWindow) -> None:
        """An account is open, and its window was just shown."""
        self._put_tray_away()
        self._window, self._bar = window, None
        self._tries = 0
        self.idling.begin()

    def stop(self) -> None:
        """The account is being closed."""
        self.idling.stop()
        self._window = self._bar = None

    @Slot(int)
    def _count_down(self, seconds: int) -> None:
        window = self._window
        if window is None or not isValid(window):
            return
        if self._bar is None:
            self._bar = IdleBar(self._theme, window.bar)
            self._bar.stayed.connect(self.idling.touched)
            QApplication.alert(window)  # whoever works in another program sees it in the task bar
        self._bar.count_down(seconds)
        if not seconds:
            self._bar.deleteLater()
            self._bar = None

    @Slot()
    def _on_over(self) -> None:
        if QThread.currentThread().loopLevel() > 1 and self._tries < _TRIES:
            self._tries += 1
            for asking in (QApplication.activePopupWidget(), QApplication.activeModalWidget()):
                if asking is not None:
                    asking.close()
            QTimer.singleShot(_AGAIN_MS, self._on_over)
        elif self._window is not None:
            self.due.emit()

    def lock(self, entrance: EntranceWindow, left: WindowLeft) -> None:
        """Nothing of the account stays in this process but what the entrance says."""
        clear_traces(entrance, only_ours=True)
        if left.brand is not None:
            from app.views.shell.locked_tray import LockedTray

            self._tray = LockedTray(self._theme, left.brand, self)

    def tell_tray(self, opened: Callable[[], None], quit_app: Callable[[], None]) -> None:
        """What the icon in the tray does."""
        if self._tray is not None:
            self._tray.opened.connect(opened)
            self._tray.quit_asked.connect(quit_app)

    @property
    def tray(self) -> LockedTray | None:
        """The icon that says locked, while it does."""
        return self._tray

    def _put_tray_away(self) -> None:
        if self._tray is not None:
            self._tray.close()
            self._tray = None

    def close(self) -> None:
        """The program ends."""
        self.stop()
        self._put_tray_away()
        self._touches.stop()

"""Whether somebody is there: a key, a click, a touch, the wheel, or a pointer that moved, in any window of ours."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Signal
from PySide6.QtGui import QGuiApplication, QMouseEvent, QWindow

_TOUCHES = frozenset(
    {
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonRelease,
        QEvent.Type.MouseMove,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.KeyPress,
        QEvent.Type.Wheel,
        QEvent.Type.TabletPress,
        QEvent.Type.InputMethod,
    }
)


class Touched(QObject):
    """Watches the windows of the application, which get everything before their widgets. `touched`: somebody is there.

    A filter for the events of the whole application is also handed what is being destroyed.
    """

    touched = Signal()

    def __init__(self, app: QGuiApplication) -> None:
        super().__init__(app)
        self._app = app
        self._at = QPoint(-1, -1)
        app.focusWindowChanged.connect(self._on_window)

    def stop(self) -> None:
        """Watch no longer."""
        self._app.focusWindowChanged.disconnect(self._on_window)
        for window in QGuiApplication.topLevelWindows():
            window.removeEventFilter(self)

    def watch(self) -> None:
        """Watch every window there is now: dialogs, menus and lists that open have windows of their own."""
        for window in QGuiApplication.topLevelWindows():
            self._on_window(window)

    def _on_window(self, window: QWindow | None) -> None:
        if window is not None:
            # Whoever is installed twice is asked once.
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _TOUCHES and self._is_somebody(event):
            self.touched.emit()
        return super().eventFilter(watched, event)

    def _is_somebody(self, event: QEvent) -> bool:
        """A pointer that a window appeared under has not moved, and is nobody."""
        if event.type() is not QEvent.Type.MouseMove or not isinstance(event, QMouseEvent):
            return True
        at = event.globalPosition().toPoint()
        moved, self._at = at != self._at and self._at.x() >= 0, at
        return moved

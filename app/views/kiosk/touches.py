"""Whether somebody is there, and what a finger needs: reasons not hidden in tips, nothing dragged in from outside."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QDropEvent, QGuiApplication, QKeyEvent, QMouseEvent, QWindow
from PySide6.QtWidgets import QApplication, QToolTip

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
_DRAGS = frozenset({QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop})

#: Keys that would lead out, wherever the system lets them reach a window.
_SHUT = frozenset(
    {
        Qt.Key.Key_Print,
        Qt.Key.Key_SysReq,
        Qt.Key.Key_Menu,
        Qt.Key.Key_F11,
        Qt.Key.Key_F12,
        Qt.Key.Key_Super_L,
        Qt.Key.Key_Super_R,
        Qt.Key.Key_Meta,
        Qt.Key.Key_LaunchMail,
        Qt.Key.Key_HomePage,
        Qt.Key.Key_Explorer,
    }
)


class Touches(QObject):
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
        kind = event.type()
        if kind in _DRAGS and isinstance(event, QDropEvent) and event.source() is None:
            event.ignore()
            return True
        if kind in {QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride} and _leads_out(event):
            return True
        if kind in _TOUCHES and self._is_somebody(event):
            self.touched.emit()
            if kind is QEvent.Type.MouseButtonPress:
                _say_why(event)
        return super().eventFilter(watched, event)

    def _is_somebody(self, event: QEvent) -> bool:
        """A pointer that a window appeared under has not moved, and is nobody."""
        if event.type() is not QEvent.Type.MouseMove or not isinstance(event, QMouseEvent):
            return True
        at = event.globalPosition().toPoint()
        moved, self._at = at != self._at and self._at.x() >= 0, at
        return moved


def _leads_out(event: QEvent) -> bool:
    if not isinstance(event, QKeyEvent):
        return False
    alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
    closes = alt and event.key() in {Qt.Key.Key_F4, Qt.Key.Key_Space, Qt.Key.Key_Tab}
    quits = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier) and event.key() in {
        Qt.Key.Key_Q,
        Qt.Key.Key_W,
    }
    return closes or quits or event.key() in _SHUT


def _say_why(event: QEvent) -> None:
    """Who presses what rests is told why: a finger has no pointer to wait with."""
    if not isinstance(event, QMouseEvent) or event.button() is not Qt.MouseButton.LeftButton:
        return
    at = event.globalPosition().toPoint()
    pressed = QApplication.widgetAt(at)
    if pressed is not None and not pressed.isEnabled() and pressed.toolTip():
        QToolTip.showText(at, pressed.toolTip(), pressed)

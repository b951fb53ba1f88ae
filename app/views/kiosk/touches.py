"""Whether somebody is there, and what a finger needs: reasons not hidden in tips, nothing dragged in from outside."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QDropEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

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
    """Watches the whole application. `touched`: somebody did something."""

    touched = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._at = QPoint(-1, -1)
        app.installEventFilter(self)

    def stop(self) -> None:
        """Watch no longer."""
        self._app.removeEventFilter(self)

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
                _say_why(watched, event)
        return super().eventFilter(watched, event)

    def _is_somebody(self, event: QEvent) -> bool:
        """A pointer that a window appeared under has not moved, and an event the program made is nobody."""
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


def _say_why(watched: QObject, event: QEvent) -> None:
    """Who presses what rests is told why: a finger has no pointer to wait with."""
    if isinstance(watched, QWidget) and isinstance(event, QMouseEvent) and not watched.isEnabled():
        if watched.toolTip() and event.button() is Qt.MouseButton.LeftButton:
            QToolTip.showText(event.globalPosition().toPoint(), watched.toolTip(), watched)

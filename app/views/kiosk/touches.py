"""Whether somebody is there, and what a finger needs: reasons not hidden in tips, nothing dragged in from outside."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QDropEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QToolTip

from app.views.widgets.touched import Touched

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


class Touches(Touched):
    """Whether somebody is there; and nothing of a keyboard or a pointer leads out."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in _DRAGS and isinstance(event, QDropEvent) and event.source() is None:
            event.ignore()
            return True
        if kind in {QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride} and _leads_out(event):
            return True
        taken = super().eventFilter(watched, event)
        if kind is QEvent.Type.MouseButtonPress:
            _say_why(event)
        return taken


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

"""With a keyboard on the screen: the pages give way to it, and where one types is brought into view."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QRect, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QScrollArea, QTextEdit, QWidget

#: Room left between what one types into and the keyboard.
_ROOM = 16


class Revealing(QObject):
    """Watches where the keyboard goes, and where the system's own lies. `screen`: what is on the screen now."""

    def __init__(self, app: QApplication, screen: Callable[[], QWidget | None]) -> None:
        super().__init__(app)
        self._app = app
        self._screen = screen
        self._method = QGuiApplication.inputMethod()
        app.focusChanged.connect(self._on_focus)
        self._method.keyboardRectangleChanged.connect(self._again)
        self._method.visibleChanged.connect(self._again)

    def stop(self) -> None:
        """Watch no longer."""
        self._app.focusChanged.disconnect(self._on_focus)
        self._method.keyboardRectangleChanged.disconnect(self._again)
        self._method.visibleChanged.disconnect(self._again)

    def _on_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        if now is not None:
            # Its page is laid out first.
            QTimer.singleShot(0, self, self._again)

    def _again(self) -> None:
        screen = self._screen()
        if screen is None:
            return
        keyboard = self._method.keyboardRectangle().toRect() if self._method.isVisible() else QRect()
        give_way(screen, keyboard)
        focus = QApplication.focusWidget()
        if focus is not None and screen.isAncestorOf(focus):
            reveal(focus)


def give_way(screen: QWidget, keyboard: QRect) -> None:
    """Leave the lower part of the screen to a keyboard that lies there; an empty one takes nothing."""
    layout = screen.layout()
    if layout is None:
        return
    bottom = screen.mapToGlobal(QPoint(0, screen.height())).y()
    covered = max(0, bottom - keyboard.top()) if keyboard.isValid() else 0
    margins = layout.contentsMargins()
    if margins.bottom() != covered:
        layout.setContentsMargins(margins.left(), margins.top(), margins.right(), covered)
        layout.activate()


def reveal(field: QWidget) -> None:
    """Scroll what is around a field until all of it is seen."""
    if not isinstance(field, QLineEdit | QTextEdit):
        return
    above = field.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea):
            above.ensureWidgetVisible(field, 0, _ROOM)
        above = above.parentWidget()

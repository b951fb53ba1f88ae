"""With a keyboard on the screen: where one types is brought into view and not covered by it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QRect, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QLineEdit, QScrollArea, QTextEdit, QWidget

#: Room left between what one types into and the keyboard.
_ROOM = 16


class Revealing(QObject):
    """Watches where the keyboard goes and where the system's own lies."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
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
        focus = QApplication.focusWidget()
        if isinstance(focus, QLineEdit | QTextEdit):
            reveal_above(focus, self.keyboard())

    def keyboard(self) -> QRect:
        """Where the keyboard lies on the screen; empty while there is none."""
        return self._method.keyboardRectangle().toRect() if self._method.isVisible() else QRect()


def reveal_above(widget: QWidget, keyboard: QRect) -> None:
    """Scroll what is around a field until it is seen, above `keyboard` (in the screen's coordinates)."""
    area = _area_of(widget)
    if area is None:
        return
    if isinstance(area, QScrollArea):
        area.ensureWidgetVisible(widget, 0, _ROOM)
    covered = _bottom(widget) + _ROOM - keyboard.top() if keyboard.isValid() else 0
    if covered <= 0:
        return
    bar = area.verticalScrollBar()
    if bar.maximum() - bar.value() < covered:
        _make_room(area, keyboard)
    bar.setValue(bar.value() + covered)


def _make_room(area: QAbstractScrollArea, keyboard: QRect) -> None:
    """The last field of a form has nothing below it to scroll to: the part that the keyboard covers is given up."""
    viewport = area.viewport()
    below = viewport.mapToGlobal(viewport.rect().bottomLeft()).y() + 1 - keyboard.top()
    content = area.widget() if isinstance(area, QScrollArea) else None
    if below > 0 and content is not None:
        content.setMinimumHeight(max(content.minimumHeight(), content.height() + below))
        QApplication.processEvents()


def _bottom(widget: QWidget) -> int:
    return widget.mapToGlobal(QPoint(0, widget.height())).y()


def _area_of(widget: QWidget) -> QAbstractScrollArea | None:
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea):
            return above
        above = above.parentWidget()
    return None

"""A small pane over the window, below the button that opened it; Escape or a click elsewhere closes it.

Usage: ``popup = Popup(theme, "Columns", window); popup.setLayout(...); popup.show_below(button)``.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QWidget

from app.views.theme.paint import rounded
from app.views.theme.theme import Theme
from app.views.widgets.base import ThemedWidget
from app.views.widgets.fingers import grown

_GAP = 4


class Popup(ThemedWidget):
    """Stands within the screen, its far edge below the button's."""

    def __init__(self, theme: Theme, name: str, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self.setWindowFlag(Qt.WindowType.Popup)
        self.setAccessibleName(name)

    def show_below(self, anchor: QWidget) -> None:
        """Open below a widget, or above it where there is no room."""
        self.adjustSize()
        far = 0 if self.mirrored else anchor.width() - self.width()
        spot = anchor.mapToGlobal(QPoint(far, anchor.height() + _GAP))
        screen = anchor.screen().availableGeometry()
        if spot.y() + self.height() > screen.bottom():
            spot = anchor.mapToGlobal(QPoint(far, -self.height() - _GAP))
        spot.setX(max(screen.left(), min(spot.x(), screen.right() - self.width())))
        spot.setY(max(screen.top(), spot.y()))
        self.move(spot)
        self.show()
        grown(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        painter.fillRect(self.rect(), tokens.surface)
        rounded(painter, self.rect(), 0, None, tokens.line2)
        painter.end()


def open_above(menu: QMenu, anchor: QWidget) -> None:
    """Open a menu above a button at the foot of the window; it goes once it is closed."""
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(anchor.mapToGlobal(QPoint(0, -menu.sizeHint().height() - _GAP)))

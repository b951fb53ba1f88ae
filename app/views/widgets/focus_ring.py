"""The frame of the keyboard around words that have none of their own: it stands outside them and touches no letter.

A link takes the room of its words alone, so that they line up with what stands above and below; a frame inside that
room would cross the first and the last letter. The ring is a widget of its own in the nearest parent that holds it.

Usage: ``ring = FocusRing(theme, link)`` when the keyboard comes; ``ring.leave()`` when it goes.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from app.views.theme.paint import draw_focus
from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius
from app.views.widgets.base import ThemedWidget

#: Beside and above the words, the two pixels of the frame included.
_BESIDE, _ABOVE = 5, 3


class FocusRing(ThemedWidget):
    """Follows its widget wherever layouts move it, until it leaves."""

    def __init__(self, theme: Theme, widget: QWidget) -> None:
        chain = _up_to_host(widget)
        super().__init__(theme, chain[-1])
        self._widget = widget
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for one in chain[:-1]:
            one.installEventFilter(self)
        widget.destroyed.connect(self.deleteLater)
        self._place()
        self.raise_()
        self.show()

    def leave(self) -> None:
        """The keyboard has gone elsewhere."""
        self.hide()
        self.deleteLater()

    def _place(self) -> None:
        host = self.parentWidget()
        if host is not None:
            self.setGeometry(_around(self._widget, host))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize):
            self._place()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_focus(painter, self.theme, self.rect(), Radius.KEY)
        painter.end()


def _around(widget: QWidget, host: QWidget) -> QRect:
    place = QRect(widget.mapTo(host, QPoint(0, 0)), widget.size())
    return place.adjusted(-_BESIDE, -_ABOVE, _BESIDE, _ABOVE)


def _up_to_host(widget: QWidget) -> list[QWidget]:
    """The widget, its parents, and last the nearest one that holds the ring whole: no further than what scrolls."""
    chain = [widget]
    while (parent := chain[-1].parentWidget()) is not None:
        if isinstance(parent.parentWidget(), QAbstractScrollArea):
            # A viewport: what is in it scrolls, and the ring has to scroll along.
            break
        chain.append(parent)
        if parent.isWindow() or parent.rect().contains(_around(widget, parent)):
            break
    return chain

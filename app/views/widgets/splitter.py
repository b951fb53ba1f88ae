"""The divider between list and detail, one line wide to the eye and eight to the pointer.

Usage: ``split = Splitter(theme); split.add(list_pane, stretch=1); split.add(detail, stretch=0)``;
``split.restore(prefs.bytes)``, ``split.moved.connect(lambda: prefs.save(split.state()))``.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle, QWidget

from app.views.theme.theme import Theme

_STEP = 16


class Handle(QSplitterHandle):
    """Draws the rule; arrow keys move it."""

    def __init__(self, theme: Theme, orientation: Qt.Orientation, parent: QSplitter) -> None:
        super().__init__(orientation, parent)
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self.tr("Divider between the panes"))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.fillRect(self.rect(), tokens.accent if self.hasFocus() else tokens.line)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -_STEP, Qt.Key.Key_Right: _STEP}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.moveSplitter(self.pos().x() + step)


class Splitter(QSplitter):
    """Horizontal; panes do not collapse."""

    moved = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        # createHandle is called while panes are added, so the theme comes first.
        self._theme = theme
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.splitterMoved.connect(lambda _position, _index: self.moved.emit())

    def createHandle(self) -> QSplitterHandle:
        return Handle(self._theme, self.orientation(), self)

    def add(self, pane: QWidget, stretch: int = 0) -> None:
        self.addWidget(pane)
        self.setStretchFactor(self.indexOf(pane), stretch)

    def state(self) -> bytes:
        return bytes(self.saveState().data())

    def restore(self, state: bytes) -> bool:
        """Put the divider where it was; False when the bytes are of another make."""
        return bool(state) and self.restoreState(QByteArray(state))

"""The place for words where one writes to somebody: it grows line by line and keeps what is typed plain."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit

from app.views.theme.fonts import Role
from app.views.theme.theme import Theme

_LINE = 20
_MOST_LINES = 8


class Words(QPlainTextEdit):
    """Plain text that grows with what is written, up to eight lines; Ctrl Return is the page's, Tab leaves it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "bare")
        self.setFont(theme.font(Role.BODY))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        # Drops are the composer's: a file dropped on the words is a file, not its address as text.
        self.setAcceptDrops(False)
        self.textChanged.connect(self._grow)
        self._grow()

    def sizeHint(self) -> QSize:
        return QSize(240, self._wanted())

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._grow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and (
            event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            event.ignore()
            return
        super().keyPressEvent(event)

    def _wanted(self) -> int:
        lines = max(1, min(_MOST_LINES, round(self.document().size().height())))
        return lines * _LINE

    def _grow(self) -> None:
        if self.height() != self._wanted():
            self.setFixedHeight(self._wanted())

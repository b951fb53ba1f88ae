"""The dialog for what cannot be undone, and the veil it (or the palette) puts over the window.

Usage::

    dialog = Dialog(theme, window, "Discard this message?", "Your text is deleted from this computer.",
                    verb="Discard message", safe="Keep it", danger=True)
    dialog.accepted.connect(discard); dialog.open()      # title is the question; buttons are verbs
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from app.views.theme.fonts import Role
from app.views.theme.paint import rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius, Tone, Width
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import Button, primary, secondary
from app.views.widgets.fingers import grown
from app.views.widgets.layout import row
from app.views.widgets.text import Text


class Veil(ThemedWidget):
    """The scrim over a window; it follows the window's size. ``clicked`` through ``on_click``."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(theme, window)
        self.setAccessibleName(self.tr("Covered window"))
        window.installEventFilter(self)
        self.setGeometry(window.rect())
        self.hide()

    def cover(self) -> None:
        window = self.parentWidget()
        if window is not None:
            self.setGeometry(window.rect())
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        window = self.parentWidget()
        if event.type() is QEvent.Type.Resize and window is not None:
            self.setGeometry(window.rect())
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # What lies below must not be reached through the veil.
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.theme.tokens.scrim))
        painter.end()


class Dialog(QDialog):
    """480 wide; the safe button has the focus, Escape chooses it."""

    wide: int = Width.DIALOG
    roles: tuple[Role, Role] = (Role.SECTION, Role.BODY)
    """Of the question, and of the text below it."""

    def __init__(
        self,
        theme: Theme,
        window: QWidget,
        question: str,
        text: str,
        *,
        verb: str,
        safe: str,
        danger: bool = False,
    ) -> None:
        super().__init__(window, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self._theme = theme
        self._veil = Veil(theme, window.window())
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setFixedWidth(self.wide)
        self.setWindowTitle(question)
        self.setAccessibleName(question)
        self.setAccessibleDescription(text)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        self._safe, self._verb = self.make_buttons(theme, safe, verb, danger=danger)
        self._safe.clicked.connect(self.reject)
        self._verb.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(8)
        layout.addWidget(Text(theme, question, self.roles[0], wrap=True))
        layout.addWidget(Text(theme, text, self.roles[1], Tone.TEXT2, wrap=True))
        layout.addLayout(self.body)
        layout.addSpacing(8)
        layout.addLayout(row(None, self._safe, self._verb, gap=12))
        self.finished.connect(lambda _result: self._veil.hide())

    def make_buttons(self, theme: Theme, safe: str, verb: str, *, danger: bool) -> tuple[Button, Button]:
        """The safe one and the verb; called once."""
        return secondary(theme, safe), DangerButton(theme, verb) if danger else primary(theme, verb)

    @property
    def safe_button(self) -> Button:
        return self._safe

    @property
    def verb_button(self) -> Button:
        return self._verb

    def showEvent(self, event: QShowEvent) -> None:
        window = self._veil.parentWidget()
        self._veil.cover()
        grown(self)
        self.adjustSize()
        if window is not None:
            middle = window.mapToGlobal(QPoint(window.width() // 2, window.height() // 3))
            self.move(middle.x() - self.width() // 2, middle.y() - self.height() // 2)
        self._safe.setFocus(Qt.FocusReason.TabFocusReason)
        super().showEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        focused = self.focusWidget()
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and isinstance(focused, Button):
            focused.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        tokens = self._theme.tokens
        rounded(painter, self.rect(), Radius.DIALOG, tokens.surface, tokens.line2)
        painter.end()


class DangerButton(Button):
    """A verb that deletes: its words in bad."""

    def _colour(self) -> str:
        return self._theme.tokens.bad if self.isEnabled() else self._theme.tokens.text3

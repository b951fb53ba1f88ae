"""A short word at the bottom centre, with *Undo*; one at a time, the newest replaces.

Usage: ``toast = Toast(theme, window); toast.say("Draft discarded", undo=restore)``; Ctrl Z may call ``toast.undo()``.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPoint, QPropertyAnimation, QSize, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGraphicsOpacityEffect, QSizePolicy, QWidget

from app.views.theme.fonts import Role
from app.views.theme.paint import rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Radius, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import Button, ButtonKind
from app.views.widgets.layout import row
from app.views.widgets.text import Text

_SHOWN_MS = 8000
_FADE_MS = 120
_RISE = 72


class ToastButton(Button):
    """The *Undo* of a toast, in the toast's own colours."""

    def _colour(self) -> str:
        return self._theme.tokens.on_toast

    def _role(self) -> Role:
        return Role.LABEL_STRONG


class Toast(ThemedWidget):
    """A child of the window; it goes away after 8 s (longer while the pointer is on it)."""

    def __init__(
        self,
        theme: Theme,
        window: QWidget,
        *,
        fades: bool = True,
        place: Callable[[QSize], QPoint] | None = None,
    ) -> None:
        """`place`: where in the window a toast of that size stands; without, at the bottom centre."""
        super().__init__(theme, window)
        self._where = place or self._bottom_centre
        self._undo: Callable[[], object] | None = None
        self._fades = fades
        self._words = Text(theme, "", Role.NAME, Tone.ON_TOAST)
        self._button = ToastButton(theme, self.tr("Undo"), ButtonKind.LINK)
        self._button.clicked.connect(self.undo)
        self._row = row(self._words, self._button, gap=16, margins=(16, 0, 16, 0))
        self.setLayout(self._row)
        self.setFixedHeight(Height.TOAST)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        # What is said is seen a moment later in what is shown; only then is it known what must not be covered.
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self.place)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SHOWN_MS)
        self._timer.timeout.connect(self.dismiss)
        self._veil = QGraphicsOpacityEffect(self)
        self._veil.setEnabled(False)
        self.setGraphicsEffect(self._veil)
        self._fade = QPropertyAnimation(self._veil, b"opacity", self)
        self._fade.setDuration(_FADE_MS)
        self._fade.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._fade.finished.connect(lambda: self._veil.setEnabled(False))
        window.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        return self._words.text()

    @property
    def can_undo(self) -> bool:
        return self.isVisible() and self._undo is not None

    def say(self, words: str, undo: Callable[[], object] | None = None, label: str = "") -> None:
        """Show words, replacing earlier ones; ``undo`` adds the button and is called at most once.

        ``label``: another word on the button than *Undo*, for another way on.
        """
        self._undo = undo
        self._words.set_text(words)
        self._button.set_text(label or self.tr("Undo"))
        self._button.setVisible(undo is not None)
        self.setAccessibleName(words)
        self.adjustSize()
        self.show()
        self.place()
        self._later.start()
        self.raise_()
        self._timer.start()
        if self._fades and self.theme.fades:
            self._veil.setEnabled(True)
            self._fade.stop()
            self._fade.setStartValue(0.0)
            self._fade.setEndValue(1.0)
            self._fade.start()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def undo(self) -> None:
        """Take the last change back, if that is still offered."""
        action, self._undo = self._undo, None
        self.dismiss()
        if action is not None:
            action()

    def withdraw_undo(self) -> None:
        """It is too late for taking back: the words stay, the button goes."""
        self._undo = None
        self._button.hide()
        self.adjustSize()
        self.place()

    def dismiss(self) -> None:
        self._timer.stop()
        self._undo = None
        self.hide()

    def sizeHint(self) -> QSize:
        return QSize(self._row.sizeHint().width(), Height.TOAST)

    def place(self) -> None:
        """Stand where the window says, as it is now."""
        if not self.isHidden():
            self.move(self._where(self.size()))

    def _bottom_centre(self, size: QSize) -> QPoint:
        window = self.parentWidget()
        x = (window.width() - size.width()) // 2 if window is not None else 0
        return QPoint(max(8, x), (window.height() if window is not None else 0) - _RISE - size.height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._later.start()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Enter:
            self._timer.stop()
        elif event.type() is QEvent.Type.Leave and self.isVisible():
            self._timer.start()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rounded(painter, self.rect(), Radius.CARD, self.theme.tokens.toast)
        painter.end()

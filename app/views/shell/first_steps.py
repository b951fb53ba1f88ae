"""The strip above home after the first sync: four things to try, ticked off by doing them. It never asks to be read."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from app.services.first_steps import PALETTE, FirstStep
from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.paint import draw_focus, draw_text, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius, Space
from app.views.widgets.base import ThemedWidget, keyboard_came
from app.views.widgets.buttons import IconButton
from app.views.widgets.layout import emptied, row
from app.views.widgets.text import Text

_HEIGHT = 56
_STEP = 32


class StepButton(QPushButton):
    """One step: an open ring, or a tick once it is done; a click does it."""

    def __init__(self, theme: Theme, step: FirstStep, words: str, parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        self._theme = theme
        self.step = step
        self._focus_by_key = False
        self.setFlat(True)
        self.setObjectName(f"first.{step.name}")
        self.setFixedHeight(_STEP)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("{step}, done").format(step=words) if step.done else words)
        theme.changed.connect(self._on_theme)

    def _on_theme(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(10 + 16 + 8 + text_width(self._theme.font(Role.LABEL), self.text()) + 12, _STEP)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_by_key = keyboard_came(event.reason(), self._focus_by_key)
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self)
        ground = tokens.fill if self.underMouse() or self.isDown() else tokens.surface
        rounded(painter, self.rect(), Radius.CONTROL, ground, tokens.line2)
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        icon, colour = ("circle-check-filled", tokens.ok) if self.step.done else ("circle", tokens.text3)
        self._theme.draw_icon(painter, self.width() - 26 if mirrored else 10, 8, icon, colour, 16)
        words = QRect(12 if mirrored else 34, 0, self.width() - 46, self.height())
        side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        tone = tokens.text3 if self.step.done else tokens.text
        draw_text(painter, words, self.text(), self._theme.font(Role.LABEL), tone, side)
        if self.hasFocus() and self._focus_by_key:
            draw_focus(painter, self._theme, self.rect())
        painter.end()


class FirstStepsStrip(ThemedWidget):
    """`chosen` gives the step to do; `dismissed` follows the cross."""

    chosen = Signal(object)
    dismissed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._steps: tuple[FirstStep, ...] = ()
        self._title = Text(theme, self.tr("To begin with"), Role.LABEL_STRONG)
        self._line = row(gap=Space.S)
        close = IconButton(theme, "x", self.tr("Not now"), size=28)
        close.setObjectName("first.dismiss")
        close.clicked.connect(self.dismissed)
        whole = row(self._title, 8, gap=Space.S, margins=(Space.PAGE, 0, Space.L, 0))
        whole.addLayout(self._line)
        whole.addStretch(1)
        whole.addWidget(close)
        self.setLayout(whole)
        self.setFixedHeight(_HEIGHT)
        self.setAccessibleName(self.tr("To begin with"))
        self.hide()

    @property
    def buttons(self) -> list[StepButton]:
        """The steps that are shown."""
        return [one for one in self.findChildren(StepButton) if not one.isHidden()]

    def show_steps(self, steps: tuple[FirstStep, ...]) -> None:
        """Show them as they stand; none hides the strip."""
        self.setVisible(bool(steps))
        if not steps or steps == self._steps:
            return
        self._steps = steps
        emptied(self._line)
        for step in steps:
            words = f"{step.label} (Ctrl K)" if step.name == PALETTE else step.label
            button = StepButton(self.theme, step, words, self)
            button.clicked.connect(partial(self._choose, step))
            self._line.addWidget(button)
            button.show()

    def _choose(self, step: FirstStep, _on: bool = False) -> None:
        self.chosen.emit(step)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        painter.fillRect(self.rect(), tokens.raised)
        painter.fillRect(0, self.height() - 1, self.width(), 1, tokens.line)
        painter.end()

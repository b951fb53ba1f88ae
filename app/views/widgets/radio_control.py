"""One of a few, each on a row of its own: for a question one has to answer.

Usage: ``RadioControl(theme, [Option("unable", "Unable to support"), ...])``; the value is the option's key or None.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QSizePolicy, QVBoxLayout, QWidget

from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.paint import draw_focus, draw_text, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Radius
from app.views.widgets.base import ARROWS
from app.views.widgets.choice_controls import Option
from app.views.widgets.control import Control, FieldState

_RING, _INSET, _GAP = 16, 11, 10


class RadioRow(QRadioButton):
    """A ring with words, as wide as the control."""

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self.state = FieldState.PLAIN
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme)

    def _on_theme(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        words = text_width(self._theme.font(Role.BODY), self.text())
        return QSize(words + _RING + _GAP + 2 * _INSET, Height.ROW)

    def hitButton(self, pos: object) -> bool:
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in ARROWS:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self)
        on = self.isChecked()
        ground = tokens.accent_soft if on else tokens.hover if self.underMouse() else tokens.surface
        bad = self.state is FieldState.ERROR
        edge = tokens.bad if bad else tokens.accent if on else tokens.line2
        rounded(painter, self.rect(), Radius.CONTROL, ground, edge, 2 if bad else 1)
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        x = self.width() - _INSET - _RING if mirrored else _INSET
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.accent_fill if on else tokens.field), 5 if on else 1))
        painter.setBrush(QColor(tokens.surface))
        inset = 2.5 if on else 0.5
        ring = QRectF(x, (self.height() - _RING) / 2, _RING, _RING).adjusted(inset, inset, -inset, -inset)
        painter.drawEllipse(ring)
        start = _INSET + _RING + _GAP
        words = QRect(_INSET if mirrored else start, 0, self.width() - start - _INSET, self.height())
        align = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        colour = tokens.text if self.isEnabled() else tokens.text3
        draw_text(painter, words, self.text(), self._theme.font(Role.BODY), colour, align)
        if self.hasFocus():
            draw_focus(painter, self._theme, self.rect())
        painter.end()


class RadioControl(Control):
    """All values at once; the arrows go from row to row."""

    def __init__(self, theme: Theme, options: Sequence[Option], parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._rows: dict[str, RadioRow] = {}
        self._group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for option in options:
            made = RadioRow(theme, option.text)
            self._group.addButton(made)
            layout.addWidget(made)
            self._rows[option.key] = made
        self._group.buttonClicked.connect(lambda _button: self.edited.emit())
        if self._rows:
            self.watch(*self._rows.values())

    def value(self) -> str | None:
        return next((key for key, made in self._rows.items() if made.isChecked()), None)

    def set_value(self, value: object) -> None:
        self._group.setExclusive(False)
        for key, made in self._rows.items():
            made.setChecked(key == value)
        self._group.setExclusive(True)

    def set_state(self, state: FieldState) -> None:
        for made in self._rows.values():
            made.state = state
            made.update()

    def name_as(self, name: str, description: str) -> None:
        self.setAccessibleName(name)
        for made in self._rows.values():
            made.setAccessibleName(f"{name}: {made.text()}")
            made.setAccessibleDescription(description)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down and Up choose the next row, as in any list of choices."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        rows = list(self._rows.values())
        here = next((n for n, made in enumerate(rows) if made.hasFocus()), None)
        if step is None or here is None:
            super().keyPressEvent(event)
            return
        target = rows[(here + step) % len(rows)]
        target.setFocus(Qt.FocusReason.TabFocusReason)
        target.click()

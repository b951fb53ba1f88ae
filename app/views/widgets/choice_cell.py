"""A choice of the conflict table: theirs, mine, or edited; also any other either-or in cards.

Usage::

    theirs = ChoiceCell(theme, "Theirs: Technical validation", Text(theme, "Technical validation"))
    mine = ChoiceCell(theme, "Mine: Business validation", Text(theme, "Business validation"))
    group = ChoiceGroup(theirs, mine, parent=row); group.chosen.connect(lambda number: ...)
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QSizePolicy, QVBoxLayout, QWidget

from app.views.theme.fonts import Role
from app.views.theme.paint import draw_focus, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.text import Text


class RadioDot(QRadioButton):
    """The ring of 16 alone; its words lie beside it."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme)

    def _on_theme(self) -> None:
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Left: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Right: 1}
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            step[Qt.Key.Key_Left], step[Qt.Key.Key_Right] = 1, -1
        move, group = step.get(Qt.Key(event.key())), self.group()
        if move is None or group is None:
            super().keyPressEvent(event)
            return
        # Qt's own arrows move the focus without choosing.
        others = group.buttons()
        target = others[(others.index(self) + move) % len(others)]
        target.setFocus(Qt.FocusReason.TabFocusReason)
        target.click()

    def sizeHint(self) -> QSize:
        return QSize(16, 20)

    def hitButton(self, pos: object) -> bool:
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = (self.height() - 16) / 2
        ring = QRectF(0, top, 16, 16).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setBrush(QColor(tokens.surface))
        painter.setPen(QPen(QColor(tokens.accent if self.isChecked() else tokens.field), 1))
        painter.drawEllipse(ring)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.accent))
            painter.drawEllipse(ring.adjusted(3.5, 3.5, -3.5, -3.5))
        painter.end()


class ChoiceCell(ThemedWidget):
    """A radio with content; chosen: accent-soft ground and an accent border. The whole cell is the target."""

    def __init__(self, theme: Theme, name: str, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.dot = RadioDot(theme, name)
        self.dot.toggled.connect(self._on_toggled)
        self.dot.installEventFilter(self)
        self.content = content
        self.setFocusProxy(self.dot)
        line = QHBoxLayout(self)
        line.setContentsMargins(9, 10, 9, 10)
        line.setSpacing(8)
        line.addWidget(self.dot, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(content, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    @property
    def chosen(self) -> bool:
        return self.dot.isChecked()

    def _on_toggled(self, _on: bool) -> None:
        self.update()

    def eventFilter(self, watched: QObject, event: object) -> bool:
        self.update()
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.dot.setFocus(Qt.FocusReason.MouseFocusReason)
        self.dot.click()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        if self.dot.isChecked():
            rounded(painter, self.rect(), Radius.CONTROL, tokens.accent_soft, tokens.accent)
        if self.dot.hasFocus():
            draw_focus(painter, self.theme, self.rect(), width=2 if self.dot.isChecked() else 1)
        painter.end()


class EditedCell(ChoiceCell):
    """The third choice: words of one's own, spanning both sides; a title, a note and an editor below."""

    def __init__(
        self, theme: Theme, title: str, note: str, editor: QWidget, parent: QWidget | None = None
    ) -> None:
        content = QWidget()
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(8)
        head.addWidget(Text(theme, title, Role.NAME))
        from_both = Text(theme, note, Role.SECONDARY, Tone.TEXT2)
        head.addWidget(from_both)
        head.addStretch(1)
        stack = QVBoxLayout(content)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(6)
        stack.addLayout(head)
        stack.addWidget(editor)
        super().__init__(theme, f"{title}, {note}", content, parent)
        layout = self.layout()
        if layout is not None:
            layout.setContentsMargins(9, 8, 8, 8)


class ChoiceGroup(QObject):
    """Exactly one of several cells; arrow keys move between them. ``chosen`` gives its number, by the user only."""

    chosen = Signal(int)

    def __init__(self, *cells: ChoiceCell, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        for number, cell in enumerate(cells):
            self._group.addButton(cell.dot, number)
        self._group.idClicked.connect(self.chosen)

    def select(self, number: int) -> None:
        """Choose without telling anybody; -1 chooses nothing."""
        if 0 <= number < len(self._group.buttons()):
            self._group.button(number).setChecked(True)
            return
        self._group.setExclusive(False)
        for other in self._group.buttons():
            other.setChecked(False)
        self._group.setExclusive(True)

    def current(self) -> int:
        """The number of the chosen cell, or -1."""
        return self._group.checkedId()

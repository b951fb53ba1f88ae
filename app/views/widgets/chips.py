"""Filter chips with counts, of which one is on.

Usage::

    bar = ChipBar(theme, [ChipItem("open", "Open", 23), ChipItem("mine", "Mine", 14)])
    bar.chosen.connect(page.show_view)      # the key of the chip
    bar.set_count("open", 24)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QWidget,
)

from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.paint import draw_focus, draw_text
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height
from app.views.widgets.base import ARROWS, ThemedWidget, keyboard_came


@dataclass(frozen=True, slots=True)
class ChipItem:
    """A chip's key, word and count; ``None`` shows no count."""

    key: str
    text: str
    count: int | None = None


class Chip(QPushButton):
    """A checkable word with a figure."""

    _INSET = 9
    _GAP = 6

    def __init__(
        self, theme: Theme, text: str, count: int | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self._count: int | None = None
        self._focus_by_key = False
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setProperty("kind", "chip")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_count(count)
        theme.changed.connect(self._on_theme)

    def set_count(self, count: int | None) -> None:
        if count == self._count and self.accessibleName():
            return  # laying out the whole window anew is not for nothing
        self._count = count
        self.setAccessibleName(self.text() if count is None else f"{self.text()}, {self._figure()}")
        self.updateGeometry()
        self.update()

    def _figure(self) -> str:
        return "" if self._count is None else self.locale().toString(self._count)

    def _figure_role(self) -> Role:
        return Role.LABEL if self.isChecked() else Role.SECONDARY

    def _on_theme(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        width = text_width(self._theme.font(Role.LABEL), self.text()) + 2 * self._INSET + 2
        return QSize(width + self._figure_room(), Height.CONTROL_SMALL)

    def _figure_room(self) -> int:
        if self._count is None:
            return 0
        return self._GAP + text_width(self._theme.font(self._figure_role()), self._figure())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_by_key = keyboard_came(event.reason(), self._focus_by_key)
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in ARROWS:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        painter.drawControl(QStyle.ControlElement.CE_PushButtonBevel, option)
        tokens = self._theme.tokens
        on = self.isChecked()
        inner = self.rect().adjusted(self._INSET + 1, 0, -self._INSET - 1, 0)
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        word_side, count_side = (right, left) if mirrored else (left, right)
        font = self._theme.font(Role.LABEL)
        # Where the row is too narrow for large figures, the words give way and the figure stays whole.
        taken = self._figure_room()
        words = inner.adjusted(taken, 0, 0, 0) if mirrored else inner.adjusted(0, 0, -taken, 0)
        self.setToolTip(self.text() if text_width(font, self.text()) > words.width() else "")
        draw_text(painter, words, self.text(), font, tokens.accent if on else tokens.text2, word_side)
        if self._count is not None:
            font = self._theme.font(self._figure_role())
            draw_text(painter, inner, self._figure(), font, tokens.accent if on else tokens.text3, count_side)
        if self.hasFocus() and self._focus_by_key:
            draw_focus(painter, self._theme, self.rect())
        painter.end()


class ChipBar(ThemedWidget):
    """Chips in a row, exactly one on; arrow keys move between them. ``chosen`` gives the key, by the user only."""

    chosen = Signal(str)

    def __init__(
        self, theme: Theme, items: Sequence[ChipItem], current: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._chips: dict[str, Chip] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self.setAccessibleName(self.tr("Views"))
        self.set_items(items, current)

    def set_items(self, items: Sequence[ChipItem], current: str = "") -> None:
        """Replace all chips; the first is on unless ``current`` names another."""
        for old in self._chips.values():
            self._group.removeButton(old)
            self._row.removeWidget(old)
            old.deleteLater()
        self._chips = {}
        for item in items:
            chip = Chip(self.theme, item.text, item.count, self)
            chip.clicked.connect(lambda _on=False, key=item.key: self.chosen.emit(key))
            self._group.addButton(chip)
            self._row.addWidget(chip)
            self._chips[item.key] = chip
        if items:
            self.select(current or items[0].key)

    def select(self, key: str) -> None:
        """Turn a chip on without telling anybody."""
        if key in self._chips:
            self._chips[key].setChecked(True)

    def current(self) -> str:
        """The key of the chip that is on, or an empty text."""
        return next((key for key, chip in self._chips.items() if chip.isChecked()), "")

    def set_count(self, key: str, count: int | None) -> None:
        self._chips[key].set_count(count)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        forward = Qt.Key.Key_Left if self.mirrored else Qt.Key.Key_Right
        steps = {forward: 1, (Qt.Key.Key_Right if self.mirrored else Qt.Key.Key_Left): -1}
        step = steps.get(Qt.Key(event.key()))
        keys = list(self._chips)
        here = self.focusWidget()
        focused = next((key for key, chip in self._chips.items() if chip is here), None)
        if step is None or focused is None:
            super().keyPressEvent(event)
            return
        target = keys[(keys.index(focused) + step) % len(keys)]
        chip = self._chips[target]
        chip.setFocus(Qt.FocusReason.TabFocusReason)
        chip.click()

"""Filter chips with counts, of which one is on.

Usage::

    bar = ChipBar(theme, [ChipItem("open", "Open", 23), ChipItem("mine", "Mine", 14)])
    bar.chosen.connect(page.show_view)      # the key of the chip
    bar.set_count("open", 24)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QWidget,
)

from app.bridge.tips import plain_tip
from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.paint import draw_focus, draw_text
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height
from app.views.theme.touch import pressed
from app.views.widgets.base import ARROWS, ThemedWidget, keyboard_came
from app.views.widgets.buttons import Button, secondary


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

    def set_count(self, count: int | None) -> bool:
        """Show a count; tells whether it is another one."""
        if count == self._count and self.accessibleName():
            return False  # laying out the whole window anew is not for nothing
        self._count = count
        self.setAccessibleName(self.text() if count is None else f"{self.text()}, {self._figure()}")
        self.updateGeometry()
        self.update()
        return True

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
        self.setToolTip(plain_tip(self.text() if text_width(font, self.text()) > words.width() else ""))
        draw_text(painter, words, self.text(), font, tokens.accent if on else tokens.text2, word_side)
        if self._count is not None:
            font = self._theme.font(self._figure_role())
            draw_text(painter, inner, self._figure(), font, tokens.accent if on else tokens.text3, count_side)
        if self.hasFocus() and self._focus_by_key:
            draw_focus(painter, self._theme, self.rect())
        painter.end()


class ChipBar(ThemedWidget):
    """Chips in a row, exactly one on; arrow keys move between them. ``chosen`` gives the key, by the user only.

    Those there is no room for stand in a menu at the end; the one that is on always shows.
    """

    chosen = Signal(str)
    menu_asked = Signal(str, QPoint)
    """A chip's key and where on the screen its menu is to open: right click, or the menu key."""

    _GAP = 8

    def __init__(
        self, theme: Theme, items: Sequence[ChipItem], current: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._chips: dict[str, Chip] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self.more: Button | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Views"))
        self.set_items(items, current)

    def set_items(self, items: Sequence[ChipItem], current: str = "") -> None:
        """Replace all chips; the first is on unless ``current`` names another."""
        for old in self._chips.values():
            self._group.removeButton(old)
            old.hide()
            old.deleteLater()
        self._chips = {}
        for item in items:
            chip = Chip(self.theme, item.text, item.count, self)
            chip.clicked.connect(lambda _on=False, key=item.key: self._on_clicked(key))
            chip.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            chip.customContextMenuRequested.connect(partial(self._on_menu, item.key))
            self._group.addButton(chip)
            self._chips[item.key] = chip
        if items:
            self.select(current or items[0].key)
        self._arrange()
        self.updateGeometry()

    def select(self, key: str) -> None:
        """Turn a chip on without telling anybody."""
        if key in self._chips:
            self._chips[key].setChecked(True)
            self._arrange()

    def current(self) -> str:
        """The key of the chip that is on, or an empty text."""
        return next((key for key, chip in self._chips.items() if chip.isChecked()), "")

    def set_count(self, key: str, count: int | None) -> None:
        if self._chips[key].set_count(count):
            self._arrange()
            self.updateGeometry()

    def set_counts(self, counts: Mapping[str, int | None]) -> None:
        """Show all counts, and make room for them once: there may be hundreds of chips."""
        changed = [self._chips[key].set_count(count) for key, count in counts.items() if key in self._chips]
        if any(changed):
            self._arrange()
            self.updateGeometry()

    def chip(self, key: str) -> QWidget | None:
        """The chip of a key: something may open below it."""
        return self._chips.get(key)

    def _on_clicked(self, key: str) -> None:
        self._arrange()
        self.chosen.emit(key)

    def _on_menu(self, key: str, spot: QPoint) -> None:
        self.menu_asked.emit(key, self._chips[key].mapToGlobal(spot))

    # room

    def sizeHint(self) -> QSize:
        widths = [chip.sizeHint().width() for chip in self._chips.values()]
        return QSize(sum(widths) + self._GAP * max(0, len(widths) - 1), pressed(Height.CONTROL_SMALL))

    def minimumSizeHint(self) -> QSize:
        widest = max((chip.sizeHint().width() for chip in self._chips.values()), default=0)
        return QSize(min(self.sizeHint().width(), widest + self._GAP + 56), pressed(Height.CONTROL_SMALL))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LayoutDirectionChange:
            self._arrange()

    def _arrange(self) -> None:
        shown = self._fitting()
        hidden = [key for key in self._chips if key not in shown]
        row: list[QPushButton] = [self._chips[key] for key in shown]
        if hidden:
            row.append(self._more(len(hidden)))
        elif self.more is not None:
            self.more.hide()
        for key in hidden:
            self._chips[key].hide()
        x = 0
        for chip in row:
            size = chip.sizeHint()
            chip.setGeometry(self.lead(QRect(QPoint(x, 0), size)))
            chip.show()
            x += size.width() + self._GAP

    def _more(self, count: int) -> Button:
        """The button of the menu, made when it is first needed."""
        if self.more is None:
            self.more = secondary(self.theme, "", small=True)
            self.more.setParent(self)
            self.more.setObjectName("chips.more")
            self.more.clicked.connect(self._open_more)
            self.more.set_tip(self.tr("More views"))
        self.more.set_text(f"+{count}")
        self.more.setAccessibleName(self.tr("{count} more views").format(count=count))
        return self.more

    def _fitting(self) -> list[str]:
        """Keys of the chips there is room for, in their order."""
        widths = {key: chip.sizeHint().width() + self._GAP for key, chip in self._chips.items()}
        room = self.width() + self._GAP
        if sum(widths.values()) <= room or not self.isVisible():
            return [*widths]
        current = self.current()
        room -= (
            text_width(self.theme.font(Role.LABEL), f"+{len(widths)}")
            + 22
            + self._GAP
            + widths.get(current, 0)
        )
        fitting = set()
        for key, width in widths.items():
            if key != current:
                room -= width
                if room < 0:
                    break
                fitting.add(key)
        return [key for key in widths if key in fitting or key == current]

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._arrange()

    def _open_more(self) -> None:
        menu = self.more_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        if self.more is not None:
            menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def more_menu(self) -> QMenu:
        """The chips there is no room for."""
        menu = QMenu(self)
        for key, chip in self._chips.items():
            if chip.isHidden():
                entry = menu.addAction(chip.accessibleName().replace(", ", "  "))
                entry.setObjectName(f"chips.{key}")
                entry.triggered.connect(lambda _on=False, one=key: self._take(one))
        return menu

    def _take(self, key: str) -> None:
        self.select(key)
        self._chips[key].setFocus(Qt.FocusReason.OtherFocusReason)
        self.chosen.emit(key)

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
        self.select(target)
        chip.setFocus(Qt.FocusReason.TabFocusReason)
        chip.click()

"""Controls for choices: a list, segments, several at once, yes or no.

Usage: ``ChoiceControl(theme, [Option("gb", "United Kingdom"), ...])``; values are the option's key (or a tuple of
keys, or a bool).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from app.bridge.tips import plain_tip
from app.views.delegates.choice_rows import ChoiceDelegate
from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.paint import draw_focus, draw_text, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Radius
from app.views.widgets.base import ARROWS
from app.views.widgets.control import Control, FieldState
from app.views.widgets.fingers import FRAME


@dataclass(frozen=True, slots=True)
class Option:
    """A key as the record keeps it and the word the user sees. `icon` stands for the word in a small segment."""

    key: str
    text: str
    icon: str = ""


class ComboBox(QComboBox):
    """A combo box whose frame comes from the style sheet and whose arrow from the icons."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("kind", "field")
        self.setFont(theme.font(Role.BODY))
        self.setFixedHeight(Height.CONTROL)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMaxVisibleItems(12)
        self.setItemDelegate(ChoiceDelegate(theme, self))
        self.view().setAccessibleName(self.tr("Choices"))
        theme.changed.connect(self._on_theme)

    def _on_theme(self) -> None:
        self.update()

    def setAccessibleName(self, name: str) -> None:
        """The open list is named like the box."""
        super().setAccessibleName(name)
        self.view().setAccessibleName(name)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # A wheel over a form means scrolling; a choice changed by it would go unseen.
        event.ignore()

    def sizeHint(self) -> QSize:
        font = self._theme.font(Role.BODY)
        widest = max((text_width(font, self.itemText(row)) for row in range(self.count())), default=80)
        return QSize(min(widest, 260) + 46, Height.CONTROL)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.subControls = QStyle.SubControl.SC_ComboBoxFrame
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        tokens = self._theme.tokens
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        room = QRect(11, 0, self.width() - 22 - 22, self.height())
        if mirrored:
            room.moveLeft(33)
        text = self.currentText() or self.placeholderText()
        quiet = not self.currentText() or not self.isEnabled()
        align = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        colour = tokens.text3 if quiet else tokens.text
        draw_text(painter, room, text, self._theme.font(Role.BODY), colour, align)
        x = 10 if mirrored else self.width() - 10 - 16
        self._theme.draw_icon(painter, x, (self.height() - 16) // 2, "chevron-down", tokens.text2, 16)
        painter.end()


class ChoiceControl(Control):
    """One of several, from a list; may be empty."""

    def __init__(
        self,
        theme: Theme,
        options: Sequence[Option],
        placeholder: str = "",
        *,
        may_be_empty: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self.combo = ComboBox(theme)
        self._may_be_empty = may_be_empty
        self.combo.setPlaceholderText(placeholder or self.tr("Choose"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.combo)
        self.set_options(options)
        self.combo.activated.connect(lambda _row: self._picked())
        self.watch(self.combo)

    def set_options(self, options: Sequence[Option]) -> None:
        """Replace the options; the value stays when it is still among them."""
        before = self.value()
        self.combo.clear()
        if self._may_be_empty:
            self.combo.addItem("", None)
        for option in options:
            self.combo.addItem(option.text, option.key)
        self.set_value(before)

    def value(self) -> str | None:
        key = self.combo.currentData()
        return key if isinstance(key, str) else None

    def set_value(self, value: object) -> None:
        if value is None:
            self.combo.setCurrentIndex(-1)
            return
        found = self.combo.findData(value)
        if found < 0 and isinstance(value, str):
            # A value the manifest no longer lists is still the record's value, and stays visible.
            self.combo.addItem(value, value)
            found = self.combo.count() - 1
        self.combo.setCurrentIndex(found)

    def _picked(self) -> None:
        if self.combo.currentData() is None:
            self.combo.setCurrentIndex(-1)
        self.edited.emit()


class Segment(QPushButton):
    """One part of a segmented choice; with an icon its words are tip and accessible name."""

    def __init__(self, theme: Theme, text: str, icon: str = "", height: int = Height.CONTROL) -> None:
        super().__init__(text)
        self._theme = theme
        self._icon_name = icon
        self._height = height
        if icon:
            self.setToolTip(plain_tip(text))
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        words = 16 if self._icon_name else text_width(self._theme.font(Role.LABEL), self.text())
        return QSize(words + (16 if self._icon_name else 24), self._height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in ARROWS:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        # The ground and the borders are drawn by the whole, so that neighbours share one line.
        tokens = self._theme.tokens
        painter = QPainter(self)
        colour = tokens.accent if self.isChecked() else tokens.text2
        if not self.isEnabled():
            colour = tokens.text3
        if self._icon_name:
            x, y = (self.width() - 16) // 2, (self.height() - 16) // 2
            self._theme.draw_icon(painter, x, y, self._icon_name, colour, 16)
        else:
            font = self._theme.font(Role.LABEL)
            draw_text(painter, self.rect(), self.text(), font, colour, Qt.AlignmentFlag.AlignHCenter)
        if self.hasFocus():
            draw_focus(painter, self._theme, self.rect().adjusted(1, 1, -1, -1), 5)
        painter.end()


class SegmentedControl(Control):
    """One of two to four, all visible; arrow keys move between them. `small`: as high as a chip."""

    def __init__(
        self, theme: Theme, options: Sequence[Option], parent: QWidget | None = None, *, small: bool = False
    ) -> None:
        super().__init__(theme, parent)
        self.setProperty(FRAME, True)
        self._state = FieldState.PLAIN
        height = Height.CONTROL_SMALL if small else Height.CONTROL
        self._small = small
        self._segments: dict[str, Segment] = {}
        self._group = QButtonGroup(self)
        self.setFixedHeight(height)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for option in options:
            segment = Segment(theme, option.text, option.icon, height)
            self._group.addButton(segment)
            layout.addWidget(segment, 1)
            self._segments[option.key] = segment
        self._group.buttonClicked.connect(lambda _button: self._picked())
        self.watch(*self._segments.values())

    def value(self) -> str | None:
        return next((key for key, segment in self._segments.items() if segment.isChecked()), None)

    def set_value(self, value: object) -> None:
        self._group.setExclusive(False)
        for key, segment in self._segments.items():
            segment.setChecked(key == value)
        self._group.setExclusive(True)
        self.update()

    def set_state(self, state: FieldState) -> None:
        self._state = state
        self.update()

    def name_as(self, name: str, description: str) -> None:
        self.setAccessibleName(name)
        for segment in self._segments.values():
            segment.setAccessibleName(f"{name}: {segment.text()}")
            segment.setAccessibleDescription(description)

    def _picked(self) -> None:
        self.update()
        self.edited.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        forward = Qt.Key.Key_Left if self.mirrored else Qt.Key.Key_Right
        backward = Qt.Key.Key_Right if self.mirrored else Qt.Key.Key_Left
        step = {forward: 1, backward: -1}.get(Qt.Key(event.key()))
        segments = list(self._segments.values())
        here = self.focusWidget()
        focused = next((number for number, segment in enumerate(segments) if segment is here), None)
        if step is None or focused is None:
            super().keyPressEvent(event)
            return
        target = segments[(focused + step) % len(segments)]
        target.setFocus(Qt.FocusReason.TabFocusReason)
        target.click()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        plain = tokens.line2 if self._small else tokens.field
        edge = {FieldState.HINT: tokens.warn, FieldState.ERROR: tokens.bad}.get(self._state, plain)
        painter = QPainter(self)
        rounded(painter, self.rect(), Radius.CONTROL, tokens.surface if self.isEnabled() else tokens.raised)
        for segment in self._segments.values():
            if segment.isChecked():
                painter.save()
                painter.setClipRect(segment.geometry())
                rounded(painter, self.rect(), Radius.CONTROL, tokens.accent_soft)
                painter.restore()
        for segment in list(self._segments.values())[1:]:
            x = segment.geometry().right() + 1 if self.mirrored else segment.geometry().left()
            painter.fillRect(QRect(x, 0, 1, self.height()), tokens.line2)
        width = 2 if self._state is FieldState.ERROR else 1
        rounded(painter, self.rect(), Radius.CONTROL, None, edge, width)
        painter.end()


class CheckBox(QCheckBox):
    """A box of 16 with words, painted from the tokens."""

    toggled_by_user = Signal(bool)

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self.setFont(theme.font(Role.BODY))
        self.setAccessibleName(text)
        self.clicked.connect(self.toggled_by_user)
        theme.changed.connect(self._on_theme)

    def _on_theme(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(26 + text_width(self._theme.font(Role.BODY), self.text()), 24)

    def hitButton(self, pos: object) -> bool:
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self)
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        top = (self.height() - 16) // 2
        box = QRect(self.width() - 16 if mirrored else 0, top, 16, 16)
        if self.isChecked():
            fill = tokens.accent_fill if self.isEnabled() else tokens.field
            rounded(painter, box, Radius.KEY, fill)
            self._theme.draw_icon(painter, box.left() + 1, top + 1, "check", tokens.on_fill, 14)
        else:
            rounded(painter, box, Radius.KEY, tokens.surface, tokens.field)
        if self.hasFocus():
            draw_focus(painter, self._theme, box.adjusted(-2, -2, 2, 2).intersected(self.rect()), 5)
        words = QRect(0 if mirrored else 24, 0, self.width() - 24, self.height())
        colour = tokens.text if self.isEnabled() else tokens.text3
        align = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        draw_text(painter, words, self.text(), self._theme.font(Role.BODY), colour, align)
        painter.end()


class CheckControl(Control):
    """Yes or no; the value is always a bool."""

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.box = CheckBox(theme, text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 2)
        layout.addWidget(self.box)
        self.box.toggled_by_user.connect(lambda _on: self.edited.emit())
        self.watch(self.box)

    def value(self) -> bool:
        return self.box.isChecked()

    def set_value(self, value: object) -> None:
        self.box.setChecked(value is True)

    def name_as(self, name: str, description: str) -> None:
        self.box.setAccessibleDescription(description)


class MultiChoiceControl(Control):
    """Any number of several, as check boxes in columns; the value is a tuple of keys in the options' order."""

    def __init__(
        self, theme: Theme, options: Sequence[Option], *, columns: int = 3, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._boxes: dict[str, CheckBox] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 2)
        layout.setSpacing(16)
        stacks = [QVBoxLayout() for _ in range(max(1, min(columns, len(options))))]
        for number, option in enumerate(options):
            box = CheckBox(theme, option.text)
            box.toggled_by_user.connect(lambda _on: self.edited.emit())
            stacks[number % len(stacks)].addWidget(box)
            self._boxes[option.key] = box
        for stack in stacks:
            stack.setSpacing(4)
            stack.addStretch(1)  # a column with one box fewer keeps their lines
            layout.addLayout(stack, 1)
        if self._boxes:
            self.watch(*self._boxes.values())

    def value(self) -> tuple[str, ...] | None:
        return tuple(key for key, box in self._boxes.items() if box.isChecked()) or None

    def set_value(self, value: object) -> None:
        if value is not None and not isinstance(value, tuple | list | set | frozenset):
            raise TypeError(f"expected several keys, got {type(value).__name__}")
        chosen = set(value or ())
        for key, box in self._boxes.items():
            box.setChecked(key in chosen)

    def name_as(self, name: str, description: str) -> None:
        self.setAccessibleName(name)
        for box in self._boxes.values():
            box.setAccessibleDescription(description)

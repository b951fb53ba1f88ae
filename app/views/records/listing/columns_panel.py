"""Where one picks the columns of a list: those that are shown in their order, then every other field."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.bridge.tips import plain_tip
from app.contract.manifest import Column
from app.services.columns import column_name
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.buttons import IconButton, link
from app.views.widgets.cards import Rule
from app.views.widgets.choice_controls import CheckBox
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.popup import Popup
from app.views.widgets.scroll import scrolled
from app.views.widgets.text import Text

_WIDTH, _HEIGHT = 320, 420


class ColumnsPanel(Popup):
    """A check box a column; the shown ones move with their arrows, or with Alt and the arrow keys."""

    toggled = Signal(str, bool)
    moved = Signal(str, int)
    reset_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "", parent)
        self.setAccessibleName(self.tr("Columns"))
        self.setObjectName("columns.panel")
        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(16, 4, 8, 8)
        self._rows.setSpacing(0)
        content = QWidget()
        outer = QVBoxLayout(content)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addLayout(self._rows)
        outer.addStretch(1)
        self._area = scrolled(content, self.tr("Columns"))
        title = Text(theme, self.tr("Columns"), Role.SECTION)
        hint = Text(theme, self.tr("Alt with ↑ or ↓ moves a column."), Role.SECONDARY, Tone.TEXT3)
        self.own = link(theme, self.tr("Back to the portal's columns"))
        self.own.setObjectName("columns.reset")
        self.own.clicked.connect(self.reset_asked)
        head = column(title, hint, gap=2, margins=(16, 12, 16, 4))
        foot = row(self.own, None, margins=(16, 8, 16, 10))
        whole = column(head, self._area, Rule(theme), foot)
        whole.setContentsMargins(1, 1, 1, 1)
        self.setLayout(whole)
        self.setFixedSize(_WIDTH, _HEIGHT)

    def show_columns(self, shown: Sequence[Column], others: Sequence[Column], *, chosen: bool) -> None:
        """Show what is and what could be; `chosen`: it is the user's choice, which can be given up."""
        held = next(
            (box.objectName() for box in self.findChildren(CheckBox) if box is self.focusWidget()), ""
        )
        at = self._area.verticalScrollBar().value()
        emptied(self._rows)
        for number, one in enumerate(shown):
            self._add(one, on=True, first=number == 0, last=number == len(shown) - 1, alone=len(shown) == 1)
        if others:
            self._rows.addSpacing(8)
            self._rows.addWidget(Text(self.theme, self.tr("More fields"), Role.TABLE_HEAD, Tone.TEXT3))
            self._rows.addSpacing(4)
        for one in others:
            self._add(one, on=False)
        if chosen:
            self.own.enable()
        else:
            self.own.disable(self.tr("These are the portal's columns."))
        self._area.verticalScrollBar().setValue(at)
        self.focus(held)

    def focus(self, name: str = "") -> None:
        """Give the keyboard to the box it was on, or to the first one."""
        boxes = [box for box in self.findChildren(CheckBox) if box.isVisibleTo(self)]
        found = next((box for box in boxes if box.objectName() == name), boxes[0] if boxes else None)
        if found is not None:
            found.setFocus(Qt.FocusReason.OtherFocusReason)

    def _add(
        self, one: Column, *, on: bool, first: bool = False, last: bool = False, alone: bool = False
    ) -> None:
        name = column_name(one)
        box = CheckBox(self.theme, one.label)
        box.setObjectName(f"column.{name}")
        box.setAccessibleName(one.label)
        box.setChecked(on)
        if alone:
            why = self.tr("One column always stays.")
            box.setEnabled(False)
            box.setToolTip(plain_tip(why))
            box.setAccessibleDescription(why)
        box.toggled_by_user.connect(partial(self.toggled.emit, name))
        line = row(box, None, gap=0)
        if on:
            for icon, words, by, end in (
                ("chevron-up", self.tr("Move {column} up"), -1, first),
                ("chevron-down", self.tr("Move {column} down"), 1, last),
            ):
                arrow = IconButton(self.theme, icon, words.format(column=one.label), icon_size=14)
                arrow.setObjectName(f"column.{name}.{'up' if by < 0 else 'down'}")
                arrow.setFocusPolicy(Qt.FocusPolicy.NoFocus)
                if end:
                    arrow.disable(
                        self.tr("It is the first already.") if by < 0 else self.tr("It is the last already.")
                    )
                arrow.clicked.connect(partial(self._move, name, by))
                line.addWidget(arrow)
        holder = QWidget()
        holder.setLayout(line)
        holder.setFixedHeight(30)
        self._rows.addWidget(holder)

    def _move(self, name: str, by: int, _checked: bool = False) -> None:
        self.moved.emit(name, by)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        box = self.focusWidget()
        if by and isinstance(box, CheckBox):
            if event.modifiers() & Qt.KeyboardModifier.AltModifier:
                self.moved.emit(box.objectName().removeprefix("column."), by)
            else:
                self.focusNextPrevChild(by > 0)
            return
        super().keyPressEvent(event)

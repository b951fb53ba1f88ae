"""Facts about a record: labels and values, side by side or one below the other.

Usage: ``facts = KeyValueList(theme); facts.set_facts([Fact("Amount", "£184,250.00"), Fact("Evidence", "sites.xlsx",
link="evidence", icon="paperclip")]); facts.opened.connect(page.open_fact)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from app.bridge.tips import plain_tip
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import Button, ButtonKind
from app.views.widgets.layout import column, holding, row
from app.views.widgets.pills import Pill
from app.views.widgets.text import Run, Text
from app.views.widgets.tiles import Icon

_LABEL_GAP = 8


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its value; ``note`` follows in text3, ``pill`` behind it; ``link`` makes the value a link.

    ``mark`` writes the value in 500. An empty value shows a dash. ``locked``: the value cannot be changed now, with a
    lock before the reason below it.
    """

    label: str
    value: str
    note: str = ""
    pill: str = ""
    link: str = ""
    icon: str = ""
    mark: bool = False
    tone: Tone = Tone.TEXT
    tip: str = ""
    locked: str = ""


class FactLink(Button):
    """A value that opens something, in the size of the values around it."""

    def _role(self) -> Role:
        return Role.BODY

    def _gap(self) -> int:
        return 4


class KeyValueList(ThemedWidget):
    """``stacked`` puts the label above the value, in smaller type."""

    opened = Signal(str)

    def __init__(
        self, theme: Theme, *, stacked: bool = False, label_width: int = 104, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._stacked = stacked
        self._label_width = label_width
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(0 if stacked else _LABEL_GAP)
        self._grid.setVerticalSpacing(0 if stacked else 4)
        self._grid.setColumnStretch(1, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def set_facts(self, facts: Sequence[Fact]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for number, fact in enumerate(facts):
            if self._stacked:
                self._add_stacked(fact, number)
            else:
                self._add_beside(fact, number)

    def _add_beside(self, fact: Fact, number: int) -> None:
        label = Text(self.theme, fact.label, Role.SECONDARY, Tone.TEXT3, wrap=True)
        # The gap is the grid's, so that it lies on the right side of the label in either direction.
        label.setFixedWidth(self._label_width - _LABEL_GAP)
        label.setContentsMargins(0, 2, 0, 2)
        label.setToolTip(plain_tip(fact.tip))
        self._grid.addWidget(label, number, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(self._value(fact, Role.BODY, Role.NAME), number, 1)

    def _add_stacked(self, fact: Fact, number: int) -> None:
        label = Text(self.theme, fact.label, Role.CAPTION, Tone.TEXT3, elide=True)
        self._grid.addWidget(label, 2 * number, 0, 1, 2)
        value = self._value(fact, Role.LABEL, Role.LABEL)
        value.setContentsMargins(0, 0, 0, 13)
        self._grid.addWidget(value, 2 * number + 1, 0, 1, 2)

    def _value(self, fact: Fact, role: Role, strong: Role) -> QWidget:
        parts = (fact.label, fact.value or "–", fact.note, fact.pill, fact.locked)
        said = ", ".join(part for part in parts if part)
        if fact.link:
            opener = (Button if self._stacked else FactLink)(
                self.theme, fact.value, ButtonKind.LINK, icon=fact.icon
            )
            if self._stacked:
                opener.setFixedHeight(16)
            opener.give_way()
            opener.setAccessibleName(said)
            opener.clicked.connect(lambda _on=False, key=fact.link: self.opened.emit(key))
            return _at_lead(opener)
        runs = [
            Run(fact.value or "–", fact.tone if fact.value else Tone.TEXT3, strong if fact.mark else role)
        ]
        if fact.note:
            runs.append(Run(" · " + fact.note, Tone.TEXT3, role))
        text = Text.of_runs(self.theme, runs, role, wrap=True)
        text.setAccessibleName(said)
        text.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        if fact.locked:
            return self._with_lock(text, fact.locked)
        if not fact.pill:
            return text
        text = Text.giving_way(self.theme, fact.value or "–", strong if fact.mark else role, fact.tone)
        text.setAccessibleName(said)
        return _at_lead(text, Pill(self.theme, fact.pill))

    def _with_lock(self, text: QWidget, reason: str) -> QWidget:
        lock = Icon(self.theme, "lock", Tone.TEXT3, 14, reason)
        words = Text(self.theme, reason, Role.SECONDARY, Tone.TEXT3, wrap=True)
        below = row(gap=4, align=False)
        below.addWidget(lock, 0, Qt.AlignmentFlag.AlignTop)
        below.addWidget(words, 1)
        return holding(column(text, below))


def _at_lead(*widgets: QWidget) -> QWidget:
    holder = QWidget()
    line = QHBoxLayout(holder)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(8)
    for widget in widgets:
        line.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
    line.addStretch(1)
    return holder

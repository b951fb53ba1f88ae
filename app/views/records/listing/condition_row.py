"""One condition of a filter: a field, what is said of it, and the values that takes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout

from app.bridge.tips import plain_tip
from app.contract.manifest import Filter
from app.services.own_filters import SYNC, WITH_VALUES, Says, says_of
from app.services.portal import Portal
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import IconButton
from app.views.widgets.choice_controls import ChoiceControl, MultiChoiceControl, Option
from app.views.widgets.control import Control
from app.views.widgets.layout import emptied, row
from app.views.widgets.text import Text
from app.views.widgets.text_controls import NumberControl

#: More values than this are picked from a list, one at a time.
_BOXES = 20
_USUAL_DAYS = 30


class ConditionRow(ThemedWidget):
    """`edited` after every change by the user, `removed` by its cross."""

    edited = Signal()
    removed = Signal()

    def __init__(self, theme: Theme, portal: Portal, entity: str) -> None:
        super().__init__(theme)
        self._portal = portal
        self._entity = entity
        filters = portal.filters
        options = [Option(name, label) for name, label in filters.subjects(entity)]
        self.subject = ChoiceControl(theme, options, self.tr("Field"), may_be_empty=False)
        self.subject.combo.setAccessibleName(self.tr("Field"))
        self.says = ChoiceControl(theme, (), "–", may_be_empty=False)
        self.says.combo.setAccessibleName(self.tr("Condition"))
        self.says.combo.setFixedWidth(168)
        self.days = NumberControl(theme, whole=True)
        self.days.setFixedWidth(56)
        self.days.edit.setAccessibleName(self.tr("Days"))
        self._days_word = Text(theme, self.tr("days"), Role.BODY, Tone.TEXT2)
        self.remove = IconButton(theme, "x", self.tr("Remove this condition"), icon_size=14)
        self.remove.clicked.connect(self.removed)
        self._values: Control | None = None
        self._slot = QVBoxLayout()
        line = row(gap=8)
        line.addWidget(self.subject, 1)
        for part in (self.says, self.days, self._days_word, self.remove):
            line.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(line)
        whole.addLayout(self._slot)
        self.subject.edited.connect(self._on_subject)
        self.says.edited.connect(self._on_says)
        self.days.edited.connect(self.edited)
        self._show_says()

    def show_condition(self, one: Filter) -> None:
        """Show a condition that was kept."""
        self.subject.set_value(SYNC if one.op == "sync" else one.field)
        self._show_says()
        says = says_of(one)
        self.says.set_value(says.value if says is not None else None)
        self._show_values()
        self.days.set_value(one.days)
        if isinstance(self._values, MultiChoiceControl):
            self._values.set_value(one.values)
        elif self._values is not None and one.values:
            self._values.set_value(one.values[0])

    def condition(self) -> Filter | None:
        """What is said; None while something is missing."""
        field, says = self.subject.value(), self.says.value()
        if not field or not says:
            return None
        days = self.days.value() if says == Says.WITHIN else "0"
        if days is None or not days.isdigit():
            return None
        return self._portal.filters.condition(self._entity, field, Says(says), self._given(), int(days))

    def _given(self) -> Sequence[str]:
        value = self._values.value() if self._values is not None else None
        if isinstance(value, tuple):
            return [str(one) for one in value]
        return [str(value)] if value else []

    def _on_subject(self) -> None:
        self._show_says()
        self.edited.emit()

    def _on_says(self) -> None:
        self._show_values()
        self.edited.emit()

    def _show_says(self) -> None:
        may = self._portal.filters.may_say(self._entity, self.subject.value() or "")
        known = self._words()
        self.says.set_value(None)
        self.says.set_options([Option(one.value, known[one]) for one in may])
        self.says.set_value(may[0].value if may else None)
        self.says.setEnabled(len(may) > 1)
        why = "" if len(may) > 1 else self.tr("There is only one way to put it.")
        self.says.setToolTip(plain_tip(why))
        self.says.setAccessibleDescription(why)
        self._show_values()

    def _show_values(self) -> None:
        says, field = self.says.value(), self.subject.value() or ""
        within = says == Says.WITHIN
        self.days.setVisible(within)
        self._days_word.setVisible(within)
        if within and not self.days.value():
            self.days.set_value(_USUAL_DAYS)
        emptied(self._slot)
        self._values = None
        if says not in WITH_VALUES:
            return
        options = [Option(value, label) for value, label in self._portal.filters.values(self._entity, field)]
        if len(options) > _BOXES:
            self._values = ChoiceControl(self.theme, options, self.tr("Choose"), may_be_empty=False)
            self._values.combo.setAccessibleName(self.tr("Value"))
        else:
            self._values = MultiChoiceControl(self.theme, options, columns=2)
        self._values.edited.connect(self.edited)
        self._slot.addWidget(self._values)

    def _words(self) -> dict[Says, str]:
        return {
            Says.IS: self.tr("is"),
            Says.IS_NOT: self.tr("is not"),
            Says.OPEN: self.tr("is open"),
            Says.WITHIN: self.tr("is within"),
            Says.PAST: self.tr("has passed"),
            Says.MINE: self.tr("is mine"),
            Says.EMPTY: self.tr("is empty"),
            Says.FILLED: self.tr("is not empty"),
        }

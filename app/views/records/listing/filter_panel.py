"""Where one builds a filter: conditions that all have to hold, how many they find, and a name to keep them under."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.contract.manifest import Chip, Filter
from app.services.portal import Portal
from app.views.records.listing.condition_row import ConditionRow
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.buttons import link, primary, secondary
from app.views.widgets.layout import column, row
from app.views.widgets.popup import Popup
from app.views.widgets.scroll import scrolled
from app.views.widgets.text import Text
from app.views.widgets.text_controls import LineControl

_WIDTH = 520
_MOST_CONDITIONS = 6
#: Conditions higher than this scroll.
_MOST_ROWS = 340


class FilterPanel(Popup):
    """What is half built stays while the pane is closed. `save_asked` gives name, filters and which chip is changed."""

    save_asked = Signal(str, object, str)
    edited = Signal()
    """Other conditions: they are to be counted."""

    def __init__(self, theme: Theme, portal: Portal, entity: str, parent: QWidget) -> None:
        super().__init__(theme, "", parent)
        self.setAccessibleName(self.tr("Filter"))
        self.setObjectName("filter.panel")
        self._portal = portal
        self._entity = entity
        self._changes = ""
        self._named = False
        self.conditions: list[ConditionRow] = []
        self._title = Text(theme, self.tr("Filter"), Role.SECTION)
        hint = Text(theme, self.tr("Shows what meets every condition."), Role.SECONDARY, Tone.TEXT3)
        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(10)
        conditions = QWidget()
        conditions.setLayout(self._rows)
        #: Conditions with many values scroll; name and buttons stay within reach.
        self.area = scrolled(conditions, self.tr("Conditions"))
        self.add = link(theme, self.tr("Add a condition"), "plus")
        self.add.setObjectName("filter.add")
        self.add.clicked.connect(self._add_empty)
        self.name = LineControl(theme, self.tr("Name of the filter"))
        self.name.edit.setAccessibleName(self.tr("Name of the filter"))
        self.name.edit.setObjectName("filter.name")
        self.name.edit.installEventFilter(self)
        self.found = Text(theme, "", Role.SECONDARY, Tone.TEXT2)
        self.found.setObjectName("filter.found")
        self.problem = Text(theme, "", Role.SECONDARY, Tone.BAD, wrap=True)
        self.save = primary(theme, self.tr("Save filter"), small=True)
        self.save.setObjectName("filter.save")
        self.save.clicked.connect(self._save)
        self.clear = secondary(theme, self.tr("Start afresh"), small=True)
        self.clear.setObjectName("filter.clear")
        self.clear.clicked.connect(self.begin)
        named = row(gap=8)
        named.addWidget(self.name, 1)
        foot = row(self.found, None, self.clear, self.save, gap=8)
        label = Text(theme, self.tr("Keep it as"), Role.LABEL, Tone.TEXT2)
        head = column(self._title, hint, gap=2)
        body = column(head, self.area, row(self.add, None), 2, label, named, self.problem, foot, gap=10)
        body.setContentsMargins(16, 14, 16, 14)
        self.setLayout(body)
        self.setFixedWidth(_WIDTH)
        self.name.edited.connect(self._on_name)
        self.begin()

    def begin(self) -> None:
        """An empty condition, for a filter of its own."""
        self._changes, self._named = "", False
        self._title.set_text(self.tr("Filter"))
        self._show(())
        self.name.set_value("")
        self._follow()

    def open_chip(self, chip: Chip) -> None:
        """Change a filter that was kept."""
        self._changes, self._named = chip.name, True
        self._title.set_text(self.tr("Change “{name}”").format(name=chip.label))
        self._show(chip.filters)
        self.name.set_value(chip.label)
        self._follow()

    def filters(self) -> list[Filter]:
        """The conditions that are whole."""
        return [one for row in self.conditions if (one := row.condition()) is not None]

    def show_found(self, words: str) -> None:
        """How many records meet the conditions."""
        self.found.set_text(words)

    def show_problem(self, words: str) -> None:
        """Why it cannot be kept."""
        self.problem.set_text(words)
        self.problem.setVisible(bool(words))
        # What was put in just now has its size once it is shown.
        QTimer.singleShot(0, self, self._fit)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A proposed name is selected by whoever comes to it, so that typing replaces it."""
        if watched is self.name.edit and event.type() is QEvent.Type.FocusIn and not self._named:
            # Where the pointer brought the keyboard, the press itself still puts the cursor somewhere.
            QTimer.singleShot(0, self.name.edit, self.name.edit.selectAll)
        return super().eventFilter(watched, event)

    def show_below(self, anchor: QWidget) -> None:
        """Open below a widget, no higher than there is room."""
        self._fit()
        super().show_below(anchor)

    def focus_name(self) -> None:
        """For another name."""
        self.name.edit.setFocus()
        self.name.edit.selectAll()

    def focus_first(self) -> None:
        """Give the keyboard to the first condition."""
        if self.conditions:
            self.conditions[0].subject.combo.setFocus()

    def _show(self, filters: Sequence[Filter]) -> None:
        for old in [*self.conditions]:
            self._drop(old)
        for one in filters:
            self._add(one)
        if not filters:
            self._add()

    def _add_empty(self) -> None:
        self._add()
        self._fit()
        self.area.ensureWidgetVisible(self.conditions[-1])
        self.conditions[-1].subject.combo.setFocus()

    def _add(self, one: Filter | None = None) -> None:
        made = ConditionRow(self.theme, self._portal, self._entity)
        made.setObjectName(f"filter.condition.{len(self.conditions)}")
        if one is not None:
            made.show_condition(one)
        made.edited.connect(self._on_edited)
        made.removed.connect(lambda: self._remove(made))
        self.conditions.append(made)
        self._rows.addWidget(made)
        self._follow()

    def _remove(self, one: ConditionRow) -> None:
        self._drop(one)
        if not self.conditions:
            self._add()
        self._on_edited()

    def _drop(self, one: ConditionRow) -> None:
        self.conditions.remove(one)
        self._rows.removeWidget(one)
        one.hide()
        one.deleteLater()

    def _on_edited(self) -> None:
        self._follow()
        self.edited.emit()

    def _on_name(self) -> None:
        self._named = self.name.value() is not None
        self.show_problem("")

    def _follow(self) -> None:
        """The name follows the conditions until the user writes one."""
        filters = self.filters()
        if not self._named:
            self.name.set_value(self._portal.filters.words(self._entity, filters) if filters else "")
        if filters:
            self.save.enable()
        else:
            self.save.disable(self.tr("Complete a condition first."))
            self.show_found("")
        self.add.setVisible(len(self.conditions) < _MOST_CONDITIONS)
        alone = len(self.conditions) == 1
        for one in self.conditions:
            one.remove.setVisible(not alone)
        self.show_problem("")

    def _fit(self) -> None:
        self._rows.activate()
        room = self.screen().availableGeometry().height() // 2
        self.area.setFixedHeight(min(self._rows.sizeHint().height(), _MOST_ROWS, room))
        layout = self.layout()
        if layout is not None:
            layout.activate()
        self.adjustSize()

    def _save(self) -> None:
        self.save_asked.emit(self.name.value() or "", self.filters(), self._changes)

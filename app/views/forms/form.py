"""A form generated from the manifest: sections of rows of cells, judged by the manifest's rules.

Usage::

    form = RecordForm(theme, entity, creation_sections(entity), sources)
    form.show(draft.data); form.edited.connect(save)        # values() are record values by field name
    form.judge()                                            # shows all problems, returns them by field

A problem is shown when the user leaves the field and goes while they type. Problems the vendor found (`tell`) stand on
their fields until those are edited.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget

from app.contract.manifest import EntityType
from app.contract.merge import same
from app.contract.rules import Context, validate_field
from app.views.forms.cell_row import CellRow
from app.views.forms.cells import Cell, FormSources, make_cell
from app.views.forms.explain import Explaining
from app.views.forms.sections import Section, weights
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Width
from app.views.widgets.cards import SectionHeader


class RecordForm(QWidget):
    """Cells of all sections, one below the other. `edited`: the user changed something (field names).

    `left`: the keyboard left a field (its name). `judged`: the set of problems shown may have changed.
    """

    edited = Signal(tuple)
    left = Signal(str)
    judged = Signal()

    def __init__(
        self,
        theme: Theme,
        entity: EntityType | None,
        sections: tuple[Section, ...],
        sources: FormSources,
        *,
        changed_only: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`changed_only`: values that are as they were shown are not judged; an edit answers for what it touches."""
        super().__init__(parent)
        self._theme = theme
        self._sources = sources
        self._changed_only = changed_only
        self._cells: dict[str, Cell] = {}
        self._told: dict[str, str] = {}
        self._seen: set[str] = set()
        self._lent: Cell | None = None
        self._rest: dict[str, Any] = {}
        self.sections = sections
        self._anchors: list[QWidget] = []
        self._slots: list[QVBoxLayout] = []
        self._lines: list[CellRow] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.L)
        for section in sections:
            layout.addWidget(self._make_section(entity, section))
        self.setMaximumWidth(Width.FORM_MAX)
        self._explain(entity)

    def _explain(self, entity: EntityType | None) -> None:
        explain = self._sources.explain
        if explain is not None:
            cells = dict.fromkeys(self._cells.values())
            Explaining(self._theme, self, {cell.field: partial(explain, entity, cell.spec) for cell in cells})

    def _make_section(self, entity: EntityType | None, section: Section) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        if section.title:
            column.addWidget(SectionHeader(self._theme, section.title, section.note))
        for fields in section.rows:
            cells = [
                make_cell(self._theme, entity, one, self._sources, spread=section.spread) for one in fields
            ]
            for cell in cells:
                self._adopt(cell)
            line = CellRow([cell.field for cell in cells], weights(fields))
            self._lines.append(line)
            column.addLayout(line)
        self._slots.append(column)
        self._anchors.append(box)
        return box

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for line in self._lines:
            line.fit(self.width())

    def _adopt(self, cell: Cell) -> None:
        for name in cell.names:
            self._cells[name] = cell
        cell.field.edited.connect(lambda: self._on_edited(cell))
        cell.field.left.connect(lambda: self._on_left(cell))

    # values

    @property
    def names(self) -> tuple[str, ...]:
        """The fields the form edits."""
        return tuple(self._cells)

    def values(self) -> dict[str, Any]:
        """What the cells hold, by field name."""
        found: dict[str, Any] = {}
        for cell in dict.fromkeys(self._cells.values()):
            found.update(cell.values())
        return found

    def data(self) -> dict[str, Any]:
        """The whole record: what was shown, with the cells' values over it."""
        return {**self._rest, **self.values()}

    def show_data(self, data: Mapping[str, Any]) -> None:
        """Show a record. Fields it does not hold are emptied; what the form has no cell for is kept for the rules."""
        self._rest = dict(data)
        for cell in dict.fromkeys(self._cells.values()):
            cell.show(data)

    def mark(self, names: Collection[str], words: str) -> None:
        """Say beside these fields where their values come from, and beside no other one."""
        for cell in dict.fromkeys(self._cells.values()):
            cell.field.set_mark(words if cell.spec.name in names else "")

    def cell(self, name: str) -> Cell | None:
        return self._cells.get(name)

    def slot(self, number: int) -> QVBoxLayout:
        """The column of a section, for what is put below its fields, such as a hint or files."""
        return self._slots[number]

    # rules

    def tell(self, problems: Mapping[str, str]) -> None:
        """Show what somebody else found wrong, for example the vendor; each goes when its field is edited."""
        self._told = {name: words for name, words in problems.items() if name in self._cells}
        self._seen.update(self._told)
        self._show_problems()

    def problems(self) -> dict[str, str]:
        """What the rules and others find wrong with the values as they stand, by field; nothing is shown by this."""
        data = self.data()
        context = Context(self._sources.today())
        found: dict[str, str] = {}
        for name, cell in self._cells.items():
            if self._changed_only and name not in self._told and not self._touched(cell, data):
                continue
            spec = cell.spec if cell.spec.name == name else cell.currency
            violation = validate_field(spec, data, context) if spec else None
            written = cell.field.control.problem() if cell.spec.name == name else ""
            words = (
                self._told.get(name) or written or (self._sources.tr(violation.message) if violation else "")
            )
            if words:
                found[name] = words
        return found

    def _touched(self, cell: Cell, data: Mapping[str, Any]) -> bool:
        return any(not same(data.get(name), self._rest.get(name)) for name in cell.names)

    def shown_problems(self) -> dict[str, str]:
        """The problems the user has been shown: those of fields they have left, by field."""
        return {name: words for name, words in self.problems().items() if name in self._seen}

    def judge(self) -> dict[str, str]:
        """Show every problem there is; returns them by field."""
        self._seen.update(self._cells)
        self._show_problems()
        return self.problems()

    def focus_field(self, name: str) -> None:
        """Give a field the keyboard and bring it into view."""
        cell = self._cells.get(name)
        if cell is not None:
            cell.field.focus()
            reveal(cell.field)

    def begin_at(self, name: str) -> None:
        """Give a field the keyboard unasked: who leaves it as it stands has not answered, and is not judged for it."""
        self._lent = self._cells.get(name)
        self.focus_field(name)

    def focus_first(self) -> None:
        """Give the first field the keyboard."""
        if self._cells:
            next(iter(self._cells.values())).field.focus()

    def _show_problems(self) -> None:
        shown = self.shown_problems()
        for cell in dict.fromkeys(self._cells.values()):
            cell.field.set_error(next((shown[name] for name in cell.names if name in shown), ""))
        self.judged.emit()

    def _on_edited(self, cell: Cell) -> None:
        if cell is self._lent:
            self._lent = None
        for name in cell.names:
            self._told.pop(name, None)
            self._seen.discard(name)
        self.edited.emit(cell.names)

    def _on_left(self, cell: Cell) -> None:
        # The next focus is known only after this event: going from amount to currency does not leave the field.
        QTimer.singleShot(0, self, lambda: self._judge_left(cell))

    def _judge_left(self, cell: Cell) -> None:
        focus = QApplication.focusWidget()
        if focus is not None and (focus is cell.field or cell.field.isAncestorOf(focus)):
            return
        if QApplication.activePopupWidget() is not None:
            return
        if cell is self._lent:
            self._lent = None
            return
        self._seen.update(cell.names)
        self._show_problems()
        self.left.emit(cell.spec.name)

    # sections

    def anchor(self, number: int) -> QWidget:
        """The widget of a section, to scroll to."""
        return self._anchors[number]

    def section_of(self, widget: QWidget) -> int | None:
        """The section a widget lies in."""
        return next((n for n, box in enumerate(self._anchors) if box.isAncestorOf(widget)), None)

    def section_problems(self, number: int, find: Callable[[], Mapping[str, str]]) -> int:
        """How many of the problems `find` returns lie in a section."""
        names = {spec.name for spec in self.sections[number].fields}
        return sum(1 for name in find() if self._cells[name].spec.name in names)


def reveal(widget: QWidget) -> None:
    """Scroll the area around a widget so that the whole of it is seen."""
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QScrollArea):
        parent = parent.parentWidget()
    content = parent.widget() if parent is not None else None
    if parent is not None and content is not None:
        top = widget.mapTo(content, QPoint(0, 0))
        parent.ensureVisible(top.x(), top.y() + widget.height(), 0, Space.XXL)
        parent.ensureVisible(top.x(), top.y(), 0, Space.XXL)

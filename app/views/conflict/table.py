"""The table of a conflict: a row a group of fields, columns for base, theirs and mine, an edited value below.

Usage: ``table = ConflictTable(theme, entity, sources); table.show_conflict(view, heads)``; ``table.changed`` follows
every decision; ``table.choices()`` maps groups to decisions, undecided ones left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from app.contract.manifest import EntityType
from app.services.views_model import Choice, ChoiceKind, ConflictField, ConflictView
from app.views.conflict.cells import HeadCell
from app.views.conflict.decision import DecisionRow
from app.views.forms.cells import Cell, FormSources, editable_type, make_cell
from app.views.theme.fonts import Role
from app.views.theme.paint import rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.layout import column, holding
from app.views.widgets.text import Text

_LABEL_WIDTH = 125


@dataclass(frozen=True)
class Heads:
    """Who and when, for the three sides."""

    base: tuple[str, str]
    theirs: tuple[str, str]
    mine: tuple[str, str]


class ConflictTable(ThemedWidget):
    """`changed`: a decision or an edited value is another one now."""

    changed = Signal()

    def __init__(
        self, theme: Theme, entity: EntityType, sources: FormSources, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._entity = entity
        self._sources = sources
        self._rows: list[DecisionRow] = []
        self._current = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 1)
        self._grid.setSpacing(0)
        for place, stretch in enumerate((0, 272, 313, 313)):
            self._grid.setColumnStretch(place, stretch)
        self._grid.setColumnMinimumWidth(0, _LABEL_WIDTH)
        note = Text(
            theme, self.tr("Only fields that differ are shown"), Role.SECONDARY, Tone.TEXT3, wrap=True
        )
        note.setFixedWidth(_LABEL_WIDTH)
        note.setContentsMargins(14, 12, 8, 12)
        self._grid.addWidget(note, 0, 0, Qt.AlignmentFlag.AlignTop)
        self._base = HeadCell(theme, "history", Tone.TEXT2, self.tr("Base"))
        self._theirs = HeadCell(theme, "world", Tone.CLASH, self.tr("Theirs"))
        self._mine = HeadCell(theme, "device-laptop", Tone.ACCENT, self.tr("Mine"))
        for place, head in enumerate((self._base, self._theirs, self._mine), start=1):
            self._grid.addWidget(head, 0, place)
        self.setAccessibleName(self.tr("Fields that differ"))

    def show_conflict(self, view: ConflictView, heads: Heads) -> None:
        """Build the rows; called once for a conflict."""
        self._base.show_side(*heads.base)
        self._theirs.show_side(*heads.theirs)
        self._mine.show_side(*heads.mine)
        for number, field in enumerate(view.fields):
            self._add(DecisionRow(self.theme, field, self._cells(field), self), 2 * number + 1)
        self._lay_out()

    def _cells(self, field: ConflictField) -> tuple[Cell, ...]:
        specs = [spec for name in field.names if (spec := self._entity.field(name))]
        within = {spec.currency_field for spec in specs if spec.currency_field}
        return tuple(
            make_cell(self.theme, self._entity, spec, self._sources, lines=2)
            for spec in specs
            if spec.name not in within and editable_type(spec.type)
        )

    def _add(self, entry: DecisionRow, place: int) -> None:
        self._rows.append(entry)
        top = Qt.AlignmentFlag.AlignTop
        entry.label.setFixedWidth(_LABEL_WIDTH)
        self._grid.addWidget(entry.label, place, 0, 2, 1, top)
        self._grid.addWidget(entry.base, place, 1, top)
        for side, cell in ((2, entry.theirs), (3, entry.mine)):
            self._grid.addWidget(holding(column(cell, margins=(9, 8, 8, 8))), place, side)
        if entry.edited is not None:
            self._grid.addWidget(holding(column(entry.edited, margins=(9, 0, 8, 8))), place + 1, 1, 1, 3)
        entry.decided.connect(lambda: self._decided(entry))

    # decisions

    @property
    def rows(self) -> tuple[DecisionRow, ...]:
        return tuple(self._rows)

    def choices(self) -> dict[str, Choice]:
        """Group to decision; undecided groups are left out."""
        return {entry.field.group: choice for entry in self._rows if (choice := entry.choice())}

    def decisions(self) -> dict[str, tuple[ConflictField, Choice]]:
        """Decisions with what they were made about, to be kept over a rebuilding."""
        return {
            entry.field.group: (entry.field, choice) for entry in self._rows if (choice := entry.choice())
        }

    def restore(self, decisions: Mapping[str, tuple[ConflictField, Choice]]) -> None:
        """Take earlier decisions again, where neither side became another one meanwhile."""
        for entry in self._rows:
            field, choice = decisions.get(entry.field.group, (None, None))
            if field is not None and choice is not None and _same_sides(field, entry.field):
                entry.take_again(choice)

    def decide_all(self, kind: ChoiceKind) -> None:
        """Take one side for every group; fields locked meanwhile keep the vendor's."""
        for entry in self._rows:
            entry.take(kind if entry.field.editable else ChoiceKind.THEIRS)

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """By group; only an edited value can be wrong."""
        for entry in self._rows:
            edited = entry.kind is ChoiceKind.EDITED
            entry.show_problem(problems.get(entry.field.group, "") if edited else "")

    def _decided(self, entry: DecisionRow) -> None:
        self._current = self._rows.index(entry)
        self._lay_out()
        self.changed.emit()

    # keys

    def step(self, by: int) -> None:
        """Move the keyboard to another group."""
        if self._rows:
            self._current = (self._at() + by) % len(self._rows)
            self._rows[self._current].focus()

    def take(self, kind: ChoiceKind) -> None:
        """Decide the group that has the keyboard (or had it last); editing moves the keyboard into the value."""
        if not self._rows:
            return
        entry = self._rows[self._at()]
        if kind is ChoiceKind.EDITED:
            entry.edit()
        else:
            entry.take(kind)
            entry.focus()

    def take_base(self) -> None:
        """Go back to the base in the group that has the keyboard."""
        if self._rows:
            self._rows[self._at()].take_base()

    def focus_first(self) -> None:
        if self._rows:
            self._rows[0].focus()

    def _at(self) -> int:
        focused = next((n for n, entry in enumerate(self._rows) if entry.has_focus()), None)
        return self._current if focused is None else focused

    # look

    def _lay_out(self) -> None:
        for number, entry in enumerate(self._rows):
            if entry.edited is not None:
                box = entry.edited.parentWidget()
                if box is not None:
                    box.setVisible(entry.shows_edited)
            self._grid.setRowMinimumHeight(2 * number + 1, 56)
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        rounded(painter, self.rect(), Radius.CARD, tokens.surface)
        head = self._base.geometry().bottom()
        painter.save()
        painter.setClipRect(QRect(0, 0, self.width(), head + 1))
        rounded(painter, self.rect(), Radius.CARD, tokens.raised)
        painter.restore()
        # From the cells' own places: a grid whose rows are as high as wrapped text does not know its cells' rectangles.
        spans = [QRect(0, 0, self.width(), head + 1), *(self._span(entry) for entry in self._rows)]
        for span in spans[1:]:
            painter.fillRect(QRect(0, span.top(), self.width(), 1), tokens.line)
        for side, column_head in enumerate((self._base, self._theirs, self._mine)):
            place = column_head.geometry()
            x = place.right() if self.mirrored else place.left()
            # Beside an edited value only the first rule goes on.
            for span, whole in zip(spans, (True, *(not e.shows_edited for e in self._rows)), strict=True):
                bottom = span.bottom() if side == 0 or whole else self._sides_bottom(span)
                painter.fillRect(QRect(x, span.top(), 1, bottom - span.top() + 1), tokens.line)
        rounded(painter, self.rect(), Radius.CARD, None, tokens.line)
        painter.end()

    def _span(self, entry: DecisionRow) -> QRect:
        """The whole width of a group, its edited value included."""
        top = _box(entry.theirs).top()
        following = [_box(other.theirs).top() for other in self._rows if _box(other.theirs).top() > top]
        bottom = min(following) - 1 if following else self.height() - 1
        return QRect(0, top, self.width(), bottom - top + 1)

    def _sides_bottom(self, span: QRect) -> int:
        entry = next(e for e in self._rows if _box(e.theirs).top() == span.top())
        return _box(entry.theirs).bottom()


def _same_sides(one: ConflictField, two: ConflictField) -> bool:
    return (one.theirs, one.mine, one.editable) == (two.theirs, two.mine, two.editable)


def _box(cell: QWidget) -> QRect:
    """Where the cell's holder lies in the table."""
    holder = cell.parentWidget()
    return holder.geometry() if holder is not None else cell.geometry()

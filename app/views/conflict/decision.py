"""One group of a conflict: its widgets and the decision they stand for.

Usage: ``entry = DecisionRow(theme, field, cells, parent=table)``; the table places ``label``, ``base``, ``theirs``,
``mine`` and ``edited``; ``entry.decided`` follows every change of mind, ``entry.choice()`` says what holds.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QWidget

from app.bridge.tips import plain_tip
from app.contract.manifest import FieldType
from app.services.views_model import Choice, ChoiceKind, ClashReason, ConflictField
from app.views.conflict.cells import ValueEditor, value_text
from app.views.forms.cells import Cell
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.buttons import IconButton
from app.views.widgets.choice_cell import ChoiceCell, ChoiceGroup, EditedCell
from app.views.widgets.layout import column, holding, row
from app.views.widgets.text import Text

_NUMBERS = (ChoiceKind.THEIRS, ChoiceKind.MINE, ChoiceKind.EDITED)


class DecisionRow(QObject):
    """The widgets of one group and the decision they stand for. `decided`: the user took another side."""

    decided = Signal()

    def __init__(self, theme: Theme, field: ConflictField, cells: tuple[Cell, ...], parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self.field = field
        self.kind: ChoiceKind | None = field.preselect
        self.is_text = field.type is FieldType.LONG_TEXT
        self.base = Text(theme, field.base_words or "–", Role.BODY, Tone.TEXT2, wrap=True)
        self.base.setContentsMargins(14, 18, 14, 18)
        self.base.setAccessibleName(self.tr("Base: {value}").format(value=field.base_words or "–"))
        self.theirs = self._cell(self.tr("{field}, theirs: {value}"), field.theirs_words, Tone.TEXT)
        self.mine = self._cell(
            self.tr("{field}, mine: {value}"), field.mine_words, Tone.TEXT if field.editable else Tone.TEXT3
        )
        self.mine.dot.setEnabled(field.editable)
        self.mine.setToolTip(plain_tip("" if field.editable else field.reason_words))
        self.mine.dot.setToolTip(plain_tip("" if field.editable else field.reason_words))
        self.mine.dot.setAccessibleDescription("" if field.editable else field.reason_words)
        self.editor: ValueEditor | None = None
        self.edited: EditedCell | None = None
        if field.editable and cells:
            self._add_editor(cells)
        self._group = ChoiceGroup(*self._choice_cells(), parent=self)
        self._group.chosen.connect(lambda number: self.take(_NUMBERS[number]))
        self.pencil: IconButton | None = None
        self.label = self._make_label()
        self.show_choice()

    def _cell(self, name: str, words: str, tone: Tone) -> ChoiceCell:
        content = value_text(self._theme, self.field.base_words, words, marked=self.is_text, tone=tone)
        return ChoiceCell(self._theme, name.format(field=self.field.label, value=words or "–"), content)

    def _add_editor(self, cells: tuple[Cell, ...]) -> None:
        self.editor = ValueEditor(self._theme, cells)
        note = self.tr("starts from both texts") if self.is_text else self.tr("starts from yours")
        self.edited = EditedCell(self._theme, self.tr("Edited by you"), note, self.editor)
        self.edited.dot.setAccessibleName(self.tr("{field}, edited by you").format(field=self.field.label))
        start = dict(self.field.mine)
        if self.is_text and self.field.suggested:
            start[self.field.names[0]] = self.field.suggested
        self.editor.show_values(start)
        self.editor.edited.connect(self._typed)

    def _choice_cells(self) -> tuple[ChoiceCell, ...]:
        return (self.theirs, self.mine) if self.edited is None else (self.theirs, self.mine, self.edited)

    def _make_label(self) -> QWidget:
        theme = self._theme
        kind = row(Text(theme, self.field.type_label, Role.CAPTION, Tone.TEXT3), None, gap=0)
        if self.edited is not None and not self.is_text:
            said = self.tr("Edit the value of {field}").format(field=self.field.label)
            self.pencil = IconButton(theme, "pencil", said, size=20, icon_size=14, tone=Tone.TEXT3)
            self.pencil.clicked.connect(self.edit)
            kind.addWidget(self.pencil)
        words = column(Text(theme, self.field.label, Role.NAME, wrap=True), kind, margins=(14, 10, 8, 10))
        if self.field.reason is ClashReason.LOCKED:
            words.addWidget(Text(theme, self.field.reason_words, Role.CAPTION, Tone.WARN, wrap=True))
        words.addStretch(1)
        return holding(words)

    # the decision

    def take(self, kind: ChoiceKind | None) -> None:
        """Take a side; what the state no longer allows falls to the vendor's."""
        allowed = kind is ChoiceKind.THEIRS or self.field.editable
        if kind is ChoiceKind.EDITED and self.edited is None:
            allowed = False
        if allowed and kind is not self.kind:
            self.kind = kind
            self.decided.emit()
        self.show_choice()

    def take_again(self, choice: Choice) -> None:
        """Take an earlier decision, with its edited value."""
        if choice.kind is ChoiceKind.EDITED and self.editor is not None:
            self.editor.show_values(choice.value)
        self.take(choice.kind)

    def edit(self) -> None:
        """Choose the edited value and go on writing it."""
        if self.editor is not None:
            self.take(ChoiceKind.EDITED)
            self.editor.focus()

    def take_base(self) -> None:
        """Go back to what both sides agreed on: an edited value that equals the base."""
        if self.editor is not None:
            self.editor.show_values(self.field.base)
            self.kind = ChoiceKind.EDITED
            self.show_choice()
            self.decided.emit()

    def show_problem(self, words: str) -> None:
        """How to mend the edited value; empty when nothing is wrong."""
        if self.editor is not None:
            self.editor.show_problem(words)

    def choice(self) -> Choice | None:
        if self.kind is ChoiceKind.EDITED and self.editor is not None:
            return Choice(ChoiceKind.EDITED, self.editor.values())
        return Choice(self.kind) if self.kind is not None else None

    def _typed(self) -> None:
        self.kind = ChoiceKind.EDITED
        self.show_choice()
        self.decided.emit()

    # look

    def show_choice(self) -> None:
        """Let the widgets show the decision."""
        self._group.select(_NUMBERS.index(self.kind) if self.kind is not None else -1)

    @property
    def shows_edited(self) -> bool:
        """A text always offers its third way; other values only once it is chosen."""
        return self.edited is not None and (self.is_text or self.kind is ChoiceKind.EDITED)

    def focus(self) -> None:
        """Give the keyboard to the side that is chosen."""
        target = {ChoiceKind.MINE: self.mine, ChoiceKind.EDITED: self.edited}.get(
            self.kind or ChoiceKind.THEIRS, self.theirs
        )
        (target or self.theirs).dot.setFocus(Qt.FocusReason.TabFocusReason)

    def has_focus(self) -> bool:
        focus = QApplication.focusWidget()
        parts = (self.theirs, self.mine, self.label, self.edited)
        return focus is not None and any(part is not None and part.isAncestorOf(focus) for part in parts)

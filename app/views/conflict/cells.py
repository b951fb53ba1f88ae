"""Parts of the conflict table: the heads of the three sides, a value with its changes marked, the edited value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.views.conflict.worddiff import Change, Piece, word_diff
from app.views.forms.cells import Cell
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.layout import column, row
from app.views.widgets.text import Run, Text
from app.views.widgets.tiles import Icon


class HeadCell(ThemedWidget):
    """One side: icon and name, who, when and from where."""

    def __init__(self, theme: Theme, icon: str, tone: Tone, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._who = Text(theme, "", Role.SECONDARY, Tone.TEXT2, elide=True)
        self._when = Text(theme, "", Role.SECONDARY, Tone.TEXT3, elide=True)
        title = row(Icon(theme, icon, tone, 18, name), Text(theme, name, Role.STRONG), None, gap=8)
        self.setLayout(column(title, 4, self._who, self._when, margins=(14, 12, 8, 12)))
        self.setAccessibleName(name)

    def show_side(self, who: str, when: str) -> None:
        self._who.set_text(who)
        self._when.set_text(when)
        self.setAccessibleDescription(f"{who}, {when}" if when else who)


def value_text(theme: Theme, base: str, words: str, *, marked: bool, tone: Tone = Tone.TEXT) -> Text:
    """A wrapping value; `marked` shows word by word what it removed from the base and added."""
    text = Text(theme, words or "–", Role.BODY, tone, wrap=True)
    pieces = word_diff(base, words) if marked else ()
    if pieces:
        text.set_runs([_run(piece) for piece in pieces])
    text.setAccessibleName(spoken(pieces) if pieces else words)
    return text


def spoken(pieces: Sequence[Piece]) -> str:
    """The pieces in words, for a screen reader: colour and strike alone say nothing to it."""
    said = []
    for piece in pieces:
        words = piece.text.strip()
        if words:
            prefix = {Change.KEPT: "", Change.REMOVED: "removed: ", Change.ADDED: "added: "}[piece.change]
            said.append(prefix + words)
    return ", ".join(said)


def _run(piece: Piece) -> Run:
    match piece.change:
        case Change.KEPT:
            return Run(piece.text)
        case Change.REMOVED:
            return Run(piece.text, Tone.BAD, ground=Tone.BAD, struck=True)
        case Change.ADDED:
            return Run(piece.text, Tone.OK, ground=Tone.OK)


class ValueEditor(QWidget):
    """The manifest's own controls for one group, side by side. `edited` by the user only."""

    edited = Signal()

    def __init__(self, theme: Theme, cells: Sequence[Cell], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells = tuple(cells)
        controls = QHBoxLayout()
        controls.setSpacing(12)
        for cell in self._cells:
            # With one field the row of the table already names it; the label would say it twice.
            part = cell.field.control if len(self._cells) == 1 else cell.field
            controls.addWidget(part, 1, Qt.AlignmentFlag.AlignTop)
            cell.field.edited.connect(self.edited)
        self._problem = Text(theme, "", Role.SECONDARY, Tone.BAD, wrap=True)
        self._problem.hide()
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(4)
        body.addLayout(controls)
        body.addWidget(self._problem)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def values(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for cell in self._cells:
            found.update(cell.values())
        return found

    def show_values(self, data: Mapping[str, Any]) -> None:
        for cell in self._cells:
            cell.show(data)

    def show_problem(self, words: str) -> None:
        """How to mend what is written; empty when nothing is wrong."""
        self._problem.set_text(words)
        self._problem.setVisible(bool(words))

    def focus(self) -> None:
        self._cells[0].field.control.setFocus(Qt.FocusReason.OtherFocusReason)

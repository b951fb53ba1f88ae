"""What tables and lists of rows have in common: the chosen row, and several that are marked.

A view puts it first among its bases, and has signals `row_chosen` (int) and `rows_marked`::

    class RecordTable(RowMarks, QTableView): ...
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QItemSelectionModel, SignalInstance
from PySide6.QtWidgets import QAbstractItemView

from app.views.delegates.roles import Index
from app.views.widgets.base import model_of

if TYPE_CHECKING:
    _View = QAbstractItemView
else:
    _View = object

#: Rows from one to another, both included.
Rows = tuple[int, int]


class RowMarks(_View):
    """One row is the chosen one; where many may be marked it is where the keyboard is.

    `row_chosen` follows the keyboard and the pointer, -1 for none; `rows_marked` tells of every change.
    """

    if TYPE_CHECKING:
        row_chosen: SignalInstance
        rows_marked: SignalInstance

    #: The row that was told of last.
    _told = -1

    def choose_many(self) -> None:
        """Let several rows be marked: Shift and Ctrl with a click or the arrows, Ctrl+A for all."""
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)

    def chosen_row(self) -> int:
        """The row where the keyboard is, if it is marked; else the first that is; -1 for none."""
        if model_of(self) is None:
            return -1
        marked = self.marked()
        current = self.currentIndex().row()
        if any(first <= current <= last for first, last in marked):
            return current
        return marked[0][0] if marked else -1

    def stands_at(self, row: int) -> bool:
        """Whether a row is the chosen one, or one of several that are marked."""
        if row == self.chosen_row():
            return True
        marked = self.marked()
        return self.mark_count() > 1 and any(first <= row <= last for first, last in marked)

    def marked(self) -> list[Rows]:
        """What is marked, as runs of rows from the top: all of a hundred thousand is one run."""
        if model_of(self) is None:
            return []
        runs: list[Rows] = []
        chosen = self.selectionModel().selection()
        ranges = [chosen.at(number) for number in range(chosen.count())]
        for first, last in sorted((one.top(), one.bottom()) for one in ranges):
            if runs and first <= runs[-1][1] + 1:
                runs[-1] = (runs[-1][0], max(last, runs[-1][1]))
            else:
                runs.append((first, last))
        return runs

    def mark(self, runs: Sequence[Rows]) -> None:
        """Mark runs of rows and no others; the keyboard stays where it is."""
        model = model_of(self)
        if model is None:
            return
        chosen, last = QItemSelection(), model.columnCount() - 1
        for first, until in runs:
            chosen.select(model.index(first, 0), model.index(until, last))
        self.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def mark_count(self) -> int:
        """How many rows are marked."""
        return sum(last - first + 1 for first, last in self.marked())

    def choose_row(self, row: int) -> None:
        """Select a row, bring it into view; -1 selects none. Says `row_chosen` only if that changes."""
        model = model_of(self)
        if model is None:
            return
        if row < 0:
            self.clearSelection()
            return
        index = model.index(row, 0)
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.scrollTo(index)

    def selectionChanged(self, selected: object, deselected: object) -> None:
        super().selectionChanged(selected, deselected)  # type: ignore[arg-type]
        self._tell()
        self.rows_marked.emit()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        if model_of(self) is not None:
            self._tell()

    def _tell(self) -> None:
        """Qt moves the keyboard's row and the marks one after the other: the same row is told once."""
        row = self.chosen_row()
        if row != self._told:
            self._told = row
            self.row_chosen.emit(row)

    def reset(self) -> None:
        self._told = -1
        super().reset()

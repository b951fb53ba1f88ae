"""The table of records, straight over an item model: rows of 36, keyboard, hover, sorting asked of the caller.

Usage::

    table = RecordTable(theme, self.tr("Deals"))
    table.setModel(model)
    table.set_columns([Column(140, CellKind.NAME), Column(0, CellKind.TEXT), Column(110, CellKind.FIGURE),
                       Column(140, CellKind.PILL), Column(90, CellKind.FIGURE), Column(120, CellKind.MARK)])
    table.row_chosen.connect(page.show_row); table.row_opened.connect(page.open_row)
    table.sort_asked.connect(page.sort)                       # column, descending
    table.show_transfer(4, True)                              # the row grows to 52 and spans all columns
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelectionModel,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from app.views.delegates.ground import RowLook
from app.views.delegates.header import HeadView
from app.views.delegates.roles import CellKind, Index
from app.views.delegates.table_rows import TableDelegate
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height
from app.views.widgets.base import model_of


@dataclass(frozen=True, slots=True)
class Column:
    """A column's width in pixels (0 takes what is left), how it is painted, and whether a click may sort by it."""

    width: int
    kind: CellKind = CellKind.TEXT
    sortable: bool = False


class RecordTable(QTableView):
    """One row is chosen at a time; ``row_chosen`` follows the keyboard and the pointer, -1 for none."""

    row_chosen = Signal(int)
    row_opened = Signal(int)
    sort_asked = Signal(int, bool)
    transfer_cancelled = Signal(int)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._columns: tuple[Column, ...] = ()
        self._transfers: set[int] = set()
        self.head = HeadView(theme, self)
        self.head.sort_asked.connect(self.sort_asked)
        self.cells = TableDelegate(theme, parent=self)
        self.cells.cancelled.connect(lambda index: self.transfer_cancelled.emit(index.row()))
        self.setHorizontalHeader(self.head)
        self.setItemDelegate(self.cells)
        self.setAccessibleName(name)
        #: Whether what is in view stays where it is when rows come and go; not while another list is asked for.
        self.stays = True
        self._top = (QPersistentModelIndex(), 0)
        self._staying = False
        self._plain()
        self.verticalScrollBar().valueChanged.connect(self._note_top)
        theme.changed.connect(self._on_theme)

    def _plain(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setProperty("hoveredRow", -1)
        # It paints its own ground, so that nothing below it is painted in vain.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        side = self.verticalHeader()
        side.hide()
        side.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        side.setMinimumSectionSize(Height.ROW)
        side.setDefaultSectionSize(Height.ROW)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        self._top = (QPersistentModelIndex(), 0)
        if model is not None:
            for told in (model.layoutChanged, model.rowsInserted, model.rowsRemoved):
                told.connect(self._stay)

    def _note_top(self, value: int) -> None:
        """Remember which row is the uppermost, and how much of it is hidden."""
        model = model_of(self)
        row = self.rowAt(0)
        if model is not None and row >= 0 and not self._staying:
            self._top = (QPersistentModelIndex(model.index(row, 0)), self.rowViewportPosition(row))

    def _stay(self) -> None:
        """Rows came, went or moved: what one was looking at stays where it was. At the top one sees what is new."""
        index, offset = self._top
        bar = self.verticalScrollBar()
        if not self.stays or not index.isValid() or bar.value() == 0:
            return
        self._staying = True
        self.updateGeometries()
        bar.setValue(bar.value() + self.rowViewportPosition(index.row()) - offset)
        self._staying = False

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Widths, kinds and sortable columns; call it after ``setModel``."""
        self._columns = tuple(columns)
        self.cells.set_kinds({number: column.kind for number, column in enumerate(self._columns)})
        self.head.set_sortable(frozenset(n for n, column in enumerate(self._columns) if column.sortable))
        self._fit()

    def chosen_row(self) -> int:
        if model_of(self) is None:
            return -1
        rows = self.selectionModel().selectedRows()
        return rows[0].row() if rows else -1

    def choose_row(self, row: int) -> None:
        """Select a row, bring it into view; -1 selects none. Says ``row_chosen`` only if that changes."""
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

    def show_transfer(self, row: int, active: bool) -> None:
        """Grow the row to 52 and let its first cell span the whole width, or take that back."""
        model = model_of(self)
        columns = 0 if model is None else model.columnCount()
        if columns == 0 or (row in self._transfers) is active:
            return
        if active:
            self._transfers.add(row)
            self.setSpan(row, 0, 1, columns)
            self.setRowHeight(row, Height.ROW_PROGRESS)
        else:
            self._transfers.discard(row)
            self.setSpan(row, 0, 1, 1)
            self.setRowHeight(row, Height.ROW)

    def clear_transfers(self) -> None:
        """Before the model is reset or sorted anew."""
        for row in sorted(self._transfers):
            self.show_transfer(row, False)

    def _fit(self) -> None:
        if not self._columns or model_of(self) is None:
            return
        fixed = sum(column.width for column in self._columns)
        open_ones = [n for n, column in enumerate(self._columns) if column.width == 0]
        rest = max(0, self.viewport().width() - fixed)
        for number, column in enumerate(self._columns):
            width = column.width
            if width == 0:
                width = max(120, rest // len(open_ones))
            self.setColumnWidth(number, width)
        if not open_ones and rest > 0:
            last = len(self._columns) - 1
            self.setColumnWidth(last, self._columns[last].width + rest)

    def _on_theme(self) -> None:
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """All rows that show, each as a whole. Record tables hide no column and no row."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), self._theme.tokens.surface)
        self._paint_rows(painter, event.rect())
        painter.end()

    def _paint_rows(self, painter: QPainter, part: QRect) -> None:
        model = model_of(self)
        top, bottom = self.rowAt(part.top()), self.rowAt(part.bottom())
        if model is None or top < 0:
            return
        spans = [(self.columnViewportPosition(n), self.columnWidth(n)) for n in range(model.columnCount())]
        if not spans:
            return
        left, right = min(x for x, _ in spans), max(x + width for x, width in spans)
        selected = {index.row() for index in self.selectionModel().selectedRows()}
        focused = self.currentIndex().row() if self.hasFocus() else -1
        hovered = self.property("hoveredRow")
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        for row in range(top, (bottom if bottom >= 0 else model.rowCount() - 1) + 1):
            rect = QRect(left, self.rowViewportPosition(row), right - left, self.rowHeight(row))
            ruled = rect.bottom() != self.viewport().height() - 1
            look = RowLook(row in selected, row == hovered, row == focused, mirrored, ruled)
            self.cells.paint_row(painter, rect, model.index(row, 0), spans, look)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def selectionChanged(self, selected: object, deselected: object) -> None:
        super().selectionChanged(selected, deselected)  # type: ignore[arg-type]
        self.row_chosen.emit(self.chosen_row())

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentIndex().isValid():
            self.row_opened.emit(self.currentIndex().row())
            return
        super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid():
            self.row_opened.emit(index.row())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.indexAt(event.position().toPoint()).row())
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def _hover(self, row: int) -> None:
        if self.property("hoveredRow") != row:
            self.setProperty("hoveredRow", row)
            self.viewport().update()

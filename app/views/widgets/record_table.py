"""The table of records, straight over an item model: rows of 36, keyboard, hover, sorting asked of the caller.

Usage::

    table = RecordTable(theme, self.tr("Deals"))
    table.setModel(model)
    table.set_columns([Column(140, CellKind.NAME), Column(0, CellKind.TEXT), Column(110, CellKind.FIGURE),
                       Column(140, CellKind.PILL), Column(90, CellKind.FIGURE), Column(120, CellKind.MARK)])
    table.row_chosen.connect(page.show_row); table.row_opened.connect(page.open_row)
    table.sort_asked.connect(page.sort)                       # column, descending
    table.show_transfer(4, True)                              # the row grows to 52 and spans all columns
    table.choose_many()                                       # several rows at once; ``rows_marked`` says which
    table.let_arrange()                                       # columns can be moved and made wider
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from app.views.delegates.ground import RowLook
from app.views.delegates.header import HeadView
from app.views.delegates.roles import CellKind
from app.views.delegates.table_rows import PAD, Span, TableDelegate
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height
from app.views.theme.touch import pressed
from app.views.widgets.base import model_of
from app.views.widgets.column_widths import Need, shared
from app.views.widgets.row_marks import RowMarks

_WHAT_IS_LEFT = Need(120, share=1)


@dataclass(frozen=True, slots=True)
class Column:
    """A column's width in pixels, how it is painted, and whether one may sort by it.

    `width` 0 follows `need`; without one it takes what the others leave.
    """

    width: int
    kind: CellKind = CellKind.TEXT
    sortable: bool = False
    need: Need = _WHAT_IS_LEFT

    @property
    def needs(self) -> Need:
        """What it is to have of the table's room."""
        return Need(self.width) if self.width else self.need


class RecordTable(RowMarks, QTableView):
    """Rows with columns; what is chosen and marked see ``RowMarks``."""

    row_chosen = Signal(int)
    row_opened = Signal(int)
    rows_marked = Signal()
    copy_asked = Signal()
    sort_asked = Signal(int, bool)
    column_drawn = Signal(int, int)
    """A column and the width a user drew it to."""
    transfer_cancelled = Signal(int)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._columns: tuple[Column, ...] = ()
        self._transfers: set[int] = set()
        self._fitting = False
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
        side.setMinimumSectionSize(pressed(Height.ROW))
        side.setDefaultSectionSize(pressed(Height.ROW))

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

    def let_arrange(self) -> None:
        """Let columns be moved and made wider by hand; what no longer fits is scrolled to."""
        self.head.let_arrange()
        self.head.sectionResized.connect(self._on_resized)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

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
            self.setRowHeight(row, pressed(Height.ROW))

    def clear_transfers(self) -> None:
        """Before the model is reset or sorted anew."""
        for row in sorted(self._transfers):
            self.show_transfer(row, False)

    def _fit(self, besides: int = -1) -> None:
        """Give every column its width, but for the one that is being drawn."""
        if not self._columns or model_of(self) is None:
            return
        self._fitting = True
        widths = shared([column.needs for column in self._columns], self.viewport().width())
        for number, width in enumerate(widths):
            if number != besides:
                self.setColumnWidth(number, width)
        self._fitting = False

    def _on_resized(self, column: int, _before: int, width: int) -> None:
        """A column that was made wider by hand stays so; the open ones share what is left."""
        if self._fitting or column >= len(self._columns):
            return
        kept = [*self._columns]
        kept[column] = replace(kept[column], width=max(1, width))
        self._columns = tuple(kept)
        self._fit(besides=column)
        self.column_drawn.emit(column, width)

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
        spans[-1] = self._before_corner(spans[-1])
        marked = self.marked()
        several = len(marked) > 1 or any(one < other for one, other in marked)
        focused = self.currentIndex().row() if self.hasFocus() else -1
        hovered = self.property("hoveredRow")
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        for row in range(top, (bottom if bottom >= 0 else model.rowCount() - 1) + 1):
            rect = QRect(left, self.rowViewportPosition(row), right - left, self.rowHeight(row))
            ruled = rect.bottom() != self.viewport().height() - 1
            selected = any(one <= row <= other for one, other in marked)
            look = RowLook(selected, row == hovered, row == focused, mirrored, ruled, several)
            self.cells.paint_row(painter, rect, model.index(row, 0), spans, look)

    def _before_corner(self, last: Span) -> Span:
        """Figures of the last column end where their head does, before what covers its corner."""
        figures = bool(self._columns) and self._columns[-1].kind is CellKind.FIGURE
        covered = max(0, self.head.corner - PAD) if figures else 0
        x, width = last
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        return (x + covered if mirrored else x), width - covered

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_asked.emit()
            return
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

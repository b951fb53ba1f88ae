"""Lists over item models: two-line rows (requests), and rows with actions (outbox).

Usage::

    requests = RowList(theme, self.tr("Requests")); requests.setModel(model); requests.row_chosen.connect(...)
    outbox = ActionList(theme, self.tr("Outbox")); outbox.setModel(model)
    outbox.acted.connect(page.act)               # row, name of the action

In the outbox ↑ ↓ move between rows, ← → between a row's actions, Return runs one.
"""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPoint,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QSizePolicy, QStyleOptionViewItem, QWidget

from app.views.delegates.outbox_rows import OutboxDelegate
from app.views.delegates.request_rows import RequestDelegate
from app.views.delegates.roles import Index, actions_of
from app.views.theme.theme import Theme
from app.views.widgets.base import model_of
from app.views.widgets.row_marks import RowMarks

#: So far above and below its frame a button is still hit: together as high as a finger.
_AROUND = 8


class RowList(RowMarks, QListView):
    """Rows one chooses from, see ``RowMarks``; Return or a double click opens."""

    row_chosen = Signal(int)
    row_opened = Signal(int)
    rows_marked = Signal()
    copy_asked = Signal()

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setProperty("hoveredRow", -1)
        self.setItemDelegate(RequestDelegate(theme, self))
        # All rows of one list say the same things: to measure each would read every record there is.
        self.setUniformItemSizes(True)
        theme.changed.connect(self._on_theme)

    def _on_theme(self) -> None:
        self.viewport().update()

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
        self._hover(event.position().toPoint())
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(QPoint(-1, -1))
        super().leaveEvent(event)

    def _hover(self, spot: QPoint) -> None:
        row = self.indexAt(spot).row()
        if self.property("hoveredRow") != row:
            self.setProperty("hoveredRow", row)
            self.viewport().update()


class ActionList(RowList):
    """The outbox: rows are acted upon. With ``grows`` it is as high as its rows, for use inside a card."""

    acted = Signal(int, str)

    def __init__(self, theme: Theme, name: str, *, grows: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, parent)
        self._rows = OutboxDelegate(theme, self)
        self._chosen_action = 0
        self._pressed = ""
        self._grows = grows
        self.setItemDelegate(self._rows)
        self.setUniformItemSizes(False)
        # The card's round corners show through.
        self.viewport().setAutoFillBackground(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        if grows:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        if model is not None:
            for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset, model.dataChanged):
                signal.connect(self._resized)
        self._resized()

    def _resized(self) -> None:
        if self._grows:
            self.setFixedHeight(max(1, self._content_height()))
            self.updateGeometry()
        self.scheduleDelayedItemsLayout()

    def _content_height(self) -> int:
        model = model_of(self)
        if model is None:
            return 0
        option = self._option()
        return sum(
            self._rows.sizeHint(option, model.index(row, 0)).height() for row in range(model.rowCount())
        )

    def _option(self) -> QStyleOptionViewItem:
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        return option

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._content_height() if self._grows else 200)

    def action_at(self, spot: QPoint) -> tuple[QModelIndex, str]:
        """The row and the name of the action at that spot of the viewport; an empty name for none."""
        index = self.indexAt(spot)
        if not index.isValid():
            return index, ""
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        for name, _words, place in self._rows.action_rects(self.visualRect(index), index, mirrored=mirrored):
            if place.adjusted(0, -_AROUND, 0, _AROUND).contains(spot):
                return index, name
        return index, ""

    def _hover(self, spot: QPoint) -> None:
        super()._hover(spot)
        _index, name = self.action_at(spot)
        self._rows.show_pointer(name, self._pressed)
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index, name = self.action_at(event.position().toPoint())
        if name and event.button() is Qt.MouseButton.LeftButton:
            self._pressed = name
            self._rows.show_pointer(name, name)
            self.viewport().update(self.visualRect(index))
            return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index, name = self.action_at(event.position().toPoint())
        pressed, self._pressed = self._pressed, ""
        self._rows.show_pointer(name, "")
        self.viewport().update()
        if name and name == pressed:
            self.acted.emit(index.row(), name)
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        actions = actions_of(index) if index.isValid() else ()
        key = Qt.Key(event.key())
        side = -1 if self.layoutDirection() is Qt.LayoutDirection.RightToLeft else 1
        step = {Qt.Key.Key_Left: -side, Qt.Key.Key_Right: side}.get(key)
        if step is not None and actions:
            self._choose(min(max(self._chosen_action, 0), len(actions) - 1) + step, len(actions))
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space} and actions:
            self.acted.emit(index.row(), actions[min(self._chosen_action, len(actions) - 1)][0])
        else:
            super().keyPressEvent(event)

    def _choose(self, number: int, count: int) -> None:
        self._chosen_action = min(max(number, 0), count - 1)
        self._rows.show_chosen(self._chosen_action)
        self.viewport().update()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self._choose(0, 1)

    def focusInEvent(self, event: object) -> None:
        super().focusInEvent(event)  # type: ignore[arg-type]
        model = model_of(self)
        if not self.currentIndex().isValid() and model is not None and model.rowCount():
            self.setCurrentIndex(model.index(0, 0))
        self.viewport().update()

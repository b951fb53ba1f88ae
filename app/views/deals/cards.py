"""One column of a board: its stage with count and totals, its cards, and what dropping a card there does."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QMimeData, Qt, Signal
from PySide6.QtGui import (
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from app.bridge.board import CardModel
from app.bridge.tips import plain_tip
from app.services.boards import BoardColumn, Move
from app.services.format import Formats
from app.views.delegates.cards import CardDelegate
from app.views.theme.fonts import Role
from app.views.theme.paint import rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import link
from app.views.widgets.layout import column, row
from app.views.widgets.pills import Pill
from app.views.widgets.text import Text

#: A card while it is dragged: the gid of its record.
CARD_MIME = "application/x-counterpart-record"
WIDTH = 232
#: Of a stage without cards: its name and its count.
EMPTY_WIDTH = 160


class CardList(QListView):
    """The cards. `opened`: Enter or a click. `stepped`: an arrow key to a neighbouring column, -1 or 1."""

    opened = Signal(str)
    stepped = Signal(int)
    drag_began = Signal(str)
    drag_ended = Signal()
    dropped = Signal(str)
    """The gid of a card that was dropped here."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.cards = CardModel(self)
        self.may_drop = False
        self.setModel(self.cards)
        self.setItemDelegate(CardDelegate(theme, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.clicked.connect(lambda index: self.opened.emit(self.gid_at(index.row())))
        theme.changed.connect(self._on_theme)

    def _on_theme(self) -> None:
        self.viewport().update()

    def gid_at(self, number: int) -> str:
        """The record of a card, or an empty string."""
        return self.cards.cards[number].gid if 0 <= number < len(self.cards.cards) else ""

    def choose(self, gid: str) -> None:
        """Mark a card, without saying so; none where it is not here."""
        number = self.cards.row_of(gid)
        if number < 0:
            self.clearSelection()
            return
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.selectionModel().select(self.cards.index(number, 0), flags)

    def show_card(self, gid: str) -> None:
        """Scroll to a card that is out of sight; one that is seen stays where it is."""
        number = self.cards.row_of(gid)
        if number >= 0:
            self.scrollTo(self.cards.index(number, 0))

    def go_to(self, number: int) -> None:
        """Give a card the keyboard, the last one where there are fewer."""
        last = self.cards.rowCount() - 1
        index = self.cards.index(max(0, min(number, last)), 0)
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        self.scrollTo(index)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        steps = {Qt.Key.Key_Right: -1 if mirrored else 1, Qt.Key.Key_Left: 1 if mirrored else -1}
        moves = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        key = Qt.Key(event.key())
        here = self.currentIndex().row()
        if key in steps:
            self.stepped.emit(steps[key])
        elif key in moves:
            # Moving chooses nothing: in a narrow window the record would cover the board.
            self.go_to(here + moves[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and here >= 0:
            self.opened.emit(self.gid_at(here))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.cards.rowCount():
            self.go_to(0)
        self.viewport().update()

    # dragging

    def startDrag(self, _actions: Qt.DropAction) -> None:
        index = self.currentIndex()
        gid = self.gid_at(index.row())
        if not gid:
            return
        data = QMimeData()
        data.setData(CARD_MIME, gid.encode())
        drag = QDrag(self)
        drag.setMimeData(data)
        place = self.visualRect(index)
        drag.setPixmap(self.viewport().grab(place))
        drag.setHotSpot(self.viewport().mapFromGlobal(self.cursor().pos()) - place.topLeft())
        self.drag_began.emit(gid)
        drag.exec(Qt.DropAction.MoveAction)
        self.drag_ended.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._weigh(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._weigh(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        if self._weigh(event):
            self.dropped.emit(bytes(event.mimeData().data(CARD_MIME).data()).decode())

    def _weigh(self, event: QDropEvent) -> bool:
        taken = self.may_drop and event.mimeData().hasFormat(CARD_MIME)
        if taken:
            event.setDropAction(Qt.DropAction.MoveAction)
            event.accept()
        else:
            event.ignore()
        return taken


class ColumnPane(ThemedWidget):
    """Head, cards, and what there is no card for. `more_asked`: show further cards of this stage."""

    more_asked = Signal(str)

    def __init__(self, theme: Theme, formats: Formats, state: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._formats = formats
        self.state = state
        self.setFixedWidth(WIDTH)
        self.setObjectName(f"board.{state}")
        self.list = CardList(theme)
        self._pill = Pill(theme, "")
        self._count = Text(theme, "", Role.SECONDARY, Tone.TEXT3)
        self._totals = Text(theme, "", Role.CAPTION, Tone.TEXT2, elide=True)
        self._more = link(theme, "")
        self._more.setObjectName(f"board.more.{state}")
        self._more.clicked.connect(lambda: self.more_asked.emit(self.state))
        self._nothing = Text(theme, self.tr("Nothing here"), Role.SECONDARY, Tone.TEXT3)
        self._nothing.setContentsMargins(4, 4, 4, 4)
        self._drop = Text(theme, "", Role.LABEL, Tone.ACCENT, wrap=True)
        self._drop.setContentsMargins(4, 4, 4, 8)
        self._drop.hide()
        head = row(self._pill, None, self._count, gap=8)
        layout = column(head, 4, self._totals, 8, self._drop, self._nothing, margins=(8, 10, 8, 8))
        layout.addWidget(self.list, 1)
        layout.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeading)
        layout.addStretch(0)
        self.setLayout(layout)

    def show_column(self, shown: BoardColumn) -> None:
        """Show a column as it is now; the keyboard and the scroll bar stay where they were."""
        number = self._formats.number(shown.count)
        self._pill.show_stage(shown.label, Tone(shown.tone))
        self._count.set_text(number)
        words = self._formats.totals(shown.totals)
        self._totals.set_text(words)
        self._totals.setToolTip(plain_tip(words))
        said = self.tr("{stage}, {count}").format(stage=shown.label, count=number)
        self.list.setAccessibleName(", ".join(part for part in (said, words) if part))
        here = self.list.gid_at(self.list.currentIndex().row())
        at = self.list.verticalScrollBar().value()
        if self.list.cards.show_cards(shown.cards):
            again = self.list.cards.row_of(here)
            if again >= 0:
                index = self.list.cards.index(again, 0)
                self.list.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.list.verticalScrollBar().setValue(at)
        # A stage that holds nothing leaves the room to those that do.
        self.setFixedWidth(WIDTH if shown.cards else EMPTY_WIDTH)
        self._nothing.setVisible(not shown.cards)
        self.list.setFocusPolicy(Qt.FocusPolicy.StrongFocus if shown.cards else Qt.FocusPolicy.NoFocus)
        more = self.tr("and {count} more").format(count=self._formats.number(shown.more))
        self._more.set_text(more if shown.more > 0 else "")
        self._more.setVisible(shown.more > 0)

    def show_move(self, move: Move | None) -> None:
        """While a card is dragged: what dropping it here does, or why it does nothing. None: no card is dragged."""
        self.list.may_drop = bool(move and move.command)
        words = "" if move is None or move.here else move.words
        if move is not None and move.command:
            words = self.tr("Drop here: {does}").format(does=move.words)
        self._drop.set_tone(Tone.ACCENT if self.list.may_drop else Tone.TEXT3)
        self._drop.set_text(words)
        self._drop.setVisible(bool(words))
        self._nothing.setVisible(move is None and not self.list.cards.rowCount())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        taken = self.list.may_drop
        ground = tokens.accent_soft if taken else tokens.bg
        rounded(
            painter, self.rect(), Radius.CARD, ground, tokens.accent if taken else None, 2 if taken else 1
        )
        painter.end()

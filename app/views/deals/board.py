"""A list as a board: a column for each open stage. Arrows go from card to card, Enter opens, a card may be dragged.

Dropping a card gives the command that leads to that stage, as its button would; a stage this user cannot bring it to
says why as long as the card is dragged.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCursor, QFocusEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.bridge.models import RecordListModel
from app.bridge.reading import Reading
from app.services.boards import MOST_CARDS, BoardColumn
from app.services.portal import Portal
from app.services.views_model import ListView
from app.views.deals.cards import ColumnPane
from app.views.page import PageContext
from app.views.theme.tokens import Space
from app.views.widgets.base import Panel
from app.views.widgets.layout import emptied


def make_board(context: PageContext, entity: str) -> Board | None:
    """Return the board of an entity type, None where the manifest has none for it."""
    spec = context.portal.manifest.entity(entity)
    if spec is None or not spec.list.board or spec.lifecycle is None:
        return None
    return Board(context, entity)


#: So near to an edge a dragged card moves the board: within so many pixels, by so many every so many milliseconds.
_NEAR, _BY, _EVERY_MS = 48, 18, 30


class Board(Panel):
    """One presentation of a list, see `app.views.records.presentations`. `command_asked`: gid and command of a drop."""

    gid_chosen = Signal(str)
    command_asked = Signal(str, str)
    name = "board"
    icon = "columns"

    def __init__(self, context: PageContext, entity: str, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, "surface", parent=parent)
        self._portal = context.portal
        self._view = ListView(entity)
        self._chosen = ""
        self._unseen = ""
        self._most: dict[str, int] = {}
        self.panes: list[ColumnPane] = []
        self._reading = Reading(context.portal, context.bridge, self._read, self._show)
        self._columns = QHBoxLayout()
        self._columns.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        self._columns.setSpacing(Space.S)
        self._columns.setAlignment(Qt.AlignmentFlag.AlignLeading)
        content = QWidget()
        content.setLayout(self._columns)
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setAccessibleName(self.tr("Board"))
        self.area.viewport().setAutoFillBackground(False)
        self.area.setWidget(content)
        content.setAutoFillBackground(False)
        self._mover = QTimer(self)
        self._mover.setInterval(_EVERY_MS)
        self._mover.timeout.connect(self._move_near_edge)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.area)
        self.setAccessibleName(self.tr("Board"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # a presentation

    @property
    def label(self) -> str:
        return self.tr("Board")

    @property
    def widget(self) -> QWidget:
        return self

    def show_list(self, model: RecordListModel) -> None:
        chip, text, sort = model.view
        wanted = ListView(self._view.entity, chip, text, sort)
        if wanted != self._view:
            self._view, self._most = wanted, {}
        self._reading.ask()

    def choose(self, gid: str) -> None:
        """Mark a card and bring it into sight once; what arrives later moves nothing under the reader's eyes."""
        if gid != self._chosen:
            self._unseen = gid
        self._chosen = gid
        for pane in self.panes:
            pane.list.choose(gid)
        self._bring_into_sight()

    def _bring_into_sight(self) -> None:
        pane = next((one for one in self.panes if one.list.cards.row_of(self._unseen) >= 0), None)
        if not self._unseen or pane is None or not self.isVisible():
            return
        self._columns.activate()
        self.area.ensureWidgetVisible(pane, Space.L, 0)
        pane.list.show_card(self._unseen)
        self._unseen = ""

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # The columns have their places once what is posted now has been laid out.
        QTimer.singleShot(0, self, self._bring_into_sight)

    # the columns

    def _read(self, portal: Portal) -> tuple[BoardColumn, ...]:
        return portal.boards.read(self._view, self._most)

    def _show(self, columns: tuple[BoardColumn, ...]) -> None:
        if [pane.state for pane in self.panes] != [one.state for one in columns]:
            self._make_panes(columns)
        for pane, one in zip(self.panes, columns, strict=True):
            pane.show_column(one)
            pane.list.choose(self._chosen)
        QTimer.singleShot(0, self, self._bring_into_sight)

    def _make_panes(self, columns: tuple[BoardColumn, ...]) -> None:
        emptied(self._columns)
        self.panes = [ColumnPane(self.theme, self._portal.formats, one.state) for one in columns]
        for number, pane in enumerate(self.panes):
            pane.list.opened.connect(self._open)
            pane.list.stepped.connect(lambda step, number=number: self._step(number, step))
            pane.list.drag_began.connect(self.begin_drag)
            pane.list.drag_ended.connect(self.end_drag)
            pane.list.dropped.connect(lambda gid, pane=pane: self._drop(gid, pane.state))
            pane.more_asked.connect(self._show_more)
            self._columns.addWidget(pane)
            # Shown at once: a layout counts no hidden column, and would squeeze them into the width there is.
            pane.show()
        self._columns.addStretch(1)

    def _show_more(self, state: str) -> None:
        self._most = {**self._most, state: self._most.get(state, MOST_CARDS) + MOST_CARDS}
        self._reading.ask()

    def _open(self, gid: str) -> None:
        if gid:
            self.choose(gid)
            self.gid_chosen.emit(gid)

    def _step(self, number: int, step: int) -> None:
        """From a column to the next one that has cards, at the same height."""
        row = self.panes[number].list.currentIndex().row()
        number += step
        while 0 <= number < len(self.panes):
            pane = self.panes[number]
            if pane.list.cards.rowCount():
                pane.list.go_to(row)
                self.area.ensureWidgetVisible(pane, Space.L, 0)
                return
            number += step

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard goes to the card that is open beside the board, or to the first one."""
        super().focusInEvent(event)
        full = [pane for pane in self.panes if pane.list.cards.rowCount()]
        holder = next((pane for pane in full if pane.list.cards.row_of(self._chosen) >= 0), None)
        pane = holder or (full[0] if full else None)
        if pane is not None:
            pane.list.go_to(max(0, pane.list.cards.row_of(self._chosen)))

    # dragging

    def begin_drag(self, gid: str) -> None:
        """A card is lifted: every column says what it would do with it."""
        self._mover.start()
        moves = self._portal.boards.moves(gid)
        for pane in self.panes:
            pane.show_move(moves.get(pane.state))

    def end_drag(self) -> None:
        """The card is let go of."""
        self._mover.stop()
        for pane in self.panes:
            pane.show_move(None)

    def _move_near_edge(self) -> None:
        """Columns that are out of sight come near when a card is held at the edge."""
        view = self.area.viewport()
        x = view.mapFromGlobal(QCursor.pos()).x()
        bar = self.area.horizontalScrollBar()
        step = -_BY if x < _NEAR else _BY if x > view.width() - _NEAR else 0
        bar.setValue(bar.value() + (-step if self.mirrored else step))

    def _drop(self, gid: str, state: str) -> None:
        move = self._portal.boards.moves(gid).get(state)
        self.end_drag()
        if move is not None and move.command:
            self.command_asked.emit(gid, move.command)

"""The ways in which one list can be shown: the table every list has, and others that suit some, such as a board.

The page owns the list: chips, search, order and what is chosen. A presentation only draws it and says what was clicked.

Usage::

    class Board(QWidget):                         # app/views/deals/board.py
        name, label, icon = "board", "Board", "columns"
        gid_chosen = Signal(str)

        @property
        def widget(self) -> QWidget: return self
        def show_list(self, model: RecordListModel) -> None: ...
        def choose(self, gid: str) -> None: ...

    RecordsPage(context, "deal_registration", ways=(make_board,))      # make_board(context, entity) -> Board | None
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.bridge.models import RecordListModel
from app.views.page import PageContext
from app.views.widgets.choice_controls import Option, SegmentedControl

#: The way every list can be shown in.
TABLE = "table"


class Presentation(Protocol):
    """One way to show a list beside the table: `name` is remembered, `label` and `icon` are its segment."""

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def icon(self) -> str: ...

    @property
    def widget(self) -> QWidget:
        """What is shown in place of the table; the page owns it."""
        ...

    @property
    def gid_chosen(self) -> SignalInstance:
        """Signal(str): the user chose a record, which the page shows beside the list."""
        ...

    def show_list(self, model: RecordListModel) -> None:
        """Draw what `model` lists now (`listing`, `record_at`). Called after each change while this way is chosen."""
        ...

    def choose(self, gid: str) -> None:
        """Mark the record that stands beside the list, "" for none. Says nothing."""
        ...


@runtime_checkable
class Acting(Protocol):
    """A presentation in which one can also act on records."""

    @property
    def command_asked(self) -> SignalInstance:
        """Signal(str, str): the user gave a record (gid) a command (name)."""
        ...


#: Makes a presentation for an entity type; None where that type cannot be shown so.
MakePresentation = Callable[[PageContext, str], Presentation | None]


class ListStack(QStackedWidget):
    """The list in the way it is shown now, or what stands there while it is empty. The choice is kept per entity type.

    `control` is for the end of the chip bar; it shows only where there is more than one way.
    """

    gid_chosen = Signal(str)
    way_changed = Signal()

    def __init__(
        self,
        context: PageContext,
        entity: str,
        table: QWidget,
        empty: QWidget,
        ways: Sequence[MakePresentation],
    ) -> None:
        super().__init__()
        self._prefs = context.portal.prefs
        self._key = f"{entity}.way"
        self._table = table
        self._empty = empty
        made = (make(context, entity) for make in ways)
        self.presentations = tuple(one for one in made if one is not None)
        for widget in (table, empty, *(one.widget for one in self.presentations)):
            self.addWidget(widget)
        for one in self.presentations:
            one.gid_chosen.connect(self.gid_chosen)
        options = [Option(TABLE, self.tr("Table"), "list")]
        options += [Option(one.name, one.label, one.icon) for one in self.presentations]
        self.control = SegmentedControl(context.theme, options, small=True)
        self.control.setObjectName("records.ways")
        self.control.name_as(self.tr("Show as"), "")
        if not self.presentations:
            # Never shown before it has a place: it would be a window of its own for a moment, with the keyboard.
            self.control.hide()
        way = self.way
        self.control.set_value(way.name if way is not None else TABLE)
        self.control.edited.connect(self._choose)

    @property
    def way(self) -> Presentation | None:
        """How the list is shown, as it was chosen before; None for the table."""
        chosen = self._prefs.get(self._key)
        return next((one for one in self.presentations if one.name == chosen), None)

    def show_list(self, model: RecordListModel) -> None:
        """Show the list as it is now, or that there is nothing in it."""
        way = self.way
        filled = model.rowCount() > 0 or not model.listing.whole
        self.setCurrentWidget(self._empty if not filled else way.widget if way else self._table)
        if way is not None:
            way.show_list(model)

    def choose(self, gid: str) -> None:
        """Mark the record that stands beside the list."""
        way = self.way
        if way is not None:
            way.choose(gid)

    def _choose(self) -> None:
        self._prefs.set(self._key, self.control.value())
        self.way_changed.emit()

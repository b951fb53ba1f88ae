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

from PySide6.QtCore import QCoreApplication, SignalInstance
from PySide6.QtWidgets import QWidget

from app.bridge.models import RecordListModel
from app.views.page import PageContext
from app.views.theme.theme import Theme
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


def ways_control(theme: Theme, others: Sequence[Presentation]) -> SegmentedControl:
    """The segments at the end of the chip bar: the table first, then the other ways."""
    table = QCoreApplication.translate("Presentations", "Table")
    options = [Option(TABLE, table, "list"), *(Option(one.name, one.label, one.icon) for one in others)]
    control = SegmentedControl(theme, options, small=True)
    control.setObjectName("records.ways")
    control.name_as(QCoreApplication.translate("Presentations", "Show as"), "")
    return control

"""A narrow list beside a wide pane, for records that are read rather than compared: approvals, deliverables, projects.

A page of its own hands in its pane::

    class ApprovalsPage(ReaderPage):
        def __init__(self, context, parent=None):
            super().__init__(context, "approval", DecisionPane(context, ask_where, ask_printer), parent)
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from app.views.page import Key, PageContext
from app.views.records.list_page import ListPage
from app.views.records.listing.tools import ListTools
from app.views.records.reader_pane import ReaderPane
from app.views.theme.tokens import Height
from app.views.ways_out import AskPrinter, AskWhere, ask_printer, ask_where
from app.views.widgets.action_list import RowList
from app.views.widgets.base import Panel
from app.views.widgets.layout import column, row
from app.views.widgets.splitter import Splitter

_LIST_WIDTH, _PANE_WIDTH, _LEAST_LIST = 300, 772, 260
#: Narrower than this there is room for the list or the record, not for both.
_BOTH = 800


class ReaderPage(ListPage):
    """The list of one entity type with its chips, and a pane that shows the chosen record."""

    def __init__(
        self,
        context: PageContext,
        entity: str,
        pane: ReaderPane,
        parent: QWidget | None = None,
        *,
        ask_target: AskWhere = ask_where,
        ask_paper: AskPrinter = ask_printer,
    ) -> None:
        super().__init__(context, entity, parent)
        self._narrow = False
        self.list = RowList(self.theme, self._entity.plural)
        self.list.setModel(self.model)
        self.pane = pane
        self.rows, self.reader = self.list, pane
        self.tools = ListTools(
            context,
            entity,
            self.model,
            self.list,
            self.chips,
            title=self._title,
            ask=ask_target,
            ask_printer=ask_paper,
        )
        self._build()
        self._connect()

    @property
    def _split_key(self) -> str:
        return f"{self._name}.split"

    def _build(self) -> None:
        bar = Panel(self.theme, "surface", rules="bottom")
        bar.setFixedHeight(Height.CHIP_BAR_SMALL)
        line = row(gap=4, margins=(16, 0, 2, 1))
        line.addWidget(self.chips, 1)
        line.addWidget(self.tools.more, 0, Qt.AlignmentFlag.AlignVCenter)
        bar.setLayout(line)
        self._lists = QStackedWidget()
        self._lists.addWidget(self.list)
        self._lists.addWidget(self.empty)
        self._left = QWidget()
        self._left.setMinimumWidth(_LEAST_LIST)
        left = column(self.narrowing.tiles, bar)
        left.addWidget(self._lists, 1)
        left.addWidget(self.tools.foot)
        self._left.setLayout(left)
        self.side = QStackedWidget()
        self.side.addWidget(self.pane)
        self.side.addWidget(self.tools.marking.form)
        self.splitter = Splitter(self.theme)
        self.splitter.add(self._left, 0)
        self.splitter.add(self.side, 1)
        sizes = self.portal.prefs.get(self._split_key, None)
        known = isinstance(sizes, list) and len(sizes) == 2 and all(isinstance(n, int) for n in sizes)
        self.splitter.setSizes(sizes if known else [_LIST_WIDTH, _PANE_WIDTH])
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.splitter)

    def _connect(self) -> None:
        self.follow_list()
        self.splitter.moved.connect(lambda: self.portal.prefs.set(self._split_key, self.splitter.sizes()))
        self.pane.said.connect(self.said)
        self.pane.go.connect(self.go)
        self.pane.open_record.connect(self.open_record)
        self.pane.pinned.connect(self.pinned)
        self.pane.back_asked.connect(lambda: self._show_reader(False))

    # page

    def keys(self) -> tuple[Key, ...]:
        return (
            *self.pane.own_keys(self._name),
            Key("Ctrl+D", self.tr("Pin, or let go"), self.pane.taking.pin),
            *self.tools.keys(),
            Key("Escape", self.tr("Back to the list"), self._escape),
        )

    def panes(self) -> tuple[QWidget, ...]:
        return (self.list, *self.pane.stops())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < _BOTH
        if narrow != self._narrow:
            self._narrow = narrow
            self.pane.show_narrow(narrow)
            self._left.setVisible(True)
            self.side.setVisible(not narrow)

    # the list

    def _show_rows(self, filled: bool) -> None:
        self._lists.setCurrentWidget(self.list if filled else self.empty)

    def _on_opened(self, number: int) -> None:
        self.pane.show_record(self.model.gid_at(number))
        self.portal.recent.opened(self.pane.gid)
        self._show_reader(True)
        stops = self.pane.stops()
        if stops:
            stops[0].setFocus()

    # beside it

    def _show_form(self, shown: bool) -> None:
        self.side.setCurrentWidget(self.tools.marking.form if shown else self.pane)
        self._show_reader(shown)

    def _show_reader(self, shown: bool) -> None:
        if not self._narrow:
            return
        self._left.setVisible(not shown)
        self.side.setVisible(shown)
        if not shown:
            self.list.setFocus()

    def _escape(self) -> None:
        if self.side.currentWidget() is self.tools.marking.form:
            self._show_form(False)
        elif self.tools.marking.count > 1:
            self.tools.marking.clear()
        elif not self.pane.escape():
            self._show_reader(False)
            self.list.setFocus()

"""A list of records made from the manifest, with the chosen one beside it: deals, leads, orders, renewals."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.views.page import Key, PageContext
from app.views.records.halves import Halves
from app.views.records.list_page import ListPage
from app.views.records.listing.tools import TableTools
from app.views.records.presentations import Acting, ListStack, MakePresentation
from app.views.records.record.detail import DetailPane
from app.views.records.record.facts import count_words, sort_words
from app.views.records.record.usual import usual_parts
from app.views.theme.tokens import Height
from app.views.ways_out import AskFiles, AskPrinter, AskWhere, ask_files, ask_printer, ask_where
from app.views.widgets.base import Panel
from app.views.widgets.layout import column, row
from app.views.widgets.record_table import RecordTable

#: After a list was shown, its other orders are made ready while nobody asks for anything.
_AHEAD_MS = 300


class RecordsPage(ListPage):
    """List and detail side by side; the manifest says which columns, chips, facts and commands there are."""

    tools: TableTools

    def __init__(
        self,
        context: PageContext,
        entity: str,
        parent: QWidget | None = None,
        *,
        ask: AskFiles = ask_files,
        ask_target: AskWhere = ask_where,
        ask_paper: AskPrinter = ask_printer,
        ways: Sequence[MakePresentation] = (),
    ) -> None:
        """`ways`: what may show the list beside the table."""
        super().__init__(context, entity, parent)
        self.table = RecordTable(self.theme, self._entity.plural)
        self.table.setObjectName("deals.table")
        self._lists = ListStack(context, entity, self.table, self.empty, ways)
        self.presentations, self.ways = self._lists.presentations, self._lists.control
        self.detail = self.make_detail(ask, ask_target, ask_paper)
        self.rows, self.reader = self.table, self.detail
        self.tools = TableTools(
            context,
            entity,
            self.model,
            self.table,
            self.chips,
            title=self._title,
            ask=ask_target,
            ask_printer=ask_paper,
        )
        self.foot, self.marking = self.tools.foot, self.tools.marking
        self._ahead = QTimer(self)
        self._ahead.setSingleShot(True)
        self._ahead.setInterval(_AHEAD_MS)
        self._ahead.timeout.connect(lambda: self.model.look_ahead() if self.isVisible() else None)
        self._build()
        self._connect()

    def make_detail(self, ask: AskFiles, ask_target: AskWhere, ask_paper: AskPrinter) -> DetailPane:
        """The record beside the list; pages of their own add parts to it."""
        parts = usual_parts(self.context, ask_target)
        return DetailPane(self.context, ask, ask_target, parts=parts, ask_paper=ask_paper)

    def _build(self) -> None:
        bar = Panel(self.theme, "surface")
        bar.setFixedHeight(Height.CHIP_BAR)
        bar.setLayout(self._above())
        self.table.setModel(self.model)
        self.tools.columns.apply()
        left = QWidget()
        whole = column(self.narrowing.tiles, bar)
        whole.addWidget(self._lists, 1)
        whole.addWidget(self.foot)
        left.setLayout(whole)
        sides = (self.detail, self.marking.form)
        self.halves = Halves(self.theme, self.portal.prefs, f"{self._name}.split", left, sides)
        self.splitter, self.side = self.halves.splitter, self.halves.side
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.halves)

    def _above(self) -> QHBoxLayout:
        """The chips, and at the end what narrows the list and how it is shown."""
        bar = row(gap=8, margins=(16, 0, 16, 0))
        bar.addWidget(self.chips, 1)
        for part in (self.tools.filters.button, self.ways):
            bar.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        return bar

    def _connect(self) -> None:
        self.follow_list()
        self.model.looked_ahead.connect(lambda more: self._ahead.start() if more else None)
        self.table.sort_asked.connect(self._sort_by)
        self.tools.columns.changed.connect(self._on_listed)
        self._lists.way_changed.connect(self._on_listed)
        self._lists.gid_chosen.connect(self._on_gid_chosen)
        for presentation in self.presentations:
            if isinstance(presentation, Acting):
                presentation.command_asked.connect(self._on_command)
        self.halves.narrowed.connect(self.detail.head.back.setVisible)
        self.detail.said.connect(self.said)
        self.detail.go.connect(self.go)
        self.detail.open_record.connect(self.open_record)
        self.detail.pinned.connect(self.pinned)
        self.detail.back_asked.connect(lambda: self._show_reader(False))

    # page

    def keys(self) -> tuple[Key, ...]:
        may = self.portal.may
        edits, talks = may.edit(self._name), may.talk(self._name)
        both = self.tr("Save, or send the comment")
        words = both if edits and talks else self.tr("Save") if edits else self.tr("Send the comment")
        save = (Key("Ctrl+Return", words, self.detail.save),) if edits or talks else ()
        edit = (Key("E", self.tr("Edit"), self.detail.edit),) if edits else ()
        write = (Key("C", self.tr("Write a comment"), self.detail.write_here),) if talks else ()
        return (
            *save,
            *edit,
            *write,
            Key("Ctrl+D", self.tr("Pin, or let go"), self.detail.pin),
            *self.tools.keys(),
            Key("Escape", self.tr("Close the form, or let go of what is selected"), self._escape),
        )

    def panes(self) -> tuple[QWidget, ...]:
        return (self._shown_list(), self.detail.box.words)

    # the list

    def _show_list(self) -> None:
        self.table.stays = self.model.view == (self._chip(), self._text, self._sort)
        super()._show_list()

    def _show_rows(self, filled: bool) -> None:
        self._show_sort()
        self._lists.show_list(self.model)

    def _on_whole(self, rows: int) -> None:
        entity = self._entity
        sums = self.model.listing.totals
        words = tuple(self.portal.formats.money(amount, currency) for currency, amount in sums.items())
        counted = count_words(self.portal, entity, self._chip(), rows)
        self.foot.show_figures(counted, words, sort_words(self.portal, entity, self._sort))
        self._ahead.start()

    def _on_shown(self) -> None:
        self._lists.choose(self.detail.gid)

    def _sort_by(self, column: int, descending: bool) -> None:
        field = self.model.columns[column].field
        self._sort = f"-{field}" if descending else field
        self.table.head.show_sort(column, descending=descending)
        self._show_list()

    def _show_sort(self) -> None:
        """The arrow goes along when columns are moved, and away with its column."""
        name = self._sort.removeprefix("-")
        at = next((n for n, one in enumerate(self.model.columns) if name and one.field == name), -1)
        self.table.head.show_sort(at, descending=self._sort.startswith("-"))

    def _on_gid_chosen(self, gid: str) -> None:
        row = self.model.row_of(gid)
        if row >= 0:
            self.table.choose_row(row)
        self.detail.show_record(gid)
        self._show_reader(True)

    def _on_command(self, gid: str, command: str) -> None:
        self._on_gid_chosen(gid)
        self.detail.run_command(command)

    def _shown_list(self) -> QWidget:
        way = self._lists.way
        return way.widget if way is not None else self.table

    def _select(self, gid: str) -> None:
        super()._select(gid)
        self.detail.follow()

    def _on_opened(self, number: int) -> None:
        self.detail.show_record(self.model.gid_at(number))
        self.portal.recent.opened(self.detail.gid)
        self._show_reader(True)
        self.detail.focus_first()

    # beside it

    def _show_form(self, shown: bool) -> None:
        self.halves.show_side(self.marking.form if shown else self.detail)
        self._show_reader(shown)

    def _show_reader(self, shown: bool) -> None:
        self.halves.cover(shown)
        if self.halves.narrow and not shown:
            self._shown_list().setFocus()

    def _escape(self) -> None:
        if self.side.currentWidget() is self.marking.form:
            self._show_form(False)
        elif self.marking.count > 1:
            self.marking.clear()
        elif self.detail.closable:
            self.detail.cancel()
        else:
            self._show_reader(False)
            self._shown_list().setFocus()

    def _on_manifest(self) -> None:
        if self._there:
            self.tools.columns.apply()
        super()._on_manifest()

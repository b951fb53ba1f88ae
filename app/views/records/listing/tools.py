"""What one can do with a list besides reading it: marks, columns, filters, export, and their menus.

`ListTools` suit every list, also one of rows without columns; `TableTools` add the choice of columns.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu

from app.bridge.models import RecordListModel
from app.services.own_filters import is_own
from app.views.page import Key, PageContext
from app.views.records.listing.columns import ListColumns
from app.views.records.listing.export import ListExport
from app.views.records.listing.filters import ListFilters
from app.views.records.listing.foot import ListFoot
from app.views.records.listing.marking import Marking
from app.views.records.listing.watching import Watch
from app.views.ways_out import AskPrinter, AskWhere, allowed
from app.views.widgets.action_list import RowList
from app.views.widgets.buttons import IconButton
from app.views.widgets.chips import ChipBar
from app.views.widgets.popup import open_above
from app.views.widgets.record_table import RecordTable


class ListTools(QObject):
    """The tools of one list. `title`: what the list is called as it is shown now."""

    said = Signal(object)

    def __init__(
        self,
        context: PageContext,
        entity: str,
        model: RecordListModel,
        rows: RecordTable | RowList,
        chips: ChipBar,
        *,
        title: Callable[[], str],
        ask: AskWhere,
        ask_printer: AskPrinter,
    ) -> None:
        super().__init__(rows)
        self._chips = chips
        self._rows = rows
        #: A list of rows is a narrow column beside its record: what has no room stands behind `more`.
        self._narrow = isinstance(rows, RowList)
        # It shows and hides before its page is laid out; without a parent that would be a window of its own.
        self.foot = ListFoot(context.theme, context.portal.formats, narrow=self._narrow, parent=rows)
        self.watch = Watch(self.foot, self)
        self.filters = ListFilters(context, entity, chips)
        self.marking = Marking(context, entity, model, rows, self.foot, self.watch)
        self.export = ListExport(
            context, entity, model, self.watch, rows, title=title, ask=ask, ask_printer=ask_printer
        )
        says = self.tr("Filter, export, print, copy") if allowed().files else self.tr("Filter, copy")
        self.more = IconButton(context.theme, "dots", says, parent=rows)
        self.more.setObjectName("list.more")
        self.more.setVisible(self._narrow)
        self.more.clicked.connect(self._open_more)
        for speaker in (self.filters, self.marking, self.export):
            speaker.said.connect(self.said)
        rows.copy_asked.connect(self.copy)
        self.foot.copy_asked.connect(self.copy)
        self.foot.menu_asked.connect(lambda anchor: open_above(self.list_menu(), anchor))
        self.foot.export_asked.connect(lambda anchor: open_above(self.marked_menu(), anchor))

    def copy(self) -> None:
        """Copy what is marked as a table."""
        self.export.copy([*self.marking.ids()])

    def keys(self) -> tuple[Key, ...]:
        """The keys of a list."""
        return self.export.keys()

    def list_menu(self) -> QMenu:
        """What can be done with the list as it is shown."""
        menu = QMenu(self._rows)
        if self._narrow:
            self._add(menu, "filter", self.tr("Filter…"), self.filters.open)
            self.filters.fill(menu, self._chips.current())
            menu.addSeparator()
        self.export.fill(menu)
        menu.addSeparator()
        self._add(menu, "copy", self.tr("Copy the list as a table"), self.export.copy)
        self._add(menu, "all", self.tr("Select all"), self.marking.mark_all)
        self._fill(menu)
        if not self._narrow and is_own(self._chips.current()):
            menu.addSeparator()
            self.filters.fill(menu, self._chips.current())
        return menu

    def marked_menu(self) -> QMenu:
        """The ways to take what is marked elsewhere."""
        menu = QMenu(self._rows)
        self.export.fill(menu, [*self.marking.ids()])
        return menu

    def _fill(self, menu: QMenu) -> None:
        """What only some lists have."""

    def _add(self, menu: QMenu, name: str, words: str, run: Callable[[], None]) -> None:
        entry = menu.addAction(words)
        entry.setObjectName(f"list.{name}")
        entry.triggered.connect(lambda _on=False: run())

    def _open_more(self) -> None:
        menu = self.list_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height())))


class TableTools(ListTools):
    """The tools of a table: its columns can be chosen too."""

    def __init__(
        self,
        context: PageContext,
        entity: str,
        model: RecordListModel,
        table: RecordTable,
        chips: ChipBar,
        *,
        title: Callable[[], str],
        ask: AskWhere,
        ask_printer: AskPrinter,
    ) -> None:
        super().__init__(context, entity, model, table, chips, title=title, ask=ask, ask_printer=ask_printer)
        self.columns = ListColumns(context.theme, context.portal, entity, model, table)

    def _fill(self, menu: QMenu) -> None:
        self._add(menu, "columns", self.tr("Choose columns…"), self.columns.open_panel)

"""What one can do with a list besides reading it: marks, columns, filters, export, and their menus."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QWidget

from app.bridge.models import RecordListModel
from app.services.own_filters import is_own
from app.views.documents.saving import AskWhere
from app.views.page import Key, PageContext
from app.views.printing.asking import AskPrinter
from app.views.records.listing.columns import ListColumns
from app.views.records.listing.export import ListExport
from app.views.records.listing.filters import ListFilters
from app.views.records.listing.foot import ListFoot
from app.views.records.listing.marking import Marking
from app.views.records.listing.watching import Watch
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
        table: RecordTable,
        chips: ChipBar,
        *,
        title: Callable[[], str],
        ask: AskWhere,
        ask_printer: AskPrinter,
    ) -> None:
        super().__init__(table)
        self._chips = chips
        self._table = table
        self.foot = ListFoot(context.theme, context.portal.formats)
        self.watch = Watch(self.foot, self)
        self.columns = ListColumns(context.theme, context.portal, entity, model, table)
        self.filters = ListFilters(context, entity, chips)
        self.marking = Marking(context, entity, model, table, self.foot, self.watch)
        self.export = ListExport(
            context, entity, model, self.watch, table, title=title, ask=ask, ask_printer=ask_printer
        )
        for speaker in (self.filters, self.marking, self.export):
            speaker.said.connect(self.said)
        table.copy_asked.connect(self.copy)
        self.foot.copy_asked.connect(self.copy)
        self.foot.menu_asked.connect(self._open_list_menu)
        self.foot.export_asked.connect(self._open_export_menu)

    def copy(self) -> None:
        """Copy what is marked as a table."""
        self.export.copy([*self.marking.ids()])

    def keys(self) -> tuple[Key, ...]:
        """The keys of a list."""
        return self.export.keys()

    def list_menu(self) -> QMenu:
        """What can be done with the list as it is shown."""
        menu = QMenu(self._table)
        self.export.fill(menu)
        menu.addSeparator()
        for name, words, run in (
            ("copy", self.tr("Copy the list as a table"), self.export.copy),
            ("all", self.tr("Select all"), self.marking.mark_all),
            ("columns", self.tr("Choose columns…"), self.columns.open_panel),
        ):
            entry = menu.addAction(words)
            entry.setObjectName(f"list.{name}")
            entry.triggered.connect(lambda _on=False, does=run: does())
        if is_own(self._chips.current()):
            menu.addSeparator()
            self.filters.fill(menu, self._chips.current())
        return menu

    def marked_menu(self) -> QMenu:
        """The ways to take what is marked elsewhere."""
        menu = QMenu(self._table)
        self.export.fill(menu, [*self.marking.ids()])
        return menu

    def _open_list_menu(self, anchor: QWidget) -> None:
        open_above(self.list_menu(), anchor)

    def _open_export_menu(self, anchor: QWidget) -> None:
        open_above(self.marked_menu(), anchor)

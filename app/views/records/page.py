"""A list of records made from the manifest, with the chosen one beside it: deals, leads, orders, renewals."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.bridge.models import RecordListModel
from app.contract.manifest import EntityType
from app.services.views_model import Status
from app.views.documents.saving import AskWhere, ask_where
from app.views.page import NEW, Action, Head, Key, Page, PageContext, Place, SearchBox
from app.views.printing.asking import AskPrinter, ask_printer
from app.views.records.halves import Halves
from app.views.records.list_chips import ListChips
from app.views.records.listing.tools import ListTools
from app.views.records.presentations import Acting, ListStack, MakePresentation
from app.views.records.record.detail import DetailPane
from app.views.records.record.facts import count_words, sort_words
from app.views.records.record.usual import usual_parts
from app.views.theme.tokens import Height
from app.views.widgets.base import Panel
from app.views.widgets.chips import ChipBar
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.files import AskFiles, ask_files
from app.views.widgets.layout import column, row
from app.views.widgets.record_table import RecordTable

_MINUTE_MS = 60_000
_READ_MS = 2_000
#: After a list was shown, its other orders are made ready while nobody asks for anything.
_AHEAD_MS = 300


class RecordsPage(Page):
    """List and detail side by side; the manifest says which columns, chips, facts and commands there are."""

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
        super().__init__(context, parent)
        self._name = entity
        self._text = ""
        self._sort = ""
        self._settling = False
        self._sought = ""
        self.setObjectName(entity)
        self.model = RecordListModel(self.portal, entity, self.bridge, self)
        self.chips = ChipBar(self.theme, ())
        self.table = RecordTable(self.theme, self._entity.plural)
        self.table.setObjectName("deals.table")
        self.empty = EmptyState(self.theme, self._entity.icon, "")
        self._lists = ListStack(context, entity, self.table, self.empty, ways)
        self.presentations, self.ways = self._lists.presentations, self._lists.control
        self.detail = self.make_detail(ask, ask_target, ask_paper)
        self.tools = ListTools(
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
        self.narrowing = ListChips(self.portal, entity, self.chips, self.tools.filters.own, self)
        self._build()
        self._connect()
        # Countdowns go on while the page stays open.
        self._ahead = QTimer(self)
        self._ahead.setSingleShot(True)
        self._ahead.setInterval(_AHEAD_MS)
        self._ahead.timeout.connect(lambda: self.model.look_ahead() if self.isVisible() else None)
        # What one stays with has been opened; what one passes on the way to another has not.
        self._read = QTimer(self)
        self._read.setSingleShot(True)
        self._read.setInterval(_READ_MS)
        self._read.timeout.connect(self._on_read)
        self._minute = QTimer(self)
        self._minute.setInterval(_MINUTE_MS)
        self._minute.timeout.connect(self._pass_time)
        self._minute.start()

    @property
    def _entity(self) -> EntityType:
        return self.portal.entity(self._name)

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
        self.model.refreshed.connect(self._on_listed)
        self.model.looked_ahead.connect(lambda more: self._ahead.start() if more else None)
        self.narrowing.narrowed.connect(self._show_list)
        self.table.row_chosen.connect(self._on_chosen)
        self.table.row_opened.connect(self._on_opened)
        self.table.sort_asked.connect(self._sort_by)
        self.tools.columns.changed.connect(self._on_listed)
        self.tools.filters.changed.connect(self._on_filters)
        self.tools.said.connect(self.said)
        self.marking.form_asked.connect(lambda: self._show_form(True))
        self.marking.form_over.connect(lambda: self._show_form(False))
        self.empty.acted.connect(self._act_on_empty)
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
        self.detail.back_asked.connect(lambda: self._show_detail(False))
        self.bridge.statusChanged.connect(self._on_status)
        self.bridge.manifestChanged.connect(self._on_manifest)

    # page

    def head(self) -> Head:
        entity = self._entity
        talks = (kind := self.portal.manifest.entity("message")) is not None and self._name in kind.parents
        hint = self.tr("Search {what} and their notes") if talks else self.tr("Search {what}")
        return Head(
            entity.plural,
            search=SearchBox(hint.format(what=self.portal.formats.tr.inside(entity.plural))),
            actions=self._actions(),
        )

    def _actions(self) -> tuple[Action, ...]:
        job = next(
            (j for j in self.portal.manifest.jobs if j.entity == self._name and j.does == "create"), None
        )
        if job is None or not self._entity.creatable:
            return ()
        return (Action(job.label, self._create, "plus", primary=True),)

    def refresh(self) -> None:
        if self.portal.manifest.entity(self._name) is None:
            return
        self._show_list()
        self.detail.follow()

    def arrive(self, place: Place) -> None:
        self.narrowing.go_to(place.chip)
        if place.text:
            self._text = place.text
        self._show_list()
        if place.gid:
            self._select(place.gid)
            self.detail.answer(place.focus)

    def place(self) -> Place:
        return Place(self._name, gid=self.detail.gid, chip=self.chips.current(), text=self._text)

    def scrolled(self) -> int:
        return self.table.verticalScrollBar().value()

    def scroll_to(self, distance: int) -> None:
        self.table.verticalScrollBar().setValue(distance)

    def may_leave(self) -> bool:
        self.detail.keep()
        return True

    def search(self, text: str) -> None:
        self._text = text
        self._show_list()

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

    def hideEvent(self, event: QHideEvent) -> None:
        self.detail.keep()
        super().hideEvent(event)

    # the list

    def _chip(self) -> str:
        return self.narrowing.current()

    def _show_list(self) -> None:
        """Ask for the list as it is wanted now; `_on_listed` follows, at once where it is short."""
        wanted = (self._chip(), self._text, self._sort)
        self._settling = True
        self.table.stays = self.model.view == wanted
        if self.model.view == wanted:
            self.model.refresh()
        else:
            self.model.set_view(*wanted)
        self._settling = False

    def _on_listed(self) -> None:
        if self.portal.manifest.entity(self._name) is None:
            return
        chip, listing = self._chip(), self.model.listing
        rows = self.model.rowCount()
        self._settling = True
        self._show_sort()
        self.narrowing.show_counts(listing.counts)
        self._lists.show_list(self.model)
        if listing.whole:
            if not rows:
                self._show_empty()
            self._show_foot(chip, rows)
            self._seek()
            self._ahead.start()
        found = self.model.row_of(self.detail.gid) if self.detail.gid else -1
        if found < 0 and rows and not self._keeps_open():
            found = 0
        if found >= 0 and not self.table.stands_at(found):
            self.table.choose_row(found)
        self._settling = False
        if found >= 0:
            self.detail.show_record(self.model.gid_at(found))
        elif not self._keeps_open():
            self.detail.show_record("")
        self._lists.choose(self.detail.gid)
        self.settled.emit()

    def _seek(self) -> None:
        """What was asked for by name is shown even where chip and search would leave it out."""
        gid, self._sought = self._sought, ""
        if gid and self.model.row_of(gid) < 0:
            QTimer.singleShot(0, self, self._show_all)

    def _keeps_open(self) -> bool:
        """What one reads or edits stays open when a filter no longer lists it; what is gone says so."""
        return bool(self.detail.gid) and bool(self.portal.records.get(self.detail.gid) or not self._text)

    def _show_foot(self, chip: str, rows: int) -> None:
        entity = self._entity
        sums = self.model.listing.totals
        words = tuple(self.portal.formats.money(amount, currency) for currency, amount in sums.items())
        counted = count_words(self.portal, entity, chip, rows)
        self.foot.show_figures(counted, words, sort_words(self.portal, entity, self._sort))

    def _title(self) -> str:
        """What the list is called as it is shown: *Deals, Open*."""
        chip = self.narrowing.words()
        parts = (self._entity.plural, chip, f"“{self._text}”" if self._text else "")
        return ", ".join(part for part in parts if part)

    def _show_empty(self) -> None:
        entity = self._entity
        if self._text:
            words = self.tr("No {what} matches “{text}”").format(
                what=self.portal.formats.tr.inside(entity.label), text=self._text
            )
            self.empty.show_words("search", words, "", self.tr("Show all"))
        elif not self.portal.lists.empty(self._name):
            self.empty.show_words("checks", self.tr("Nothing here now"), "", self.tr("Show all"))
        else:
            actions = self._actions()
            action = actions[0].text if actions else ""
            self.empty.show_words(entity.icon, entity.empty, entity.empty_hint, action)

    def _act_on_empty(self) -> None:
        if self._text or not self.portal.lists.empty(self._name):
            self._show_all()
        else:
            self._create()

    def _show_all(self) -> None:
        """The list that has everything, without a search."""
        self._text = ""
        self.narrowing.show_everything()
        self._show_list()

    def _on_filters(self, name: str) -> None:
        """Other filters of one's own: the new one is shown; after one was deleted, what was shown or the first."""
        self.narrowing.offer_again(name or self._chip())
        self._show_list()

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
        self._show_detail(True)

    def _on_command(self, gid: str, command: str) -> None:
        self._on_gid_chosen(gid)
        self.detail.run_command(command)

    def _shown_list(self) -> QWidget:
        way = self._lists.way
        return way.widget if way is not None else self.table

    def _select(self, gid: str) -> None:
        if self.model.waiting:
            self._sought = gid
        elif self.model.row_of(gid) < 0:
            self._show_all()
        found = self.model.row_of(gid)
        if found >= 0:
            self.table.choose_row(found)
        self.detail.show_record(gid)
        self._lists.choose(self.detail.gid)
        self.detail.follow()
        self._show_detail(True)

    def _on_chosen(self, number: int) -> None:
        if not self._settling and number >= 0:
            self.detail.show_record(self.model.gid_at(number))
            self._read.start()

    def _on_read(self) -> None:
        if self.isVisible():
            self.portal.recent.opened(self.detail.gid)

    def _on_opened(self, number: int) -> None:
        self.detail.show_record(self.model.gid_at(number))
        self.portal.recent.opened(self.detail.gid)
        self._show_detail(True)
        self.detail.focus_first()

    def _show_form(self, shown: bool) -> None:
        self.halves.show_side(self.marking.form if shown else self.detail)
        self._show_detail(shown)

    # the rest

    def _show_detail(self, shown: bool) -> None:
        """Where there is room for one of them only: the record over the list, or the list again."""
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
            self._show_detail(False)
            self._shown_list().setFocus()

    def _create(self) -> None:
        self.go.emit(Place(NEW, entity=self._name))

    def _on_status(self, _status: Status) -> None:
        if self.isVisible():
            self.detail.follow()
            self.marking.form.follow(online=self.bridge.online)
            if self.marking.count > 1:
                self.marking.look()

    def _on_manifest(self) -> None:
        if self.portal.manifest.entity(self._name) is not None:
            self.tools.columns.apply()
            self.head_changed.emit()
            if self.isVisible():
                self.refresh()

    def _pass_time(self) -> None:
        if self.isVisible():
            self.model.refresh()
            self.detail.follow()

"""What every page of one entity type's list has in common, whatever draws the list and whatever stands beside it.

The page owns chips, search, order and what is chosen; a subclass brings the view of the rows and the pane for the one
that is chosen, then calls `follow_list`::

    class ApprovalsList(ListPage):
        def __init__(self, context):
            super().__init__(context, "approval")
            self.rows, self.reader = RowList(...), pane
            self.tools = ListTools(...)
            self.follow_list()
"""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QWidget

from app.bridge.models import RecordListModel
from app.contract.manifest import Chip, EntityType
from app.services.views_model import Status
from app.views.page import NEW, Action, Head, Page, PageContext, Place, SearchBox
from app.views.records.list_chips import ListChips
from app.views.records.listing.tools import ListTools
from app.views.widgets.action_list import RowList
from app.views.widgets.chips import ChipBar
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.record_table import RecordTable

_MINUTE_MS = 60_000
_READ_MS = 2_000


class Reader(Protocol):
    """Where one reads the record that is chosen."""

    @property
    def gid(self) -> str:
        """The record shown, or an empty string."""
        ...

    def show_record(self, gid: str) -> None:
        """Show another record."""
        ...

    def follow(self) -> None:
        """Read the record again; what is being typed is left alone."""
        ...

    def keep(self) -> None:
        """Keep what is being typed."""
        ...

    def answer(self, focus: str) -> None:
        """Do what one came for, see `Place.focus`."""
        ...


class ListPage(Page):
    """One list with its chips, search and order, and the chosen record read beside it."""

    rows: RecordTable | RowList
    reader: Reader
    tools: ListTools

    def __init__(self, context: PageContext, entity: str, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._name = entity
        self._text = ""
        self._sort = ""
        self._settling = False
        self._sought = ""
        self.setObjectName(entity)
        self.model = RecordListModel(self.portal, entity, self.bridge, self)
        self.chips = ChipBar(self.theme, ())
        self.narrowing = ListChips(self.portal, entity, self.chips, self._own_filters, self)
        self.empty = EmptyState(self.theme, self._entity.icon, "")
        # What one stays with has been opened; what one passes on the way to another has not.
        self._read = QTimer(self)
        self._read.setSingleShot(True)
        self._read.setInterval(_READ_MS)
        self._read.timeout.connect(self._on_read)
        # Countdowns go on while the page stays open.
        self._minute = QTimer(self)
        self._minute.setInterval(_MINUTE_MS)
        self._minute.timeout.connect(self._pass_time)
        self._minute.start()

    def follow_list(self) -> None:
        """Listen to the list, once `rows`, `reader` and `tools` are there."""
        self.model.refreshed.connect(self._on_listed)
        self.narrowing.narrowed.connect(self._show_list)
        self.rows.row_chosen.connect(self._on_chosen)
        self.rows.row_opened.connect(self._on_opened)
        self.empty.acted.connect(self._act_on_empty)
        self.tools.filters.changed.connect(self._on_filters)
        self.tools.said.connect(self.said)
        self.tools.marking.form_asked.connect(lambda: self._show_form(True))
        self.tools.marking.form_over.connect(lambda: self._show_form(False))
        self.bridge.statusChanged.connect(self._on_status)
        self.bridge.manifestChanged.connect(self._on_manifest)

    @property
    def _entity(self) -> EntityType:
        return self.portal.entity(self._name)

    @property
    def _there(self) -> bool:
        """Whether this user has such records still."""
        return self.portal.manifest.entity(self._name) is not None

    # what subclasses do

    def _show_rows(self, filled: bool) -> None:
        """Show the list, or what stands there while it is empty."""
        raise NotImplementedError

    def _show_reader(self, shown: bool) -> None:
        """Where there is room for one of them only: the record over the list, or the list again."""
        raise NotImplementedError

    def _show_form(self, shown: bool) -> None:
        """Let the form for several records stand where one is read, or that one again."""
        raise NotImplementedError

    def _on_opened(self, number: int) -> None:
        """A row was opened: by double click, or Return."""
        raise NotImplementedError

    def _on_whole(self, rows: int) -> None:
        """All of the list is known now."""

    def _on_shown(self) -> None:
        """The list and the record beside it stand there now."""

    # page

    def head(self) -> Head:
        entity = self._entity
        return Head(entity.place_name, search=SearchBox(self._search_hint()), actions=self._actions())

    def _search_hint(self) -> str:
        talks = (kind := self.portal.manifest.entity("message")) is not None and self._name in kind.parents
        hint = self.tr("Search {what} and their notes") if talks else self.tr("Search {what}")
        return hint.format(what=self.portal.formats.tr.inside(self._entity.plural))

    def _actions(self) -> tuple[Action, ...]:
        jobs = self.portal.manifest.jobs
        job = next((j for j in jobs if j.entity == self._name and j.does == "create"), None)
        if job is None or not self._entity.creatable:
            return ()
        return (Action(job.label, self._create, "plus", primary=True),)

    def refresh(self) -> None:
        if self._there:
            self._show_list()
            self.reader.follow()

    def arrive(self, place: Place) -> None:
        self.narrowing.go_to(place.chip)
        if place.text:
            self._text = place.text
        self._show_list()
        if place.gid:
            self._select(place.gid)
            self.reader.answer(place.focus)

    def place(self) -> Place:
        return Place(self._name, gid=self.reader.gid, chip=self.chips.current(), text=self._text)

    def scrolled(self) -> int:
        return self.rows.verticalScrollBar().value()

    def scroll_to(self, distance: int) -> None:
        self.rows.verticalScrollBar().setValue(distance)

    def may_leave(self) -> bool:
        self.reader.keep()
        return True

    def search(self, text: str) -> None:
        self._text = text
        self._show_list()

    def hideEvent(self, event: QHideEvent) -> None:
        self.reader.keep()
        super().hideEvent(event)

    # the list

    def _own_filters(self) -> tuple[Chip, ...]:
        return self.portal.filters.of(self._name)

    def _chip(self) -> str:
        return self.narrowing.current()

    def _show_list(self) -> None:
        """Ask for the list as it is wanted now; `_on_listed` follows, at once where it is short."""
        wanted = (self._chip(), self._text, self._sort)
        self._settling = True
        if self.model.view == wanted:
            self.model.refresh()
        else:
            self.model.set_view(*wanted)
        self._settling = False

    def _on_listed(self) -> None:
        if not self._there:
            return
        listing, rows = self.model.listing, self.model.rowCount()
        self._settling = True
        self.narrowing.show_counts(listing.counts)
        self._show_rows(rows > 0 or not listing.whole)
        if listing.whole:
            if not rows:
                self._show_empty()
            self._on_whole(rows)
            self._seek()
        found = self.model.row_of(self.reader.gid) if self.reader.gid else -1
        if found < 0 and rows and not self._keeps_open():
            found = 0
        self._settle_on(found)
        self._settling = False
        if found >= 0:
            self.reader.show_record(self.model.gid_at(found))
        elif not self._keeps_open():
            self.reader.show_record("")
        self._on_shown()
        self.settled.emit()

    def _settle_on(self, found: int) -> None:
        """What stays open without being listed leaves no row chosen, so that a click on any of them opens it."""
        if found < 0 and self.rows.mark_count() < 2:
            self.rows.choose_row(-1)
        elif found >= 0 and not self.rows.stands_at(found):
            self.rows.choose_row(found)

    def _keeps_open(self) -> bool:
        """What one reads or edits stays open when a filter no longer lists it; what is gone says so."""
        gid = self.reader.gid
        return bool(gid) and bool(self.portal.records.get(gid) or not self._text)

    def _seek(self) -> None:
        """What was asked for by name is shown even where chip and search would leave it out."""
        gid, self._sought = self._sought, ""
        if gid and self.model.row_of(gid) < 0:
            QTimer.singleShot(0, self, self._show_all)

    def _title(self) -> str:
        """What the list is called as it is shown: *Deals, Open*."""
        parts = (self._entity.place_name, self.narrowing.words(), f"“{self._text}”" if self._text else "")
        return ", ".join(part for part in parts if part)

    def _show_empty(self) -> None:
        entity = self._entity
        if self._text:
            what = self.portal.formats.tr.inside(entity.label)
            words = self.tr("No {what} matches “{text}”").format(what=what, text=self._text)
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

    def _select(self, gid: str) -> None:
        if self.model.waiting:
            self._sought = gid
        elif self.model.row_of(gid) < 0:
            self._show_all()
        found = self.model.row_of(gid)
        if found >= 0:
            self.rows.choose_row(found)
        self.reader.show_record(gid)
        self._on_shown()
        self._show_reader(True)

    def _on_chosen(self, number: int) -> None:
        if not self._settling and number >= 0:
            self.reader.show_record(self.model.gid_at(number))
            self._read.start()

    def _on_read(self) -> None:
        if self.isVisible():
            self.portal.recent.opened(self.reader.gid)

    # the rest

    def _create(self) -> None:
        self.go.emit(Place(NEW, entity=self._name))

    def _on_status(self, _status: Status) -> None:
        if self.isVisible():
            self.reader.follow()
            self.tools.marking.form.follow(online=self.bridge.online)
            if self.tools.marking.count > 1:
                self.tools.marking.look()

    def _on_manifest(self) -> None:
        if self._there:
            self.head_changed.emit()
            if self.isVisible():
                self.refresh()

    def _pass_time(self) -> None:
        if self.isVisible():
            self.model.refresh()
            self.reader.follow()

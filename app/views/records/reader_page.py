"""A narrow list beside a wide pane, for records that are read rather than compared: approvals, deliverables, projects.

A page of its own hands in its pane::

    class ApprovalsPage(ReaderPage):
        def __init__(self, context, parent=None):
            super().__init__(context, "approval", DecisionPane(context, ask_where, ask_printer), parent)
"""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.bridge.models import RecordListModel
from app.contract.manifest import EntityType
from app.services.views_model import RecordView, Status
from app.views.documents.saving import AskWhere
from app.views.page import Head, Key, Page, PageContext, Place, SearchBox
from app.views.printing.asking import AskPrinter
from app.views.printing.record_print import RecordPrint
from app.views.records.list_chips import ListChips
from app.views.records.reader_head import ReaderHead
from app.views.records.record.taking import Taking
from app.views.theme.tokens import Height
from app.views.widgets.action_list import RowList
from app.views.widgets.base import Panel
from app.views.widgets.chips import ChipBar
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.layout import row
from app.views.widgets.splitter import Splitter

_LIST_WIDTH, _PANE_WIDTH, _LEAST_LIST = 300, 772, 260
_MINUTE_MS = 60_000
#: Narrower than this there is room for the list or the record, not for both.
_BOTH = 800


class ReaderPane(Panel):
    """The wide half: one record. The signals are the page's own, passed on."""

    said = Signal(object)
    go = Signal(object)
    open_record = Signal(str)
    back_asked = Signal()
    pinned = Signal()

    def __init__(
        self,
        context: PageContext,
        ask: AskWhere,
        ask_paper: AskPrinter,
        parent: QWidget | None = None,
        *,
        decides: bool,
    ) -> None:
        """`decides`: its day is that of a decision."""
        super().__init__(context.theme, "surface", parent=parent)
        self._portal = context.portal
        self._bridge = context.bridge
        self.head = ReaderHead(context.theme, context.portal, decides=decides)
        self.taking = Taking(context.portal, self.record, self)
        self.taking.said.connect(self.said)
        self.taking.pinned.connect(self.pinned)
        self.paper = RecordPrint(context, self, self.said.emit, ask, ask_paper)
        self.head.back_asked.connect(self.back_asked)
        self.head.copy_asked.connect(self.taking.copy_number)
        self.head.link_asked.connect(self.taking.copy_link)
        self.head.pin_asked.connect(self.taking.pin)
        self.head.print_asked.connect(lambda: self.paper.print(self.gid))
        self.head.pdf_asked.connect(lambda: self.paper.save(self.gid))

    def record(self) -> RecordView | None:
        """The record shown; None when there is none, or it is no longer here."""
        return self._portal.records.get(self.gid) if self.gid else None

    @property
    def gid(self) -> str:
        """The record shown, or an empty string."""
        raise NotImplementedError

    def show_record(self, gid: str) -> None:
        """Show another record."""
        raise NotImplementedError

    def follow(self) -> None:
        """Read the record again; what is being typed is left alone."""
        raise NotImplementedError

    def keep(self) -> None:
        """Keep what is being typed."""

    def answer(self, focus: str) -> None:
        """Do what one came for, see `Place.focus`."""

    def show_narrow(self, narrow: bool) -> None:
        """Whether the pane lies over the list, so that it needs a way back."""
        self.head.back.setVisible(narrow)

    def escape(self) -> bool:
        """Close what is open within; False when nothing was."""
        return False

    def own_keys(self, entity: str) -> tuple[Key, ...]:
        """Keys that work while the page is shown; `entity` is what it shows, and this user may do no more with."""
        return ()

    def stops(self) -> tuple[QWidget, ...]:
        """Widgets that F6 gives the focus to."""
        return ()


class ReaderPage(Page):
    """The list of one entity type with its chips, and a pane that shows the chosen record."""

    def __init__(
        self, context: PageContext, entity: str, pane: ReaderPane, parent: QWidget | None = None
    ) -> None:
        super().__init__(context, parent)
        self._name = entity
        self._text = ""
        self._settling = False
        self._narrow = False
        self.setObjectName(entity)
        self.model = RecordListModel(self.portal, entity, self.bridge, self)
        self.chips = ChipBar(self.theme, ())
        self.narrowing = ListChips(self.portal, entity, self.chips, parent=self)
        self.list = RowList(self.theme, self._entity.plural)
        self.list.setModel(self.model)
        self.empty = EmptyState(self.theme, self._entity.icon, "")
        self.pane = pane
        self._build()
        self._connect()
        self._minute = QTimer(self)
        self._minute.setInterval(_MINUTE_MS)
        self._minute.timeout.connect(self._pass_time)
        self._minute.start()

    @property
    def _entity(self) -> EntityType:
        return self.portal.entity(self._name)

    @property
    def _split_key(self) -> str:
        return f"{self._name}.split"

    def _build(self) -> None:
        bar = Panel(self.theme, "surface", rules="bottom")
        bar.setFixedHeight(Height.CHIP_BAR_SMALL)
        bar.setLayout(row(self.chips, None, margins=(16, 0, 16, 1)))
        self._lists = QStackedWidget()
        self._lists.addWidget(self.list)
        self._lists.addWidget(self.empty)
        self._left = QWidget()
        self._left.setMinimumWidth(_LEAST_LIST)
        side = QVBoxLayout(self._left)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(0)
        side.addWidget(self.narrowing.tiles)
        side.addWidget(bar)
        side.addWidget(self._lists, 1)
        self.splitter = Splitter(self.theme)
        self.splitter.add(self._left, 0)
        self.splitter.add(self.pane, 1)
        sizes = self.portal.prefs.get(self._split_key, None)
        known = isinstance(sizes, list) and len(sizes) == 2 and all(isinstance(n, int) for n in sizes)
        self.splitter.setSizes(sizes if known else [_LIST_WIDTH, _PANE_WIDTH])
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.splitter)

    def _connect(self) -> None:
        self.model.refreshed.connect(self._on_listed)
        self.narrowing.narrowed.connect(self._show_list)
        self.list.row_chosen.connect(self._on_chosen)
        self.list.row_opened.connect(self._on_opened)
        self.empty.acted.connect(self._show_all)
        self.splitter.moved.connect(lambda: self.portal.prefs.set(self._split_key, self.splitter.sizes()))
        self.pane.said.connect(self.said)
        self.pane.go.connect(self.go)
        self.pane.open_record.connect(self.open_record)
        self.pane.pinned.connect(self.pinned)
        self.pane.back_asked.connect(lambda: self._show_pane(False))
        self.bridge.statusChanged.connect(self._on_status)
        self.bridge.manifestChanged.connect(self.head_changed)

    # page

    def head(self) -> Head:
        entity = self._entity
        hint = self.tr("Search {what}").format(what=self.portal.formats.tr.inside(entity.plural))
        return Head(entity.plural, search=SearchBox(hint))

    def refresh(self) -> None:
        if self.portal.manifest.entity(self._name) is None:
            return
        self._show_list()
        self.pane.follow()

    def arrive(self, place: Place) -> None:
        self.narrowing.go_to(place.chip)
        if place.text:
            self._text = place.text
        self._show_list()
        if place.gid:
            self._select(place.gid)
            self.pane.answer(place.focus)

    def place(self) -> Place:
        return Place(self._name, gid=self.pane.gid, chip=self.chips.current(), text=self._text)

    def scrolled(self) -> int:
        return self.list.verticalScrollBar().value()

    def scroll_to(self, distance: int) -> None:
        self.list.verticalScrollBar().setValue(distance)

    def may_leave(self) -> bool:
        self.pane.keep()
        return True

    def search(self, text: str) -> None:
        self._text = text
        self._show_list()

    def keys(self) -> tuple[Key, ...]:
        pin = Key("Ctrl+D", self.tr("Pin, or let go"), self.pane.taking.pin)
        return (
            *self.pane.own_keys(self._name),
            pin,
            Key("Escape", self.tr("Back to the list"), self._escape),
        )

    def panes(self) -> tuple[QWidget, ...]:
        return (self.list, *self.pane.stops())

    def hideEvent(self, event: QHideEvent) -> None:
        self.pane.keep()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < _BOTH
        if narrow != self._narrow:
            self._narrow = narrow
            self.pane.show_narrow(narrow)
            self._left.setVisible(True)
            self.pane.setVisible(not narrow)

    # the list

    def _chip(self) -> str:
        return self.narrowing.current()

    def _show_list(self) -> None:
        wanted = (self._chip(), self._text, "")
        self._settling = True
        if self.model.view == wanted:
            self.model.refresh()
        else:
            self.model.set_view(*wanted)
        self._settling = False

    def _on_listed(self) -> None:
        if self.portal.manifest.entity(self._name) is None:
            return
        rows = self.model.rowCount()
        self._settling = True
        self.narrowing.show_counts(self.model.listing.counts)
        self._lists.setCurrentWidget(self.list if rows or not self.model.listing.whole else self.empty)
        if not rows:
            self._show_empty()
        found = self.model.row_of(self.pane.gid) if self.pane.gid else -1
        if found < 0 and rows and not self._keeps_open():
            found = 0
        # What stays open without being listed leaves no row chosen, so that a click on any of them opens it.
        self.list.choose_row(found)
        self._settling = False
        if found >= 0:
            self.pane.show_record(self.model.gid_at(found))
        elif not self._keeps_open():
            self.pane.show_record("")
        self.settled.emit()

    def _keeps_open(self) -> bool:
        """What one reads stays open when a filter no longer lists it; what is gone says so."""
        return bool(self.pane.gid) and bool(self.portal.records.get(self.pane.gid) or not self._text)

    def _show_empty(self) -> None:
        entity = self._entity
        if self._text:
            what = self.portal.formats.tr.inside(entity.label)
            words = self.tr("No {what} matches “{text}”").format(what=what, text=self._text)
            self.empty.show_words("search", words, "", self.tr("Show all"))
        elif not self.portal.lists.empty(self._name):
            self.empty.show_words("checks", self.tr("Nothing here now"), "", self.tr("Show all"))
        else:
            self.empty.show_words(entity.icon, entity.empty, entity.empty_hint)

    def _show_all(self) -> None:
        self._text = ""
        self.narrowing.show_everything()
        self._show_list()

    def _select(self, gid: str) -> None:
        if self.model.row_of(gid) < 0:
            self._show_all()
        found = self.model.row_of(gid)
        if found >= 0:
            self._settling = True
            self.list.choose_row(found)
            self._settling = False
        self.pane.show_record(gid)
        self._show_pane(True)

    def _on_chosen(self, number: int) -> None:
        if not self._settling and number >= 0:
            self.pane.show_record(self.model.gid_at(number))
            self.portal.recent.opened(self.pane.gid)

    def _on_opened(self, number: int) -> None:
        self.pane.show_record(self.model.gid_at(number))
        self._show_pane(True)
        stops = self.pane.stops()
        if stops:
            stops[0].setFocus()

    # the rest

    def _show_pane(self, shown: bool) -> None:
        if not self._narrow:
            return
        self._left.setVisible(not shown)
        self.pane.setVisible(shown)
        if not shown:
            self.list.setFocus()

    def _escape(self) -> None:
        if not self.pane.escape():
            self._show_pane(False)
            self.list.setFocus()

    def _on_status(self, _status: Status) -> None:
        if self.isVisible():
            self.pane.follow()

    def _pass_time(self) -> None:
        if self.isVisible():
            self.model.refresh()
            self.pane.follow()

"""Requests: the list, one conversation, what is due, and where one writes; all of it works offline too."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.bridge.models import RecordListModel
from app.contract.manifest import EntityType
from app.services.views_model import FileView, RecordView, Status, SyncState
from app.views.documents.saving import AskWhere, ask_where
from app.views.page import NEW, Action, Head, Key, Page, PageContext, Place, SearchBox, Toast
from app.views.printing.asking import AskPrinter, ask_printer
from app.views.records.list_chips import ListChips
from app.views.records.listing.export import ListExport
from app.views.records.listing.filters import ListFilters
from app.views.records.listing.foot import ListFoot
from app.views.records.listing.watching import Watch
from app.views.requests.attachment import AttachmentPane
from app.views.requests.composer import AskFiles, ask_files
from app.views.requests.conversation import ConversationPane
from app.views.theme.tokens import Height
from app.views.widgets.action_list import RowList
from app.views.widgets.base import Panel
from app.views.widgets.buttons import IconButton
from app.views.widgets.chips import ChipBar
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.layout import row
from app.views.widgets.splitter import Splitter

ENTITY = "request"
_LIST_WIDTH = 288
_MINUTE_MS = 60_000
_SPLIT = "requests.split"


class RequestsPage(Page):
    """List and conversation side by side."""

    def __init__(
        self,
        context: PageContext,
        parent: QWidget | None = None,
        *,
        ask: AskFiles = ask_files,
        ask_target: AskWhere = ask_where,
        ask_paper: AskPrinter = ask_printer,
    ) -> None:
        super().__init__(context, parent)
        self._gid = ""
        self._text = ""
        self._settling = False
        self.model = RecordListModel(self.portal, ENTITY, self.bridge, self)
        self.chips = ChipBar(self.theme, ())
        self.list = RowList(self.theme, self.tr("Requests"))
        self.list.setModel(self.model)
        self.empty = EmptyState(self.theme, self._entity.icon, "")
        self.conversation = ConversationPane(context, ask)
        self.attachment = AttachmentPane(context, ask_target)
        self.foot = ListFoot(self.theme, self.portal.formats, only_busy=True)
        self.filters = ListFilters(context, ENTITY, self.chips)
        self.narrowing = ListChips(self.portal, ENTITY, self.chips, self.filters.own, self)
        self.export = ListExport(
            context,
            ENTITY,
            self.model,
            Watch(self.foot, self),
            self.list,
            title=self._title,
            ask=ask_target,
            ask_printer=ask_paper,
        )
        self.more = IconButton(self.theme, "dots", self.tr("Filter, export, print, copy"))
        self.more.setObjectName("requests.more")
        self._build()
        self._connect()
        # Countdowns go on while the page stays open.
        self._minute = QTimer(self)
        self._minute.setInterval(_MINUTE_MS)
        self._minute.timeout.connect(self._pass_time)
        self._minute.start()

    @property
    def _entity(self) -> EntityType:
        return self.portal.entity(ENTITY)

    def _build(self) -> None:
        bar = Panel(self.theme, "surface", rules="bottom")
        bar.setFixedHeight(Height.CHIP_BAR_SMALL)
        line = row(gap=4, margins=(16, 0, 2, 1))
        line.addWidget(self.chips, 1)
        line.addWidget(self.more, 0, Qt.AlignmentFlag.AlignVCenter)
        bar.setLayout(line)
        self._lists = QStackedWidget()
        self._lists.addWidget(self.list)
        self._lists.addWidget(self.empty)
        left = QWidget()
        left.setMinimumWidth(240)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.narrowing.tiles)
        column.addWidget(bar)
        column.addWidget(self._lists, 1)
        column.addWidget(self.foot)
        self._right = QStackedWidget()
        self._right.addWidget(self.conversation)
        self._right.addWidget(self.attachment)
        self.splitter = Splitter(self.theme)
        self.splitter.add(left, 0)
        self.splitter.add(self._right, 1)
        sizes = self.portal.prefs.get(_SPLIT, None)
        known = isinstance(sizes, list) and len(sizes) == 2 and all(isinstance(n, int) for n in sizes)
        self.splitter.setSizes(sizes if known else [_LIST_WIDTH, 784])
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.splitter)

    def _connect(self) -> None:
        self.narrowing.narrowed.connect(self._show_list)
        self.list.row_chosen.connect(self._on_chosen)
        self.list.row_opened.connect(lambda _row: self.conversation.write_here())
        self.empty.acted.connect(self._act_on_empty)
        self.more.clicked.connect(self._open_menu)
        self.filters.changed.connect(self._on_filters)
        for speaker in (self.filters, self.export):
            speaker.said.connect(self.said)
        self.splitter.moved.connect(lambda: self.portal.prefs.set(_SPLIT, self.splitter.sizes()))
        self.conversation.said.connect(self.said)
        self.conversation.go.connect(self.go)
        self.conversation.open_record.connect(self.open_record)
        self.conversation.file_opened.connect(self._open_file)
        self.attachment.said.connect(self.said)
        self.attachment.closed.connect(self._close_file)
        self.bridge.statusChanged.connect(self._on_status)

    # page

    def head(self) -> Head:
        hint = self.tr("Search requests and messages")
        return Head(self._entity.plural, search=SearchBox(hint), actions=self._actions())

    def _actions(self) -> tuple[Action, ...]:
        job = next((j for j in self.portal.manifest.jobs if j.entity == ENTITY and j.does == "create"), None)
        if job is None:
            return ()
        return (Action(job.label, self._raise, "plus", primary=True),)

    def refresh(self) -> None:
        self._show_list()
        self.conversation.follow()
        self.attachment.follow()

    def arrive(self, place: Place) -> None:
        self.narrowing.go_to(place.chip)
        if place.text:
            self._text = place.text
        self._show_list()
        if place.gid:
            self._select(place.gid)
            self.conversation.answer(place.focus)

    def place(self) -> Place:
        return Place(ENTITY, gid=self._gid, chip=self.chips.current(), text=self._text)

    def scrolled(self) -> int:
        return self.list.verticalScrollBar().value()

    def scroll_to(self, distance: int) -> None:
        self.list.verticalScrollBar().setValue(distance)

    def may_leave(self) -> bool:
        self.conversation.keep()
        return True

    def search(self, text: str) -> None:
        self._text = text
        self._show_list()

    def keys(self) -> tuple[Key, ...]:
        return (
            Key("Ctrl+Return", self.tr("Send the message"), self.conversation.send),
            Key("R", self.tr("Write an answer"), self.conversation.write_here),
            *self.export.keys(),
        )

    def panes(self) -> tuple[QWidget, ...]:
        return (self.list, self.conversation.composer.words)

    def hideEvent(self, event: QHideEvent) -> None:
        self.conversation.keep()
        super().hideEvent(event)

    # the list

    def _show_list(self) -> None:
        entity = self._entity
        chip = self.narrowing.current()
        chips = (*entity.list.chips, *self.filters.own())
        counts = {c.name: self.portal.records.count(ENTITY, c.name, self._text) for c in chips}
        self.narrowing.show_counts(counts)
        self._settling = True
        if self.model.view == (chip, self._text, ""):
            self.model.refresh()
        else:
            self.model.set_view(chip, self._text)
        self._settling = False
        rows = self.model.rowCount()
        self._lists.setCurrentWidget(self.list if rows else self.empty)
        if not rows:
            self._show_empty(counts)
        row_now = self.model.row_of(self._gid) if self._gid else -1
        if row_now < 0 and rows and not self._keeps_open():
            row_now = 0
        if row_now >= 0:
            self.list.choose_row(row_now)
            self._show(self.model.gid_at(row_now))
        elif not rows and not self._keeps_open():
            self._show("")

    def _keeps_open(self) -> bool:
        """What one reads or writes stays open when a filter no longer lists it."""
        return bool(self._gid) and self.portal.records.get(self._gid) is not None

    def _on_filters(self, name: str) -> None:
        """Other filters of one's own: the new one is shown; after one was deleted, what was shown or the first."""
        self.narrowing.offer_again(name or self.narrowing.current())
        self._show_list()

    def _title(self) -> str:
        """What the list is called as it is shown: *Requests, Open*."""
        parts = (self._entity.plural, self.narrowing.words(), f"“{self._text}”" if self._text else "")
        return ", ".join(part for part in parts if part)

    def list_menu(self) -> QMenu:
        """What can be done with the list as it is shown."""
        menu = QMenu(self)
        entry = menu.addAction(self.tr("Filter…"))
        entry.setObjectName("list.filter")
        entry.triggered.connect(self.filters.open)
        self.filters.fill(menu, self.narrowing.current())
        menu.addSeparator()
        self.export.fill(menu)
        entry = menu.addAction(self.tr("Copy the list as a table"))
        entry.setObjectName("list.copy")
        entry.triggered.connect(lambda _on=False: self.export.copy())
        return menu

    def _open_menu(self) -> None:
        menu = self.list_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _show_empty(self, counts: dict[str, int]) -> None:
        entity = self._entity
        if self._text:
            words = self.tr("No request matches “{text}”").format(text=self._text)
            self.empty.show_words("search", words, "", self.tr("Show all"))
        elif any(counts.values()):
            self.empty.show_words("checks", self.tr("Nothing here now"), "", self.tr("Show all"))
        else:
            job = self._actions()
            self.empty.show_words(entity.icon, entity.empty, entity.empty_hint, job[0].text if job else "")

    def _act_on_empty(self) -> None:
        if self._text or self.portal.records.count(ENTITY, "all"):
            self._text = ""
            self.narrowing.show_everything()
            self._show_list()
        else:
            self._raise()

    def _select(self, gid: str) -> None:
        if self.model.row_of(gid) < 0 and self._entity.list.chips:
            # Something outside the filter was asked for: the list that has everything shows it.
            self.narrowing.show_everything()
            self._text = ""
            self._show_list()
        found = self.model.row_of(gid)
        if found >= 0:
            self.list.choose_row(found)
        self._show(gid)

    def _on_chosen(self, row_now: int) -> None:
        if not self._settling and row_now >= 0:
            self._show(self.model.gid_at(row_now))

    def _show(self, gid: str) -> None:
        if gid == self._gid:
            return
        self._gid = gid
        self._close_file()
        self.conversation.show_request(gid)

    # the rest

    def _raise(self) -> None:
        self.go.emit(Place(NEW, entity=ENTITY))

    def _open_file(self, file: FileView) -> None:
        if not file.gid:
            self.said.emit(Toast(self.tr("This file opens once its message is in the outbox.")))
            return
        record = self.portal.records.get(self._gid)
        self.attachment.show_file(file, _title(record))
        self._right.setCurrentWidget(self.attachment)

    def _close_file(self) -> None:
        self.attachment.clear()
        self._right.setCurrentWidget(self.conversation)

    def _on_status(self, _status: Status) -> None:
        if self.isVisible():
            self.conversation.follow()

    def _pass_time(self) -> None:
        if self.isVisible():
            self.model.refresh()
            self.conversation.follow()


def _title(record: RecordView | None) -> str:
    return record.title if record is not None and record.sync is not SyncState.DRAFT else ""

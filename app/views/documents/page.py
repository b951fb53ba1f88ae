"""Documents: the library with what is kept offline, and the page one reads, inside the window."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.bridge.documents_model import DocumentListModel
from app.contract.errors import CounterpartError
from app.contract.manifest import EntityType
from app.services.views_model import DocState, TransferProgress
from app.views.documents.reader import ReaderPane
from app.views.page import Head, Key, Page, PageContext, Place, SearchBox, Toast
from app.views.records.list_chips import ListChips
from app.views.records.listing.tools import TableTools
from app.views.theme.tokens import Height
from app.views.ways_out import AskPrinter, AskWhere, allowed, ask_printer, ask_where
from app.views.widgets.base import Panel
from app.views.widgets.buttons import link
from app.views.widgets.chips import ChipBar, ChipItem
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.layout import row
from app.views.widgets.record_table import RecordTable
from app.views.widgets.splitter import Splitter

ENTITY = "document"
_SPLIT = "documents.split"
_LIST_WIDTH, _READER_WIDTH = 590, 482
_KEPT = "kept"
_VERSION = "version"
_EARLIER = "documents.earlier"
#: A chip that no manifest has: what one has read is one’s own.
_CHANGED = "changed:since read"
#: Narrower than this, list and reader would squeeze each other.
_BOTH = 860


class DocumentsPage(Page):
    """List and reader side by side; *Open* gives the reader the whole room."""

    def __init__(
        self,
        context: PageContext,
        parent: QWidget | None = None,
        *,
        ask: AskWhere = ask_where,
        ask_paper: AskPrinter = ask_printer,
    ) -> None:
        super().__init__(context, parent)
        self._gid = ""
        self._text = ""
        self._sort = ""
        self._settling = False
        self._moving_here: set[str] = set()
        self.model = DocumentListModel(self.portal, ENTITY, self.bridge, self)
        self.model.all_unfolded = bool(self.portal.prefs.get(_EARLIER, False))
        self.earlier = link(self.theme, "", "history")
        self.earlier.setObjectName("documents.earlier")
        self.chips = ChipBar(self.theme, ())
        self.table = RecordTable(self.theme, self.tr("Documents"))
        self.empty = EmptyState(self.theme, "files", "")
        self.reader = ReaderPane(context, ask)
        self.tools = TableTools(
            context,
            ENTITY,
            self.model,
            self.table,
            self.chips,
            title=self._title,
            ask=ask,
            ask_printer=ask_paper,
        )
        own = self.tools.filters.own
        self.narrowing = ListChips(self.portal, ENTITY, self.chips, own, self, further=self._further)
        self.tools.foot.setFixedHeight(Height.TABLE_HEAD)
        self.tools.foot.set_ground("surface")
        self.tools.foot.add(self.earlier)
        self._count, self._moving = self.tools.foot.count, self.tools.foot.order
        self._build()
        self._connect()

    @property
    def _entity(self) -> EntityType:
        return self.portal.entity(ENTITY)

    def _build(self) -> None:
        bar = Panel(self.theme, "surface")
        bar.setFixedHeight(Height.CHIP_BAR_SMALL)
        line = row(gap=8, margins=(16, 0, 16, 0))
        line.addWidget(self.chips, 1)
        line.addWidget(self.tools.filters.button, 0, Qt.AlignmentFlag.AlignVCenter)
        bar.setLayout(line)
        self.table.setModel(self.model)
        self.tools.columns.apply()
        self._lists = QStackedWidget()
        self._lists.addWidget(self.table)
        self._lists.addWidget(self.empty)
        self._left = QWidget()
        self._left.setMinimumWidth(360)
        column = QVBoxLayout(self._left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self._lists, 1)
        column.addWidget(self.tools.foot)
        self.splitter = Splitter(self.theme)
        self.splitter.add(self._left, 1)
        self.side = QStackedWidget()
        self.side.addWidget(self.reader)
        self.side.addWidget(self.tools.marking.form)
        self.splitter.add(self.side, 0)
        sizes = self.portal.prefs.get(_SPLIT, None)
        known = isinstance(sizes, list) and len(sizes) == 2 and all(isinstance(n, int) for n in sizes)
        self.splitter.setSizes(sizes if known else [_LIST_WIDTH, _READER_WIDTH])
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.splitter)

    def _connect(self) -> None:
        self.narrowing.narrowed.connect(self._show_list)
        self.table.row_chosen.connect(self._on_chosen)
        self.table.row_opened.connect(lambda _row: self.read())
        self.table.sort_asked.connect(self._sort_by)
        self.table.transfer_cancelled.connect(self._cancel_row)
        self.table.clicked.connect(self._on_clicked)
        self.empty.acted.connect(self._show_all)
        self.splitter.moved.connect(self._remember_split)
        self.reader.said.connect(self.said)
        self.reader.wide_asked.connect(self._read_wide)
        self.reader.kept.connect(self.refresh)
        self.reader.read.connect(self._show_list)
        self.reader.opened.connect(self._select)
        self.earlier.clicked.connect(self.toggle_earlier)
        self.bridge.transfer.connect(self._on_transfer)
        self.bridge.manifestChanged.connect(self.tools.columns.apply)
        self.tools.said.connect(self.said)
        self.tools.columns.changed.connect(self._show_list)
        self.tools.filters.changed.connect(self._on_filters)
        self.tools.marking.form_asked.connect(lambda: self.side.setCurrentWidget(self.tools.marking.form))
        self.tools.marking.form_over.connect(lambda: self.side.setCurrentWidget(self.reader))

    # page

    def head(self) -> Head:
        return Head(self._entity.place_name, search=SearchBox(self.tr("Search titles and the text inside")))

    def refresh(self) -> None:
        self.portal.library.tidy(ENTITY)
        self._show_list()
        self.reader.follow()

    def arrive(self, place: Place) -> None:
        self.narrowing.go_to(place.chip)
        if place.text:
            self._text = place.text
        self._show_list()
        if place.gid:
            self._select(place.gid)
            if place.focus == "read":
                self.read()

    def place(self) -> Place:
        return Place(ENTITY, gid=self._gid, chip=self.chips.current(), text=self._text)

    def scrolled(self) -> int:
        return self.table.verticalScrollBar().value()

    def scroll_to(self, distance: int) -> None:
        self.table.verticalScrollBar().setValue(distance)

    def search(self, text: str) -> None:
        self._text = text
        self._show_list()

    def keys(self) -> tuple[Key, ...]:
        return (
            Key("P", self.tr("Keep offline, or let go"), self.toggle_keep),
            Key("Space", self.tr("Read the document"), self.read),
            *self.tools.keys()[:1],
            Key("V", self.tr("Earlier versions of the document"), self.toggle_versions),
            Key("Escape", self.tr("Back to the list"), self._escape),
            Key("/", self.tr("Search in the document"), self.reader.viewer.open_search),
            *(
                (Key("Ctrl+S", self.tr("Save a copy"), self.reader.viewer.save_copy),)
                if allowed().files
                else ()
            ),
        )

    def panes(self) -> tuple[QWidget, ...]:
        return (self.table, self.reader.viewer.pages)

    # the list

    def _show_list(self) -> None:
        chip = self.narrowing.current()
        self.model.changed_only = chip == _CHANGED
        wanted = ("" if chip == _CHANGED else chip, self._text, self._sort)
        self._settling = True
        self.table.clear_transfers()
        self._moving_here = set()
        if self.model.view == wanted:
            self.model.refresh()
        else:
            self.model.set_view(*wanted)
        rows = self.model.rowCount()
        self._show_counts()
        self._name_earlier()
        self._lists.setCurrentWidget(self.table if rows else self.empty)
        if not rows:
            self._show_empty()
        found = self.model.row_of(self._gid) if self._gid else -1
        if found < 0 and rows and (not self._gid or self.portal.records.get(self._gid) is None):
            gone = bool(self._gid)
            found = -1 if gone else 0
        if found >= 0 and not self.table.stands_at(found):
            self.table.choose_row(found)
        self._settling = False
        if found >= 0:
            self._show(self.model.gid_at(found))
        self._count.set_text(self.portal.documents.summary())
        self._show_transfers()

    def _show_counts(self) -> None:
        chips = (*self._entity.list.chips, *self.tools.filters.own())
        self.narrowing.show_counts(
            {c.name: self.portal.records.count(ENTITY, c.name, self._text) for c in chips}
        )

    def _further(self) -> tuple[ChipItem, ...]:
        """What has changed since it was read, while there is such a thing or it is shown."""
        if not self.model.changed and self.chips.current() != _CHANGED:
            return ()
        return (ChipItem(_CHANGED, self.tr("Changed"), len(self.model.changed)),)

    def _on_filters(self, name: str) -> None:
        """Other filters of one's own: the new one is shown, or the first after the one that was shown is gone."""
        self.narrowing.offer_again(name or self.chips.current())
        self._show_list()

    def _title(self) -> str:
        """What the list is called as it is shown: *Documents, Prices*."""
        parts = (self._entity.place_name, self.narrowing.words(), f"“{self._text}”" if self._text else "")
        return ", ".join(part for part in parts if part)

    def _show_empty(self) -> None:
        entity = self._entity
        if self._text:
            words = self.tr("No document has “{text}” in its title or text").format(text=self._text)
            hint = self.tr("The text inside is searched once a document is on this computer.")
            self.empty.show_words("search", words, hint, self.tr("Show all"))
        elif self.portal.records.count(ENTITY):
            hint = self.tr("Press P on a document to keep it on this computer.")
            self.empty.show_words("pin", self.tr("Nothing here now"), hint, self.tr("Show all"))
        else:
            self.empty.show_words(entity.icon, entity.empty, entity.empty_hint)

    def _show_all(self) -> None:
        self._text = ""
        self.narrowing.show_first()
        self._show_list()

    def _on_transfer(self, _moving: TransferProgress) -> None:
        if self.isVisible():
            self._show_transfers()

    def _show_transfers(self) -> None:
        moving = self.bridge.transfers
        found = [item for item in self.portal.documents.downloads() if not item.upload]
        if self._moving_here != set(moving):
            self._moving_here = set(moving)
            self._grow_rows()
        running = sum(1 for item in found if item.sha256 in moving)
        waiting = sum(1 for item in found if item.state is not DocState.FAILED) - running
        said = []
        if running:
            said.append(self.portal.formats.tr.plural(running, "%n download running", "%n downloads running"))
        if waiting:
            said.append(self.tr("{count} waiting").format(count=waiting))
        self._moving.set_text(" · ".join(said))

    def _grow_rows(self) -> None:
        """Give the rows that move their bar, and the others their height back."""
        for number in range(self.model.rowCount()):
            record = self.model.record_at(number)
            sha256 = str(record.data.get("sha256") or "") if record is not None else ""
            self.table.show_transfer(number, sha256 in self._moving_here)

    def _sort_by(self, column: int, descending: bool) -> None:
        field = self.model.columns[column].field
        self._sort = f"-{field}" if descending else field
        self._show_list()

    def _select(self, gid: str) -> None:
        if self.model.row_of(gid) < 0:
            self._show_all()
        found = self.model.row_of(gid)
        if found >= 0:
            self.table.choose_row(found)
        self._show(gid, by_user=True)

    def _on_chosen(self, number: int) -> None:
        if not self._settling and number >= 0:
            self._show(self.model.gid_at(number), by_user=True)

    def _on_clicked(self, index: QModelIndex) -> None:
        # A click on what stands there already is a choice too.
        self._show(self.model.gid_at(index.row()), by_user=True)
        column = self.model.columns[index.column()]
        if column.show == _KEPT:
            self.toggle_keep()
        elif column.field == _VERSION:
            self.toggle_versions()

    def _show(self, gid: str, *, by_user: bool = False) -> None:
        self._gid = gid
        self.reader.show_document(gid, by_user=by_user)

    # acting

    def _escape(self) -> None:
        if self.side.currentWidget() is not self.reader:
            self.side.setCurrentWidget(self.reader)
        elif self.tools.marking.count > 1:
            self.tools.marking.clear()
        else:
            self._read_wide(False)

    def toggle_keep(self) -> None:
        """Keep the chosen document on this computer, or let it go."""
        self.reader.toggle_keep()

    def read(self) -> None:
        """Give the reader the whole room and the keyboard."""
        if self._gid:
            self._read_wide(True)
            self.reader.mark_read()
            self.reader.take_focus()

    # versions

    def toggle_earlier(self) -> None:
        """Show or fold all earlier versions; remembered."""
        self.model.all_unfolded = not self.model.all_unfolded
        self.model.unfolded.clear()
        self.portal.prefs.set(_EARLIER, self.model.all_unfolded or None)
        self._show_list()

    def toggle_versions(self) -> None:
        """Show or fold the earlier versions of the chosen document."""
        if self.model.all_unfolded or not self.model.earlier_of(self._gid):
            return
        self.model.unfolded ^= {self._gid}
        self._show_list()

    def _name_earlier(self) -> None:
        count = self.model.earlier
        self.earlier.setVisible(count > 0)
        if self.model.all_unfolded:
            self.earlier.set_text(self.tr("Fold earlier versions"))
        elif count == 1:
            self.earlier.set_text(self.tr("1 earlier version"))
        else:
            self.earlier.set_text(self.tr("{count} earlier versions").format(count=count))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        """Side by side where there is room; else the reader goes over the list while one reads."""
        self.side.setVisible(self._left.isHidden() or self.width() >= _BOTH)

    def _read_wide(self, wide: bool) -> None:
        if self._left.isHidden() == wide:
            return
        self._left.setHidden(wide)
        self._share_room()
        self.reader.show_wide(wide)
        if not wide:
            self.table.setFocus()

    def _cancel_row(self, number: int) -> None:
        gid = self.model.gid_at(number)
        if not gid:
            return
        try:
            self.portal.documents.cancel(gid)
        except CounterpartError as problem:
            self.said.emit(Toast(self.portal.formats.tr.told(problem)))
        self.refresh()

    def _remember_split(self) -> None:
        if not self._left.isHidden():
            self.portal.prefs.set(_SPLIT, self.splitter.sizes())

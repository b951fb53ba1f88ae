"""A list of records made from the manifest, with the chosen one beside it: deals, leads, orders, renewals."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.bridge.models import RecordListModel
from app.contract.manifest import EntityType
from app.services.views_model import Status
from app.views.delegates.roles import CellKind
from app.views.documents.saving import AskWhere, ask_where
from app.views.page import NEW, Action, Head, Key, Page, PageContext, Place, SearchBox
from app.views.records.presentations import TABLE, Acting, MakePresentation, Presentation, ways_control
from app.views.records.record.detail import DetailPane
from app.views.records.record.facts import count_words, sort_words
from app.views.requests.composer import AskFiles, ask_files
from app.views.theme.fonts import Role
from app.views.theme.tokens import Height, Tone
from app.views.widgets.base import Panel
from app.views.widgets.chips import ChipBar, ChipItem
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.layout import emptied, row
from app.views.widgets.record_table import Column, RecordTable
from app.views.widgets.splitter import Splitter
from app.views.widgets.text import Text

_LIST_WIDTH, _DETAIL_WIDTH = 743, 328
#: A column of words is never narrower.
_LEAST_WORDS = 120
#: Narrower than this there is room for the list or the record, not for both.
_BOTH = 1000
_MINUTE_MS = 60_000
#: After a list was shown, its other orders are made ready while nobody asks for anything.
_AHEAD_MS = 300
#: What the cells keep free around the words, beyond the width the manifest asks for.
_PADS = {"name": 8, "pill": 4, "countdown": 6, "sync": 8}
_KINDS = {"name": CellKind.NAME, "money": CellKind.FIGURE, "countdown": CellKind.FIGURE,
          "pill": CellKind.PILL, "sync": CellKind.MARK}  # fmt: skip


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
        ways: Sequence[MakePresentation] = (),
    ) -> None:
        """`ways`: what may show the list beside the table."""
        super().__init__(context, parent)
        self._name = entity
        self._text = ""
        self._sort = ""
        self._items: tuple[ChipItem, ...] = ()
        self._settling = False
        self._sought = ""
        self._narrow = False
        self.setObjectName(entity)
        self.model = RecordListModel(self.portal, entity, self.bridge, self)
        self.chips = ChipBar(self.theme, ())
        self.presentations = tuple(made for make in ways if (made := make(context, entity)) is not None)
        self.ways = ways_control(self.theme, self.presentations)
        self.table = RecordTable(self.theme, self._entity.plural)
        self.table.setObjectName("deals.table")
        self.empty = EmptyState(self.theme, self._entity.icon, "")
        self.detail = DetailPane(context, ask, ask_target)
        self._count = Text(self.theme, "", Role.SECONDARY, Tone.TEXT3)
        self._count.setObjectName("deals.count")
        self._totals = QHBoxLayout()
        self._totals.setSpacing(16)
        self._totals_shown: tuple[str, ...] = ()
        self._order = Text(self.theme, "", Role.SECONDARY, Tone.TEXT3, elide=True)
        self._build()
        self._connect()
        # Countdowns go on while the page stays open.
        self._ahead = QTimer(self)
        self._ahead.setSingleShot(True)
        self._ahead.setInterval(_AHEAD_MS)
        self._ahead.timeout.connect(lambda: self.model.look_ahead() if self.isVisible() else None)
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
        bar = Panel(self.theme, "surface")
        bar.setFixedHeight(Height.CHIP_BAR)
        bar.setLayout(row(self.chips, None, self.ways, margins=(16, 0, 16, 0)))
        foot = Panel(self.theme, "raised", rules="top")
        foot.setFixedHeight(44)
        line = row(self._count, gap=16, margins=(16, 1, 16, 0))
        line.addLayout(self._totals)
        line.addStretch(1)
        line.addWidget(self._order)
        foot.setLayout(line)
        self.table.setModel(self.model)
        self._set_columns()
        self._lists = QStackedWidget()
        self._lists.addWidget(self.table)
        self._lists.addWidget(self.empty)
        for presentation in self.presentations:
            self._lists.addWidget(presentation.widget)
        self.ways.setVisible(bool(self.presentations))
        way = self._way()
        self.ways.set_value(way.name if way is not None else TABLE)
        self._left = QWidget()
        self._left.setMinimumWidth(420)
        side = QVBoxLayout(self._left)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(0)
        side.addWidget(bar)
        side.addWidget(self._lists, 1)
        side.addWidget(foot)
        self.splitter = Splitter(self.theme)
        self.splitter.add(self._left, 1)
        self.splitter.add(self.detail, 0)
        sizes = self.portal.prefs.get(self._split_key, None)
        known = isinstance(sizes, list) and len(sizes) == 2 and all(isinstance(n, int) for n in sizes)
        self.splitter.setSizes(sizes if known else [_LIST_WIDTH, _DETAIL_WIDTH])
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.splitter)

    def _set_columns(self) -> None:
        columns = self.model.columns
        # The first column of plain words takes what the others leave; where they leave little, it shares with names.
        open_ones = {next((n for n, c in enumerate(columns) if c.show == "text"), max(0, len(columns) - 1))}
        widths = [c.width + _PADS.get(c.show, 0) for c in columns]
        if sum(w for n, w in enumerate(widths) if n not in open_ones) + _LEAST_WORDS > _LIST_WIDTH:
            open_ones |= {n for n, c in enumerate(columns) if c.show == "name"}
            widths = [c.width for c in columns]
        self.table.set_columns(
            [
                Column(
                    0 if n in open_ones else widths[n],
                    _KINDS.get(c.show, CellKind.TEXT),
                    sortable=bool(c.field),
                )
                for n, c in enumerate(columns)
            ]
        )

    def _connect(self) -> None:
        self.model.refreshed.connect(self._on_listed)
        self.model.looked_ahead.connect(lambda more: self._ahead.start() if more else None)
        self.chips.chosen.connect(lambda _key: self._show_list())
        self.table.row_chosen.connect(self._on_chosen)
        self.table.row_opened.connect(self._on_opened)
        self.table.sort_asked.connect(self._sort_by)
        self.empty.acted.connect(self._act_on_empty)
        self.ways.edited.connect(self._change_way)
        for presentation in self.presentations:
            presentation.gid_chosen.connect(self._on_gid_chosen)
            if isinstance(presentation, Acting):
                presentation.command_asked.connect(self._on_command)
        self.splitter.moved.connect(self._remember_split)
        self.detail.said.connect(self.said)
        self.detail.go.connect(self.go)
        self.detail.open_record.connect(self.open_record)
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
        if place.chip and place.chip != self.chips.current():
            self.chips.select(place.chip)
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
        return (
            Key("Ctrl+Return", self.tr("Save, or send the comment"), self.detail.save),
            Key("E", self.tr("Edit"), self.detail.edit),
            Key("C", self.tr("Write a comment"), self.detail.write_here),
            Key("Escape", self.tr("Close the form"), self._escape),
        )

    def offers(self) -> tuple[Action, ...]:
        return self.detail.offers()

    def panes(self) -> tuple[QWidget, ...]:
        return (self._shown_list(), self.detail.box.words)

    def hideEvent(self, event: QHideEvent) -> None:
        self.detail.keep()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < _BOTH
        if narrow != self._narrow:
            self._narrow = narrow
            self.detail.head.back.setVisible(narrow)
            self._left.setVisible(True)
            self.detail.setVisible(not narrow)

    # the list

    def _chip(self) -> str:
        return self.chips.current() or next((c.name for c in self._entity.list.chips), "")

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
        self._show_chips(chip)
        way = self._way()
        full = rows or not listing.whole
        self._lists.setCurrentWidget(self.empty if not full else way.widget if way else self.table)
        if way is not None:
            way.show_list(self.model)
        if listing.whole:
            if not rows:
                self._show_empty()
            self._show_foot(chip, rows)
            self._seek()
            self._ahead.start()
        found = self.model.row_of(self.detail.gid) if self.detail.gid else -1
        if found < 0 and rows and not self._keeps_open():
            found = 0
        if found >= 0 and found != self.table.chosen_row():
            self.table.choose_row(found)
        self._settling = False
        if found >= 0:
            self.detail.show_record(self.model.gid_at(found))
        elif not self._keeps_open():
            self.detail.show_record("")
        if way is not None:
            way.choose(self.detail.gid)
        self.settled.emit()

    def _seek(self) -> None:
        """What was asked for by name is shown even where chip and search would leave it out."""
        gid, self._sought = self._sought, ""
        if gid and self.model.row_of(gid) < 0:
            QTimer.singleShot(0, self, self._show_all)

    def _keeps_open(self) -> bool:
        """What one reads or edits stays open when a filter no longer lists it; what is gone says so."""
        return bool(self.detail.gid) and bool(self.portal.records.get(self.detail.gid) or not self._text)

    def _show_chips(self, chip: str) -> None:
        # The first rows of a long list come before anything is counted: the counts of before stay until then.
        before = {item.key: item.count for item in self._items if item.count is not None}
        counts = self.model.listing.counts or before
        items = tuple(ChipItem(c.name, c.label, counts.get(c.name)) for c in self._entity.list.chips)
        if [(i.key, i.text) for i in items] != [(i.key, i.text) for i in self._items]:
            self.chips.set_items(items, chip)
        for item in items:
            self.chips.set_count(item.key, item.count)
        self._items = items

    def _show_foot(self, chip: str, rows: int) -> None:
        entity = self._entity
        self._count.set_text(count_words(self.portal, entity, chip, rows))
        sums = self.model.listing.totals
        words = tuple(self.portal.formats.money(amount, currency) for currency, amount in sums.items())
        if words != self._totals_shown:
            self._totals_shown = words
            emptied(self._totals)
            for one in words:
                self._totals.addWidget(Text(self.theme, one, Role.SECONDARY, Tone.TEXT2))
        self._order.set_text(sort_words(self.portal, entity, self._sort))

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
        if self._entity.list.chips:
            self.chips.select(self._entity.list.chips[-1].name)
        self._show_list()

    def _sort_by(self, column: int, descending: bool) -> None:
        field = self.model.columns[column].field
        self._sort = f"-{field}" if descending else field
        self.table.head.show_sort(column, descending=descending)
        self._show_list()

    # ways to show it

    def _way(self) -> Presentation | None:
        """How the list is shown, as it was chosen before; None for the table."""
        chosen = self.portal.prefs.get(f"{self._name}.way")
        return next((one for one in self.presentations if one.name == chosen), None)

    def _change_way(self) -> None:
        self.portal.prefs.set(f"{self._name}.way", self.ways.value())
        self._on_listed()

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
        way = self._way()
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
        self.detail.follow()
        self._show_detail(True)

    def _on_chosen(self, number: int) -> None:
        if not self._settling and number >= 0:
            self.detail.show_record(self.model.gid_at(number))

    def _on_opened(self, number: int) -> None:
        self.detail.show_record(self.model.gid_at(number))
        self._show_detail(True)
        self.detail.focus_first()

    # the rest

    def _show_detail(self, shown: bool) -> None:
        """Where there is room for one of them only: the record over the list, or the list again."""
        if not self._narrow:
            return
        self._left.setVisible(not shown)
        self.detail.setVisible(shown)
        if not shown:
            self._shown_list().setFocus()

    def _escape(self) -> None:
        if self.detail.closable:
            self.detail.cancel()
        else:
            self._show_detail(False)
            self._shown_list().setFocus()

    def _create(self) -> None:
        self.go.emit(Place(NEW, entity=self._name))

    def _remember_split(self) -> None:
        if not self._narrow:
            self.portal.prefs.set(self._split_key, self.splitter.sizes())

    def _on_status(self, _status: Status) -> None:
        if self.isVisible():
            self.detail.follow()

    def _on_manifest(self) -> None:
        if self.portal.manifest.entity(self._name) is not None:
            self._set_columns()
            self.head_changed.emit()
            if self.isVisible():
                self.refresh()

    def _pass_time(self) -> None:
        if self.isVisible():
            self.model.refresh()
            self.detail.follow()

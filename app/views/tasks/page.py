"""Tasks: checklists by project, and the one that is open with its form. All of it works offline too."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.contract.manifest import EntityType
from app.services.views_model import Status
from app.views.page import Head, Key, Page, PageContext, Place, SearchBox
from app.views.tasks.checklist import TaskList
from app.views.tasks.pane import TaskPane
from app.views.theme.tokens import Height
from app.views.ways_out import AskFiles, ask_files
from app.views.widgets.base import Panel
from app.views.widgets.chips import ChipBar, ChipItem
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.layout import row
from app.views.widgets.splitter import Splitter

ENTITY = "task"
_SPLIT = "tasks.split"
_LIST_WIDTH = 360
_MOST = 200
_MINUTE_MS = 60_000


class TasksPage(Page):
    """List and task side by side."""

    def __init__(
        self, context: PageContext, parent: QWidget | None = None, *, ask: AskFiles = ask_files
    ) -> None:
        super().__init__(context, parent)
        self._text = ""
        self._items: tuple[ChipItem, ...] = ()
        self.chips = ChipBar(self.theme, ())
        self.list = TaskList(self.theme)
        self.empty = EmptyState(self.theme, self._entity.icon, "")
        self.pane = TaskPane(context, ask)
        self._build()
        self.chips.chosen.connect(lambda _key: self._show_list())
        self.list.chosen.connect(self._show)
        self.empty.acted.connect(self._show_all)
        self.pane.said.connect(self.said)
        self.pane.changed.connect(self._show_list)
        self.bridge.statusChanged.connect(self._on_status)
        # What is due today is not due for ever.
        self._minute = QTimer(self)
        self._minute.setInterval(_MINUTE_MS)
        self._minute.timeout.connect(lambda: self._show_list() if self.isVisible() else None)
        self._minute.start()

    @property
    def _entity(self) -> EntityType:
        return self.portal.entity(ENTITY)

    def _build(self) -> None:
        bar = Panel(self.theme, "surface", rules="bottom")
        bar.setFixedHeight(Height.CHIP_BAR_SMALL)
        bar.setLayout(row(self.chips, None, margins=(16, 0, 16, 1)))
        self._lists = QStackedWidget()
        self._lists.addWidget(self.list)
        self._lists.addWidget(self.empty)
        left = QWidget()
        left.setMinimumWidth(260)
        side = QVBoxLayout(left)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(0)
        side.addWidget(bar)
        side.addWidget(self._lists, 1)
        self.splitter = Splitter(self.theme)
        self.splitter.add(left, 0)
        self.splitter.add(self.pane, 1)
        sizes = self.portal.prefs.get(_SPLIT, None)
        known = isinstance(sizes, list) and len(sizes) == 2 and all(isinstance(n, int) for n in sizes)
        self.splitter.setSizes(sizes if known else [_LIST_WIDTH, 1072 - _LIST_WIDTH])
        self.splitter.moved.connect(lambda: self.portal.prefs.set(_SPLIT, self.splitter.sizes()))
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.splitter)

    # page

    def head(self) -> Head:
        what = self.portal.formats.tr.inside(self._entity.plural)
        hint = self.tr("Search {what}").format(what=what)
        return Head(self._entity.place_name, search=SearchBox(hint))

    def refresh(self) -> None:
        if self.portal.manifest.entity(ENTITY) is None:
            return
        self._show_list()
        self.pane.follow()

    def arrive(self, place: Place) -> None:
        if place.chip:
            self.chips.select(place.chip)
        if place.text:
            self._text = place.text
        self._show_list()
        if place.gid:
            self._select(place.gid)

    def place(self) -> Place | None:
        return Place(ENTITY, gid=self.pane.gid)

    def may_leave(self) -> bool:
        self.pane.keep()
        return True

    def search(self, text: str) -> None:
        self._text = text
        self._show_list()

    def keys(self) -> tuple[Key, ...]:
        hands_in = self.portal.may.decide(ENTITY)
        submit = (Key("Ctrl+Return", self.tr("Hand in"), self.pane.hand_in),) if hands_in else ()
        return (
            *submit,
            Key("Space", self.tr("Read the document"), self.pane.read_document),
            Key("Escape", self.tr("Back to the task"), self.pane.close_document),
        )

    def panes(self) -> tuple[QWidget, ...]:
        return (*self.list.rows[:1], self.pane.submit)

    def hideEvent(self, event: QHideEvent) -> None:
        self.pane.keep()
        super().hideEvent(event)

    # the list

    def _chip(self) -> str:
        return self.chips.current() or next((c.name for c in self._entity.list.chips), "")

    def _show_list(self) -> None:
        chip = self._chip()
        counts = {
            c.name: self.portal.records.count(ENTITY, c.name, self._text) for c in self._entity.list.chips
        }
        self._show_chips(counts, chip)
        lists = self.portal.tasks.checklists(ENTITY, chip, self._text, _MOST)
        count = sum(len(one.lines) for one in lists)
        total = counts.get(chip, count)
        more = ""
        if total > count:
            words = self.tr("The first {count} of {total} are shown. Search for the others.")
            more = words.format(count=count, total=self.portal.formats.number(total))
        self.list.show_lists(lists, more)
        self._lists.setCurrentWidget(self.list if count else self.empty)
        if not count:
            self._show_empty(any(counts.values()))
        first = next((line.record.gid for one in lists for line in one.lines), "")
        if not self.pane.gid and first:
            self._show(first)
        self.list.choose(self.pane.gid)

    def _show_chips(self, counts: dict[str, int], chip: str) -> None:
        items = tuple(ChipItem(c.name, c.label, counts[c.name]) for c in self._entity.list.chips)
        if [item.key for item in items] != [item.key for item in self._items]:
            self.chips.set_items(items, chip)
        for item in items:
            self.chips.set_count(item.key, item.count)
        self._items = items

    def _show_empty(self, others: bool) -> None:
        entity = self._entity
        if self._text:
            words = self.tr("No task matches “{text}”").format(text=self._text)
            self.empty.show_words("search", words, "", self.tr("Show all"))
        elif others:
            self.empty.show_words("checks", self.tr("Nothing to hand in now"), "", self.tr("Show all"))
        else:
            self.empty.show_words(entity.icon, entity.empty, entity.empty_hint)

    def _show_all(self) -> None:
        self._text = ""
        if self._entity.list.chips:
            self.chips.select(self._entity.list.chips[-1].name)
        self._show_list()

    def _select(self, gid: str) -> None:
        """Show a task that was asked for by name, also where the filter would leave it out."""
        if all(one.line.record.gid != gid for one in self.list.rows):
            self._show_all()
        self._show(gid)

    def _show(self, gid: str) -> None:
        self.pane.show_task(gid)
        self.list.choose(gid)

    def _on_status(self, _status: Status) -> None:
        if self.isVisible():
            self.pane.follow()

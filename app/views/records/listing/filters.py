"""Filters of one's own above a list: built, kept as a chip, changed, renamed, deleted and put back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtWidgets import QMenu

from app.bridge.tasks import Task
from app.contract.errors import CounterpartError
from app.contract.manifest import Chip, Filter
from app.services.own_filters import is_own
from app.views.page import PageContext, Toast
from app.views.records.listing.filter_panel import FilterPanel
from app.views.widgets.buttons import secondary
from app.views.widgets.chips import ChipBar

_PAUSE_MS = 120


class ListFilters(QObject):
    """`changed` names the chip to be shown: a new one, or none of one's own after one was deleted."""

    changed = Signal(str)
    said = Signal(object)

    def __init__(self, context: PageContext, entity: str, chips: ChipBar) -> None:
        super().__init__(chips)
        self._portal = context.portal
        self._bridge = context.bridge
        self._entity = entity
        self._chips = chips
        self._counting: Task[int] | None = None
        self.button = secondary(context.theme, self.tr("Filter"), "filter", small=True)
        self.button.setObjectName("records.filter")
        self.button.clicked.connect(self.open)
        self.panel = FilterPanel(context.theme, context.portal, entity, chips)
        self.panel.save_asked.connect(self._save)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._count)
        self.panel.edited.connect(self._pause.start)
        chips.menu_asked.connect(self._open_menu)

    def open(self) -> None:
        """Open the pane as it was left."""
        self.panel.show_below(self.button if self.button.isVisible() else self._chips)
        self.panel.focus_first()
        self._count()

    def own(self) -> tuple[Chip, ...]:
        """The filters there are."""
        return self._portal.filters.of(self._entity)

    def change(self, name: str, *, rename: bool = False) -> None:
        """Open a filter of one's own in the pane."""
        chip = next((one for one in self.own() if one.name == name), None)
        if chip is None:
            return
        self.panel.open_chip(chip)
        self.open()
        if rename:
            self.panel.focus_name()

    def delete(self, name: str) -> None:
        """Delete a filter; the toast brings it back to its place."""
        chip = next((one for one in self.own() if one.name == name), None)
        at = self._portal.filters.remove(self._entity, name)
        if chip is None or at < 0:
            return
        self.changed.emit("")
        words = self.tr("Filter “{name}” deleted").format(name=chip.label)
        self.said.emit(Toast(words, lambda: self._put_back(chip, at)))

    def fill(self, menu: QMenu, name: str) -> None:
        """Put what can be done with a chip into a menu; nothing for the portal's own ones."""
        if not is_own(name):
            return
        entries: tuple[tuple[str, str, Callable[[], None]], ...] = (
            ("rename", self.tr("Rename filter…"), lambda: self.change(name, rename=True)),
            ("change", self.tr("Change filter…"), lambda: self.change(name)),
            ("delete", self.tr("Delete filter"), lambda: self.delete(name)),
        )
        for key, words, run in entries:
            entry = menu.addAction(words)
            entry.setObjectName(f"filter.{key}")
            entry.triggered.connect(lambda _on=False, does=run: does())

    def menu(self, name: str) -> QMenu:
        """The menu of a chip."""
        menu = QMenu(self._chips)
        self.fill(menu, name)
        return menu

    def _open_menu(self, name: str, spot: QPoint) -> None:
        if is_own(name):
            menu = self.menu(name)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(spot)

    def _put_back(self, chip: Chip, at: int) -> None:
        self._portal.filters.put_back(self._entity, chip, at)
        self.changed.emit(chip.name)

    def _save(self, name: str, filters: Sequence[Filter], changes: str) -> None:
        try:
            chip = self._portal.filters.save(self._entity, name, filters, changes)
        except CounterpartError as problem:
            self.panel.show_problem(self._portal.formats.tr.told(problem))
            return
        self.panel.hide()
        self.panel.begin()
        self.changed.emit(chip.name)
        self.said.emit(Toast(self.tr("Filter “{name}” saved").format(name=chip.label)))

    def _count(self) -> None:
        """Say how many it would find, counted beside the window."""
        filters, entity = self.panel.filters(), self._entity
        if self._counting is not None:
            self._counting.cancel()
            self._counting = None
        if not filters:
            self.panel.show_found("")
        else:
            self._counting = self._bridge.reader.run(
                lambda portal: portal.records.matching(entity, filters), self._show
            )

    def _show(self, count: int) -> None:
        self.panel.show_found(self._portal.formats.things(count, self._portal.entity(self._entity)))

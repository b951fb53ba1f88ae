"""What narrows a list: the manifest's chips, the user's own, a filter in passing, and the windows of days above them.

Usage::

    chips = ListChips(portal, "renewal", ChipBar(theme, ()), own=tools.filters.own)
    chips.narrowed.connect(page.show_list)          # by the user
    chips.go_to("of:order:GID")                     # by a place; says nothing
    chips.show_counts(model.listing.counts)         # after the list was read
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QObject, Signal

from app.contract.manifest import Chip, EntityType
from app.services.portal import Portal
from app.views.records.windows import WindowTiles
from app.views.widgets.chips import ChipBar, ChipItem


def _none_of_ones_own() -> Sequence[Chip]:
    return ()


def _nothing_further() -> Sequence[ChipItem]:
    return ()


class ListChips(QObject):
    """Exactly one filter is on. A filter in passing has a chip until another one is chosen."""

    narrowed = Signal()

    def __init__(
        self,
        portal: Portal,
        entity: str,
        bar: ChipBar,
        own: Callable[[], Sequence[Chip]] = _none_of_ones_own,
        parent: QObject | None = None,
        *,
        further: Callable[[], Sequence[ChipItem]] = _nothing_further,
    ) -> None:
        """`further`: chips that are neither the manifest's nor kept by the user, as the page has them now."""
        super().__init__(parent)
        self._portal = portal
        self._further = further
        self._name = entity
        self._own = own
        self._passing = ""
        self._items: tuple[ChipItem, ...] = ()
        self.bar = bar
        self.tiles = WindowTiles(bar.theme)
        self.tiles.hide()
        bar.chosen.connect(self._on_chip)
        self.tiles.chosen.connect(self._on_window)

    @property
    def _entity(self) -> EntityType:
        return self._portal.entity(self._name)

    def current(self) -> str:
        """The name of the filter that is on: the first of the manifest's before anything was chosen."""
        return self.bar.current() or next((c.name for c in self._entity.list.chips), "")

    def words(self) -> str:
        """What the filter that is on is called."""
        return next((item.text for item in self._items if item.key == self.current()), "")

    def go_to(self, chip: str) -> None:
        """Turn a filter on, one in passing too. One that means nothing leaves things as they are."""
        if not chip or chip == self.bar.current():
            return
        self.bar.select(chip)
        if self.bar.current() != chip and self._portal.about.chip_words(self._name, chip):
            self._passing = chip
            self._show(chip)

    def offer_again(self, wanted: str) -> None:
        """The user's own filters changed: `wanted` is on where it is still there, else the first."""
        there = [one.name for one in (*self._listed(), *self._own())]
        there += [item.key for item in self._further()]
        if wanted != self._passing and wanted not in there:
            wanted = there[0] if there else ""
        self._show(wanted)
        self.bar.select(wanted)

    def show_first(self) -> None:
        """Turn the first of the manifest's chips on, as when the list opens."""
        self._passing = ""
        if self._entity.list.chips:
            self.bar.select(self._entity.list.chips[0].name)

    def show_everything(self) -> None:
        """Turn the last of the manifest's chips on, which has everything."""
        self._passing = ""
        if self._entity.list.chips:
            self.bar.select(self._entity.list.chips[-1].name)

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """Show what each chip holds; without counts those of before stay. Draws the windows afresh."""
        known = {item.key: item.count for item in self._items if item.count is not None}
        current = self.current()
        self._show(current, counts or known)
        windows = self._portal.about.windows(self._name)
        self.tiles.setVisible(any(window.count for window in windows))
        self.tiles.show_windows(windows, current, self._portal.formats)

    def _show(self, current: str, counts: Mapping[str, int | None] | None = None) -> None:
        known = {item.key: item.count for item in self._items} if counts is None else counts
        chips = (*self._listed(), *self._own())
        items = tuple(ChipItem(chip.name, chip.label, known.get(chip.name)) for chip in chips)
        items = (*items, *self._further())
        if self._passing:
            words = self._portal.about.chip_words(self._name, self._passing)
            items = (*items, ChipItem(self._passing, words, None))
        if [(i.key, i.text) for i in items] != [(i.key, i.text) for i in self._items]:
            self.bar.set_items(items, current)
        self.bar.set_counts({item.key: item.count for item in items})
        self._items = items

    def _listed(self) -> list[Chip]:
        """The manifest's chips, but for those that say what the windows above say."""
        spec = self._entity.list
        due = {spec.window_field} if spec.windows else set()
        return [
            chip
            for chip in spec.chips
            if not any(one.op == "within_days" and one.field in due for one in chip.filters)
        ]

    def _on_chip(self, key: str) -> None:
        if key != self._passing:
            self._passing = ""
        self.narrowed.emit()

    def _on_window(self, chip: str) -> None:
        """A tile filters to what it counts; pressed once more, the list is as it opens."""
        if chip:
            self.go_to(chip)
        else:
            self._passing = ""
            self._show(next((c.name for c in self._entity.list.chips), ""))
        self.narrowed.emit()

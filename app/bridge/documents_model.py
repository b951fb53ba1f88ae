"""The library as a list: earlier versions folded under their current one, and what changed since it was read marked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt

from app.bridge.cells import Cell
from app.bridge.models import Index, RecordListModel
from app.services.portal import Portal
from app.services.reading_state import folded
from app.services.views_model import Listing, RecordView

if TYPE_CHECKING:
    from app.bridge.engine import Bridge

_VERSION = "version"


class DocumentListModel(RecordListModel):
    """`all_unfolded` shows every earlier version, `unfolded` those of some; `changed_only` lists what changed."""

    def __init__(
        self, portal: Portal, entity: str, bridge: Bridge | None = None, parent: QObject | None = None
    ) -> None:
        self._name = entity
        self.all_unfolded = False
        self.unfolded: set[str] = set()
        self.changed_only = False
        self._earlier: dict[str, int] = {}
        self._changed: frozenset[str] = frozenset()
        super().__init__(portal, entity, bridge, parent)

    @property
    def earlier(self) -> int:
        """How many earlier versions there are, shown or not."""
        return sum(self._earlier.values())

    def earlier_of(self, gid: str) -> int:
        """How many earlier versions stand, or are folded, under a document."""
        return self._earlier.get(gid, 0)

    @property
    def changed(self) -> frozenset[str]:
        """The gids of what changed since it was read."""
        return self._changed

    def _start_with(self, listing: Listing) -> None:
        super()._start_with(self._arranged(listing))

    def _go_over_to(self, listing: Listing) -> None:
        super()._go_over_to(self._arranged(listing))

    def _arranged(self, listing: Listing) -> Listing:
        library = self._portal.library
        documents = library.documents(self._name)
        under = folded(documents)
        self._earlier = {gid: len(records) for gid, records in under.items()}
        found = library.changed_among(documents)
        self._changed = frozenset(record.gid for record in found)
        ids = listing.ids
        if self.changed_only:
            wanted = {record.id for record in found}
            ids = [row for row in ids if row in wanted]
        unfolded = None if self.all_unfolded else frozenset(self.unfolded)
        return replace(listing, ids=library.arranged(under, ids, unfolded))

    def _row_cells(self, record: RecordView) -> tuple[Cell, ...]:
        cells = super()._row_cells(record)
        if record.gid not in self._changed and record.gid not in self._earlier:
            return cells
        return tuple(
            self._version(record, cell) if column.field == _VERSION else cell
            for column, cell in zip(self._columns, cells, strict=True)
        )

    def _version(self, record: RecordView, cell: Cell) -> Cell:
        """A dot for what is new to the user; else how many earlier versions are folded below."""
        if record.gid in self._changed:
            return replace(cell, text=f"{cell.text} ●", tone="accent")
        folded = self._folded(record)
        return replace(cell, text=f"{cell.text} +{folded}") if folded else cell

    def _folded(self, record: RecordView) -> int:
        below = self.all_unfolded or record.gid in self.unfolded
        return 0 if below else self.earlier_of(record.gid)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As for every list; what a sign in the version's cell means is said in words."""
        found = super().data(index, role)
        says = role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole)
        if not says or not index.isValid() or self._columns[index.column()].field != _VERSION:
            return found
        record = self.record_at(index.row())
        if record is None:
            return found
        words = [str(record.data.get(_VERSION) or "")]
        if record.gid in self._changed:
            words.append(self.tr("changed since you read it"))
        folded = self._folded(record)
        if folded:
            words.append(self._portal.formats.tr.plural(folded, "%n earlier version", "%n earlier versions"))
        label = self._columns[index.column()].label
        return f"{label}: {', '.join(words)}" if len(words) > 1 else found

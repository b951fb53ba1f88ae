"""Lists straight over SQL: the ids of a list and a cache of the rows around what is looked at."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from app.bridge.cells import FIGURES, Cell, Movement, TwoLines, cell, line_mark, movement, tip, two_lines
from app.bridge.roles import DataRole
from app.bridge.row_places import begins, places_in, row_in, runs_of
from app.contract.manifest import Column, EntityType
from app.services.portal import Portal
from app.services.views_model import Listing, ListView, RecordView, TransferProgress

if TYPE_CHECKING:
    from app.bridge.engine import Bridge
    from app.bridge.tasks import Task, Tasks

Index = QModelIndex | QPersistentModelIndex

#: Rows read at once, before and after the one that was asked for: about what is shown, so that no frame reads more.
_BEFORE, _AFTER = 8, 24
_MOST_CACHED = 2_000

#: More separate gaps than this, and telling the view of each costs more than starting afresh.
_MOST_GAPS = 200
#: In a longer list rows are not removed and added one by one: the whole of it is laid out anew.
_MOST_MOVED = 5_000

_NO_INDEX = QModelIndex()


class RecordListModel(QAbstractTableModel):
    """One list of one entity type. Columns are the manifest's, or those the user chose.

    A refresh keeps rows in place: views keep selection and scroll position. Call `refresh` on `recordsChanged`. With
    a bridge, a long list is read by its reader: what was shown stays until the new rows are there, and `refreshed`
    tells it. A short list, or one without a bridge, is read before the call returns.
    """

    refreshed = Signal()
    """The list is up to date: counts and totals may be read again."""
    looked_ahead = Signal(bool)
    """One more order is ready; whether there are others."""

    def __init__(
        self, portal: Portal, entity: str, bridge: Bridge | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._portal = portal
        self._entity = entity
        self._bridge = bridge
        self._view = ListView(entity)
        self._listing = Listing((), {}, {}, whole=False)
        self._ids: Sequence[int] = ()
        self._cache: OrderedDict[int, RecordView | None] = OrderedDict()
        self._cells: dict[int, tuple[Cell, ...]] = {}
        self._columns = self._chosen_columns()
        self._asked: list[Task[Any]] = []
        self._again = False
        if bridge is not None:
            bridge.transfer.connect(self._on_transfer)
            bridge.manifestChanged.connect(self._on_manifest)

    # -- what is listed -----------------------------------------------------------------------------------
    @property
    def entity(self) -> EntityType | None:
        """The entity type listed, None when this user has it no longer."""
        return self._portal.manifest.entity(self._entity)

    @property
    def columns(self) -> Sequence[Column]:
        """The columns as they were chosen when the list was last begun."""
        return self._columns

    def read_columns(self) -> None:
        """Show the columns that are chosen now; rows stay where they are."""
        columns = self._chosen_columns()
        if columns == self._columns:
            return
        before, after = len(self._columns), len(columns)
        if after > before:
            self.beginInsertColumns(_NO_INDEX, before, after - 1)
        elif after < before:
            self.beginRemoveColumns(_NO_INDEX, after, before - 1)
        self._columns = columns
        self._cells.clear()
        if after > before:
            self.endInsertColumns()
        elif after < before:
            self.endRemoveColumns()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, after - 1)
        if self._ids:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._ids) - 1, after - 1))

    def _chosen_columns(self) -> Sequence[Column]:
        return self._portal.columns.of(self._entity)

    @property
    def listing(self) -> Listing:
        """What is shown, with the counts of the chips and the totals."""
        return self._listing

    @property
    def ids(self) -> Sequence[int]:
        """The row ids of what is listed, in order."""
        return self._ids

    @property
    def waiting(self) -> bool:
        """Whether what was asked for is still to come; what is shown is what was asked for before."""
        return bool(self._asked)

    def set_view(self, chip: str = "", text: str = "", sort: str = "") -> None:
        """Show what a chip and a search hold, in an order ("" is the manifest's). Starts at the top."""
        self._view = ListView(self._entity, chip, text, sort)
        self._drop_asked()
        reader = self._reader()
        if reader is None:
            self._start_with(self._portal.lists.read(self._view))
            return
        view = self._view
        first = reader.run(lambda portal: portal.lists.head(view), self._on_head)
        whole = reader.run(lambda portal: portal.lists.read(view), self._on_whole, ended=self._on_ended)
        self._asked = [first, whole]

    @property
    def view(self) -> tuple[str, str, str]:
        """Chip, text and sort of what is shown."""
        return self._view.chip, self._view.text, self._view.sort

    def refresh(self) -> None:
        """Read the list afresh, keeping rows that are still in it."""
        reader = self._reader()
        if reader is None:
            self._drop_asked()
            self._forget_rows()
            self._go_over_to(self._portal.lists.read(self._view))
        elif self._asked:
            self._again = True
        else:
            self._forget_rows()
            view = self._view
            self._asked = [
                reader.run(lambda portal: portal.lists.read(view), self._go_over_to, ended=self._on_ended)
            ]

    def look_ahead(self) -> None:
        """Make a further order of a long list ready, should the user sort by it; `looked_ahead` tells what is left."""
        reader = self._reader()
        if reader is not None and not self._asked:
            entity = self._entity
            reader.run(lambda portal: portal.lists.arrange(entity), self.looked_ahead.emit, patient=True)

    def _reader(self) -> Tasks | None:
        """Who reads the list: the bridge's reader where it is long."""
        if self._bridge is None or self._portal.lists.short(self._entity):
            return None
        return self._bridge.reader

    def _drop_asked(self) -> None:
        for task in self._asked:
            task.cancel()
        self._asked = []
        self._again = False

    def _on_head(self, head: Listing | None) -> None:
        if head is not None:
            self._start_with(head)

    def _on_whole(self, listing: Listing) -> None:
        """The first rows may stand there already; then the others come below them."""
        if self._listing.whole:
            self._start_with(listing)
        else:
            self._go_over_to(listing)

    def _start_with(self, listing: Listing) -> None:
        self.beginResetModel()
        self._columns = self._chosen_columns()
        self._take(listing)
        self.endResetModel()
        self.refreshed.emit()

    def _go_over_to(self, listing: Listing) -> None:
        before, new = self._ids, listing.ids
        if len(before) == len(new) and begins(new, before):
            self._take(listing)
        elif before and begins(new, before):
            self.beginInsertRows(_NO_INDEX, len(before), len(new) - 1)
            self._take(listing)
            self.endInsertRows()
        elif not before or not self._move_to(listing):
            self.beginResetModel()
            self._take(listing)
            self.endResetModel()
        self.refreshed.emit()

    def _on_ended(self) -> None:
        again, self._again = self._again, False
        self._asked = []
        if again:
            self.refresh()

    def _take(self, listing: Listing) -> None:
        self._listing = listing
        self._ids = listing.ids
        self._cache.clear()
        self._cells.clear()

    def _forget_rows(self) -> None:
        """Let every row that is looked at be read again."""
        self._cache.clear()
        self._cells.clear()
        if self._ids:
            last = self.index(len(self._ids) - 1, max(0, self.columnCount() - 1))
            self.dataChanged.emit(self.index(0, 0), last)

    def _move_to(self, listing: Listing) -> bool:
        """Go over to new ids by removing, adding and sorting. False when that would be more work than a reset."""
        new = listing.ids
        if max(len(new), len(self._ids)) > _MOST_MOVED:
            self._lay_out(listing)
            return True
        staying = set(new)
        gaps = runs_of([row for row, row_id in enumerate(self._ids) if row_id not in staying])
        if len(gaps) > _MOST_GAPS:
            return False
        for first, last in reversed(gaps):
            self.beginRemoveRows(_NO_INDEX, first, last)
            self._ids = [*self._ids[:first], *self._ids[last + 1 :]]
            self.endRemoveRows()
        known = set(self._ids)
        added = [row_id for row_id in new if row_id not in known]
        if added:
            self.beginInsertRows(_NO_INDEX, len(self._ids), len(self._ids) + len(added) - 1)
            self._ids = [*self._ids, *added]
            self.endInsertRows()
        if [*self._ids] != [*new]:
            self._lay_out(listing)
        self._take(listing)
        return True

    def _lay_out(self, listing: Listing) -> None:
        """Put all rows where they belong now; what a view holds on to goes along."""
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        ids = self._ids
        self._take(listing)
        places = places_in(self._ids, len(held))
        after = [self.index(places(ids[index.row()]), index.column()) for index in held]
        self.changePersistentIndexList(held, after)
        self.layoutChanged.emit()

    # -- rows ---------------------------------------------------------------------------------------------
    def record_at(self, row: int) -> RecordView | None:
        """Return the record in a row, or None when it has left meanwhile."""
        if not 0 <= row < len(self._ids):
            return None
        row_id = self._ids[row]
        if row_id not in self._cache:
            self._fetch(row)
        else:
            self._cache.move_to_end(row_id)
        return self._cache.get(row_id)

    def _fetch(self, row: int) -> None:
        wanted = self._ids[max(0, row - _BEFORE) : row + _AFTER]
        found = {record.id: record for record in self._portal.records.rows(wanted)}
        for row_id in wanted:
            self._cache[row_id] = found.get(row_id)
            self._cache.move_to_end(row_id)
        while len(self._cache) > _MOST_CACHED:
            gone, _ = self._cache.popitem(last=False)
            self._cells.pop(gone, None)

    def ids_of(self, runs: Sequence[tuple[int, int]]) -> Sequence[int]:
        """Return the row ids of runs of rows, in their order; nothing is read for it."""
        if len(runs) == 1 and runs[0] == (0, len(self._ids) - 1):
            return self._ids
        return [row_id for first, last in runs for row_id in self._ids[first : last + 1]]

    def gid_at(self, row: int) -> str:
        """Return the gid of a row, or an empty string."""
        record = self.record_at(row)
        return record.gid if record else ""

    def row_of(self, gid: str) -> int:
        """Return the row of a record, or -1 when it is not listed."""
        record = self._portal.records.get(gid)
        return row_in(self._ids, record.id) if record else -1

    # -- Qt -----------------------------------------------------------------------------------------------
    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Answer for the head of a column: its words, and where figures stand."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.label
        if role == Qt.ItemDataRole.TextAlignmentRole and column.show in FIGURES:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Answer one question about one cell."""
        if not index.isValid():
            return None
        record, number = self.record_at(index.row()), index.column()
        if record is None or number >= len(self._columns):
            return None
        if role == DataRole.CELLS:
            return self._row_cells(record)
        if role in _ROW_ROLES:
            return self._row_data(record, role)
        column, found = self._columns[number], self._row_cells(record)[number]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return found.text
            case Qt.ItemDataRole.ToolTipRole:
                return tip(self._portal, record, column) or None
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{column.label}: {found.text}"
            case Qt.ItemDataRole.TextAlignmentRole:
                trailing = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                return trailing if column.show in FIGURES else None
            case DataRole.MARK:
                # A list of lines has one cell a row: the mark is that of the record.
                return found.mark or (line_mark(record) if number == 0 else "") or None
            case _:
                return None

    def _row_cells(self, record: RecordView) -> tuple[Cell, ...]:
        if record.id not in self._cells:
            self._cells[record.id] = tuple(cell(self._portal, record, column) for column in self._columns)
        return self._cells[record.id]

    def _row_data(self, record: RecordView, role: int) -> Any:
        if role == DataRole.GID:
            return record.gid
        if role in _MOVEMENT:
            return _moving(movement(self._portal, self._transfers(), _sha256(record)), role)
        return _line_of(two_lines(self._portal, record), role)

    def _transfers(self) -> Mapping[str, TransferProgress]:
        return self._bridge.transfers if self._bridge is not None else {}

    def _on_transfer(self, event: TransferProgress) -> None:
        """Paint the rows that move; the ones that have arrived look different in their cells too."""
        for row_id, record in list(self._cache.items()):
            if record is not None and _sha256(record) == event.sha256:
                row = row_in(self._ids, row_id)
                self._cells.pop(row_id, None)
                self.dataChanged.emit(self.index(row, 0), self.index(row, self.columnCount() - 1))

    def _on_manifest(self) -> None:
        self._start_with(self._listing)
        self.set_view(*self.view)


_MOVEMENT = (DataRole.SHARE, DataRole.PROGRESS, DataRole.RATE)
_LINES = (
    DataRole.TITLE,
    DataRole.SUBTITLE,
    DataRole.TIME,
    DataRole.PILL,
    DataRole.PILL_TONE,
    DataRole.COUNTDOWN,
    DataRole.COUNTDOWN_TONE,
)
_ROW_ROLES = (DataRole.GID, *_MOVEMENT, *_LINES)


def _moving(found: Movement | None, role: int) -> Any:
    if found is None:
        return None
    if role == DataRole.SHARE:
        return found.share
    return found.progress if role == DataRole.PROGRESS else found.rate


def _line_of(lines: TwoLines, role: int) -> str:
    return {
        DataRole.TITLE: lines.title,
        DataRole.SUBTITLE: lines.subtitle,
        DataRole.TIME: lines.time,
        DataRole.PILL: lines.pill,
        DataRole.PILL_TONE: lines.pill_tone,
        DataRole.COUNTDOWN: lines.countdown,
        DataRole.COUNTDOWN_TONE: lines.countdown_tone,
    }[DataRole(role)]


def _sha256(record: RecordView) -> str:
    return str(record.data.get("sha256") or "")

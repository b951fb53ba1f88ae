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

from app.bridge.cells import FIGURES, Cell, Movement, TwoLines, cell, movement, two_lines
from app.bridge.roles import DataRole
from app.contract.manifest import Column, EntityType
from app.services.portal import Portal
from app.services.views_model import RecordView, TransferProgress

if TYPE_CHECKING:
    from app.bridge.engine import Bridge

Index = QModelIndex | QPersistentModelIndex

#: Rows read at once, before and after the one that was asked for.
_BEFORE, _AFTER = 40, 120
_MOST_CACHED = 2_000

#: More separate gaps than this, and telling the view of each costs more than starting afresh.
_MOST_GAPS = 200

_NO_INDEX = QModelIndex()


class RecordListModel(QAbstractTableModel):
    """One list of one entity type. Columns are the manifest's.

    A refresh keeps rows in place: views keep selection and scroll position. Call `refresh` on `recordsChanged`.
    """

    refreshed = Signal()
    """The list is up to date: counts and totals may be read again."""

    def __init__(
        self, portal: Portal, entity: str, bridge: Bridge | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._portal = portal
        self._entity = entity
        self._bridge = bridge
        self._view = ("", "", "")
        self._ids: list[int] = []
        self._rows: dict[int, int] = {}
        self._cache: OrderedDict[int, RecordView | None] = OrderedDict()
        self._cells: dict[tuple[int, int], Cell] = {}
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
        """The columns as the manifest has them now."""
        return self.entity.list.columns if self.entity else ()

    def set_view(self, chip: str = "", text: str = "", sort: str = "") -> None:
        """Show what a chip and a search hold, in an order ("" is the manifest's). Starts at the top."""
        self._view = (chip, text, sort)
        self.beginResetModel()
        self._take(self._read())
        self.endResetModel()
        self.refreshed.emit()

    @property
    def view(self) -> tuple[str, str, str]:
        """Chip, text and sort of what is shown."""
        return self._view

    def refresh(self) -> None:
        """Read the list afresh, keeping rows that are still in it."""
        new = self._read()
        self._cache.clear()
        self._cells.clear()
        if new != self._ids and (not self._ids or not self._move_to(new)):
            self.beginResetModel()
            self._take(new)
            self.endResetModel()
        if self._ids:
            last = self.index(len(self._ids) - 1, max(0, self.columnCount() - 1))
            self.dataChanged.emit(self.index(0, 0), last)
        self.refreshed.emit()

    def _read(self) -> list[int]:
        return self._portal.records.ids(self._entity, *self._view)

    def _take(self, ids: list[int]) -> None:
        self._ids = ids
        self._rows = {row_id: row for row, row_id in enumerate(ids)}
        self._cache.clear()
        self._cells.clear()

    def _move_to(self, new: list[int]) -> bool:
        """Go over to new ids by removing, adding and sorting. False when that would be more work than a reset."""
        staying = set(new)
        gaps = _runs([row for row, row_id in enumerate(self._ids) if row_id not in staying])
        if len(gaps) > _MOST_GAPS:
            return False
        for first, last in reversed(gaps):
            self.beginRemoveRows(_NO_INDEX, first, last)
            self._take(self._ids[:first] + self._ids[last + 1 :])
            self.endRemoveRows()
        known = set(self._ids)
        added = [row_id for row_id in new if row_id not in known]
        if added:
            self.beginInsertRows(_NO_INDEX, len(self._ids), len(self._ids) + len(added) - 1)
            self._take(self._ids + added)
            self.endInsertRows()
        if self._ids != new:
            self._sort_to(new)
        return True

    def _sort_to(self, new: list[int]) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        ids = self._ids
        self._take(new)
        after = [self.index(self._rows[ids[index.row()]], index.column()) for index in before]
        self.changePersistentIndexList(before, after)
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
            for column in range(len(self.columns)):
                self._cells.pop((gone, column), None)

    def gid_at(self, row: int) -> str:
        """Return the gid of a row, or an empty string."""
        record = self.record_at(row)
        return record.gid if record else ""

    def row_of(self, gid: str) -> int:
        """Return the row of a record, or -1 when it is not listed."""
        record = self._portal.records.get(gid)
        return self._rows.get(record.id, -1) if record else -1

    # -- Qt -----------------------------------------------------------------------------------------------
    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Answer for the head of a column: its words, and where figures stand."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.label
        if role == Qt.ItemDataRole.TextAlignmentRole and column.show in FIGURES:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Answer one question about one cell."""
        record = self.record_at(index.row()) if index.isValid() else None
        if record is None or index.column() >= len(self.columns):
            return None
        if role in _ROW_ROLES:
            return self._row_data(record, role)
        found = self._cell(record, index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return found.text
            case Qt.ItemDataRole.ToolTipRole:
                return found.tip or None
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{self.columns[index.column()].label}: {found.text}"
            case Qt.ItemDataRole.TextAlignmentRole:
                trailing = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                return trailing if self.columns[index.column()].show in FIGURES else None
            case DataRole.KIND:
                return found.kind
            case DataRole.TONE:
                return found.tone or None
            case DataRole.ICON:
                return found.icon or None
            case DataRole.ICON_TONE:
                return found.icon_tone or None
            case DataRole.MARK:
                return found.mark or None
            case _:
                return None

    def _cell(self, record: RecordView, column: int) -> Cell:
        key = (record.id, column)
        if key not in self._cells:
            self._cells[key] = cell(self._portal, record, self.columns[column])
        return self._cells[key]

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
            if record is not None and _sha256(record) == event.sha256 and row_id in self._rows:
                row = self._rows[row_id]
                for column in range(self.columnCount()):
                    self._cells.pop((row_id, column), None)
                self.dataChanged.emit(self.index(row, 0), self.index(row, self.columnCount() - 1))

    def _on_manifest(self) -> None:
        self.set_view(*self._view)


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


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Join neighbouring rows: [1, 2, 5] is [(1, 2), (5, 5)]."""
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs

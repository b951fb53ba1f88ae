"""Sample rows behind the roles of list delegates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.bridge.roles import DataRole

_Index = QModelIndex | QPersistentModelIndex


class ListModel(QAbstractListModel):
    """Each row is a mapping from role to what it answers."""

    def __init__(self, rows: Sequence[Mapping[int, object]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = rows

    def rowCount(self, parent: _Index | None = None) -> int:
        return len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            role = DataRole.TITLE
        return self._rows[index.row()].get(role)

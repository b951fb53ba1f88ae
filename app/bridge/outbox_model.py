"""The outbox as rows: what, for whom, when, why, and what can be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.bridge.cells import movement
from app.bridge.roles import DataRole
from app.services.format import sync_words
from app.services.portal import Portal
from app.services.views_model import OutboxAction, OutboxView, TransferProgress
from app.services.words import Words

if TYPE_CHECKING:
    from app.bridge.engine import Bridge

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()


class OutboxModel(QAbstractListModel):
    """Rows of the outbox; call `refresh` on `outboxChanged`."""

    def __init__(
        self,
        portal: Portal,
        bridge: Bridge | None = None,
        parent: QObject | None = None,
        *,
        without: frozenset[OutboxAction] = frozenset(),
    ) -> None:
        """`without`: what is not offered here, whatever could be done."""
        super().__init__(parent)
        self._without = without
        self._portal = portal
        self._bridge = bridge
        self._items: list[OutboxView] = []
        if bridge is not None:
            bridge.transfer.connect(self._on_transfer)
        self.refresh()

    @property
    def items(self) -> list[OutboxView]:
        """The rows as they are shown."""
        return list(self._items)

    def item_at(self, row: int) -> OutboxView | None:
        """Return the change in a row."""
        return self._items[row] if 0 <= row < len(self._items) else None

    def row_of(self, gid: str) -> int:
        """Return the first row that belongs to a record, or -1."""
        return next((row for row, item in enumerate(self._items) if item.gid == gid), -1)

    def refresh(self) -> None:
        """Read the outbox afresh; rows are only told apart when they are other ones."""
        new = self._portal.outbox.items()
        if [_key(item) for item in new] == [_key(item) for item in self._items]:
            self._items = new
            if new:
                self.dataChanged.emit(self.index(0), self.index(len(new) - 1))
            return
        self.beginResetModel()
        self._items = new
        self.endResetModel()

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Answer one question about one row."""
        item = self.item_at(index.row()) if index.isValid() else None
        if item is None:
            return None
        tr = self._portal.formats.tr
        if role in (DataRole.SHARE, DataRole.PROGRESS, DataRole.RATE):
            return self._movement(item, role)
        match role:
            case Qt.ItemDataRole.DisplayRole | DataRole.TITLE:
                return item.what
            case Qt.ItemDataRole.AccessibleTextRole:
                told = (tr(sync_words(item.state)), item.what, item.whom, item.reason)
                return ". ".join(part for part in told if part)
            case Qt.ItemDataRole.AccessibleDescriptionRole | DataRole.DOUBT:
                return item.doubt.text if item.doubt else None
            case DataRole.GID:
                return item.gid
            case DataRole.MARK:
                return item.state.value
            case DataRole.SUBTITLE:
                return item.whom
            case DataRole.TIME:
                return self._portal.formats.short_moment(item.captured_at)
            case DataRole.REASON:
                return item.reason or None
            case DataRole.ACTIONS:
                return tuple(
                    (action.value, action_words(action, self._portal.vendor, tr))
                    for action in item.actions
                    if action not in self._without
                )
            case _:
                return None

    def _movement(self, item: OutboxView, role: int) -> Any:
        transfers: Mapping[str, TransferProgress] = self._bridge.transfers if self._bridge else {}
        found = movement(self._portal, transfers, item.transfer)
        if found is None:
            return None
        if role == DataRole.SHARE:
            return found.share
        return (
            " · ".join(part for part in (found.progress, found.rate) if part)
            if role == DataRole.PROGRESS
            else None
        )

    def _on_transfer(self, event: TransferProgress) -> None:
        for row, item in enumerate(self._items):
            if item.transfer == event.sha256:
                self.dataChanged.emit(self.index(row), self.index(row))


def action_words(action: OutboxAction, vendor: str, tr: Words) -> str:
    """Return the button of an action."""
    return {
        OutboxAction.EDIT: tr("Edit"),
        OutboxAction.CANCEL: tr("Cancel"),
        OutboxAction.RETRY: tr("Try now"),
        OutboxAction.DISCARD: tr("Discard"),
        OutboxAction.EXPORT: tr("Export"),
        OutboxAction.COMPARE: tr("Compare"),
        OutboxAction.ASK: tr("Ask {vendor}").format(vendor=vendor),
        OutboxAction.OPEN: tr("Open"),
    }[action]


def _key(item: OutboxView) -> tuple[str, str, str]:
    return item.mutation_id, item.gid, item.state.value

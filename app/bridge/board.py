"""The cards of one column of a board as an item model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.bridge.roles import DataRole
from app.services.boards import BoardCard

_NO_INDEX = QModelIndex()

#: The role under which a card answers itself.
CARD = Qt.ItemDataRole.UserRole + 100


class CardModel(QAbstractListModel):
    """The cards in order; they may be dragged."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cards: tuple[BoardCard, ...] = ()

    @property
    def cards(self) -> tuple[BoardCard, ...]:
        """What stands here."""
        return self._cards

    def show_cards(self, cards: Sequence[BoardCard]) -> bool:
        """Show these; whether anything is different now."""
        if tuple(cards) == self._cards:
            return False
        self.beginResetModel()
        self._cards = tuple(cards)
        self.endResetModel()
        return True

    def row_of(self, gid: str) -> int:
        """Return the row of a record, or -1."""
        return next((row for row, card in enumerate(self._cards) if card.gid == gid), -1)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NO_INDEX) -> int:
        """Return the number of cards."""
        return 0 if parent.isValid() else len(self._cards)

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        """Cards are chosen and dragged."""
        found = super().flags(index)
        return found | Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else found

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Answer one question about one card."""
        if not index.isValid() or index.row() >= len(self._cards):
            return None
        card = self._cards[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return card.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return _in_words(card)
            case DataRole.GID:
                return card.gid
            case _:
                return card if role == CARD else None


def _in_words(card: BoardCard) -> str:
    due = card.due.words if card.due else ""
    return ", ".join(part for part in (card.title, card.subtitle, card.amount, due, card.sync_words) if part)

"""The roles that delegates read, and the kinds of cells they paint.

Item models live below the views and cannot import from here, so the numbers themselves are in ``app.bridge.roles``;
this is their reading: ``cells_of(index)``, ``mark_of(index)``, ``text_of(index, DataRole.TITLE)``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt

from app.bridge.cells import Cell
from app.bridge.roles import DataRole
from app.views.theme.marks import Mark
from app.views.theme.tokens import Tone

Index = QModelIndex | QPersistentModelIndex


class CellKind(StrEnum):
    """How a cell is painted."""

    NAME = "name"
    """The row's name: 500, text."""
    TEXT = "text"
    """Plain words: text2."""
    FIGURE = "figure"
    """Amounts, countdowns, counts: right-aligned, text."""
    DETAIL = "detail"
    """What one looks up in a row, such as a version: 12/16, text2."""
    PILL = "pill"
    MARK = "mark"


def text_of(index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str:
    """The text a role answers, or an empty one."""
    value = index.data(role)
    return "" if value is None else str(value)


def tone_of(index: Index, fallback: Tone, role: int) -> Tone:
    """The tone a role answers, or the fallback; an unknown name is the fallback too."""
    return tone_named(text_of(index, role), fallback)


def cells_of(index: Index) -> Sequence[Cell]:
    """The cells of a table's row, none where the model knows of none; of any index in it."""
    value = index.sibling(index.row(), 0).data(DataRole.CELLS)
    return value if isinstance(value, tuple) else ()


def kind_named(name: str, fallback: CellKind) -> CellKind:
    """The kind of that name, or the fallback for a name that means nothing here."""
    return _KINDS.get(name, fallback)


def tone_named(name: str, fallback: Tone) -> Tone:
    """The tone of that name, or the fallback for a name that means nothing here."""
    return _TONES.get(name, fallback)


def mark_named(name: str) -> Mark | None:
    return _MARKS.get(name)


def mark_of(index: Index) -> Mark | None:
    return mark_named(text_of(index, DataRole.MARK))


def share_of(index: Index) -> float | None:
    """How much of a transfer is done, 0 to 1; None when nothing moves."""
    value = index.data(DataRole.SHARE)
    return float(value) if isinstance(value, int | float) else None


def actions_of(index: Index) -> Sequence[tuple[str, str]]:
    """Name and words of each action of the row."""
    value = index.data(DataRole.ACTIONS)
    if not isinstance(value, tuple | list):
        return ()
    return tuple((str(name), str(words)) for name, words in value)


_TONES: Mapping[str, Tone] = {tone.value: tone for tone in Tone}
_KINDS: Mapping[str, CellKind] = {kind.value: kind for kind in CellKind}
_MARKS: Mapping[str, Mark] = {mark.value: mark for mark in Mark}

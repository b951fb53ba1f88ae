"""The roles that delegates read, and the kinds of cells they paint.

Item models live below the views and cannot import from here, so the numbers themselves are in ``app.bridge.roles``;
this is their reading: ``tone_of(index)``, ``mark_of(index)``, ``text_of(index, DataRole.TITLE)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt

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


def tone_of(index: Index, fallback: Tone, role: int = DataRole.TONE) -> Tone:
    """The tone a role answers, or the fallback; an unknown name is the fallback too."""
    value = index.data(role)
    return Tone(value) if value in _TONES else fallback


def kind_of(index: Index, fallback: CellKind) -> CellKind:
    value = index.data(DataRole.KIND)
    return CellKind(value) if value in _KINDS else fallback


def mark_of(index: Index) -> Mark | None:
    value = index.data(DataRole.MARK)
    return Mark(value) if value in _MARKS else None


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


_TONES = frozenset(tone.value for tone in Tone)
_KINDS = frozenset(kind.value for kind in CellKind)
_MARKS = frozenset(mark.value for mark in Mark)

"""The lines of the palette: group heads and entries with marked letters, key caps or a sync mark.

Usage: ``model = PaletteModel(); model.show(entries)``; ``view.setItemDelegate(PaletteDelegate(theme, view))``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.marks import Mark, mark_words
from app.views.theme.paint import draw_key, draw_mark, draw_text, key_width, mark_width, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Radius
from app.views.theme.touch import pressed

_HEAD = 30
_SIDE = 7
_INSET = 10
_KEY_GAP = 4


class Group(StrEnum):
    """What an entry is: something to do, here or anywhere, a place to go, or a record to open, here or elsewhere."""

    DO = "do"
    HERE = "here"
    GO = "go"
    RECENT = "recent"
    RECORDS = "records"
    ELSEWHERE = "elsewhere"


def group_words(group: Group) -> str:
    """The head of a group."""
    match group:
        case Group.DO:
            return QCoreApplication.translate("Palette", "Do")
        case Group.HERE:
            return QCoreApplication.translate("Palette", "On this page")
        case Group.GO:
            return QCoreApplication.translate("Palette", "Go to")
        case Group.RECENT:
            return QCoreApplication.translate("Palette", "Pinned and recent")
        case Group.RECORDS:
            return QCoreApplication.translate("Palette", "Records")
        case Group.ELSEWHERE:
            return QCoreApplication.translate("Palette", "Other vendors")
        case _:
            assert_never(group)


#: Shows further entries in the palette instead of closing it; True: these are all.
ShowMore = Callable[[Sequence["Entry"], bool], None]


@dataclass(frozen=True)
class Entry:
    """One thing the palette offers. `ranges`: (start, length) in `text` that matched; `keys` one cap each.

    `head`: another heading than the group's. `more`: asked instead of `run`, for what is found to be shown.
    """

    group: Group
    icon: str
    text: str
    run: Callable[[], None]
    note: str = ""
    keys: tuple[str, ...] = ()
    ranges: tuple[tuple[int, int], ...] = ()
    mark: Mark | None = None
    head: str = ""
    more: Callable[[ShowMore], None] | None = None

    @property
    def heading(self) -> str:
        """What stands above the entry and its like."""
        return self.head or group_words(self.group)


#: An entry, or the words above some.
Line = Entry | str


class PaletteModel(QAbstractListModel):
    """Entries with a head before each group. Heads cannot be chosen."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: list[Line] = []

    def show(self, entries: Sequence[Entry]) -> None:
        """Replace all lines."""
        self.beginResetModel()
        self._lines = []
        for number, entry in enumerate(entries):
            if number == 0 or entries[number - 1].heading != entry.heading:
                self._lines.append(entry.heading)
            self._lines.append(entry)
        self.endResetModel()

    def line(self, number: int) -> Line:
        return self._lines[number]

    def entry(self, number: int) -> Entry | None:
        """The entry at that line, or None for a head or outside."""
        line = self._lines[number] if 0 <= number < len(self._lines) else None
        return line if isinstance(line, Entry) else None

    def step(self, number: int, by: int) -> int:
        """The line `by` entries further, around the ends; -1 when there is no entry at all."""
        entries = [place for place, line in enumerate(self._lines) if isinstance(line, Entry)]
        if not entries:
            return -1
        if number not in entries:
            return entries[0] if by >= 0 else entries[-1]
        return entries[(entries.index(number) + by) % len(entries)]

    def height(self) -> int:
        """What all lines need, in pixels."""
        return sum(pressed(Height.ROW) if isinstance(line, Entry) else _HEAD for line in self._lines)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return len(self._lines)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        line = self._lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return line.text if isinstance(line, Entry) else line
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _spoken(line)
        return None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        if isinstance(self._lines[index.row()], Entry):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.NoItemFlags


def _spoken(line: Line) -> str:
    if not isinstance(line, Entry):
        return line
    mark = mark_words(line.mark) if line.mark else ""
    return ", ".join(part for part in (line.text, line.note, "+".join(line.keys), mark) if part)


class PaletteDelegate(QStyledItemDelegate):
    """Paints heads and entries; the row under the pointer is the selected one, so there is no hover of its own."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        head = not index.flags() & Qt.ItemFlag.ItemIsEnabled
        return QSize(0, _HEAD if head else pressed(Height.ROW))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        model = index.model()
        if not isinstance(model, PaletteModel):
            return
        line = model.line(index.row())
        rect = option.rect
        if not isinstance(line, Entry):
            words = QRect(rect.left() + _SIDE + _INSET, rect.top() + 8, rect.width(), 20)
            draw_text(painter, words, line, self._theme.font(Role.TABLE_HEAD), self._theme.tokens.text3)
            return
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        row = rect.adjusted(_SIDE, 0, -_SIDE, 0)
        if selected:
            rounded(painter, row, Radius.CONTROL, self._theme.tokens.accent_soft)
        self._paint_entry(painter, row.adjusted(_INSET, 0, -_INSET, 0), line, selected)

    def _paint_entry(self, painter: QPainter, inner: QRect, entry: Entry, selected: bool) -> None:
        tokens = self._theme.tokens
        colour = tokens.accent if selected else tokens.text2
        self._theme.draw_icon(painter, inner.left(), inner.top() + 10, entry.icon, colour, 16)
        right = self._paint_far_end(painter, inner, entry)
        x = inner.left() + 28
        room = right - 12 - x
        x += self._paint_marked(painter, QRect(x, inner.top(), room, inner.height()), entry)
        if entry.note and right - 12 - x > 40:
            note = QRect(x + 10, inner.top(), right - 22 - x, inner.height())
            draw_text(painter, note, entry.note, self._theme.font(Role.SECONDARY), tokens.text3)

    def _paint_far_end(self, painter: QPainter, inner: QRect, entry: Entry) -> int:
        """Draw key caps or the sync mark; return the x where they begin."""
        right = inner.right() + 1
        if entry.mark is not None:
            width = mark_width(self._theme, entry.mark)
            draw_mark(
                painter, self._theme, QRect(right - width, inner.top(), width, inner.height()), entry.mark
            )
            return right - width
        for key in reversed(entry.keys):
            right -= key_width(self._theme, key)
            draw_key(painter, self._theme, QPoint(right, inner.top() + (inner.height() - 18) // 2), key)
            right -= _KEY_GAP
        return right

    def _paint_marked(self, painter: QPainter, rect: QRect, entry: Entry) -> int:
        """Draw the words with matched letters in accent; return the width used."""
        plain, strong = self._theme.font(Role.BODY), self._theme.font(Role.STRONG)
        tokens = self._theme.tokens
        x, at = rect.left(), 0
        for start, length in (*entry.ranges, (len(entry.text), 0)):
            for part, font, colour in (
                (entry.text[at:start], plain, tokens.text),
                (entry.text[start : start + length], strong, tokens.accent),
            ):
                room = rect.right() + 1 - x
                if part and room > 8:
                    draw_text(painter, QRect(x, rect.top(), room, rect.height()), part, font, colour)
                    x += min(text_width(font, part), room)
            at = start + length
        return x - rect.left()

"""Documents: pills with icons, kept marks, a transfer that spans the row."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from app.bridge.cells import Cell
from app.bridge.roles import DataRole
from app.views.delegates.roles import CellKind
from app.views.theme.theme import Theme
from app.views.widgets.base import Panel
from app.views.widgets.chips import ChipBar, ChipItem
from app.views.widgets.layout import row
from app.views.widgets.record_table import Column, RecordTable
from app.views.widgets.search_box import SearchBox
from tests.views.gallery.frame import Screen

_Index = QModelIndex | QPersistentModelIndex
_CURRENT = ("Current", "ok", "check")
_OLD = ("Superseded", "neutral", "history")
_EXPIRED = ("Expired", "bad", "clock")
_KEPT = ("Kept", "accent", "pinned-filled")
_KEEP = ("Keep", "text3", "pinned")
_GONE = ("–", "text3", "")
_PDF = ("file-type-pdf", "bad")
_SHEET = ("file-spreadsheet", "ok")
_ZIP = ("file-zip", "text2")
ROWS = (
    ("EMEA price list 2026.4", _PDF, "2026.4", "30 Nov 2027", "", _CURRENT, _KEPT),
    ("EMEA price list 2026.3", _PDF, "2026.3", "22 Nov 2026", "", _OLD, _KEPT),
    ("Edge 440 data sheet", _PDF, "5", "–", "", _CURRENT, _KEPT),
    ("Edge 220 data sheet", _PDF, "8", "–", "", _CURRENT, _KEPT),
    ("Insight Pro 4.2 installer guide", _PDF, "4.2", "–", "", _CURRENT, _KEEP),
    ("Vault sizing calculator", _SHEET, "3.2", "–", "", _CURRENT, _KEEP),
    (
        "Autumn promotion terms",
        _PDF,
        "1",
        "30 Nov 2026",
        "warn",
        ("Ends in 7 days", "warn", "hourglass"),
        _KEPT,
    ),
    ("Summer promotion terms", _PDF, "2", "31 Aug 2026", "bad", _EXPIRED, _GONE),
    ("Logo and brand pack", _ZIP, "2026", "–", "", _CURRENT, _KEEP),
)
HEADS = ("Title", "Version", "Valid until", "State", "Offline")


class DocumentModel(QAbstractTableModel):
    """The sample rows; the fifth one moves bytes."""

    def rowCount(self, parent: _Index | None = None) -> int:
        return len(ROWS)

    def columnCount(self, parent: _Index | None = None) -> int:
        return len(HEADS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        return HEADS[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        cells = _cells(ROWS[index.row()])
        answers: dict[int, object] = {
            Qt.ItemDataRole.DisplayRole: cells[index.column()].text,
            DataRole.CELLS: cells,
        }
        if index.row() == 4 and index.column() == 0:
            answers |= {
                DataRole.SHARE: 0.33,
                DataRole.PROGRESS: "12.4 of 38.0 MB",
                DataRole.RATE: "2.1 MB/s · 12 s left",
            }
        return answers.get(role)


def _cells(row: tuple[Any, ...]) -> tuple[Cell, ...]:
    name, kind, version, until, until_tone, state, kept = row
    quiet = state[1] in {"neutral", "bad"}
    return (
        Cell(name, "", "text3" if quiet else "text", kind[0], kind[1]),
        Cell(version, "", "text2"),
        Cell(until, "", until_tone),
        Cell(state[0], "", state[1], state[2]),
        Cell(kept[0], "", kept[1], kept[2], kept[1]),
    )


def documents_table(theme: Theme) -> RecordTable:
    table = RecordTable(theme, "Documents")
    table.setModel(DocumentModel(table))
    table.set_columns(
        [
            Column(0, CellKind.NAME),
            Column(60, CellKind.DETAIL),
            Column(96, CellKind.DETAIL),
            Column(122, CellKind.PILL),
            Column(87, CellKind.DETAIL),
        ]
    )
    table.choose_row(0)
    table.show_transfer(4, True)
    table.head.show_sort(0, descending=False)
    return table


def documents(theme: Theme) -> QWidget:
    screen = Screen(theme, "documents")
    screen.bar.set_title("Documents")
    screen.bar.set_search(SearchBox(theme, "Search titles and the text inside", "Ctrl F", width=280))
    screen.bar.freshness.show_live("09:41")
    strip = Panel(theme)
    strip.setFixedHeight(48)
    items = [
        ChipItem("all", "All", 41),
        ChipItem("prices", "Prices", 4),
        ChipItem("kept", "Kept offline", 18),
    ]
    strip.setLayout(row(ChipBar(theme, items), None, margins=(16, 0, 16, 0)))
    table = documents_table(theme)
    table.setFixedWidth(589)
    screen.body.addWidget(strip)
    screen.body.addWidget(table, 1)
    return screen

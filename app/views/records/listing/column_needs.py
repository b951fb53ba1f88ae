"""How much room each column of a list needs, whatever the manifest: from its head, its kind and what stands in it.

What can stand in a pill, a sync mark or a date is known beforehand; of words and amounts the first rows tell. A need
only grows while a list is open, so that columns do not move to and fro under the eye.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.bridge.cells import FIGURES, Cell
from app.contract.manifest import Column, EntityType, FieldType
from app.services.columns import column_name
from app.services.format import sync_words
from app.services.portal import Portal
from app.services.views_model import SyncState
from app.views.delegates.header import ARROW_ROOM
from app.views.delegates.roles import cells_of
from app.views.delegates.table_rows import EDGE, PAD
from app.views.widgets.column_widths import Need
from app.views.widgets.record_table import RecordTable

#: So many rows tell what stands in a column: about what one sees.
_ROWS = 40
#: Words are cut rather than narrower than this, and ask for no more than that.
_LEAST_WORDS, _MOST_WORDS = 88, 300
#: Where the user chose the columns they need not fit the window: words are not cut as soon.
_LEAST_CHOSEN = 120
#: A day and a countdown whose words are about as wide as any.
_WIDE_DAY, _WIDE_COUNT = date(2028, 12, 28), 88

_NAMES = ("name", "file")
#: Kinds of values whose words are short and are read as a whole.
_SHORT = (
    FieldType.INTEGER,
    FieldType.BOOLEAN,
    FieldType.CURRENCY,
    FieldType.DATE,
    FieldType.DATETIME,
    FieldType.MONEY,
)


@dataclass(frozen=True)
class _Seen:
    """The widest cell of a column, and how wide most of them are."""

    widest: int = 0
    most: int = 0

    def grown(self, widths: Sequence[int]) -> _Seen:
        """With further cells, in the order of their widths."""
        if not widths:
            return self
        most = widths[len(widths) * 4 // 5] if len(widths) > 1 else widths[0]
        return _Seen(max(self.widest, widths[-1]), max(self.most, most))


class ColumnNeeds:
    """Remembers what the columns of one list were seen to need."""

    def __init__(self, portal: Portal, table: RecordTable) -> None:
        self._portal = portal
        self._table = table
        self._seen: dict[str, _Seen] = {}

    def forget(self) -> None:
        """Begin afresh: other words, or other columns."""
        self._seen.clear()

    def look(self, columns: Sequence[Column]) -> bool:
        """Look at the first rows; returns whether a column needs more than was known."""
        model = self._table.model()
        widths: list[list[int]] = [[] for _ in columns]
        for row in range(min(_ROWS, model.rowCount())):
            cells = cells_of(model.index(row, 0))
            for at, (found, cell) in enumerate(zip(widths, cells, strict=False)):
                found.append(self._table.cells.natural_width(cell, at))
        before = dict(self._seen)
        for column, found in zip(columns, widths, strict=True):
            name = column_name(column)
            self._seen[name] = self._seen.get(name, _Seen()).grown(sorted(found))
        return self._seen != before

    def of(self, entity: EntityType, columns: Sequence[Column], *, chosen: bool) -> list[Need]:
        """Return the needs of the columns. `chosen`: they are the user's own choice."""
        return [self._need(entity, one, at, len(columns), chosen) for at, one in enumerate(columns)]

    def _need(self, entity: EntityType, column: Column, at: int, count: int, chosen: bool) -> Need:
        last = at == count - 1
        head = self._table.head.natural_width(column.label, first=at == 0, last=last)
        beyond = self._beyond(column) if last else 0
        seen = self._seen.get(column_name(column), _Seen())
        usual, known = self._known(entity, column)
        width = self._table.cells.natural_width
        whole = max(head, *(one + beyond for one in (seen.widest, *(width(cell, at) for cell in usual))))
        if not _is_words(entity, column):
            return Need(whole, wanted=max(head + ARROW_ROOM, *(width(cell, at) + beyond for cell in known)))
        floor = max(_LEAST_CHOSEN, column.width) if chosen else _LEAST_WORDS
        wanted = max(head, min(whole, _MOST_WORDS))
        least = max(head, floor if chosen else min(wanted, floor))
        return Need(least, min(wanted, seen.most), wanted, share=max(1, column.width))

    def _beyond(self, column: Column) -> int:
        """What the last column keeps free behind its cells: figures end where their head does."""
        return max(EDGE, self._table.head.corner if column.show in FIGURES else 0) - PAD

    def _known(self, entity: EntityType, column: Column) -> tuple[list[Cell], list[Cell]]:
        """What always may stand in a column, whatever the rows hold now; and what may stand there at times."""
        formats = self._portal.formats
        match column.show:
            case "date":
                return [Cell(formats.day(_WIDE_DAY))], [Cell("")]
            case "countdown":
                words = formats.countdown(formats.today() + timedelta(days=_WIDE_COUNT)).words
                return [Cell(words, "figure")], [Cell("")]
            case "pill" if entity.lifecycle is not None:
                return [Cell("")], [Cell(one.label, "pill") for one in entity.lifecycle.states] or [Cell("")]
            case "sync":
                return [Cell("")], [_mark(formats.tr(sync_words(one)), one) for one in SyncState]
            case _:
                return [Cell("")], [Cell("")]


def _mark(words: str, state: SyncState) -> Cell:
    return Cell(words, "mark", mark=state.value)


def _is_words(entity: EntityType, column: Column) -> bool:
    """Whether a column holds words of any length, which may be cut."""
    if column.show in _NAMES:
        return True
    spec = entity.field(column.field)
    return column.show == "text" and (spec is None or spec.type not in _SHORT)

"""A list as a spreadsheet has it: columns of one kind each, and rows of values, read a piece at a time.

Amounts and counts stay numbers, days and moments stay what they are; everything else is the words the list shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from app.contract.manifest import Column, EntityType, FieldSpec, FieldType
from app.services.format import NOTHING, date_of, decimal_of, moment_of, sync_words
from app.services.going import Going
from app.services.portal import Portal
from app.services.views_model import RecordView

#: Records read at once: a moment's work, after which a cancel is heard.
PIECE = 500


class Kind(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    MONEY = "money"
    NUMBER = "number"
    DATE = "date"
    MOMENT = "moment"


@dataclass(frozen=True)
class SheetColumn:
    """One column: its words, what its values are, and how wide it stands on the screen, in pixels."""

    label: str
    kind: Kind
    width: int


Value = str | int | Decimal | date | datetime | None


@dataclass(frozen=True)
class SheetCell:
    """One value with the words the list shows for it. Moments are in the user's own time; None is an empty cell."""

    words: str
    value: Value
    currency: str = ""


EMPTY = SheetCell("", None)
Row = tuple[SheetCell, ...]


@dataclass(frozen=True)
class Sheet:
    """What is to be written: a title, columns, and the row ids of the records in their order."""

    title: str
    entity: str
    columns: tuple[Column, ...]
    ids: Sequence[int]


def sheet_columns(portal: Portal, sheet: Sheet) -> tuple[SheetColumn, ...]:
    """Return what stands above each column."""
    entity = portal.entity(sheet.entity)
    return tuple(SheetColumn(one.label, _kind(entity, one), one.width) for one in sheet.columns)


def rows(portal: Portal, sheet: Sheet, going: Going | None = None) -> Iterator[Row]:
    """Yield the rows; records that have left meanwhile are left out. Stops when it is cancelled."""
    entity = portal.entity(sheet.entity)
    columns = [(one, _kind(entity, one)) for one in sheet.columns]
    for start in range(0, len(sheet.ids), PIECE):
        if going is not None and going.cancelled:
            return
        for record in portal.records.rows(sheet.ids[start : start + PIECE]):
            yield tuple(_cell(portal, entity, record, column, kind) for column, kind in columns)
        if going is not None:
            going.done = min(len(sheet.ids), start + PIECE)


def _kind(entity: EntityType, column: Column) -> Kind:
    """A countdown is written as the day it ends: the days left are true only today."""
    spec = entity.field(column.field)
    if spec is None or column.show in ("name", "pill", "sync", "file", "state_mark", "kept"):
        return Kind.TEXT
    return _KINDS.get(spec.type, Kind.TEXT)


_KINDS: Mapping[FieldType, Kind] = {
    FieldType.MONEY: Kind.MONEY,
    FieldType.INTEGER: Kind.NUMBER,
    FieldType.DATE: Kind.DATE,
    FieldType.DATETIME: Kind.MOMENT,
}


def _cell(portal: Portal, entity: EntityType, record: RecordView, column: Column, kind: Kind) -> SheetCell:
    match column.show:
        case "sync":
            return _text(portal.formats.tr(sync_words(record.sync)))
        case "pill":
            return _text(record.state_label)
        case "state_mark":
            return _text(portal.documents.mark(record).label)
        case "file":
            return _text(record.title)
        case "kept":
            return _text(portal.formats.yes_no(portal.documents.state_of(record).kept))
        case _:
            pass
    spec = entity.field(column.field)
    value = record.data.get(column.field)
    if spec is None or value in (None, "", [], ()):
        return _text(record.title) if column.show == "name" else EMPTY
    words = portal.records.value_words(entity.name, column.field, record.data)
    return _typed(portal, spec, record, words, kind)


def _typed(portal: Portal, spec: FieldSpec, record: RecordView, words: str, kind: Kind) -> SheetCell:
    """What cannot be read as what its column holds stays text."""
    value = record.data.get(spec.name)
    match kind:
        case Kind.MONEY:
            amount = decimal_of(value)
            currency = str(record.data.get(spec.currency_field) or "")
            return _text(words) if amount is None else SheetCell(words, amount, currency)
        case Kind.NUMBER:
            return SheetCell(words, value) if type(value) is int else _text(words)
        case Kind.DATE:
            day = date_of(value)
            return _text(words) if day is None else SheetCell(words, day)
        case Kind.MOMENT:
            at = moment_of(value)
            if at is None:
                return _text(words)
            # "Today 08:57" is not true for long: on paper a moment has its day.
            return SheetCell(portal.formats.stamp_of_day(at), portal.formats.local(at).replace(tzinfo=None))
        case Kind.TEXT:
            return _text(words)


def _text(words: str) -> SheetCell:
    flat = " ".join(words.split())
    return EMPTY if flat in ("", NOTHING) else SheetCell(flat, flat)

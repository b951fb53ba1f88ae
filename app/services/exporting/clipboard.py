"""Rows for the clipboard, twice: words with tabs between them, and a table that a spreadsheet reads the values of.

Pasted into a letter it is the table one saw; pasted into a spreadsheet, amounts and days arrive as numbers and dates,
because the table says the value beside the words, in the way LibreOffice and Excel write it themselves.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from app.services.exporting.guard import guarded
from app.services.exporting.sheet import Row, SheetCell, SheetColumn

#: Day 0 of spreadsheets.
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  # spreadsheets know no time zones
_TEXT = "mso-number-format:'\\@'"
_FORMATS = {
    "money": ("1033;0;#,##0.00", "mso-number-format:'\\#\\,\\#\\#0\\.00'"),
    "day": ("1033;0;YYYY-MM-DD", "mso-number-format:'yyyy\\\\-mm\\\\-dd'"),
    "moment": ("1033;0;YYYY-MM-DD HH:MM", "mso-number-format:'yyyy\\\\-mm\\\\-dd hh\\:mm'"),
}


@dataclass(frozen=True)
class Copied:
    """The same rows as plain text and as HTML."""

    text: str
    html: str


def copied(columns: Sequence[SheetColumn], rows: Iterable[Row]) -> Copied:
    """Return rows with a head."""
    lines = ["\t".join(guarded(_flat(column.label)) for column in columns)]
    heads = "".join(f"<th>{html.escape(column.label)}</th>" for column in columns)
    table = [f"<tr>{heads}</tr>"]
    for row in rows:
        lines.append("\t".join(_plain(cell) for cell in row))
        table.append(f"<tr>{''.join(_marked(cell) for cell in row)}</tr>")
    whole = f'<meta charset="utf-8"><table>{"".join(table)}</table>'
    return Copied("\n".join(lines) + "\n", whole)


def _plain(cell: SheetCell) -> str:
    return guarded(_flat(cell.words)) if isinstance(cell.value, str) else _flat(cell.words)


def _marked(cell: SheetCell) -> str:
    words = html.escape(_flat(cell.words))
    match cell.value:
        case None:
            return "<td></td>"
        case datetime() as moment:
            return _valued(words, _serial(moment), "moment")
        case date() as day:
            return _valued(words, _serial(datetime(day.year, day.month, day.day)), "day")  # noqa: DTZ001
        case Decimal() as amount:
            return _valued(words, f"{amount:f}", "money")
        case int() as number:
            return f'<td sdval="{number}" x:num="{number}">{words}</td>'
        case str():
            return f'<td style="{_TEXT}">{html.escape(guarded(_flat(cell.words)))}</td>'


def _valued(words: str, value: str, kind: str) -> str:
    pattern, style = _FORMATS[kind]
    return f'<td sdval="{value}" sdnum="{pattern}" x:num="{value}" style="{style}">{words}</td>'


def _serial(moment: datetime) -> str:
    """A moment as spreadsheets count: days, and the part of one."""
    passed = moment - _EPOCH
    return f"{passed.days + passed.seconds / 86_400:.6f}".rstrip("0").rstrip(".")


def _flat(words: str) -> str:
    return " ".join(words.split())

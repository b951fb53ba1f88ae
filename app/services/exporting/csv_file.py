"""A list as comma-separated values, for whatever else reads tables.

UTF-8 with a byte order mark: without it Excel reads the file in the system's old code page and spoils every accent;
whatever reads CSV properly skips it. Commas and CRLF as RFC 4180 has them, whatever the locale: another separator
would make the same export unreadable on the next computer. Amounts are plain numbers with their currency in a column
of its own, days are ISO 8601, so that no reader has to guess.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from app.services.exporting.guard import guarded
from app.services.exporting.sheet import Kind, Row, SheetCell, SheetColumn

_MARK = "\ufeff"


def csv_bytes(columns: Sequence[SheetColumn], rows: Iterable[Row], currency: str) -> bytes:
    """Write a whole file. `currency` heads the column beside an amount."""
    out = io.StringIO(newline="")
    out.write(_MARK)
    writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    writer.writerow([guarded(words) for column in columns for words in _heads(column, currency)])
    for row in rows:
        writer.writerow(
            [text for column, cell in zip(columns, row, strict=True) for text in _texts(column, cell)]
        )
    return out.getvalue().encode()


def _heads(column: SheetColumn, currency: str) -> tuple[str, ...]:
    return (column.label, f"{column.label} ({currency})") if column.kind is Kind.MONEY else (column.label,)


def _texts(column: SheetColumn, cell: SheetCell) -> tuple[str, ...]:
    text = plain(cell)
    return (text, cell.currency) if column.kind is Kind.MONEY else (text,)


def plain(cell: SheetCell) -> str:
    """Return a value as a program reads it: *-1250.00*, *2027-02-21*, *2026-11-23 09:41*."""
    match cell.value:
        case None:
            return ""
        case str() as text:
            return guarded(text)
        case datetime() as moment:
            return moment.isoformat(" ", "minutes")
        case date() as day:
            return day.isoformat()
        case Decimal() as amount:
            return f"{amount:f}"
        case int() as number:
            return str(number)

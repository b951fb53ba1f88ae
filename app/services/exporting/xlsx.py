"""A list as an Excel workbook: numbers are numbers, dates are dates, text is text.

Every cell is written by its kind, so that nothing a vendor's system holds is read as a formula or a link. The
workbook is put together in memory: the library's temporary files would hold records in the clear.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.numbers import get_currency_precision, get_currency_symbol

from app.services.exporting.sheet import Kind, Row, SheetCell, SheetColumn

#: Excel's own formats for a day and a moment: shown as the reader's system writes them.
_DAY, _MOMENT, _COUNT = 14, 22, 3
#: Most rows of a worksheet, its head included.
MOST_ROWS = 1_048_576
#: Pixels of the screen's column for one of Excel's units of width.
_UNIT = 7
_LONGEST_TITLE = 31
_LONGEST_TEXT = 32_767
#: Excel's day one; what lies before it is written as text.
_FIRST_DAY = date(1900, 3, 1)


def xlsx_bytes(
    title: str, columns: Sequence[SheetColumn], rows: Iterable[Row], locale: Locale, *, mirrored: bool = False
) -> bytes:
    """Write a whole workbook of one sheet. `mirrored`: the first column stands at the right."""
    import xlsxwriter  # noqa: PLC0415  # an export brings it in, not the start

    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    book = xlsxwriter.Workbook(out, options)
    page = book.add_worksheet(_sheet_name(title))
    if mirrored:
        page.right_to_left()
    writer = _Writer(book, page, locale)
    writer.head(columns)
    last = 0
    for last, row in enumerate(rows, 1):
        for number, cell in enumerate(row):
            writer.cell(last, number, cell)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, max(1, last), max(0, len(columns) - 1))
    book.close()
    return out.getvalue()


class _Writer:
    """Cells of one worksheet, with one format for each look."""

    def __init__(self, book: Any, page: Any, locale: Locale) -> None:
        self._page = page
        self._book = book
        self._locale = locale
        self._bold = book.add_format({"bold": True, "bottom": 1})
        self._day = book.add_format({"num_format": _DAY, "align": "left"})
        self._moment = book.add_format({"num_format": _MOMENT, "align": "left"})
        self._count = book.add_format({"num_format": _COUNT})
        self._money: dict[str, Any] = {}

    def head(self, columns: Sequence[SheetColumn]) -> None:
        for number, column in enumerate(columns):
            wide = max(column.width // _UNIT, len(column.label) + 3, 14 if column.kind is Kind.MONEY else 10)
            self._page.set_column(number, number, min(60, wide))
            self._page.write_string(0, number, column.label, self._bold)

    def cell(self, row: int, column: int, cell: SheetCell) -> None:
        match cell.value:
            case None:
                return
            case str() as text:
                self._page.write_string(row, column, text[:_LONGEST_TEXT])
            case datetime() as moment if moment.date() >= _FIRST_DAY:
                self._page.write_datetime(row, column, moment, self._moment)
            case date() as day if not isinstance(day, datetime) and day >= _FIRST_DAY:
                self._page.write_datetime(row, column, datetime.combine(day, time.min), self._day)
            case Decimal() as amount:
                self._page.write_number(row, column, amount, self._money_format(cell.currency))
            case int() as number:
                self._page.write_number(row, column, number, self._count)
            case _:
                self._page.write_string(row, column, cell.words)

    def _money_format(self, currency: str) -> Any:
        if currency not in self._money:
            pattern = money_pattern(currency, self._locale)
            self._money[currency] = self._book.add_format({"num_format": pattern})
        return self._money[currency]


def money_pattern(currency: str, locale: Locale) -> str:
    """Return the number format of a currency as the locale writes it: *[$£]#,##0.00*, *#,##0.00 [$€]*."""
    digits = get_currency_precision(currency) if currency else 2
    figure = "#,##0" + (f".{'0' * digits}" if digits else "")
    if not currency:
        return figure
    symbol = f"[${get_currency_symbol(currency, locale=locale)}]"
    before, _, after = _around(locale)
    return f"{before.replace('¤', symbol)}{figure}{after.replace('¤', symbol)}"


def _around(locale: Locale) -> tuple[str, str, str]:
    """What the locale writes before and after the figure of an amount, its sign in place of *¤*."""
    pattern = str(locale.currency_formats["standard"].pattern).partition(";")[0]
    inside = [place for place, char in enumerate(pattern) if char in "#0.,"]
    before, after = pattern[: inside[0]], pattern[inside[-1] + 1 :]
    visible = {ord(mark): None for mark in "\u200e\u200f\u061c"}
    return before.translate(visible), "", after.translate(visible)


def _sheet_name(title: str) -> str:
    """A name that Excel takes: some characters are its own, and so is one name."""
    name = "".join(" " if char in "[]:*?/\\" or ord(char) < 32 else char for char in title).strip(" '")
    name = name[:_LONGEST_TITLE].strip(" '")
    return name if name and name.casefold() != "history" else "List"

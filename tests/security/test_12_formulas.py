"""12. What begins with `=`, `+`, `-`, `@`, a tab or a line break is text in whatever is exported or copied; numbers
that are negative stay numbers.

More: `tests/services/test_exporting.py`.
"""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from app.services.exporting.clipboard import copied
from app.services.exporting.csv_file import csv_bytes
from app.services.exporting.export import Format, write_list
from app.services.exporting.sheet import Kind, SheetCell, SheetColumn
from app.services.exporting.xlsx import xlsx_bytes
from app.services.going import Going
from tests.examples import played
from tests.services.conftest import open_world
from tests.services.test_exporting import cells_of, sheet_of

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠")
COLUMNS = (
    SheetColumn("=head()", Kind.TEXT, 130),
    SheetColumn("Amount", Kind.MONEY, 112),
    SheetColumn("N", Kind.NUMBER, 60),
)


def row(text: str) -> tuple[SheetCell, ...]:
    return (SheetCell(text, text), SheetCell("-£1,250.00", Decimal("-1250.00"), "GBP"), SheetCell("-3", -3))


def dangerous(text: str) -> bool:
    """What a spreadsheet may take for a formula when a file does not say that it is text."""
    return text.startswith(STARTS) or text.lstrip(" \t\r\n\0\ufeff\u200b\u00a0\u3000").startswith(STARTS)


class Cells(HTMLParser):
    """The text of each cell of a table."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        if tag == "td":
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("before", ["", " ", "\u00a0", "\u3000", "\ufeff", "\u200b \x01"])
def test_it_stays_text_in_every_form_and_negative_numbers_stay_numbers(start: str, before: str) -> None:
    text = f"{before}{start}cmd|' /C calc'!A0"
    found = [*csv.reader(io.StringIO(csv_bytes(COLUMNS, [row(text)], "cur").decode("utf-8-sig"), newline=""))]
    assert not any(dangerous(cell) for cell in (found[0][0], found[1][0]))
    assert found[1][1:] == ["-1250.00", "GBP", "-3"]
    table = copied(COLUMNS, [row(text)])
    assert not any(dangerous(line.split("\t")[0]) for line in table.text.splitlines() if "calc" in line)
    reader = Cells()
    reader.feed(table.html)
    assert not any(dangerous(cell) for cell in reader.cells if "calc" in cell)
    kinds = cells_of(xlsx_bytes("Deals", COLUMNS, [row(text)], Locale.parse("en_GB")))
    assert kinds["A2"][0] == "s", "a workbook says itself that it is text"
    assert (kinds["B2"][0], float(kinds["B2"][1])) == ("n", -1250.0)
    assert kinds["C2"] == ("n", "-3")


@given(st.text(max_size=60))
@played(150)
def test_whatever_the_text(text: str) -> None:
    data = csv_bytes(COLUMNS, [row(text)], "cur").decode("utf-8-sig")
    (_, found) = [*csv.reader(io.StringIO(data, newline=""))][:2]
    assert not dangerous(found[0])


def test_so_it_is_with_a_list_of_records(tmp_path: Path) -> None:
    world = open_world(tmp_path / "store.db")
    world.deal(customer='=HYPERLINK("https://attacker.example")', title="@SUM(A1)", amount="-10.50")
    target = tmp_path / "deals.csv"
    write_list(world.portal, sheet_of(world.portal), Format.CSV, target, Going())
    (_, found) = [*csv.reader(io.StringIO(target.read_text("utf-8-sig"), newline=""))]
    assert found[0].startswith("'=HYPERLINK")
    assert found[1] == "'@SUM(A1)"
    assert found[2] == "-10.50"
    world.store.close()

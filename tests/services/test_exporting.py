"""Lists as files: what kind each cell is, what stays text, how many currencies stand, and what a cancel leaves."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from babel import Locale

from app.contract.errors import Refused
from app.services.columns import Chosen
from app.services.exporting.clipboard import copied
from app.services.exporting.csv_file import csv_bytes
from app.services.exporting.export import Format, copy_list, suggested_name, write_list
from app.services.exporting.guard import guarded
from app.services.exporting.sheet import EMPTY, Kind, Row, Sheet, SheetCell, SheetColumn, rows, sheet_columns
from app.services.exporting.xlsx import money_pattern, xlsx_bytes
from app.services.going import Going
from app.services.portal import Portal
from tests.services.conftest import World, open_world

DEAL = "deal_registration"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = open_world(tmp_path / "store.db")
    yield made
    made.store.close()


def sheet_of(portal: Portal, chip: str = "all") -> Sheet:
    return Sheet("Deals", DEAL, portal.columns.of(DEAL), portal.records.ids(DEAL, chip))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("=1+1", "'=1+1"),
        ("+44 20 7946 0000", "'+44 20 7946 0000"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("\nx", "'\nx"),
        ("  =1+1", "'  =1+1"),
        ("＝1+1", "'＝1+1"),
        ("Kestrel = Foods", "Kestrel = Foods"),
        ("–", "–"),
        ("", ""),
        ("مرحبا", "مرحبا"),
        ("🦅 Kestrel", "🦅 Kestrel"),
    ],
)
def test_what_begins_like_a_formula_stays_text(text: str, kept: str) -> None:
    assert guarded(text) == kept


COLUMNS = (
    SheetColumn("Customer", Kind.TEXT, 130),
    SheetColumn("Amount", Kind.MONEY, 112),
    SheetColumn("Sites", Kind.NUMBER, 60),
    SheetColumn("Closes", Kind.DATE, 96),
    SheetColumn("Changed", Kind.MOMENT, 96),
)
NASTY: tuple[Row, ...] = (
    (
        SheetCell("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        SheetCell("-£1,250.00", Decimal("-1250.00"), "GBP"),
        SheetCell("-3", -3),
        SheetCell("21 Feb 2027", date(2027, 2, 21)),
        SheetCell("24 Nov 2026, 09:38", datetime(2026, 11, 24, 9, 38)),  # noqa: DTZ001
    ),
    (SheetCell('Ünïcode, "quoted" 🦅', 'Ünïcode, "quoted" 🦅'), EMPTY, EMPTY, EMPTY, EMPTY),
)


def test_csv_has_a_mark_plain_numbers_and_no_formula() -> None:
    data = csv_bytes(COLUMNS, NASTY, "currency")
    assert data.startswith(b"\xef\xbb\xbf")
    found = [*csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))]
    assert found[0] == ["Customer", "Amount", "Amount (currency)", "Sites", "Closes", "Changed"]
    assert found[1] == ["'=cmd|' /C calc'!A0", "-1250.00", "GBP", "-3", "2027-02-21", "2026-11-24 09:38"]
    assert found[2] == ['Ünïcode, "quoted" 🦅', "", "", "", "", ""]


def test_the_clipboard_has_words_for_people_and_values_for_spreadsheets() -> None:
    found = copied(COLUMNS, NASTY)
    assert found.text.splitlines()[1].split("\t")[:4] == [
        "'=cmd|' /C calc'!A0",
        "-£1,250.00",
        "-3",
        "21 Feb 2027",
    ]
    assert 'sdval="-1250.00"' in found.html
    assert 'x:num="46439"' in found.html, "the day a spreadsheet counts 21 Feb 2027 as"
    assert "&#x27;=cmd|" in found.html
    assert "<td>=" not in found.html
    assert found.html.count("<tr>") == 3


@pytest.mark.parametrize(
    ("currency", "locale", "pattern"),
    [
        ("GBP", "en_GB", "[$£]#,##0.00"),
        ("EUR", "de_DE", "#,##0.00\xa0[$€]"),
        ("JPY", "en_GB", "[$JP¥]#,##0"),
        ("", "en_GB", "#,##0.00"),
    ],
)
def test_amounts_have_the_format_of_their_currency(currency: str, locale: str, pattern: str) -> None:
    assert money_pattern(currency, Locale.parse(locale)) == pattern


def cells_of(data: bytes) -> dict[str, tuple[str, str]]:
    """Kind and content of every cell of a workbook's one sheet: "n" is a number, "s" a text."""
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        texts = [
            "".join(part.itertext())
            for part in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).findall("m:si", space)
        ]
        page = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    found = {}
    for cell in page.iterfind(".//m:c", space):
        value, kind = cell.findtext("m:v", "", space), cell.get("t", "n")
        assert cell.find("m:f", space) is None, "nothing is a formula"
        found[str(cell.get("r"))] = (kind, texts[int(value)] if kind == "s" else value)
    return found


def test_a_workbook_keeps_numbers_days_and_text_apart() -> None:
    found = cells_of(xlsx_bytes("Deals: open/mine?", COLUMNS, NASTY, Locale.parse("en_GB")))
    assert found["A2"] == ("s", "=cmd|' /C calc'!A0")
    assert (found["B2"][0], float(found["B2"][1])) == ("n", -1250.0)
    assert found["C2"] == ("n", "-3")
    assert found["D2"] == ("n", "46439")
    assert found["E2"][0] == "n"
    assert found["E2"][1].startswith("46350.40")
    assert found["A3"] == ("s", 'Ünïcode, "quoted" 🦅')
    assert "B3" not in found


def test_a_list_is_written_as_it_is_shown(world: World) -> None:
    world.deal("1", customer="مطعم الصقر 🦅", amount="-10.50", currency="EUR", protected_until="2027-02-21")
    world.deal("2", customer="=Kestrel", state="rejected", updated_at="2026-11-19T10:00:00Z")
    portal = world.portal
    assert [one.kind for one in sheet_columns(portal, sheet_of(portal))] == [
        Kind.TEXT,
        Kind.TEXT,
        Kind.MONEY,
        Kind.TEXT,
        Kind.DATE,
        Kind.TEXT,
    ]
    first, second = rows(portal, sheet_of(portal))
    assert [cell.value for cell in first] == [
        "مطعم الصقر 🦅",
        "Branch edge, 14 sites",
        Decimal("-10.50"),
        "Approved",
        date(2027, 2, 21),
        "Synced",
    ]
    assert second[0].value == "=Kestrel"
    portal.columns.choose(DEAL, [Chosen("updated_at"), Chosen("country")])
    changed, _ = rows(portal, sheet_of(portal))
    assert [cell.words for cell in changed] == ["20 Nov 2026, 10:00", "United Kingdom"]
    assert copy_list(portal, sheet_of(portal, "open"), Going()).text.count("\n") == 2


def test_a_cancelled_export_leaves_no_file(world: World, tmp_path: Path) -> None:
    world.deal()
    going, target = Going(), tmp_path / "deals.csv"
    going.cancelled = True
    assert write_list(world.portal, sheet_of(world.portal), Format.CSV, target, going) is None
    assert not target.exists()
    going = Going()
    saved = write_list(world.portal, sheet_of(world.portal), Format.CSV, target, going)
    assert saved is not None
    assert (saved.path, going.done, going.total) == (target, 1, 1)
    assert suggested_name(world.portal, "Deals: a/b", Format.XLSX) == "Deals_ a b 2026-11-23.xlsx"


def test_a_list_longer_than_a_workbook_says_what_to_do(world: World, tmp_path: Path) -> None:
    endless = Sheet("Deals", DEAL, world.portal.columns.of(DEAL), range(1_048_576))
    with pytest.raises(Refused) as refused:
        write_list(world.portal, endless, Format.XLSX, tmp_path / "deals.xlsx", Going())
    assert refused.value.next_step == "Export it as CSV."

"""What stands in each kind of document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from gateway.crm.embedded.sheet import Column, Paper, Sheet
from gateway.sample.days import long_day

_VENDOR = "Halden Systems"
_CORNER = "Confidential, partners only"
_PRICES = (
    Column("Product", 4),
    Column("Code", 1.6, soft=True),
    Column("GBP", 1.3, right=True),
    Column("EUR", 1.3, right=True),
)

#: What the euro price is of a pound price, for what has no euro price of its own.
_EURO = Decimal("1.16")

#: Volume steps: from this quantity on, so much of the list price.
_STEPS = ((1, "1"), (5, "0.97"), (10, "0.94"), (25, "0.90"), (50, "0.87"), (100, "0.84"))
_SEAT_STEPS = ((1, "1"), (50, "0.97"), (100, "0.94"), (250, "0.89"), (500, "0.85"), (1000, "0.80"))


def _money(value: Decimal, sign: str) -> str:
    return f"{sign}{value:,.2f}"


def price_list(
    title: str, code: str, valid: str, catalogue: Mapping[str, Any], factor: Decimal, note: str
) -> Paper:
    """Return a price list: products, accessories by family, volume steps. `factor` moves every price."""

    def both(pounds: Decimal, euros: Decimal | None = None) -> tuple[str, str]:
        euros = euros if euros is not None else (pounds * _EURO).quantize(Decimal(1), ROUND_HALF_UP)
        return tuple(
            _money((value * factor).quantize(Decimal(1), ROUND_HALF_UP), sign)
            for value, sign in ((pounds, "£"), (euros, "€"))
        )  # type: ignore[return-value]

    products = catalogue["products"]
    sheet = Sheet(title, _VENDOR, _CORNER, code)
    sheet.title(title, f"{valid} Prices without tax.")
    rows = []
    for item in products:
        pounds, euros = Decimal(item["gbp"]), Decimal(item["euro"])
        if item["code"] == "VLT":
            rows.append(["Vault, per seat, 1 year", "VT-S1", *both(pounds, euros)])
            rows.append(["Vault, per seat, 3 years", "VT-S3", *both(Decimal(199), Decimal(231))])
            continue
        per = {
            "INP": ", per site",
            "INT": ", per site",
            "CARE8": ", per device",
            "CARE24": ", per device",
        }.get(item["code"], "")
        rows.append([item["name"] + per, item["sku"], *both(pounds, euros)])
    sheet.table(_PRICES, rows)
    sheet.paragraph(note)
    for family in catalogue["accessories"]:
        sheet.heading(family["family"])
        sheet.table(
            _PRICES,
            [
                [name, f"{family['sku']}-{number:02d}", *both(Decimal(price))]
                for number, (name, price) in enumerate(family["items"], 1)
            ],
        )
    sheet.next_page()
    sheet.title("Volume steps", "Per piece and year, from the quantity in the first column.")
    for item in products:
        steps = _SEAT_STEPS if item["code"] == "VLT" else _STEPS
        sheet.heading(item["name"])
        sheet.table(
            (
                Column("From", 1),
                Column("Code", 2, soft=True),
                Column("GBP", 2, right=True),
                Column("EUR", 2, right=True),
            ),
            [
                [
                    str(count),
                    item["sku"],
                    *both(*(_step(Decimal(item[cur]), share) for cur in ("gbp", "euro"))),
                ]
                for count, share in steps
            ],
        )
    return sheet.finish()


def _step(price: Decimal, share: str) -> Decimal:
    return (price * Decimal(share)).quantize(Decimal(1), ROUND_HALF_UP)


def data_sheet(item: Mapping[str, Any], version: str, issued: date) -> Paper:
    """Return the data sheet of a product."""
    code = f"HS-DS-{item['sku'].replace('-', '')}-{version}"
    sheet = Sheet(f"{item['name']} data sheet", _VENDOR, f"Version {version}, {long_day(issued)}", code)
    sheet.title(item["name"], item["lead"])
    sheet.points(item["facts"])
    sheet.heading("Figures")
    sheet.table((Column("", 2, soft=True), Column("", 3)), item["table"])
    sheet.paragraph(
        "Figures were measured in our own laboratory with the firmware of the day of issue; "
        "yours depend on what is switched on."
    )
    sheet.next_page()
    sheet.title("Where it fits", item["name"])
    sheet.paragraph(
        f"{item['name']} goes well with Insight, which sees it from the first minute, "
        "and with Care for as long as it is in use."
    )
    sheet.heading("Ordering")
    sheet.table(
        _PRICES[:2], [[item["name"], item["sku"]], [f"{item['name']}, demonstration", f"{item['sku']}-D"]]
    )
    sheet.paragraph("Prices are in the price list in force. A registered deal has a price of its own.")
    return sheet.finish()


def accessory_sheet(family: Mapping[str, Any], version: str, issued: date) -> Paper:
    """Return the data sheet of a family of accessories."""
    name = family["family"]
    sheet = Sheet(
        f"{name} data sheet",
        _VENDOR,
        f"Version {version}, {long_day(issued)}",
        f"HS-DS-{family['sku']}-{version}",
    )
    sheet.title(name, "What goes with Edge, and what to order it with.")
    sheet.table(
        _PRICES[:2],
        [[item, f"{family['sku']}-{number:02d}"] for number, (item, _) in enumerate(family["items"], 1)],
    )
    sheet.paragraph(
        "Everything on this page has been tested with firmware 8.2 and later. "
        "Parts of other makers work as a rule, but Care does not cover them."
    )
    return sheet.finish()


def guide(item: Mapping[str, Any], version: str, issued: date) -> Paper:
    """Return a guide with chapters of text and numbered steps."""
    sheet = Sheet(
        item["title"], _VENDOR, f"Edition {version}, {long_day(issued)}", f"{item['code']}-{version}"
    )
    sheet.title(item["title"], item["summary"])
    sheet.heading("In this guide")
    sheet.points([chapter[0] for chapter in item["chapters"]])
    for number, (heading, *texts) in enumerate(item["chapters"], 1):
        if number > 1 and number % 2 == 1:
            sheet.next_page()
        sheet.heading(f"{number}  {heading}")
        _texts(sheet, texts)
    sheet.heading("Questions")
    sheet.paragraph(
        "Raise a request in the partner portal, category technical support. Name the guide and its edition."
    )
    return sheet.finish()


def _texts(sheet: Sheet, texts: Sequence[str]) -> None:
    for text in texts:
        number, dot, rest = text.partition(". ")
        if dot and number.isdecimal():
            sheet.numbered(f"{number}.", rest)
        else:
            sheet.paragraph(text)


def legal_paper(item: Mapping[str, Any], version: str, valid: str) -> Paper:
    """Return terms with numbered clauses."""
    sheet = Sheet(item["title"], _VENDOR, f"Version {version}", f"{item['code']}-{version}")
    sheet.title(f"{item['title']}, version {version}", f"{item['summary']}. {valid}")
    for number, (heading, text) in enumerate(item["clauses"], 1):
        sheet.heading(heading)
        sheet.numbered(f"{number}.", text)
    sheet.gap(30)
    sheet.paragraph("Halden Systems, Leeds")
    return sheet.finish()


def battle_card(item: Mapping[str, Any], name: str, version: str, issued: date) -> Paper:
    """Return a battle card."""
    sheet = Sheet(f"{name} battle card", _VENDOR, _CORNER, f"HS-SL-{item['product']}-{version}")
    sheet.title(
        f"{name} against {item['rival']}", f"Version {version}, {long_day(issued)}. Not for customers."
    )
    for heading, items in (
        ("Where we win", item["win"]),
        ("Where they win", item["lose"]),
        ("What to ask", item["ask"]),
    ):
        sheet.heading(heading)
        sheet.points(items)
    sheet.heading("What you will hear")
    for said, answer in item["objections"]:
        sheet.numbered("–", f"“{said}” {answer}")
    return sheet.finish()


def chapters_paper(title: str, code: str, below: str, chapters: Sequence[Sequence[str]]) -> Paper:
    """Return a paper of short chapters."""
    sheet = Sheet(title, _VENDOR, _CORNER, code)
    sheet.title(title, below)
    for heading, *texts in chapters:
        sheet.heading(heading)
        _texts(sheet, texts)
    return sheet.finish()


def terms_paper(title: str, code: str, below: str, terms: Sequence[str]) -> Paper:
    """Return numbered terms."""
    sheet = Sheet(title, _VENDOR, _CORNER, code)
    sheet.title(title, below)
    for number, text in enumerate(terms, 1):
        sheet.numbered(f"{number}.", text)
    return sheet.finish()

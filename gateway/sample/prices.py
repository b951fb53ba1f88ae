"""What things cost, and how an amount falls into lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from gateway.crm.embedded.money import money_words

#: Name, part number and price of each product code of the CRM.
_FROM_CATALOGUE = {
    "EG220": "EG220",
    "EG440": "EG440",
    "VLT": "VLT",
    "INP": "INP",
    "INT": "INT",
    "CARE": "CARE8",
}

#: What a registered deal takes off the list.
_DISCOUNT = Decimal("0.90")


class Prices:
    """The price list of the day."""

    def __init__(self, catalogue: Mapping[str, Any]) -> None:
        self._products = {item["code"]: item for item in catalogue["products"]}

    def unit(self, code: str, currency: str) -> Decimal:
        """Return the list price of one."""
        return Decimal(self._products[_FROM_CATALOGUE[code]]["gbp" if currency == "GBP" else "euro"])

    def name(self, code: str) -> str:
        """Return the product's name."""
        return "Care" if code == "CARE" else str(self._products[_FROM_CATALOGUE[code]]["name"])

    def amount(self, quantities: Mapping[str, int], currency: str, years: int) -> Decimal:
        """Return what a deal is worth, rounded to tens; licences and service count for each year."""
        total = sum(
            (
                self.unit(code, currency) * count * (1 if code.startswith("EG") else years)
                for code, count in quantities.items()
            ),
            Decimal(0),
        )
        return (total * _DISCOUNT / 10).quantize(Decimal(1), ROUND_HALF_UP) * 10

    def lines(self, quantities: Mapping[str, int], currency: str, total: Decimal) -> list[dict[str, str]]:
        """Return order lines that add up to the total; the last one is work when it is more, a discount when less."""
        found = []
        rest = total
        for code, count in quantities.items():
            value = self.unit(code, currency) * count
            rest -= value
            sku = self._products[_FROM_CATALOGUE[code]]["sku"]
            found.append(_line(self.name(code), sku, count, value, currency))
        if rest > 0:
            found.append(_line("Further years, installation and project work", "SV-P", 1, rest, currency))
        elif rest < 0:
            found.append(_line("Discount of the registered deal", "RD", 1, rest, currency))
        return found


def _line(name: str, code: str, count: int, value: Decimal, currency: str) -> dict[str, str]:
    words = money_words(f"{value:.2f}", currency)
    return {"name": name, "code": code, "quantity": str(count), "value": words, "shipped": "0"}


def shipped(lines: Sequence[Mapping[str, str]], count: int) -> list[dict[str, str]]:
    """Return the lines with the first `count` of them shipped."""
    return [
        {**line, "shipped": line["quantity"] if number < count else "0"} for number, line in enumerate(lines)
    ]

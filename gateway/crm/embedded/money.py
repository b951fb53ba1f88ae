"""Amounts in words for lines that hold text only."""

from __future__ import annotations

from decimal import Decimal


def money_words(value: str | None, currency: str | None) -> str:
    """Write an amount as *1,890.00 GBP*; nothing for an amount that is not known."""
    return f"{Decimal(value):,.2f} {currency or ''}".strip() if value else ""

"""Amounts as whole pence, to be summed: SQLite does it where eight bytes hold them exactly, Python where they do not.

A vendor's system may hold an amount of any length. SQLite would cut it to the largest number it has, and fail to add
two of those; so it only says that such an amount is `LARGE`, and its digits are read one by one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Context, Decimal, InvalidOperation

from app.store.connection import Connection
from app.store.query import amount_expression, value_expression

#: Stands for the pence of an amount that is too large to be one of many in a sum of whole numbers.
LARGE = 1 << 62

#: A hundred thousand million: 900,000 of these still add up to what eight bytes hold, and none is rounded.
_LIMIT = "1e11"
#: Longer amounts than this are no amounts.
_MOST_DIGITS = 60
_EXACT = Context(prec=_MOST_DIGITS + 20)


def pence_expression(amount: str) -> str:
    """Return the expression of a money field as whole pence: NULL without an amount, `LARGE` for a large one."""
    value = amount_expression(amount)
    return (
        f"CASE WHEN abs({value}) < {_LIMIT} THEN CAST(round({value} * 100) AS INTEGER)"
        f" WHEN {value} IS NOT NULL THEN {LARGE} END"
    )


def large_pence(connection: Connection, amount: str, ids: Iterable[int]) -> dict[int, int]:
    """Return the exact pence of records with large amounts, by row id; what is no amount at all counts nothing."""
    rows = connection.rows(
        f"SELECT id, {value_expression(amount)} FROM record WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps([*ids]),),
    )
    return {row_id: _pence(value) for row_id, value in rows}


def pounds(pence: int) -> Decimal:
    """Return whole pence as the amount they are, exactly."""
    return _EXACT.scaleb(Decimal(pence), -2)


def _pence(value: object) -> int:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return 0
    if not number.is_finite() or number.adjusted() > _MOST_DIGITS:
        return 0
    return int(_EXACT.to_integral_value(_EXACT.scaleb(number, 2)))

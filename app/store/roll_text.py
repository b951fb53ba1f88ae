"""What a roll asks of SQLite: a few statements that each answer with one long text a column.

While SQLite puts a text together the interpreter is free for other threads; it is taken apart piece by piece.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from app.store.amounts import pence_expression
from app.store.connection import Connection
from app.store.query import Condition, Order, amount_expression, text_literal, value_expression

#: So many groups are told by one character each record, the first of which has the code `FIRST_LETTER`.
GROUPS_A_LETTER, FIRST_LETTER = 6, 48

#: Currencies are told by a character each, from this code on; blank: no amount, `ANOTHER`: one not known yet.
FIRST_CODE, NO_AMOUNT, ANOTHER = 65, " ", "!"

#: More currencies than this are not told apart, and not summed.
_MOST_CODES = 150

#: What arrays hold: ids have four bytes, which four thousand million records would not fit; amounts have eight.
ID, PENCE = "I", "q"

#: Rows taken apart at a time, so that other threads get their turn in between.
SLICE = 16_000


@dataclass(frozen=True)
class Shape:
    """What a roll is about.

    `groups`: conditions by name, those of the chips and of other figures. `amount` and `currency`: fields, empty
    without sums.
    """

    entity: str
    own: Order
    groups: tuple[tuple[str, Condition], ...]
    amount: str = ""
    currency: str = ""
    currencies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Text:
    """Records, column by column: ids and pence with commas between, letters and codes as they are."""

    ids: str
    letters: list[str]
    pence: str
    codes: str


class RollText:
    """Asks for records of one type. `codes`: the currencies that are told apart, by their number."""

    def __init__(self, connection: Connection, shape: Shape) -> None:
        self.codes = shape.currencies[:_MOST_CODES]
        self._connection = connection
        self._shape = shape

    @property
    def ours(self) -> str:
        """The condition for records of this type."""
        return f"entity = {text_literal(self._shape.entity)}"

    def all(self, order: str) -> Text:
        """Return all records in an order, with a code for every currency that occurs."""
        text = self.some(f"ORDER BY {order}")
        if ANOTHER in text.codes:
            # Somebody counts in a currency that the manifest does not name.
            self.codes = (*self.codes, *self._unnamed())[:_MOST_CODES]
            text = self.some(f"ORDER BY {order}")
        return text

    def some(self, rest: str, params: tuple[object, ...] = (), *, by_id: bool = False) -> Text:
        """Return records; `rest` ends the statement. `by_id`: few of them, named by their ids."""
        letters = [*self._letters()]
        columns = ["id", *(f"{one.sql} AS letter{number}" for number, one in enumerate(letters))]
        outer = ["group_concat(id)", *(f"group_concat(letter{number}, '')" for number in range(len(letters)))]
        if self._shape.amount:
            pence = f"coalesce({pence_expression(self._shape.amount)}, 0) AS pence"
            columns += [pence, f"{self._coded()} AS code"]
            outer += ["group_concat(pence)", "group_concat(code, '')"]
        row = self._connection.row(
            f"SELECT {', '.join(outer)} FROM (SELECT {', '.join(columns)} FROM record"
            # The plus keeps the planner from walking all records of the type.
            f" WHERE {'+' if by_id else ''}{self.ours} {rest})",
            (*(param for one in letters for param in one.params), *params),
        )
        found = [value or "" for value in row or ()]
        pence, codes = found[-2:] if self._shape.amount else ("", "")
        return Text(found[0], found[1 : 1 + len(letters)], pence, codes)

    def _letters(self) -> Iterator[Condition]:
        """Which groups a record is in, a letter for every six of them."""
        conditions = [condition for _, condition in self._shape.groups]
        for start in range(0, len(conditions), GROUPS_A_LETTER):
            some = conditions[start : start + GROUPS_A_LETTER]
            bits = " + ".join(f"coalesce(({one.sql}) <> 0, 0) * {1 << bit}" for bit, one in enumerate(some))
            yield Condition(f"char({FIRST_LETTER} + {bits})", tuple(p for one in some for p in one.params))

    def _coded(self) -> str:
        """The currency as a letter; blank where there is no amount."""
        code = f"coalesce({value_expression(self._shape.currency)}, '')"
        known = " ".join(
            f"WHEN {text_literal(name)} THEN char({FIRST_CODE + number})"
            for number, name in enumerate(self.codes)
        )
        other = text_literal(ANOTHER if len(self.codes) < _MOST_CODES else NO_AMOUNT)
        named = f"CASE {code} {known} ELSE {other} END" if known else other
        nothing = text_literal(NO_AMOUNT)
        return f"CASE WHEN {amount_expression(self._shape.amount)} IS NULL THEN {nothing} ELSE {named} END"

    def _unnamed(self) -> list[str]:
        rows = self._connection.rows(
            f"SELECT DISTINCT coalesce({value_expression(self._shape.currency)}, '') FROM record"
            f" WHERE {self.ours} AND {amount_expression(self._shape.amount)} IS NOT NULL"
        )
        return [code for (code,) in rows if code not in self.codes]


def numbers(text: str | None, kind: str = ID) -> array[int]:
    """Take apart a long text of numbers, piece by piece."""
    found = array(kind)
    rest = text or ""
    at = 0
    while at < len(rest):
        end = rest.find(",", at + 8 * SLICE)
        end = len(rest) if end < 0 else end
        found.extend(json.loads(f"[{rest[at:end]}]"))
        at = end + 1
    return found

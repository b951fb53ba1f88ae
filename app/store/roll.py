"""The roll of one entity type: every record's id in several orders, and which chips and sums count it, in memory.

A list of hundreds of thousands is opened, sorted and filtered from here in milliseconds, about ten bytes a record.
SQLite says all of it and remains the only judge of order and membership: a roll only remembers. It is read by a few
statements that each answer with one long text, so that the interpreter is free meanwhile, and it follows single
changes by asking SQLite which of two records comes first.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import compress
from operator import itemgetter

from app.store.amounts import LARGE, large_pence, pounds
from app.store.connection import Connection
from app.store.query import Order
from app.store.roll_text import (
    ANOTHER,
    FIRST_CODE,
    FIRST_LETTER,
    GROUPS_A_LETTER,
    ID,
    NO_AMOUNT,
    PENCE,
    SLICE,
    RollText,
    Shape,
    Text,
    numbers,
)

#: Fewer than one record in so many are summed one by one.
_FEW = 8

#: Fewer hits than one record in so many are put in order one by one.
_MANY = 4

#: Lists kept until something changes: the one that is shown and those somebody goes to and fro between.
_MOST_LISTS = 3

#: More changed records than this are not followed one by one.
MOST_FOLLOWED = 20


@dataclass(frozen=True)
class Listed:
    """What a list holds: ids in order, and over the same search the number of records of every group."""

    ids: Sequence[int]
    counts: dict[str, int]
    totals: dict[str, Decimal]


class Roll:
    """Made by `load`; afterwards kept up to date by `follow` and `extend`, or loaded again."""

    def __init__(self, connection: Connection, shape: Shape) -> None:
        self.shape = shape
        self._connection = connection
        self._text = RollText(connection, shape)
        self._orders: dict[Order, array[int]] = {}
        self._masks = [bytearray() for _ in shape.groups]
        self._there = bytearray()
        self._pence: array[int] = array(PENCE)
        self._large: dict[int, int] = {}
        self._code = bytearray()
        self._last = 0
        self._local: set[int] = set()
        self._blank: dict[str, int] = {}
        self._counted: dict[str, int] = {}
        self._lists: dict[tuple[Order, str], array[int]] = {}
        self._summed: dict[str, dict[str, Decimal]] = {}
        self._ranked: tuple[array[int], array[int]] | None = None

    # -- reading -------------------------------------------------------------------------------------------
    def load(self, own: Order | None = None) -> None:
        """Read everything afresh. `own` replaces the shape's own order, as while records still arrive."""
        order = own or self.shape.own
        text = self._text.all(order.key)
        ids = numbers(text.ids)
        self._last = max(ids, default=0)
        size = self._last + 1
        self._masks = [bytearray(size) for _ in self._masks]
        self._there, self._code, self._large = bytearray(size), bytearray(b" " * size), {}
        self._pence = array(PENCE, bytes(8 * size)) if self.shape.amount else array(PENCE)
        self._enter(ids, text)
        self._local = self._read_local()
        self._orders, self._blank = {order: self._born_first(order, ids)}, {}

    def extend(self, own: Order) -> bool:
        """Take in what arrived after the last record, at the end of `own`; False when nothing did."""
        text = self._text.some("AND id > ? ORDER BY id", (self._last,), by_id=True)
        ids = numbers(text.ids)
        if not ids or ANOTHER in text.codes or [*self._orders] != [own]:
            if ids:
                self.load(own)
            return bool(ids)
        self._make_room(ids[-1])
        self._enter(ids, text)
        self._blank = {}
        # A new one: whoever shows the old one goes on with it until told.
        self._orders[own] = self._orders[own] + ids
        return True

    def follow(self, gids: Iterable[str]) -> bool:
        """Take in the change of a few records; False when the roll has to be loaded again for it."""
        wanted = [*gids]
        there = self._connection.rows(
            "SELECT id, entity = ? FROM record WHERE gid IN (SELECT value FROM json_each(?))",
            (self.shape.entity, json.dumps(wanted)),
        )
        if len(there) < len(wanted):
            return False  # what has left cannot be told by its gid any more
        return self._follow({row_id for row_id, ours in there if ours or self._holds(row_id)})

    def follow_local(self) -> bool:
        """Take in what became of the records that something local lay over or lies over now."""
        before, self._local = self._local, self._read_local()
        return self._follow(before | self._local)

    def arrange(self, order: Order) -> None:
        """Make an order ready, as the first list in it would."""
        if order in self._orders:
            return
        turned = self._turned(order)
        if turned is None:
            text, blank = self._connection.row(
                f"SELECT group_concat(id), sum(blank) FROM (SELECT id, {order.by or 1} IS NULL AS blank FROM record"
                f" WHERE {self._text.ours} ORDER BY {order.key})"
            ) or ("", 0)
            turned = self._held_of(numbers(text))
            self._blank[order.key] = blank or 0
        self._orders[order] = self._born_first(order, turned)

    def _turned(self, order: Order) -> array[int] | None:
        """The order from the other end of the same, where that is there: blank values stay last."""
        other = self._other_end(order)
        if other is None:
            return None
        ids = self._orders[other]
        filled = len(ids) - self._blank[other.key]
        return ids[:filled][::-1] + ids[filled:][::-1]

    def _other_end(self, order: Order) -> Order | None:
        ends = (o for o in self._orders if o.key == order.opposite and o.key in self._blank)
        return next((end for end in ends if not end.born_first), None)

    def _held_of(self, ids: array[int]) -> array[int]:
        """Those ids that the roll holds: more may have come since it was called."""
        if len(ids) == self._there.count(1) and max(ids, default=0) <= self._last:
            return ids
        return array(ID, [row_id for row_id in ids if self._holds(row_id)])

    def has(self, order: Order) -> bool:
        """Whether a list in this order is answered from memory."""
        return order in self._orders or self._other_end(order) is not None

    # -- answering -----------------------------------------------------------------------------------------
    def listed(
        self,
        order: Order,
        group: str = "",
        among: Sequence[int] | None = None,
        counted: Sequence[str] | None = None,
    ) -> Listed:
        """Return a list: a group's records (all without), of those `among` where that is given.

        `counted`: the groups whose records are counted, all without.
        """
        self.arrange(order)
        masks = self._by_name()
        names = [name for name in masks if counted is None or name in counted]
        if among is not None:
            few = len(among) * _MANY < len(self._there)
            return (self._of_few if few else self._of_many)(order, masks.get(group), among, names)
        if (order, group) not in self._lists:
            while len(self._lists) >= _MOST_LISTS:
                del self._lists[next(iter(self._lists))]
            self._lists[order, group] = self._picked(order, masks.get(group, self._there))
        counts = {name: self.count(name) for name in names}
        return Listed(self._lists[order, group], counts, self.totals(group))

    def _of_few(
        self, order: Order, mask: bytearray | None, among: Iterable[int], counted: Iterable[str]
    ) -> Listed:
        """A list of hits that are put in their order one by one."""
        hits, masks = self._there_of(among), self._by_name()
        counts = {name: sum(_at(masks[name], hits)) for name in counted}
        if mask is not None:
            hits = [*compress(hits, _at(mask, hits))]
        places = sorted(_at(self._ranks(order), hits))
        return Listed(array(ID, _at(self._orders[order], places)), counts, self._totals_of_few(hits))

    def _of_many(
        self, order: Order, mask: bytearray | None, among: Iterable[int], counted: Iterable[str]
    ) -> Listed:
        """A list of so many hits that going through the whole order once is quicker."""
        marked = bytearray(max(self._last, max(among, default=0)) + 1)
        for row_id in among:
            marked[row_id] = 1
        found = self._both(marked[: self._last + 1], self._there)
        within, masks = int.from_bytes(found, "little"), self._by_name()
        counts = {name: (int.from_bytes(masks[name], "little") & within).bit_count() for name in counted}
        listed = found if mask is None else self._both(found, mask)
        return Listed(self._picked(order, listed), counts, self._totals(listed))

    def _ranks(self, order: Order) -> array[int]:
        """The place in an order by id; of the order that was asked for last."""
        ids = self._orders[order]
        if self._ranked is None or self._ranked[0] is not ids:
            ranks = array(ID, bytes(array(ID).itemsize * (self._last + 1)))
            for start in range(0, len(ids), SLICE):
                for place, row_id in enumerate(ids[start : start + SLICE], start):
                    ranks[row_id] = place
            self._ranked = ids, ranks
        return self._ranked[1]

    def _there_of(self, among: Iterable[int]) -> list[int]:
        """Those of these ids that the roll holds, each once, in ascending order."""
        ids = sorted(set(among))
        ids = ids[: bisect_right(ids, self._last)]
        return [*compress(ids, _at(self._there, ids))]

    def _picked(self, order: Order, mask: bytes | bytearray) -> array[int]:
        ids = self._orders[order]
        return _chosen(ids, mask) if mask.count(1) < len(ids) else ids

    def count(self, group: str) -> int:
        """Return the number of records of a group."""
        if group not in self._counted:
            self._counted[group] = self._by_name()[group].count(1)
        return self._counted[group]

    def totals(self, group: str = "") -> dict[str, Decimal]:
        """Return the sums of a group by currency; of all records without."""
        if group not in self._summed:
            self._summed[group] = self._totals(self._by_name().get(group, self._there))
        return self._summed[group]

    def _by_name(self) -> dict[str, bytearray]:
        return {name: mask for (name, _), mask in zip(self.shape.groups, self._masks, strict=True)}

    def _totals(self, mask: bytes | bytearray) -> dict[str, Decimal]:
        if mask.count(1) * _FEW < len(mask):
            return self._totals_of_few([*compress(range(len(mask)), mask)])
        large = [row_id for row_id in self._large if mask[row_id]]
        return self._sums([*compress(self._pence, mask)], bytes(compress(self._code, mask)), large)

    def _totals_of_few(self, ids: Sequence[int]) -> dict[str, Decimal]:
        pence = _at(self._pence, ids) if self._pence else ()
        return self._sums(pence, bytes(_at(self._code, ids)), self._large.keys() & ids if self._large else ())

    def _sums(self, pence: Sequence[int], codes: bytes, large: Iterable[int]) -> dict[str, Decimal]:
        """Sums by currency of amounts side by side with the letters of their currencies, and of some `large` ones."""
        totals = {}
        for number, code in enumerate(self._text.codes):
            ours = codes.translate(_only(number + FIRST_CODE))
            if 1 in ours:
                more = (self._large[row_id] for row_id in large if self._code[row_id] == number + FIRST_CODE)
                totals[code] = pounds(sum(compress(pence, ours)) + sum(more))
        return totals

    @staticmethod
    def _both(one: bytes | bytearray, other: bytes | bytearray) -> bytes:
        both = int.from_bytes(one, "little") & int.from_bytes(other, "little")
        return both.to_bytes(len(one), "little")

    # -- entering ------------------------------------------------------------------------------------------
    def _enter(self, ids: array[int], text: Text) -> None:
        self._counted, self._summed, self._lists = {}, {}, {}
        for start in range(0, len(ids), SLICE):
            for row_id in ids[start : start + SLICE]:
                self._there[row_id] = 1
        for number, letters in enumerate(text.letters):
            first = number * GROUPS_A_LETTER
            some = self._masks[first : first + GROUPS_A_LETTER]
            self._enter_letters(ids, letters.encode(), some)
        if self.shape.amount:
            pence = numbers(text.pence, PENCE)
            if LARGE in pence:
                self._large |= large_pence(
                    self._connection,
                    self.shape.amount,
                    (row_id for row_id, one in zip(ids, pence, strict=True) if one == LARGE),
                )
                pence = array(PENCE, (0 if one == LARGE else one for one in pence))
            for row_id, value, code in zip(ids, pence, text.codes.encode("latin-1"), strict=True):
                self._pence[row_id] = value
                self._code[row_id] = code

    def _enter_letters(self, ids: array[int], letters: bytes, masks: Sequence[bytearray]) -> None:
        columns = [letters.translate(_bit(bit)) for bit in range(len(masks))]
        for mask, column in zip(masks, columns, strict=True):
            for row_id in compress(ids, column):
                mask[row_id] = 1

    def _born_first(self, order: Order, ids: array[int]) -> array[int]:
        """What was born here and has no vendor's time yet leads where the latest change does."""
        if not order.born_first:
            return ids
        rows = self._connection.rows(
            f"SELECT id FROM record WHERE gid IN (SELECT gid FROM shadow) AND version IS NULL AND {self._text.ours}"
            f" ORDER BY {order.key}"
        )
        born = [row_id for (row_id,) in rows if row_id <= self._last and self._there[row_id]]
        if not born:
            return ids
        known = set(born)
        return array(ID, [*born, *(row_id for row_id in ids if row_id not in known)])

    # -- single changes ------------------------------------------------------------------------------------
    def _read_local(self) -> set[int]:
        rows = self._connection.rows(
            f"SELECT id FROM record WHERE gid IN (SELECT gid FROM shadow) AND +{self._text.ours}"
        )
        return {row_id for (row_id,) in rows}

    def _holds(self, row_id: int) -> bool:
        return row_id <= self._last and self._there[row_id] == 1

    def _follow(self, ids: set[int]) -> bool:
        if len(ids) > MOST_FOLLOWED:
            return False
        self._make_room(max(ids, default=0))
        return not ids or self._replace([*ids])

    def _make_room(self, last: int) -> None:
        more = last - self._last
        if more <= 0:
            return
        self._last = last
        for mask in (*self._masks, self._there):
            mask.extend(bytes(more))
        self._code.extend(b" " * more)
        if self.shape.amount:
            self._pence.extend([0] * more)

    def _replace(self, ids: list[int]) -> bool:
        text = self._text.some(
            "AND id IN (SELECT value FROM json_each(?)) ORDER BY id", (json.dumps(ids),), by_id=True
        )
        if ANOTHER in text.codes:
            return False
        changed = numbers(text.ids)
        self._blank = {}
        for row_id in ids:
            for mask in (*self._masks, self._there):
                mask[row_id] = 0
            self._code[row_id] = ord(NO_AMOUNT)
            self._large.pop(row_id, None)
        self._enter(changed, text)
        staying = bytearray(b"\x01" * (self._last + 1))
        for row_id in ids:
            staying[row_id] = 0
        for order, before in self._orders.items():
            after = _chosen(before, staying)
            for row_id in changed:
                after.insert(self._place(order, after, row_id), row_id)
            self._orders[order] = after
        return True

    def _place(self, order: Order, ids: array[int], row_id: int) -> int:
        low, high = 0, len(ids)
        while low < high:
            middle = (low + high) // 2
            if self._first(order, ids[middle], row_id) == row_id:
                high = middle
            else:
                low = middle + 1
        return low

    def _first(self, order: Order, one: int, other: int) -> int:
        found = self._connection.value(
            f"SELECT id FROM record WHERE id IN (?, ?) ORDER BY {order.exact} LIMIT 1", (one, other)
        )
        return other if found is None else int(found)


def _chosen(ids: array[int], mask: bytes | bytearray) -> array[int]:
    """The ids that the mask names, in their order."""
    found = array(ID)
    for start in range(0, len(ids), SLICE):
        some = ids[start : start + SLICE].tolist()
        found.extend(compress(some, _at(mask, some)))
    return found


def _at(values: Sequence[int], places: Sequence[int]) -> Sequence[int]:
    """What stands at these places; a single call for all of them is several times as quick as one for each."""
    if len(places) < 2:
        return [values[place] for place in places]
    found: tuple[int, ...] = itemgetter(*places)(values)
    return found


def _bit(bit: int) -> bytes:
    """The table that turns letters into whether they have a bit."""
    return bytes(
        (value - FIRST_LETTER) >> bit & 1 if FIRST_LETTER <= value < FIRST_LETTER + 64 else 0
        for value in range(256)
    )


def _only(letter: int) -> bytes:
    return bytes(value == letter for value in range(256))

"""Where records stand in a list of ids, of which there may be a hundred thousand."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

#: As many rows are looked for one by one.
_FEW_PLACES = 20


def row_in(ids: Sequence[int], row_id: int) -> int:
    """The row of an id, or -1."""
    try:
        return ids.index(row_id)
    except ValueError:
        return -1


def places_in(ids: Sequence[int], asked: int) -> Callable[[int], int]:
    """How to find rows by id: one by one when few are asked for, else by what is looked up once."""
    if asked < _FEW_PLACES:
        return lambda row_id: row_in(ids, row_id)
    known = {row_id: row for row, row_id in enumerate(ids)}
    return lambda row_id: known.get(row_id, -1)


def begins(whole: Sequence[int], part: Sequence[int]) -> bool:
    """Tell whether one sequence begins with another one; arrays are compared as the memory they are."""
    if len(part) > len(whole):
        return False
    if isinstance(whole, array) and isinstance(part, array):
        return memoryview(whole)[: len(part)].tobytes() == part.tobytes()
    return [*whole[: len(part)]] == [*part]


def runs_of(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Join neighbouring rows: [1, 2, 5] is [(1, 2), (5, 5)]."""
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs

"""Repeatable choices: the same seed gives the same programme."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Choices from one seed. `derive` gives an independent stream, so that one part can change without the others."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._random = random.Random(seed)  # noqa: S311  (repeatable on purpose; nothing secret comes from it)

    def derive(self, name: str) -> Dice:
        """Return a stream of its own for a part of the programme."""
        return Dice(f"{self._seed}/{name}")

    def pick(self, items: Sequence[T]) -> T:
        """Return one item."""
        return items[self._random.randrange(len(items))]

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """Return that many different items, or all when there are fewer."""
        return self._random.sample(list(items), min(count, len(items)))

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return all items in another order."""
        return self.some(items, len(items))

    def between(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return self._random.randint(low, high)

    def chance(self, per_cent: int) -> bool:
        """Return True in so many of a hundred cases."""
        return self._random.randrange(100) < per_cent

    def weighted(self, weights: Mapping[T, int]) -> T:
        """Return a key, as often as its weight says."""
        return self._random.choices(list(weights), list(weights.values()))[0]

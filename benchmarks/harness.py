"""What every measurement has in common: sizes, interleaved runs, medians, goals, the table and the JSON file.

A measurement is a function that takes a `Scale` and yields `Result`s. Ours and the floor alternate within one run,
since a machine that is busy now is busy for both; only their ratio means something, and a difference of less than a
third means nothing.
"""

from __future__ import annotations

import json
import math
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True)
class Scale:
    """How much is measured. `sizes`: records held, small and large; `runs`: how often each side is measured.

    `folder`: where prepared databases are kept, so that one made for one measurement serves the next.
    """

    sizes: tuple[int, int]
    runs: int
    batch: int
    clashes: int
    folder: Path
    quick: bool

    @classmethod
    def full(cls, folder: Path) -> Scale:
        """The sizes the goals are for."""
        return cls((50_000, 200_000), 5, 1_000, 200, folder, quick=False)

    @classmethod
    def small(cls, folder: Path) -> Scale:
        """Just enough to prove that each measurement runs; its figures mean nothing."""
        return cls((300, 600), 1, 40, 10, folder, quick=True)


class Bound(StrEnum):
    """What a goal is about."""

    RATIO = "ratio"  # floor / ours is at least this
    MOST = "most"  # ours is at most this
    FLAT = "flat"  # ours / floor is at most this
    NONE = "none"  # only reported


@dataclass(frozen=True)
class Goal:
    """A bound with its figure, in the unit of the result where it is absolute."""

    bound: Bound
    value: float = 0.0

    def met(self, ours: float, floor: float | None) -> bool | None:
        """Tell whether it is reached; None where there is nothing to reach."""
        match self.bound:
            case Bound.NONE:
                return None
            case Bound.MOST:
                return ours <= self.value
            case Bound.RATIO:
                return floor is not None and floor / ours >= self.value
            case Bound.FLAT:
                return floor is not None and ours / floor <= self.value

    def words(self, unit: str) -> str:
        """How the table names it."""
        match self.bound:
            case Bound.NONE:
                return ""
            case Bound.MOST:
                return f"≤ {self.value:g} {unit}"
            case Bound.RATIO:
                return f"≥ {self.value:g} × floor"
            case Bound.FLAT:
                return f"≤ {self.value:g} × the other"


@dataclass(frozen=True)
class Result:
    """One line of the table: medians of `runs` measurements over `n` records (or items).

    `floor` is None where the goal is absolute. `note` says what the figure is, where the name does not. `paced`: what
    a figure with a goal in seconds would roughly be on the machine the goals were written for, where that is known;
    whether the goal is met is told from what was measured here.
    """

    name: str
    unit: str
    ours: float
    floor: float | None
    goal: Goal
    n: int
    runs: int
    note: str = ""
    paced: float | None = None

    def at_pace(self, pace: float | None) -> Result:
        """Return it with what it would be at another machine's speed, of which this one has the share `pace`."""
        if pace is None or self.goal.bound is not Bound.MOST or self.unit not in _TIMES:
            return self
        return replace(self, paced=self.ours * pace)

    @property
    def ratio(self) -> float | None:
        """Floor over ours: 1 is as fast as the machine, 0.5 half as fast."""
        return None if self.floor is None or self.ours == 0 else self.floor / self.ours

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached."""
        return self.goal.met(self.ours, self.floor)


#: Units of what takes longer on a slower machine.
_TIMES = frozenset({"s", "ms"})

Measurement = Callable[[Scale], Iterator[Result]]


def interleaved(
    runs: int, ours: Callable[[], float], floor: Callable[[], float]
) -> tuple[list[float], list[float]]:
    """Measure both sides in turn, the first to go alternating; each returns what it took."""
    taken: tuple[list[float], list[float]] = ([], [])
    for run in range(runs):
        both = [(taken[0], ours), (taken[1], floor)]
        for figures, side in both if run % 2 == 0 else reversed(both):
            figures.append(side())
    return taken


def compared(
    name: str, unit: str, goal: Goal, n: int, taken: tuple[Sequence[float], Sequence[float]], note: str = ""
) -> Result:
    """Make a result of two interleaved series."""
    ours, floor = taken
    return Result(name, unit, statistics.median(ours), statistics.median(floor), goal, n, len(ours), note)


def alone(name: str, unit: str, goal: Goal, n: int, taken: Sequence[float], note: str = "") -> Result:
    """Make a result of one series that has an absolute goal."""
    return Result(name, unit, statistics.median(taken), None, goal, n, len(taken), note)


def percentile(figures: Sequence[float], share: float) -> float:
    """Return the figure that `share` (0 to 1) of them do not exceed."""
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


def timed(action: Callable[[], object]) -> float:
    """Return the seconds an action takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def slope(name: str, small: Result, large: Result, *, flat: bool = False) -> Result:
    """How a cost grows with what is held: the large figure over the small one, against n log n.

    `flat`: what is done is the same, so it may not grow at all. Growth of a third over that still counts as none:
    less means nothing on a busy machine.
    """
    held = 1.0 if flat else large.n * math.log(large.n) / (small.n * math.log(small.n))
    growth = large.ours / small.ours if small.ours else 0.0
    runs = min(small.runs, large.runs)
    return Result(
        f"{name}.growth", "×", growth, None, Goal(Bound.MOST, round(held * 4 / 3, 2)), large.n, runs
    )


def in_words(count: int) -> str:
    """Name a number of records: 50k."""
    return f"{count // 1000}k" if count >= 1000 else str(count)


# --------------------------------------------------------------------------------------------------------- telling
def table(results: Sequence[Result]) -> str:
    """Return the results as lines of text."""
    head = ("what", "n", "runs", "ours", "floor", "ratio", "paced", "goal", "")
    rows = [head, *(_cells(result) for result in results)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    lines = ["  ".join(_padded(cell, width, at) for at, (cell, width) in enumerate(zip(row, widths, strict=True)))
             for row in rows]  # fmt: skip
    lines.insert(1, "-" * len(lines[0]))
    return "\n".join(line.rstrip() for line in lines)


def as_json(results: Sequence[Result]) -> Mapping[str, Mapping[str, object]]:
    """Return the results as the file holds them."""
    return {
        result.name: {
            "ours": result.ours,
            "floor": result.floor,
            "ratio": result.ratio,
            "goal": result.goal.words(result.unit),
            "met": result.met,
            "unit": result.unit,
            "n": result.n,
            "runs": result.runs,
            "paced": result.paced,
            "note": result.note,
        }
        for result in results
    }


def write(path: Path, results: Sequence[Result]) -> None:
    """Write the JSON file; results of other measurements that stand in it stay."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = json.loads(path.read_text("utf-8")) if path.exists() else {}
    text = json.dumps({**before, **as_json(results)}, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", "utf-8")


def _cells(result: Result) -> tuple[str, ...]:
    verdict = {None: "", True: "met", False: "MISSED"}[result.met]
    floor = "" if result.floor is None else _figure(result.floor, result.unit)
    ratio = "" if result.ratio is None else f"{result.ratio:.2f}"
    ours = _figure(result.ours, result.unit)
    goal = result.goal.words(result.unit)
    paced = "" if result.paced is None else _figure(result.paced, result.unit)
    return result.name, f"{result.n:,}", str(result.runs), ours, floor, ratio, paced, goal, verdict


def _figure(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:,.{digits}f} {unit}"


def _padded(cell: str, width: int, at: int) -> str:
    return cell.ljust(width) if at in (0, 7, 8) else cell.rjust(width)

"""A programme is a script: what happened when. It is played in order of time, so ids and revisions follow it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.crm.embedded.times import from_ms, to_ms
from gateway.crm.embedded.unit import Hand, Unit

Act = Callable[[Unit], None]


@dataclass
class Row:
    """A row to be: its id is known once the script has come to it."""

    obj: str
    key: int | None = None
    state: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> int:
        """The row's id. Raises ValueError before it was made: the script has its acts in a wrong order."""
        if self.key is None:
            raise ValueError(f"a {self.obj} is used before it is made")
        return self.key


class Script:
    """Acts with their times."""

    def __init__(self) -> None:
        self._acts: list[tuple[datetime, int, Act]] = []

    def at(self, moment: datetime, act: Act) -> None:
        """Let something happen at a moment; acts of one moment keep their order."""
        self._acts.append((moment, len(self._acts), act))

    def make(self, moment: datetime, row: Row, values: Callable[[], Mapping[str, Any]], hand: Hand) -> None:
        """Make a row. `values` is asked when the time has come, so that it may name rows made before."""

        def act(unit: Unit) -> None:
            row.key = unit.insert(row.obj, values(), hand)

        self.at(moment, act)

    def change(self, moment: datetime, row: Row, changes: Mapping[str, Any], hand: Hand) -> None:
        """Change a row."""
        self.at(moment, lambda unit: unit.change(row.obj, row.id, changes, hand))

    def play(self, unit: Unit, end: datetime) -> None:
        """Let everything happen. Raises ValueError for an act after `end`."""
        for moment, _, act in sorted(self._acts, key=lambda item: item[:2]):
            if moment > end:
                raise ValueError(f"an act at {from_ms(to_ms(moment))} lies in the future")
            unit.now_ms = to_ms(moment)
            act(unit)

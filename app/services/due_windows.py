"""What comes due by windows of days, as a list's manifest asks for them: how many, how much, and who still waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.contract.manifest import EntityType
from app.services.context import PortalContext, in_states
from app.services.passing import window_chip, window_condition, window_words
from app.services.records import Records


@dataclass(frozen=True)
class DueWindow:
    """Open records whose day is `first` to `last` days ahead; windows do not overlap.

    `chip` filters the list to exactly these. `waiting`: how many wait for the user.
    """

    chip: str
    label: str
    first: int
    last: int
    count: int
    waiting: int
    totals: Mapping[str, Decimal]


def spans(days: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Turn the ends of windows into windows that do not overlap: (30, 60, 90) is (0, 30), (31, 60), (61, 90)."""
    ends = sorted({day for day in days if day >= 0})
    return tuple((before + 1, end) for before, end in zip([-1, *ends], ends, strict=False))


def due_windows(context: PortalContext, records: Records, entity: EntityType) -> tuple[DueWindow, ...]:
    """Return the windows of a list; none where its manifest asks for none."""
    if not entity.list.windows or entity.field(entity.list.window_field) is None:
        return ()
    states = entity.lifecycle.states if entity.lifecycle else ()
    mine = tuple(state.name for state in states if state.waits_on == "partner")
    found = []
    for first, last in spans(entity.list.windows):
        where = window_condition(context, entity, first, last)
        waiting = where & in_states(context, entity, mine) if mine else None
        count = context.store.projection.count
        found.append(
            DueWindow(
                chip=window_chip(first, last),
                label=window_words(context, first, last),
                first=first,
                last=last,
                count=count(entity.name, where),
                waiting=count(entity.name, waiting) if waiting is not None else 0,
                totals=records.sums(entity, where),
            )
        )
    return tuple(found)

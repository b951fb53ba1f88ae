"""The way of a record through its steps, with dates where they are known, what comes next and when it is expected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from app.contract.manifest import EntityType, FieldType, Lifecycle, StateSpec
from app.services.context import PortalContext, state_spec
from app.services.format import date_of, moment_of
from app.services.timeline import events_of
from app.services.views_model import RecordView

#: Events whose word is another one than the state they lead to.
_ALSO: Mapping[str, tuple[str, ...]] = {"fulfilled": ("shipped", "delivered"), "placed": ("created",)}
_EXPECTED = "expected_at"
#: An amount of a line as it may come: "1250.00", or written out with its currency, "45,360.00 GBP".
_MONEY = re.compile(r"(?P<number>-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?)(?: (?P<currency>[A-Z]{3}))?")


class Passed(StrEnum):
    """How far one step is."""

    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"
    ENDED = "ended"


@dataclass(frozen=True)
class Step:
    """One step: its words, how far it is, when it was reached or is expected, and how late that is.

    `late` is a sentence's part such as *5 days late*; empty when nothing is.
    """

    label: str
    passed: Passed
    when: str = ""
    late: str = ""


def steps(context: PortalContext, record: RecordView) -> tuple[Step, ...]:
    """Return the steps of a record's lifecycle; none for a type without steps.

    A record that left its way (cancelled) has the steps it came through and then its end.
    """
    entity = context.manifest.entity(record.entity)
    lifecycle = entity.lifecycle if entity else None
    if entity is None or lifecycle is None or not lifecycle.steps:
        return ()
    state = state_spec(entity, record.state)
    at = [_reached(entity, record, lifecycle, number) for number in range(len(lifecycle.steps))]
    if state is not None and state.step is not None:
        return _on_the_way(context, record, lifecycle, state, at)
    came = [number for number, day in enumerate(at) if day is not None]
    done = [
        Step(lifecycle.steps[number], Passed.DONE, _said(context, at[number]))
        for number in range((came[-1] if came else 0) + 1)
    ]
    last = _event_day(entity, record, (record.state,))
    return (*done, Step(record.state_label, Passed.ENDED, _said(context, last)))


def _on_the_way(
    context: PortalContext,
    record: RecordView,
    lifecycle: Lifecycle,
    state: StateSpec,
    at: list[date | None],
) -> tuple[Step, ...]:
    here = state.step or 0
    ended = not state.open
    expected = _expected_step(lifecycle, here) if not ended else None
    found = []
    for number, label in enumerate(lifecycle.steps):
        passed = Passed.DONE if number < here or (ended and number == here) else Passed.AHEAD
        passed = Passed.NOW if number == here and not ended else passed
        if number == expected:
            when, late = expectation(context, record)
            found.append(Step(label, passed, when, late))
        else:
            found.append(Step(label, passed, _said(context, at[number]) if number <= here else ""))
    return tuple(found)


def _expected_step(lifecycle: Lifecycle, here: int) -> int | None:
    """The step that an expected day is about: the one in which goods are there, while it is ahead."""
    states = [one for one in lifecycle.states if one.name in _ALSO and one.name != lifecycle.initial]
    target = next((one.step for one in states if one.step is not None), None)
    return target if target is not None and target > here else None


def expectation(context: PortalContext, record: RecordView) -> tuple[str, str]:
    """Return when a record's goods are expected and how late they are: *Expected Wed 25 Nov*, *5 days late*."""
    day = date_of(record.data.get(_EXPECTED))
    if day is None or date_of(record.data.get("delivered_at")) is not None:
        return "", ""
    late = (context.formats.today() - day).days
    words = context.tr("Expected {day}") if late <= 0 else context.tr("Was expected {day}")
    said = words.format(day=context.formats.weekday_day(day))
    return said, context.tr.plural(late, "%n day late", "%n days late") if late > 0 else ""


def _reached(entity: EntityType, record: RecordView, lifecycle: Lifecycle, number: int) -> date | None:
    """When a step was reached: its own date where the record has one, else the event that tells of it."""
    names = [one.name for one in lifecycle.states if one.step == number]
    names += [also for name in names for also in _ALSO.get(name, ())]
    for name in names:
        spec = entity.field(f"{name}_at")
        if spec is not None and spec.type in (FieldType.DATE, FieldType.DATETIME):
            day = date_of(record.data.get(spec.name))
            if day is not None:
                return day
    return _event_day(entity, record, tuple(names))


def _event_day(entity: EntityType, record: RecordView, names: tuple[str, ...]) -> date | None:
    for event in events_of(entity, record.data):
        kind = str(event.get("kind") or "")
        moment = moment_of(event.get("at"))
        if moment is not None and any(kind == name or kind.startswith(f"{name}:") for name in names):
            return moment.date()
    return None


def _said(context: PortalContext, day: date | None) -> str:
    return context.formats.weekday_day(day) if day is not None else ""


# -- lines ------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Line:
    """One line of an order: what, how many of how many are shipped (None: not told), and its amount in words."""

    name: str
    code: str
    ordered: int | None
    shipped: int | None
    amount: str

    @property
    def complete(self) -> bool:
        """Whether all of it has left."""
        return self.ordered is not None and self.shipped is not None and self.shipped >= self.ordered


def lines(context: PortalContext, record: RecordView) -> tuple[Line, ...]:
    """Return the lines of a record; none where it has none."""
    entity = context.manifest.entity(record.entity)
    spec = next((one for one in entity.fields if one.type is FieldType.LINES), None) if entity else None
    rows = record.data.get(spec.name) if spec else None
    if not isinstance(rows, list):
        return ()
    return tuple(_line(context, record, row) for row in rows if isinstance(row, Mapping))


def _line(context: PortalContext, record: RecordView, row: Mapping[str, Any]) -> Line:
    amount = str(row.get("value") or row.get("amount") or "")
    if (found := _MONEY.fullmatch(amount)) is not None:
        currency = found["currency"] or str(record.data.get("currency") or "")
        amount = context.formats.money(found["number"].replace(",", ""), currency)
    return Line(
        name=str(row.get("name") or ""),
        code=str(row.get("code") or ""),
        ordered=_count(row.get("quantity")),
        shipped=_count(row.get("shipped")),
        amount=amount,
    )


def _count(value: Any) -> int | None:
    try:
        return int(float(str(value)))
    except (ValueError, OverflowError):
        return None


def shipped_lines(found: tuple[Line, ...]) -> tuple[int, int] | None:
    """Return how many lines have left entirely, of how many; None where nobody tells what has left."""
    told = [line for line in found if line.ordered is not None and line.shipped is not None]
    if not told:
        return None
    return sum(1 for line in told if line.complete), len(found)

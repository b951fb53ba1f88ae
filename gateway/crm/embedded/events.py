"""Timelines of rows, told from their history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from gateway.crm.embedded.codes import OPPORTUNITY_WORDS, PIPE_WORDS, OrderStatus, Stage

#: The longest timeline that leaves the CRM; the oldest entries fall off.
LONGEST = 40

#: A kind of entry and its words.
Told = tuple[str, str]


@dataclass(frozen=True)
class Telling:
    """How one kind of row is told.

    `state`: the column of its state, and what is told when each is `reached`. `edited`: words for columns of which no
    values are told. `special`: what is told of others, by (value before, value after). An empty column name stands for
    the row having come into being.
    """

    state: str
    reached: Mapping[str, Told]
    edited: Mapping[str, str]
    special: Mapping[str, Callable[[Any, Any], Told | None]]

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns whose changes are told."""
        return (self.state, *self.edited, *self.special)

    @property
    def valued(self) -> frozenset[str]:
        """Those of them of which the values are needed."""
        return frozenset({self.state, *self.special})


class Line(NamedTuple):
    """What a timeline needs of one history line; the values are needed for `Telling.valued` alone."""

    field: str
    old: Any
    new: Any
    by: str
    at_ms: int


def timeline(telling: Telling, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Return entries {when_ms, who, what, words}, oldest first; the words do not repeat the name."""
    entries: list[dict[str, Any]] = []
    for line in lines:
        told = _entry(telling, line)
        if told is not None:
            kind, text = told
            entries.append({"when_ms": line.at_ms, "who": line.by, "what": kind, "words": text})
    return entries[-LONGEST:]


def _entry(telling: Telling, line: Line) -> Told | None:
    if line.field in telling.edited:
        return "edit", telling.edited[line.field]
    if line.field in telling.special:
        return telling.special[line.field](line.old, line.new)
    return _AGAIN.get((str(line.old), str(line.new))) or telling.reached.get(str(line.new))


#: What is told otherwise when it is reached from a certain state.
_AGAIN: Mapping[tuple[str, str], Told] = {
    (Stage.EXT_ASKED, Stage.PROTECTED): ("extension", "Extension answered"),
    (Stage.INFO_NEEDED, Stage.NEW): ("submitted", "Submitted again"),
}

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _day(iso: str) -> str:
    year, month, day = iso.split("-")
    return f"{int(day)} {_MONTHS[int(month) - 1]} {year}"


def _protection(old: Any, new: Any) -> Told | None:
    # The first protection is told by the approval itself; what is told here is that it was moved.
    return ("protection", f"Protected until {_day(new)}") if old and new else None


def _expected(old: Any, new: Any) -> Told | None:
    return ("expected", f"Now expected on {_day(new)}") if old and new else None


def _delivered(_old: Any, new: Any) -> Told | None:
    return ("delivered", "Delivered") if new else None


def _born(kind: str, words: str) -> Callable[[Any, Any], Told | None]:
    return lambda old, new: (kind, words) if old is None and new is not None else None


def _pipe(words: str) -> Callable[[Any, Any], Told | None]:
    return lambda _old, new: ("edit", f"{words}: {PIPE_WORDS.get(str(new), 'none')}")


#: The kinds of row that have a timeline.
TELLINGS: Mapping[str, Telling] = {
    "registration": Telling(
        "stage_code",
        {
            Stage.DRAFT: ("created", "Started"),
            Stage.NEW: ("submitted", "Submitted"),
            Stage.REVIEW: ("review", "Review started"),
            Stage.INFO_NEEDED: ("action", "More information asked for"),
            Stage.APPROVAL: ("approval", "Sent for approval"),
            Stage.PROTECTED: ("approved", "Approved"),
            Stage.EXT_ASKED: ("extension", "Extension asked for"),
            Stage.WON: ("converted", "Converted to an order"),
            Stage.REFUSED: ("rejected", "Rejected"),
            Stage.DUPLICATE: ("duplicate", "Marked as a duplicate"),
            Stage.LAPSED: ("expired", "Protection ended"),
            Stage.CANCELLED: ("cancelled", "Cancelled"),
            Stage.WITHDRAWN: ("withdrawn", "Withdrawn"),
        },
        {
            "est_value": "Amount changed",
            "next_action": "Next steps changed",
            "decide_on": "Decision date changed",
            "co_worker_ids": "Co-workers changed",
        },
        {"prot_to": _protection, "pipe_code": _pipe("Sales stage")},
    ),
    "order": Telling(
        "status_code",
        {
            OrderStatus.CONFIRMED: ("confirmed", "Confirmed"),
            OrderStatus.FULFILLED: ("shipped", "Shipped"),
            OrderStatus.INVOICED: ("invoiced", "Invoiced"),
            OrderStatus.PAID: ("paid", "Paid"),
            OrderStatus.CANCELLED: ("cancelled", "Cancelled"),
        },
        {},
        {"": _born("placed", "Placed"), "eta_on": _expected, "delivered_on": _delivered},
    ),
    "opportunity": Telling(
        "stage_code",
        {code: ("stage", words) for code, words in OPPORTUNITY_WORDS.items()},
        {
            "v_value": "Amount changed",
            "v_close_on": "Close date changed",
            "v_next": "Next steps changed",
            "p_value": "Amount changed",
            "p_close_on": "Close date changed",
            "p_next": "Next steps changed",
            "joint_next": "Joint next steps changed",
        },
        {"": _born("opened", "Opened"), "p_stage_code": _pipe("Sales stage")},
    ),
}

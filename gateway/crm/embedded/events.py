"""A registration's timeline, told from its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gateway.crm.embedded.codes import PIPE_WORDS, Stage

#: History lines that make a timeline; everything else stays inside.
TOLD_FIELDS = ("stage_code", "prot_to", "est_value", "next_action", "pipe_code", "decide_on")

#: Those of them whose entries say what the values were.
TOLD_VALUES = frozenset({"stage_code", "prot_to", "pipe_code"})

#: The longest timeline that leaves the CRM; the oldest entries fall off.
LONGEST = 40

#: Stage reached: kind of the entry and its words.
_REACHED: Mapping[str, tuple[str, str]] = {
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
}

_EDITED: Mapping[str, str] = {
    "est_value": "Amount changed",
    "next_action": "Next steps changed",
    "decide_on": "Decision date changed",
}


class Line(NamedTuple):
    """What a timeline needs of one history line; the values are needed for `TOLD_VALUES` alone."""

    field: str
    old: Any
    new: Any
    by: str
    at_ms: int


def timeline(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Return entries {when_ms, who, what, words}, oldest first; the words do not repeat the name."""
    entries: list[dict[str, Any]] = []
    for line in lines:
        told = _entry(line)
        if told is not None:
            kind, text = told
            entries.append({"when_ms": line.at_ms, "who": line.by, "what": kind, "words": text})
    return entries[-LONGEST:]


def _entry(line: Line) -> tuple[str, str] | None:
    if line.field == "stage_code":
        if line.old == Stage.EXT_ASKED and line.new == Stage.PROTECTED:
            return "extension", "Extension answered"
        if line.old == Stage.INFO_NEEDED and line.new == Stage.NEW:
            return "submitted", "Submitted again"
        return _REACHED.get(str(line.new))
    if line.field == "prot_to":
        # The first protection is told by the approval itself; what is told here is that it was moved.
        return ("protection", f"Protected until {_day(line.new)}") if line.old and line.new else None
    if line.field == "pipe_code":
        return ("edit", f"Sales stage: {PIPE_WORDS.get(str(line.new), 'none')}")
    return ("edit", _EDITED[line.field])


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _day(iso: str) -> str:
    year, month, day = iso.split("-")
    return f"{int(day)} {_MONTHS[int(month) - 1]} {year}"

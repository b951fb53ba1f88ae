"""Whose turn it is on a request, since when, and how much of the time for an answer is left.

Pure: values in, values out. The vendor's time runs while it is the vendor's turn; it stands still while the request
waits for the user, who is then told by when they are asked to answer, if the vendor said so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Turn(StrEnum):
    """Who has to do something."""

    VENDOR = "vendor"
    PARTNER = "partner"
    SENDING = "sending"  # the user has answered; it waits on this computer


@dataclass(frozen=True)
class Said:
    """One message: whose, and when it was sent; `at` None for one that waits to be sent."""

    vendor: bool
    at: datetime | None


@dataclass(frozen=True)
class AnswerClock:
    """How a request stands. `share` of the time has passed, 0 to 1; `paused`: the vendor's time does not run."""

    turn: Turn
    since: datetime | None
    due: datetime | None
    share: float
    overdue: bool
    paused: bool


def read(
    waits_on: str, due: datetime | None, asked: datetime | None, said: Sequence[Said], now: datetime
) -> AnswerClock | None:
    """Return how a request stands; None when nobody has to answer.

    `waits_on`: what its state says, *vendor*, *partner* or nothing. `asked`: when it was raised.
    """
    if waits_on not in (Turn.VENDOR, Turn.PARTNER):
        return None
    mine = [message for message in said if not message.vendor]
    waiting = bool(mine) and mine[-1] is said[-1] and mine[-1].at is None
    if waits_on == Turn.PARTNER and waiting:
        return AnswerClock(Turn.SENDING, None, None, 0.0, overdue=False, paused=True)
    turn = Turn(waits_on)
    since = _since(turn, said, asked)
    overdue = due is not None and due <= now
    return AnswerClock(
        turn, since, due, _share(since or asked, due, now), overdue, paused=turn is Turn.PARTNER
    )


def _since(turn: Turn, said: Sequence[Said], asked: datetime | None) -> datetime | None:
    """Since when it is somebody's turn: the first message of the other side that they have not answered."""
    found: datetime | None = None
    for message in reversed(said):
        if message.at is None:
            continue
        if message.vendor == (turn is Turn.VENDOR):
            break
        found = message.at
    return found or (asked if turn is Turn.VENDOR else None)


def _share(start: datetime | None, end: datetime | None, now: datetime) -> float:
    if start is None or end is None or end <= start:
        return 0.0
    return min(1.0, max(0.0, (now - start) / (end - start)))

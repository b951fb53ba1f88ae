"""Requests: the clock they run by, and what may answer one before it is raised."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ClockView:
    """The time an answer takes: *4 h 55 m* and *left*, whose `turn` it is since when, and who answers by when.

    `figure` is empty where no time is set; `share` of it has passed; `paused`: the vendor's time stands still.
    """

    figure: str
    rest: str
    tone: str
    share: float
    turn: str
    words: str
    paused: bool


@dataclass(frozen=True)
class Suggestion:
    """What may answer a question already. `ranges` are the places of its words within `excerpt`."""

    gid: str
    entity: str
    icon: str
    title: str
    detail: str
    excerpt: str
    ranges: tuple[tuple[int, int], ...]

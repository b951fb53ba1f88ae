"""How many calls are left, as HubSpot's own answers tell: whoever matters less stops before they are used up.

The budget (`gateway.crm.budget`) shares out what was declared. But other apps use up the same account's calls, and
only the answers tell of those.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from threading import Lock

from gateway.clock import Clock
from gateway.crm.budget import Priority
from gateway.crm.port import CrmBusy

#: Part of a window, and of the day, that must be left for a call of a priority to be made.
_WINDOW_LEFT = {Priority.WRITE: 0.0, Priority.READ: 0.02, Priority.LIST: 0.1, Priority.SWEEP: 0.25}
_DAY_LEFT = {Priority.WRITE: 0.0, Priority.READ: 0.005, Priority.LIST: 0.02, Priority.SWEEP: 0.1}

#: Seconds after which the day's count is asked for again, by making a call.
_LOOK_AGAIN = 900.0


class Allowance:
    """What is left of the account's calls. Safe to use on any thread."""

    def __init__(self, clock: Clock, label: str, searches_a_second: int) -> None:
        """`searches_a_second`: 0 lets any number pass."""
        self._clock = clock
        self._label = label
        self._searches_a_second = searches_a_second
        self._searches: deque[float] = deque()
        self._window = (1.0, 0.0)
        self._day = (1.0, 0.0)
        self._lock = Lock()

    def check(self, priority: Priority, *, search: bool = False) -> None:
        """Let a call be made. Raises CrmBusy."""
        with self._lock:
            now = self._clock.monotonic()
            for (left, until), needed in ((self._window, _WINDOW_LEFT), (self._day, _DAY_LEFT)):
                if now < until and left <= needed[priority] and priority is not Priority.WRITE:
                    raise CrmBusy(f"{self._label} takes few more calls for now.", max(0.1, until - now))
            if search and self._searches_a_second:
                self._pace(now)

    def _pace(self, now: float) -> None:
        while self._searches and self._searches[0] <= now - 1.0:
            self._searches.popleft()
        if len(self._searches) >= self._searches_a_second:
            wait = max(0.1, self._searches[0] + 1.0 - now)
            raise CrmBusy(f"{self._label} takes {self._searches_a_second} searches a second.", wait)
        self._searches.append(now)

    def note(self, headers: Mapping[str, str]) -> None:
        """Take in what an answer tells. Those of searches tell nothing."""
        with self._lock:
            now = self._clock.monotonic()
            window = _share(headers, "x-hubspot-ratelimit-remaining", "x-hubspot-ratelimit-max")
            if window is not None:
                milliseconds = _number(headers, "x-hubspot-ratelimit-interval-milliseconds") or 10_000
                self._window = (window, now + milliseconds / 1000)
            day = _share(headers, "x-hubspot-ratelimit-daily-remaining", "x-hubspot-ratelimit-daily")
            if day is not None:
                self._day = (day, now + _LOOK_AGAIN)


def _share(headers: Mapping[str, str], left: str, most: str) -> float | None:
    remaining, total = _number(headers, left), _number(headers, most)
    return None if remaining is None or not total else remaining / total


def _number(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() else None

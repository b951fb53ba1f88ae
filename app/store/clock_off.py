"""How far this computer's clock is off, as it was heard last: kept for the next start, and never believed for long.

A time that is captured meanwhile is kept as the clock gave it, with the minutes the clock was off beside it: whoever
shows that time can then say that it is wrong, also after the clock was set right.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from app.store.settings import Settings

#: For so long without hearing from the gateway it is taken to be off by as much as before.
_REMEMBERED = timedelta(hours=12)
_AGAIN = timedelta(hours=1)
_KEY = "clock.ahead"
#: Long before anything was compared.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class ClockOff:
    """Remembers by how many minutes this computer's clock is ahead of the gateway's; negative: behind."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def remember(self, minutes: int, now: datetime) -> None:
        """Keep how far the clock is off; 0 when it is right. `now` is this computer's.

        It is written when it changes, and now and then; not with every page that comes in.
        """
        known = self._settings.get(_KEY)
        if not minutes:
            if known is not None:
                self._settings.remove(_KEY)
            return
        same = isinstance(known, dict) and known.get("minutes") == minutes
        if not same or abs(now - _moment(known)) >= _AGAIN:
            self._settings.put(_KEY, {"minutes": minutes, "at": now.isoformat()})

    def minutes(self, at: datetime) -> int:
        """Return how far the clock is ahead when it shows `at`, as far as is known; 0 once it was set or much later."""
        known = self._settings.get(_KEY)
        minutes = known.get("minutes") if isinstance(known, dict) else None
        if not isinstance(minutes, int):
            return 0
        since = at - _moment(known)
        # A clock that stands before the moment it was compared has been set back meanwhile.
        return minutes if timedelta() <= since <= _REMEMBERED else 0


def _moment(known: Any) -> datetime:
    """When it was compared last; what cannot be read was long ago."""
    try:
        at = datetime.fromisoformat(known["at"])
    except (TypeError, KeyError, ValueError):
        return _NEVER
    return at if at.tzinfo is not None else _NEVER

"""This computer's clock against the gateway's: how far it is off, and what is known of that without a network.

A clock may be wrong by a day. Captured times are this computer's and said to be so; days are reckoned by the gateway's
clock, as long as it is known how far that is away.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from app.store.database import Store

#: Less than this is a slow network, or a clock that nobody has to set.
TOLERATED = timedelta(minutes=5)
#: For so long without hearing from the gateway it is taken to be off by as much as before.
_REMEMBERED = timedelta(hours=12)
_AGAIN = timedelta(hours=1)
_KEY = "clock.ahead"
#: Long before anything was compared.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def minutes_off(ahead: timedelta | None) -> int:
    """Return whole minutes this computer's clock is ahead (negative: behind); 0 for what nobody has to mind."""
    if ahead is None or abs(ahead) < TOLERATED:
        return 0
    return round(ahead / timedelta(minutes=1))


def remember(store: Store, minutes: int, now: datetime) -> None:
    """Keep how far the clock is off, for the next start without a network. `now` is this computer's.

    It is written when it changes, and now and then; not with every page that comes in.
    """
    known = store.settings.get(_KEY)
    if not minutes:
        if known is not None:
            store.settings.remove(_KEY)
        return
    same = isinstance(known, dict) and known.get("minutes") == minutes
    if not same or abs(now - _moment(known)) >= _AGAIN:
        store.settings.put(_KEY, {"minutes": minutes, "at": now.isoformat()})


def remembered(store: Store, now: datetime) -> timedelta:
    """Return how far the clock is ahead as far as is known; nothing once it was set, or a while has passed."""
    known = store.settings.get(_KEY)
    minutes = known.get("minutes") if isinstance(known, dict) else None
    if not isinstance(minutes, int):
        return timedelta()
    since = now - _moment(known)
    # A clock that stands before the moment it was compared has been set back meanwhile.
    return timedelta(minutes=minutes) if timedelta() <= since <= _REMEMBERED else timedelta()


def _moment(known: Any) -> datetime:
    """When it was compared last; what cannot be read was long ago."""
    try:
        at = datetime.fromisoformat(known["at"])
    except (TypeError, KeyError, ValueError):
        return _NEVER
    return at if at.tzinfo is not None else _NEVER

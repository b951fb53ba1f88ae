"""This computer's clock against the gateway's: from when on it is off.

A clock may be wrong by a day. Captured times are this computer's and said to be so; days are reckoned by the gateway's
clock, as long as it is known how far that is away (`app.store.clock_off`).
"""

from __future__ import annotations

from datetime import timedelta

#: Less than this is a slow network, or a clock that nobody has to set.
TOLERATED = timedelta(minutes=5)


def minutes_off(ahead: timedelta | None) -> int:
    """Return whole minutes this computer's clock is ahead (negative: behind); 0 for what nobody has to mind."""
    if ahead is None or abs(ahead) < TOLERATED:
        return 0
    return round(ahead / timedelta(minutes=1))

"""What goes by the clock on the wall: the nightly comparison. APScheduler only posts a wake, the loop does the work.

Every other wait is the loop's own and goes by a clock that nobody can set. The one on the wall may be put back by
hours, and APScheduler sleeps on until it has caught up; so nothing hangs on a wake from here. Should one be late, the
loop's own next look finds that the night has come.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING

from app.sync.comparing import next_night

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler

_NIGHT = "night"


class Schedule:
    """Posts a wake when a night begins; one that a sleeping computer missed when it wakes up, however late that is."""

    def __init__(self, wake: Callable[[], None], night_hour: int, zone: tzinfo | None = None) -> None:
        """`night_hour`: from 0 to 23, in `zone`; None: where this computer is."""
        self._wake = wake
        self._hour = night_hour
        self._zone = zone

    @cached_property
    def _scheduler(self) -> BackgroundScheduler:
        # Not with this module: a window makes a schedule that its engine starts, on a thread of its own.
        from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415

        return BackgroundScheduler(timezone=UTC, job_defaults={"misfire_grace_time": None})

    def start(self) -> None:
        """Begin to post."""
        self._await_night()
        self._scheduler.start()

    def stop(self) -> None:
        """Post nothing more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _await_night(self) -> None:
        # One night at a time: the hour is asked for anew, whatever has become of the zone or its summer time.
        at = next_night(datetime.now(UTC), self._hour, self._zone)
        self._scheduler.add_job(self._night_came, "date", run_date=at, id=_NIGHT, replace_existing=True)

    def _night_came(self) -> None:
        self._await_night()
        self._wake()

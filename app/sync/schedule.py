"""Timed work: APScheduler only posts wakes, the loop does the work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

_NEXT = "next"
_ALWAYS = "always"


class Schedule:
    """Posts a wake at the time asked for last, and one at a fixed interval in case that got lost.

    A wake that a sleeping computer missed is posted when it wakes up, however late that is.
    """

    def __init__(self, wake: Callable[[], None], at_least: float) -> None:
        """`at_least`: seconds between two wakes at most."""
        self._wake = wake
        self._scheduler = BackgroundScheduler(timezone=UTC, job_defaults={"misfire_grace_time": None})
        self._scheduler.add_job(
            wake, "interval", seconds=at_least, id=_ALWAYS, coalesce=True, max_instances=1
        )

    def start(self) -> None:
        """Begin to post."""
        self._scheduler.start()

    def after(self, seconds: float) -> None:
        """Post one wake in `seconds`, instead of the one asked for before."""
        at = datetime.now(UTC) + timedelta(seconds=seconds)
        self._scheduler.add_job(self._wake, "date", run_date=at, id=_NEXT, replace_existing=True)

    def stop(self) -> None:
        """Post nothing more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

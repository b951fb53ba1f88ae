"""Timed work: APScheduler only posts wakes, the loop does the work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

_NEXT = "next"
_POLL = "poll"


class Schedule:
    """Posts a wake after a given time, and one at a fixed interval in case everything else stays silent."""

    def __init__(self, wake: Callable[[], None], poll: float) -> None:
        self._wake = wake
        self._scheduler = BackgroundScheduler(timezone=UTC, job_defaults={"misfire_grace_time": None})
        self._scheduler.add_job(wake, "interval", seconds=poll, id=_POLL, coalesce=True, max_instances=1)

    def start(self) -> None:
        """Begin to post."""
        self._scheduler.start()

    def after(self, seconds: float) -> None:
        """Post one wake in `seconds`, instead of any asked for before."""
        at = datetime.now(UTC) + timedelta(seconds=seconds)
        self._scheduler.add_job(self._wake, "date", run_date=at, id=_NEXT, replace_existing=True)

    def stop(self) -> None:
        """Post nothing more."""
        self._scheduler.shutdown(wait=False)

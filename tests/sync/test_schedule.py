"""What goes by the clock on the wall."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from apscheduler.events import EVENT_JOB_SUBMITTED

from app.sync import schedule as module
from app.sync.schedule import Schedule

BEFORE = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)


class Fixed(datetime):
    """A clock on the wall that a test sets."""

    at = BEFORE

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        assert tz is UTC
        return cls.at


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> type[Fixed]:
    monkeypatch.setattr(module, "datetime", Fixed)
    monkeypatch.setattr(Fixed, "at", BEFORE)
    return Fixed


def night(schedule: Schedule) -> datetime:
    """When the next wake is posted."""
    *_, job = schedule._scheduler.get_jobs()  # before it is started the replaced ones are still listed
    at = job.trigger.run_date
    assert isinstance(at, datetime)
    return at


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        (UTC, datetime(2026, 11, 24, 2, 0, tzinfo=UTC)),
        (timezone(timedelta(hours=3)), datetime(2026, 11, 24, 23, 0, tzinfo=UTC)),
    ],
)
def test_a_wake_is_posted_when_each_night_begins(wall: type[Fixed], zone: timezone, first: datetime) -> None:
    woken: list[datetime] = []
    schedule = Schedule(lambda: woken.append(wall.at), 2, zone)
    schedule._await_night()
    assert night(schedule) == first
    wall.at = first
    schedule._night_came()
    assert woken == [first]
    assert night(schedule) == first + timedelta(days=1)


def test_the_night_after_clocks_were_put_back_comes_once(wall: type[Fixed]) -> None:
    """Two o'clock in Berlin: 25 hours lie between the nights, and none of them is the moment it already is."""
    schedule = Schedule(lambda: None, 2, ZoneInfo("Europe/Berlin"))
    wall.at = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    schedule._night_came()
    assert night(schedule) == datetime(2026, 10, 26, 1, 0, tzinfo=UTC)
    wall.at = night(schedule)
    schedule._night_came()
    assert night(schedule) == datetime(2026, 10, 27, 1, 0, tzinfo=UTC)


def test_one_that_is_missed_is_posted_late() -> None:
    """The scheduler itself, over its own clock: a night that began a moment ago."""
    woken, done = threading.Event(), threading.Event()
    schedule = Schedule(woken.set, 2, UTC)
    # APScheduler trips over being shut down between a job's run and its removal; this comes after both.
    schedule._scheduler.add_listener(lambda _: done.set(), EVENT_JOB_SUBMITTED)
    schedule._scheduler.add_job(schedule._wake, "date", run_date=datetime.now(UTC) - timedelta(hours=5))
    schedule.start()
    try:
        assert woken.wait(20)
        assert done.wait(20)
    finally:
        schedule.stop()

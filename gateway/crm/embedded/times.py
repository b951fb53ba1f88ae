"""The CRM's way with time: milliseconds, ISO days, and working hours for answers."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

_OPENS = time(8, 30)
_CLOSES = time(17, 30)


def to_ms(instant: datetime) -> int:
    """Return milliseconds since 1970 of an aware instant, without going through a float."""
    delta = instant.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return delta // timedelta(milliseconds=1)


def from_ms(ms: int) -> datetime:
    """Return the UTC instant of milliseconds since 1970."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


def iso_day(ms: int) -> str:
    """Write the UTC day of an instant."""
    return from_ms(ms).date().isoformat()


def add_working_hours(start: datetime, hours: int) -> datetime:
    """Return the instant `hours` working hours later (Monday to Friday, 08:30 to 17:30 UTC)."""
    moment = _next_open(start.astimezone(UTC))
    left = timedelta(hours=hours)
    while True:
        closing = datetime.combine(moment.date(), _CLOSES, UTC)
        if moment + left <= closing:
            return moment + left
        left -= closing - moment
        moment = _next_open(closing)


def add_working_days(day: date, days: int) -> date:
    """Return the working day `days` working days later."""
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < 5:
            days -= 1
    return day


def _next_open(moment: datetime) -> datetime:
    if moment.weekday() < 5 and moment.time() < _OPENS:
        return datetime.combine(moment.date(), _OPENS, UTC)
    if moment.weekday() < 5 and moment.time() < _CLOSES:
        return moment
    day = moment.date() + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return datetime.combine(day, _OPENS, UTC)

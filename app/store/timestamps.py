"""Points in time as text that sorts like time."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp(moment: datetime) -> str:
    """Write an aware datetime as UTC text of one fixed width, so that text order is time order."""
    if moment.tzinfo is None:
        raise ValueError("a point in time needs a time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str) -> datetime:
    """Read what `stamp` wrote."""
    return datetime.fromisoformat(text)


def stamp_or_none(value: datetime | None) -> str | None:
    """Write a datetime, or None."""
    return None if value is None else stamp(value)


def moment_or_none(text: str | None) -> datetime | None:
    """Read a stamp, or None."""
    return None if text is None else moment(text)

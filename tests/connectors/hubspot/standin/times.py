"""Instants as HubSpot writes and reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(at: datetime) -> int:
    """Milliseconds since 1970."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def from_ms(ms: int) -> datetime:
    """The instant so many milliseconds after 1970."""
    return EPOCH + timedelta(milliseconds=ms)


def iso(ms: int) -> str:
    """With milliseconds where there are some: `2026-11-29T12:00:00Z`, `2026-11-29T12:00:00.250Z`."""
    text = from_ms(ms).isoformat(timespec="milliseconds" if ms % 1000 else "seconds")
    return text.replace("+00:00", "Z")


def read_ms(text: str) -> int:
    """Read milliseconds, a date, or an ISO time. Raises ValueError."""
    if text.lstrip("-").isdecimal():
        return int(text)
    at = datetime.fromisoformat(text)
    return to_ms(at if at.tzinfo else at.replace(tzinfo=UTC))

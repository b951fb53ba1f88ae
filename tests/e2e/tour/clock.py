"""A clock that runs as the machine's does, some virtual days ahead: the offset is read from a file both sides share."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path


class ShiftedClock:
    """Time of day plus the seconds that stand in a file; durations are the machine's."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        """Return the time of day in UTC."""
        try:
            seconds = float(self._file.read_text() or "0")
        except FileNotFoundError:
            seconds = 0.0
        return datetime.now(UTC) + timedelta(seconds=seconds)

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()

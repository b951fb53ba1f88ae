"""Writing what has not reached the vendor to a file of the user's choice."""

from __future__ import annotations

from pathlib import Path

from app.services.whole_file import write_whole


def write_text(target: Path, text: str, kept: str = "Everything is kept in the outbox.") -> Path:
    """Write the whole text or nothing; returns where. Raises DiskFull, Refused."""
    write_whole(target, text.encode(), kept)
    return target

"""What one process of the tour writes down for the other: which record it was that it worked on."""

from __future__ import annotations

from pathlib import Path


class Notes:
    """Words by name, a file for each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "notes"
        self._folder.mkdir(exist_ok=True)

    def put(self, name: str, words: str) -> str:
        """Write words down; returns them."""
        (self._folder / name).write_text(words, "utf-8")
        return words

    def get(self, name: str) -> str:
        """Read words. Raises FileNotFoundError where nobody came to write them."""
        return (self._folder / name).read_text("utf-8")

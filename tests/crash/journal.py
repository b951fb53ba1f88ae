"""What the app told its user, line by line, in a file that outlives the process."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Journal:
    """Appends lines; each is on the disk before the app goes on, as its user has seen it by then."""

    def __init__(self, path: Path, moment: Callable[[], None]) -> None:
        """`moment` is called before each line: the app is about to tell."""
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._moment = moment

    def write(self, word: str, **told: Any) -> None:
        """Append a line."""
        self._moment()
        os.write(self._file, json.dumps({"word": word, **told}).encode() + b"\n")
        os.fsync(self._file)


def lines(path: Path) -> list[dict[str, Any]]:
    """Read what was told; a line cut off by the end of the process was not told."""
    if not path.exists():
        return []
    text = path.read_bytes()
    return [json.loads(line) for line in text[: text.rfind(b"\n") + 1].splitlines()]

"""Small JSON files beside the accounts, replaced whole: a crash leaves the old one or the new one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def private_folder(folder: Path) -> None:
    """Make a folder that only this user may look into."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)


def load(path: Path) -> dict[str, Any]:
    """Return what a file holds; nothing when it is not there or cannot be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def write(path: Path, data: dict[str, Any]) -> None:
    """Replace a file, durably; only this user may read it."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)  # one that a crash left keeps the rights it was made with
    made = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(made, "w", encoding="utf-8") as file:
        json.dump(data, file, indent=1, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)

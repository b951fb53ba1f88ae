"""Writing what has not reached the vendor to a file of the user's choice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from app.services.whole_file import write_whole

#: Given the parent and a suggested name, where to write; None when the user thought better of it.
AskTarget = Callable[[QWidget, str], Path | None]


def ask_target(parent: QWidget, name: str) -> Path | None:
    """The system's own dialog, starting in the documents folder."""
    title = QCoreApplication.translate("Export", "Export")
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    chosen, _filter = QFileDialog.getSaveFileName(parent, title, str(Path(folder) / name))
    return Path(chosen) if chosen else None


def write_text(target: Path, text: str, kept: str = "Everything is kept in the outbox.") -> Path:
    """Write the whole text or nothing; returns where. Raises DiskFull, Refused."""
    write_whole(target, text.encode(), kept)
    return target

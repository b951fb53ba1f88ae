"""Moving and deleting what a path led to when it was looked at, whatever somebody puts in its place meanwhile.

For a process of the system in folders of users: between a look at a path and the next use of it a user can swap a
folder for a junction, and the system would follow. So a thing is opened once, without following it; the system is asked
where what was opened really lies; and what is done is done to what is open, not to a path.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol


class Handles(Protocol):
    """What a system does with things that are open. All raise OSError."""

    def open(self, path: Path, *, follow: bool) -> int:
        """Open a file or folder, to be moved or deleted. `follow`: where it is a link, what that leads to."""

    def place(self, handle: int) -> str:
        """Where what is open lies, without any link on the way; parts are parted by backslashes."""

    def move(self, handle: int, target: Path) -> None:
        """Move what is open."""

    def delete(self, handle: int) -> None:
        """Delete what is open, a folder only when it is empty; also where it may only be read."""

    def close(self, handle: int) -> None:
        """Close."""


class LiesElsewhere(OSError):
    """Something was reached over a link, and what it leads to is left alone."""


def is_link(path: Path) -> bool:
    """Whether it is a link or, on Windows, a junction or another point from which one gets elsewhere."""
    return path.is_symlink() or bool(getattr(os.lstat(path), "st_reparse_tag", 0))


class PinnedFiles:
    """Below a `root` in which nobody but the system makes or moves folders."""

    def __init__(self, handles: Handles, root: Path) -> None:
        self._handles = handles
        self._root = root

    def move(self, source: Path, target: Path) -> None:
        """Move what lies below the root. Raises LiesElsewhere, OSError."""
        with self._opened(source) as handle:
            self._handles.move(handle, target)

    def delete(self, path: Path) -> list[str]:
        """Delete a file, a link, or a folder with all that is in it; returns what could not be.

        Names that are read by way of a folder that was swapped belong to nothing here, and are left alone.
        """
        failed: list[str] = []
        try:
            if path.is_dir() and not is_link(path):
                with os.scandir(path) as entries:
                    names = [entry.name for entry in entries]
                for name in names:
                    failed += self.delete(path / name)
            with self._opened(path) as handle:
                self._handles.delete(handle)
        except OSError as error:
            failed.append(f"{path}: {error}")
        return failed

    @contextmanager
    def _opened(self, path: Path) -> Iterator[int]:
        handle = self._handles.open(path, follow=False)
        try:
            if self._handles.place(handle).casefold() != self._expected(path).casefold():
                raise LiesElsewhere("it lies behind a link, and what that leads to is left alone")
            yield handle
        finally:
            self._handles.close(handle)

    def _expected(self, path: Path) -> str:
        root = self._handles.open(self._root, follow=True)
        try:
            return "\\".join((self._handles.place(root), *path.relative_to(self._root).parts))
        finally:
            self._handles.close(root)

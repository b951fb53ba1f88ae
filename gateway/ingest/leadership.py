"""Who runs a lane: one process at a time, by a name that stands for the lane of a system."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Leadership(Protocol):
    """Decides which process leads. Never waits."""

    def held(self, name: str) -> AbstractContextManager[bool]:
        """Lead `name` while the context is open, if nobody else does; its value tells whether this process leads.

        Names are `system:lane`. Contexts of different names may lie within one another; one process asks for one name
        once at a time on a thread.
        """

    def close(self) -> None:
        """Give up whatever this process leads, so that another does at once."""


class AlwaysLeading:
    """For a gateway that is the only process: it leads every lane."""

    @contextmanager
    def held(self, name: str) -> Iterator[bool]:
        """Lead."""
        assert name
        yield True

    def close(self) -> None:
        """Give up nothing: there is nobody else."""

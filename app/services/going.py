"""How far a long piece of work has come, for whoever watches it from another thread."""

from __future__ import annotations


class Going:
    """Counted by the worker, read and cancelled by the watcher; whole numbers, so that no lock is needed."""

    def __init__(self, total: int = 0) -> None:
        self.total = total
        self.done = 0
        self.cancelled = False
        """Set by the watcher: the worker stops at the next step and leaves nothing half done."""

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

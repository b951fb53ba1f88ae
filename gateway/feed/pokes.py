"""Telling whoever listens in this process that something under some tags changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

#: Called after a commit, on the committing thread, with the tags that changed and the head position.
Listener = Callable[[frozenset[str], int], None]


class Listening(Protocol):
    """Returned by `subscribe`: call it to stop listening."""

    def __call__(self) -> None: ...


class Pokes:
    """The listeners of one process. Nothing depends on a poke: whoever misses one pulls later."""

    def __init__(self) -> None:
        self._listeners: dict[int, Listener] = {}
        self._count = 0
        self._lock = threading.Lock()

    def subscribe(self, listener: Listener) -> Listening:
        """Call `listener` after each commit from now on."""
        with self._lock:
            self._count += 1
            key = self._count
            self._listeners[key] = listener

        def stop() -> None:
            with self._lock:
                self._listeners.pop(key, None)

        return stop

    def count(self) -> int:
        """Return how many listen."""
        return len(self._listeners)

    def tell(self, tags: frozenset[str], head: int) -> None:
        """Tell all listeners."""
        with self._lock:
            listeners = tuple(self._listeners.values())
        for listener in listeners:
            listener(tags, head)

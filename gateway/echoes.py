"""What a source system says about our own writes while they are made.

A system that tells at once which rows were touched tells it also of what is written here. Those rows come back with
the write and are stored with its outcome; reading them once more would be double work, and a race with the outcome.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from gateway.crm.port import Ref


class Echoes:
    """Catches hints that come on the thread that writes, for as long as it writes."""

    def __init__(self) -> None:
        self._of_this_thread = threading.local()

    @contextmanager
    def caught(self) -> Iterator[list[Ref]]:
        """Collect the hints of this thread; whoever writes passes on those it does not store itself."""
        heard: list[Ref] = []
        self._of_this_thread.heard = heard
        try:
            yield heard
        finally:
            del self._of_this_thread.heard

    def take(self, refs: Iterable[Ref]) -> bool:
        """Take hints if this thread is writing; tells whether it did."""
        heard: list[Ref] | None = getattr(self._of_this_thread, "heard", None)
        if heard is None:
            return False
        heard.extend(refs)
        return True

"""The next page, fetched while the one before is being stored.

The gateway makes a page and this computer stores one at the same time, which is worth a third of a first sync. A page
that was fetched ahead is one that the gateway gave for just this question; it is used within seconds or not at all,
since what it says was true when it was made.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

#: Seconds after which a page that was fetched ahead is not used any more.
FRESH = 5.0

Ask = TypeVar("Ask")
Page = TypeVar("Page")


@dataclass(frozen=True)
class _Under(Generic[Ask, Page]):
    ask: Ask
    since: float
    page: Future[Page]


class Ahead(Generic[Ask, Page]):
    """At most one page, for one question. `fetch` runs on a thread of its own."""

    def __init__(self, fetch: Callable[[Ask], Page], following: Callable[[Ask, Page], Ask | None]) -> None:
        """`following`: the question that comes after this one's answer, None when there is none to expect."""
        self._fetch = fetch
        self._following = following
        self._lock = Lock()
        self._under: _Under[Ask, Page] | None = None
        self._threads: ThreadPoolExecutor | None = None

    def get(self, ask: Ask) -> Page:
        """Return the answer, and begin to fetch the one after it. Raises what `fetch` raises."""
        page = self._awaited(ask) or self._fetch(ask)
        following = self._following(ask, page)
        if following is not None:
            self._begin(following)
        return page

    def forget(self) -> None:
        """Drop what was fetched ahead: the connection was cut, or what may be seen has changed."""
        with self._lock:
            self._under = None

    def close(self) -> None:
        """End the thread, without waiting for it."""
        with self._lock:
            self._under = None
            threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=False, cancel_futures=True)

    def _begin(self, ask: Ask) -> None:
        with self._lock:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(1, "counterpart-ahead")
            page = self._threads.submit(self._fetch, ask)
            self._under = _Under(ask, time.monotonic(), page)

    def _awaited(self, ask: Ask) -> Page | None:
        """The page if it is on its way and fresh. Raises what fetching it raised."""
        with self._lock:
            under, self._under = self._under, None
        if under is None or under.ask != ask or time.monotonic() - under.since > FRESH:
            return None
        try:
            return under.page.result()
        except CancelledError:
            return None

"""Whether this process may be sent requests, and how it says that it is going to end."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gateway.core import Gateway
from gateway.migrate import is_behind, revision_of
from gateway.problems import Problem

log = structlog.get_logger(__name__)

#: Seconds after which a client or balancer that was turned away may try another time.
AGAIN = 2.0


class Readiness:
    """Looks whether everything a request needs is there. Draining is for good."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._draining = threading.Event()
        self._listeners: set[Callable[[], None]] = set()
        self._lock = threading.Lock()

    @property
    def draining(self) -> bool:
        """Whether the process is going to end."""
        return self._draining.is_set()

    def drain(self) -> None:
        """Take no more requests from now on, and tell those who wait for it. May be called on any thread."""
        if self._draining.is_set():
            return
        self._draining.set()
        log.info("draining: no new requests are taken")
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()

    def on_drain(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when the process is going to end, at once if it is already; returns how to stop that."""
        with self._lock:
            self._listeners.add(listener)
        if self._draining.is_set():
            listener()

        def stop() -> None:
            with self._lock:
                self._listeners.discard(listener)

        return stop

    def check(self) -> None:
        """Raises Problem 503 with what is missing."""
        if self.draining:
            raise going_away()
        try:
            with self._gateway.ground.database.read() as connection:
                found = revision_of(connection)
        except SQLAlchemyError as error:
            log.warning("database does not answer", error=type(error).__name__)
            raise Problem(503, "database", "The database does not answer.", retry_after=AGAIN) from None
        if is_behind(found):
            raise Problem(503, "not_migrated", "The database is not migrated.", retry_after=AGAIN)
        if not any(system.mapping.objects() for system in self._gateway.systems):
            raise Problem(503, "no_mapping", "No source system is mapped.", retry_after=AGAIN)


def going_away() -> Problem:
    """503 while draining."""
    return Problem(503, "draining", "This gateway is about to end; try again.", retry_after=AGAIN)

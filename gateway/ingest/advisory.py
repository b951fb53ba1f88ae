"""Leadership by PostgreSQL's advisory locks: of all processes one reads a lane, and when it is gone another does."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
import structlog
from sqlalchemy.exc import DBAPIError

from gateway.database import Database

log = structlog.get_logger(__name__)

#: The first half of the locks' keys; the second is made from the lane's name.
_CLASS = 0x6C61_6E65

#: A leader that stands still for so long has its locks taken away by the server: it may have been suspended.
_STANDSTILL = "5min"


class AdvisoryLeadership:
    """Holds a lock for each lane this process leads, on a connection of its own, for as long as it lives.

    A lock is kept between steps: were it given back each time, every process would ask the source system in turn. When
    the connection is lost, so are the locks; a step that is under way then is no harm, since what it read too late is
    thrown away (the fence).
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._opened = ExitStack()
        self._connection: psycopg.Connection[Any] | None = None
        self._mine: set[str] = set()

    @contextmanager
    def held(self, name: str) -> Iterator[bool]:
        """Tell whether this process leads the lane of that name, becoming its leader if there is none."""
        yield self._leads(name)

    def close(self) -> None:
        """Give everything up, so that another process leads at once."""
        with self._lock:
            try:
                if self._connection is not None:
                    # A connection that is closed holds its locks for a moment still.
                    self._connection.execute(b"SELECT pg_advisory_unlock_all()")
            except psycopg.Error:
                log.debug("the connection of the locks was gone already")
            self._give_up()

    def _leads(self, name: str) -> bool:
        with self._lock:
            try:
                connection = self._connected()
                if name in self._mine:
                    connection.execute(b"SELECT 1")  # fails when the lock went with its connection
                    return True
                row = connection.execute(
                    "SELECT pg_try_advisory_lock(%s, %s)", (_CLASS, _key(name))
                ).fetchone()
            except (DBAPIError, psycopg.Error, OSError) as error:
                log.warning("leadership lost", error=type(error).__name__)
                self._give_up()
                return False
            if row is None or not row[0]:
                return False
            self._mine.add(name)
            log.info("leads", lane=name)
            return True

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is None:
            self._connection = self._opened.enter_context(self._database.own_connection())
            self._connection.execute(f"SET idle_session_timeout = '{_STANDSTILL}'".encode())
        return self._connection

    def _give_up(self) -> None:
        self._connection = None
        self._mine.clear()
        opened, self._opened = self._opened, ExitStack()
        try:
            opened.close()
        except (DBAPIError, psycopg.Error, OSError):
            log.debug("the connection of the locks was gone already")


def _key(name: str) -> int:
    """Return a number of 31 bits that is the same in every process."""
    return zlib.crc32(name.encode()) & 0x7FFF_FFFF

"""Word between the processes on one PostgreSQL: what one has committed the others hear at once.

It is only a word: who misses it reads the database a little later anyway. So a connection that was lost is no harm, as
long as whoever gets a new one looks at once at what it may have missed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import psycopg
import structlog
from sqlalchemy.exc import DBAPIError

from gateway.database import CHANNEL, Database

log = structlog.get_logger(__name__)

#: Seconds after which a silent connection is looked at, and between tries to get a new one.
_LOOK = 1.0
_AGAIN = 1.0


class Word(StrEnum):
    """What is told."""

    FEED = "feed"  # the feed has moved on
    HINT = "hint"  # there are rows to be read
    TAGS = "tags"  # something changed under tags that stand behind it, though no record did


@dataclass(frozen=True)
class Heard:
    """Words that came together, from other processes. `tags`: those of all `Word.TAGS`."""

    feed: bool
    hints: bool
    tags: frozenset[str]


#: What stands for everything that may have been said meanwhile.
MISSED = Heard(feed=True, hints=True, tags=frozenset())


def parsed(payloads: list[str], own: str) -> Heard:
    """Return what payloads of the form `process word [tag]` say, without this process's own."""
    parts = [payload.split(" ", 2) for payload in payloads]
    others = [part for part in parts if part[0] != own and len(part) > 1]
    words = {part[1] for part in others}
    tags = frozenset(part[2] for part in others if part[1] == Word.TAGS and len(part) > 2)
    return Heard(Word.FEED in words, Word.HINT in words, tags)


class Relay:
    """Listens on a thread and a connection of its own, and calls `heard` on that thread."""

    def __init__(self, database: Database, heard: Callable[[Heard], None]) -> None:
        self._database = database
        self._heard = heard
        self._stop = threading.Event()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)

    def start(self) -> None:
        """Start listening."""
        self._thread.start()

    def listens(self, seconds: float) -> bool:
        """Wait until it listens; tells whether it does."""
        return self._listening.wait(seconds)

    def stop(self) -> None:
        """Stop, and wait until the thread has ended."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen()
            except (DBAPIError, psycopg.Error, OSError) as error:
                self._listening.clear()
                log.warning("relay lost its connection", error=type(error).__name__)
                self._stop.wait(_AGAIN)
            except Exception:  # what one word led to must not make the process deaf
                log.exception("relay failed")
                self._stop.wait(_AGAIN)

    def _listen(self) -> None:
        with self._database.own_connection() as connection:
            connection.execute(f"LISTEN {CHANNEL}".encode())
            # The first look says from where on news are told: what is committed before it would be told to nobody.
            self._heard(MISSED)
            self._listening.set()
            while not self._stop.is_set():
                payloads = [told.payload for told in connection.notifies(timeout=_LOOK, stop_after=1)]
                if not payloads:
                    connection.execute(b"SELECT 1")
                    continue
                # What else has come is answered together: commits come in bursts.
                payloads += [told.payload for told in connection.notifies(timeout=0)]
                heard = parsed(payloads, self._database.node)
                if heard.feed or heard.hints or heard.tags:
                    self._heard(heard)

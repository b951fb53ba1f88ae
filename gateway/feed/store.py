"""The feed's transactions: what a commit changed is told to the listeners afterwards."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select

from gateway.clock import Random
from gateway.database import Database
from gateway.feed.pokes import Pokes
from gateway.feed.positions import head
from gateway.feed.relay import Word
from gateway.feed.writer import FeedWriter
from gateway.ingest.hints import add_hints
from gateway.tables import feed


class FeedStore:
    """Opens writing transactions over mirror and feed."""

    def __init__(self, database: Database, random: Random, pokes: Pokes) -> None:
        self.database = database
        self._random = random
        self._pokes = pokes
        self._told: int | None = None
        self._catching = threading.Lock()

    @contextmanager
    def writing(self) -> Iterator[FeedWriter]:
        """Open a transaction; pokes go out once it is committed."""
        with self.database.write() as connection:
            writer = FeedWriter(connection, self._random)
            yield writer
            writer.close()
            for system, ref in writer.revived:
                add_hints(connection, system, (ref,), self._random)
            if writer.tags:
                self.database.announce(connection, Word.FEED)
        if writer.tags:
            self._pokes.tell(frozenset(writer.tags), writer.positions.last or 0)
        with self._catching:
            if self._told is not None and writer.positions.first == self._told + 1:
                # With nothing of another process between, it need not be told again.
                self._told = writer.positions.last

    def catch_up(self) -> None:
        """Tell what was committed since the last time, by whichever process. May be called on any thread."""
        with self._catching:
            since = self._told
            with self.database.read() as connection:
                at = head(connection)
                moved = select(feed.c.tag).where(feed.c.position > (since or 0)).distinct()
                news = since is not None and since != at
                tags = frozenset(connection.execute(moved).scalars()) if news else frozenset()
            if tags:
                self._pokes.tell(tags, at)
            self._told = at  # only now: what could not be told is told the next time

    def tell(self, tags: frozenset[str]) -> None:
        """Tell listeners in every process that something under these tags changed, though no record did."""
        self._pokes.tell(tags, self.head())
        if self.database.shared:
            with self.database.write() as connection:
                for tag in tags:
                    self.database.announce(connection, Word.TAGS, tag)

    def head(self) -> int:
        """Return the last committed position."""
        with self.database.read() as connection:
            return head(connection)

"""The journal lane: a system that keeps a journal is asked what happened, also to links and to rows that are gone.

What it tells are hints, kept in the transaction that notes the place up to which it was told: neither is there without
the other. The place is taken at the journal's present end before any other lane has begun, so that between what they
read and what the journal tells there is nothing. A system forgets its journal after a while; when it does not know the
place any more, a new one is taken and everything is read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from sqlalchemy import Connection, insert, select, update

from gateway.bulk import merge_many
from gateway.clock import Clock, Random
from gateway.crm.port import CrmExpired, JournalPage, KeepsJournal
from gateway.database import Database
from gateway.feed.relay import Word
from gateway.ingest.again import read_again
from gateway.ingest.hints import add_hints
from gateway.ingest.lanes import Done
from gateway.limits import Limits
from gateway.systems import System
from gateway.tables import journal_cursor

log = structlog.get_logger(__name__)

_LOST = "The journal was not kept for long enough; everything is read again."


class JournalLane:
    """Asks systems that keep a journal what happened since."""

    def __init__(self, database: Database, clock: Clock, random: Random, limits: Limits) -> None:
        self._database = database
        self._clock = clock
        self._random = random
        self._limits = limits
        #: By system, on the clock that nobody can set: when it is asked again.
        self._not_before: dict[str, float] = {}
        #: Systems whose journal had more to tell when its last turn ended.
        self._behind: set[str] = set()

    def due(self, system: System) -> bool:
        """Tell whether there is something to ask, and it is time for it."""
        return system.journal is not None and self._clock.monotonic() >= self._not_before.get(
            system.name, 0.0
        )

    def rest(self, system: System, seconds: float) -> None:
        """Do not ask for so long."""
        self._not_before[system.name] = self._clock.monotonic() + seconds

    def ask_now(self, system: System) -> None:
        """Ask with the next turn, whenever the last one was."""
        self._not_before.pop(system.name, None)

    def is_behind(self, system: System) -> bool:
        """Tell whether its journal had more to tell."""
        return system.name in self._behind

    def has_begun(self, system: System) -> bool:
        """Tell whether other lanes may read: whatever happens from now on will be told, if anything tells it."""
        return system.journal is None or self._place(system) is not None

    def step(self, system: System) -> Done:
        """Take in a few pages. Raises CrmUnavailable; what was told until then is kept."""
        journal, place = system.journal, self._place(system)
        if journal is None:
            return Done()
        if place is None:
            self._begin(system, journal)
            self.rest(system, self._limits.journal_every.total_seconds())
            return Done()
        self._behind.discard(system.name)
        done = Done()
        for _ in range(self._limits.pages_a_step):
            asked_at = self._clock.now()
            try:
                page = journal.journal(place, system.port.capabilities.page_size)
            except CrmExpired as expired:
                self._begin_again(system, journal, expired)
                return done + Done(problem=_LOST)
            done += Done(len(page.refs))
            ended = not page.more or page.next == place
            self._keep(system, place, page, {"at": asked_at} if ended else {})
            place = page.next
            if ended:
                self.rest(system, self._limits.journal_every.total_seconds())
                return done
        self._behind.add(system.name)
        return done

    def _place(self, system: System) -> str | None:
        with self._database.read() as connection:
            return _place_of(connection, system.name)

    def _begin(self, system: System, journal: KeepsJournal) -> None:
        at, end = self._clock.now(), journal.journal(None, system.port.capabilities.page_size)
        row = {"system": system.name, "place": end.next, "at": at, "lost": 0}
        with self._database.write() as connection:
            # A place that another process has taken meanwhile may be the earlier one, and other lanes rely on it.
            if _place_of(connection, system.name) is None:
                connection.execute(insert(journal_cursor).values(row))

    def _begin_again(self, system: System, journal: KeepsJournal, expired: CrmExpired) -> None:
        log.warning("journal lost", system=system.name, error=str(expired))
        at, end = self._clock.now(), journal.journal(None, system.port.capabilities.page_size)
        row = {"system": system.name, "place": end.next, "at": at, "lost": 1}
        with self._database.write() as connection:
            merge_many(connection, journal_cursor, ("system",), [row], added=("lost",))
            read_again(connection, system.name)

    def _keep(self, system: System, place: str, page: JournalPage, more: Mapping[str, Any]) -> None:
        """Keep what a page tells, and the place after it unless somebody else has gone on from there meanwhile."""
        refs = [ref for ref in dict.fromkeys(page.refs) if system.mapping.of_object(ref.obj)]
        here = (journal_cursor.c.system == system.name) & (journal_cursor.c.place == place)
        with self._database.write() as connection:
            add_hints(connection, system.name, refs, self._random, self._clock.now())
            connection.execute(update(journal_cursor).where(here).values(place=page.next, **more))
            if refs:
                self._database.announce(connection, Word.HINT)


def _place_of(connection: Connection, system: str) -> str | None:
    found = select(journal_cursor.c.place).where(journal_cursor.c.system == system)
    place: str | None = connection.execute(found).scalar()
    return place

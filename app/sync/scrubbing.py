"""When the last traces of what was revoked leave the file; `Store.scrub` removes them.

What was revoked is deleted at once. What is left are stale copies in the slack of pages, in the keys of the search
index and in the log, and to be rid of them the whole file is written anew: whoever saves meanwhile has to wait. So a
small file is done at once, a large one when nobody has entered anything for a while, and it gives way to a save even
then. That cannot put it off for ever: after some hours it is done all the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta

from app.contract.errors import DiskFull, LocalError, StoreDamaged
from app.store.database import Store
from app.store.faults import GaveWay
from app.store.timestamps import moment, stamp
from app.sync.clock import Clock
from app.sync.settings import EngineSettings
from app.sync.words import Line, traces_left

#: Since when a scrub is due: it outlives the process, so that nobody puts it off by restarting.
_SINCE = "engine.scrub_since"


class Scrubbing:
    """Decides when, and never fails a cycle: what stands in the way only puts it off."""

    def __init__(
        self, store: Store, clock: Clock, settings: EngineSettings, note: Callable[[Line], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._note = note
        self._noted = False
        self._disturbed = -math.inf
        self._not_before = -math.inf

    def disturbed(self) -> None:
        """Somebody is at work: a large file waits."""
        self._disturbed = self._clock.monotonic()

    def run(self) -> None:
        """Scrub when that is due and nobody is in the way. Raises StoreDamaged and bugs, nothing else."""
        try:
            since = self._store.settings.get(_SINCE)
            if not self._store.scrub_due:
                if since is not None:  # of one that was done: a process that ended, or a salvage, left it
                    self._store.settings.remove(_SINCE)
                return
            if since is None:
                self._store.settings.put(_SINCE, stamp(self._clock.now()))
            if self.wait() == 0:
                self._scrub()
        except StoreDamaged:
            raise
        except GaveWay:
            self._put_off(self._settings.quiet)
        except LocalError as error:
            self._put_off(self._settings.scrub_again)
            if isinstance(error, DiskFull) and not self._noted:
                self._noted = True
                self._note(traces_left())

    def wait(self) -> float:
        """Return the seconds until a scrub is wanted: 0 when now, infinite when none is due."""
        if not self._store.scrub_due:
            return math.inf
        at = self._not_before
        if self._gives_way():
            at = max(at, self._disturbed + self._settings.quiet)
        return max(0.0, at - self._clock.monotonic())

    def _scrub(self) -> None:
        if self._store.scrub(gives_way=self._gives_way()):
            self._store.settings.remove(_SINCE)
            self._noted = False
        else:
            self._put_off(self._settings.poll)  # only the log is left, and somebody reads

    def _put_off(self, seconds: float) -> None:
        self._not_before = self._clock.monotonic() + seconds

    def _gives_way(self) -> bool:
        return self._store.connection.size() > self._settings.scrub_at_once and not self._overdue()

    def _overdue(self) -> bool:
        since = self._store.settings.get(_SINCE)
        if not isinstance(since, str):
            return False
        # A clock that was set back must not put it off either.
        ago = self._clock.now() - moment(since)
        return not timedelta(0) <= ago < timedelta(seconds=self._settings.scrub_most)

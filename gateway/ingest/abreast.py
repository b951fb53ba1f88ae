"""Whether this process has seen its source systems through once since it began.

Until then it may stand on a database that was restored from a backup: what it has never heard of may be there all the
same, and what its ledger does not know may have been done.
"""

from __future__ import annotations

from gateway.clock import Clock
from gateway.database import Database
from gateway.ingest.lanes import progress_of
from gateway.systems import Systems


class Abreast:
    """Asked with each push until it is so, and for good from then on."""

    def __init__(self, database: Database, systems: Systems, clock: Clock) -> None:
        self._database = database
        self._systems = systems
        self._since = clock.now()
        self._reached = False

    def reached(self) -> bool:
        """Tell whether a complete pass over every object has begun, and ended, since this process did."""
        if not self._reached:
            with self._database.read() as connection:
                passes = [
                    item.passed_at for system in self._systems for item in progress_of(connection, system)
                ]
            self._reached = all(passed is not None and passed >= self._since for passed in passes)
        return self._reached

"""Whether this process has seen a source system through once since it began.

Until then it may stand on a database that was restored from a backup: what it has never heard of may be there all the
same, and what its ledger does not know may have been done.
"""

from __future__ import annotations

from datetime import datetime

from gateway.database import Database
from gateway.ingest.lanes import progress_of
from gateway.systems import Systems

#: One object of one system.
_Object = tuple[str, str]


class Abreast:
    """Asked with each push until it is so, and for good from then on.

    Passes are told apart by when they began, and not set against this process's clock, which may have been wrong.
    """

    def __init__(self, database: Database, systems: Systems) -> None:
        self._database = database
        self._systems = systems
        #: Systems of which it is known.
        self._reached: set[str] = set()
        #: Passes that began before this process did: the last that ended, and the one that was running.
        self._before = {key: {passed, began} for key, (passed, began) in self._passes().items()}

    def reached(self, entity: str) -> bool:
        """Tell whether a complete pass over all of a type's system has begun, and ended, since this process did.

        Of a type that no system holds nothing is ever read: then whatever is to be seen of it has been.
        """
        return all(self._has_passed(system.name) for system in self._systems.homes(entity))

    def _has_passed(self, system: str) -> bool:
        if system not in self._reached and all(
            passed is not None and passed not in self._before.get(key, ())
            for key, (passed, _) in self._passes().items()
            if key[0] == system
        ):
            self._reached.add(system)
        return system in self._reached

    def _passes(self) -> dict[_Object, tuple[datetime | None, datetime | None]]:
        with self._database.read() as connection:
            return {
                (system.name, item.obj): (item.passed_at, item.began_at)
                for system in self._systems
                for item in progress_of(connection, system)
            }

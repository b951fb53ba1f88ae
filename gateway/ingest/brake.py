"""The brake on bulk deletes: whatever says that rows are gone, few may go by themselves within an hour.

What is over that is left standing, and the object is held: none of its records is taken away by ingest any more until
a person has agreed (`sweep OBJECT --yes`), or all rows that were missing are there again. So neither one large batch,
nor many small ones, nor a wait in between gets past it. Deletions that partners make themselves do not count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import Connection, delete, func, select

from gateway.bulk import merge_many
from gateway.clock import Clock
from gateway.crm.port import Ref
from gateway.feed import mirror as mirrored
from gateway.limits import Limits
from gateway.tables import ingest_cursor, removal

log = structlog.get_logger(__name__)

_MINUTE = timedelta(minutes=1)


class Brake:
    """Decides, inside the transaction that would take records away, which of them may go."""

    def __init__(self, clock: Clock, limits: Limits) -> None:
        self._clock = clock
        self._limits = limits

    def let_go(self, connection: Connection, system: str, gone: Sequence[Ref]) -> list[Ref]:
        """Return those rows whose records may go, and count them; objects that lose too many are held."""
        if not gone:
            return []
        live = mirrored.live_among(connection, system, gone)
        held = set()
        for obj in {ref.obj for ref in live}:
            lost = [ref for ref in live if ref.obj == obj]
            if not self._may_go(connection, system, obj, len(lost)):
                held.add(obj)
        staying = {ref for ref in live if ref.obj in held}
        self._count(connection, system, [ref for ref in live if ref not in staying])
        return [ref for ref in gone if ref not in staying]

    def _may_go(self, connection: Connection, system: str, obj: str, many: int) -> bool:
        if held_of(connection, system, obj):
            # How many they are by now the next sweep counts.
            return False
        if many + self.lately(connection, system, obj) <= self._limits.brake_floor:
            return True
        standing = mirrored.count_live(connection, system, obj)
        if self.allows(connection, system, obj, many, standing):
            return True
        log.warning("removals held", system=system, object=obj, missing=many, live=standing)
        hold(connection, system, obj, many, standing)
        return False

    def allows(self, connection: Connection, system: str, obj: str, many: int, live: int) -> bool:
        """Tell whether `many` of an object's `live` records may go besides those that went within the last hour."""
        lately = self.lately(connection, system, obj)
        return many + lately <= self.allowed(live + lately)

    def allowed(self, live: int) -> int:
        """Return how many of `live` records may go by themselves within the window."""
        return max(self._limits.brake_floor, int(live * self._limits.brake_share))

    def lately(self, connection: Connection, system: str, obj: str) -> int:
        """Return how many records of an object ingest took away within the window."""
        # In the future: noted by a clock that has been set back since. Those count, too. A minute counts as a whole.
        since = self._clock.now() - self._limits.brake_window - _MINUTE
        query = select(func.coalesce(func.sum(removal.c.count), 0)).where(
            removal.c.system == system, removal.c.object == obj, removal.c.minute > since
        )
        return int(connection.execute(query).scalar_one())

    def count(self, connection: Connection, system: str, refs: Sequence[Ref]) -> None:
        """Count records that are about to go because a sweep, which has asked `allows`, found them missing."""
        self._count(connection, system, mirrored.live_among(connection, system, refs))

    def _count(self, connection: Connection, system: str, live: Sequence[Ref]) -> None:
        now = self._clock.now()
        minute = now.replace(second=0, microsecond=0)
        rows = [
            {"system": system, "object": obj, "minute": minute, "count": many}
            for obj, many in Counter(ref.obj for ref in live).items()
        ]
        merge_many(connection, removal, ("system", "object", "minute"), rows, added=("count",))
        if live:
            over = removal.c.minute <= now - self._limits.brake_window - _MINUTE
            connection.execute(delete(removal).where(removal.c.system == system, over))

    def release(self, connection: Connection, system: str, obj: str) -> None:
        """A person has agreed to what went: the window begins anew."""
        connection.execute(delete(removal).where(removal.c.system == system, removal.c.object == obj))


def held_of(connection: Connection, system: str, obj: str) -> int:
    """Return how many records of an object wait for a person to let them go."""
    query = select(ingest_cursor.c.held_missing).where(
        ingest_cursor.c.system == system, ingest_cursor.c.object == obj
    )
    return int(connection.execute(query).scalar() or 0)


def hold(connection: Connection, system: str, obj: str, missing: int, live: int) -> None:
    """Note that `missing` of an object's `live` records wait for a person; 0: none does."""
    values = {"held_missing": missing, "held_live": live if missing else 0}
    merge_many(connection, ingest_cursor, ("system", "object"), [{"system": system, "object": obj, **values}])

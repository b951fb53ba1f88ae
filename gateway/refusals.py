"""What was refused goes into the audit log too, but sparingly: nobody can fill the disk by being refused."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from gateway.audit import Deed, Trail
from gateway.clock import Clock
from gateway.database import Database
from gateway.rates import Buckets, Rate

#: Entries a process writes about refusals: of one kind to one caller, and altogether.
ONE = Rate(a_minute=1, burst=10)
ALL = Rate(a_minute=10, burst=100)


class Refusals:
    """Notes refusals. What is left out is counted, and told with the next entry of its kind."""

    def __init__(self, database: Database, trail: Trail, clock: Clock) -> None:
        self._database = database
        self._trail = trail
        self._clock = clock
        self._one = Buckets(ONE)
        self._all = Buckets(ALL)
        self._left_out: dict[str, int] = {}
        self._lock = Lock()

    def tell(
        self,
        event: str,
        who: str,
        *,
        user: str = "",
        device: str = "",
        companies: Sequence[str] = (),
        **facts: object,
    ) -> bool:
        """Note a refusal in a transaction of its own, if there is room for it. `who`: whoever was refused, by any name.

        Returns whether it was noted.
        """
        left_out = self.admitted(event, who)
        if left_out is None:
            return False
        more = {"left_out": left_out} if left_out else {}
        with self._database.write() as connection:
            self._trail.note_many(connection, [Deed(event, user, device, companies, facts={**facts, **more})])
        return True

    def admitted(self, event: str, who: str) -> int | None:
        """Return how many of this kind were left out before; None when this one is to be left out too."""
        now, key = self._clock.monotonic(), f"{event}\n{who}"
        with self._lock:
            if self._one.wait(key, now) or self._all.wait("", now):
                self._left_out[event] = self._left_out.get(event, 0) + 1
                return None
            self._one.take(key, now)
            self._all.take("", now)
            return self._left_out.pop(event, 0)

"""How long a mutation has waited for one that this ledger has never heard of.

A client sends what builds on something once it knows that this is done, so it is on its way, and soon here; or it was
done before the ledger was set back to a backup, and never comes. Only waiting tells which.
"""

from __future__ import annotations

from gateway.clock import Clock

#: Seconds after which nothing is on its way any more.
LONGEST = 60.0

#: Mutations that are remembered; beyond that the oldest begin to wait anew.
_MOST = 10_000


class Patience:
    """Since when mutations wait, in this process: another one is patient on its own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: dict[str, float] = {}

    def is_over(self, mutation_id: str) -> bool:
        """Note that it waits; tell whether it has waited long enough."""
        now = self._clock.monotonic()
        since = self._since.setdefault(mutation_id, now)
        if now - since >= LONGEST:
            del self._since[mutation_id]
            return True
        for old in [*self._since][: len(self._since) - _MOST]:
            del self._since[old]
        return False

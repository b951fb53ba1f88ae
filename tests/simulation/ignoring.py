"""Ways to ignore what a system declares, one at a time: a gateway that does so misses what the others do not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from gateway.crm.port import ChangedId, CrmBusy, CrmUnavailable
from gateway.feed.mirror import Seen
from gateway.ingest.lanes import Listing
from gateway.ingest.sweep import Sweep
from gateway.settlement import out_of_reach as out_of_reach_
from gateway.settlement import refused
from gateway.systems import System
from tests.simulation.breaking import Patch, sabotage


@sabotage("an index that lags is not waited for", system="hubspot")
def _lag_ignored(patch: Patch) -> None:
    def delay_of(system: System) -> timedelta:
        return timedelta(seconds=system.port.capabilities.late_commit)

    patch.setattr("gateway.ingest.delayed.delay_of", delay_of)


@sabotage("transactions that stay open are not waited for", system="odoo")
def _late_commits_ignored(patch: Patch) -> None:
    def delay_of(system: System) -> timedelta:
        return timedelta(seconds=system.port.capabilities.index_lag)

    patch.setattr("gateway.ingest.delayed.delay_of", delay_of)


@sabotage("a page goes on behind the second of the row before", system="odoo")
def _greater_than(patch: Patch) -> None:
    """Later than the cursor, instead of as late: what else there is of that second is left out."""
    real = Listing.page

    def page(self: Listing, system: System, obj: str, since: datetime | None, after: str | None) -> Any:
        return real(self, system, obj, since + timedelta(microseconds=1) if since else None, None)

    patch.setattr(Listing, "page", page)


@sabotage("what was read in the second of its change is known", system="odoo")
def _known_at_once(patch: Patch) -> None:
    def is_known(old: Seen | None, entry: ChangedId, _settled: timedelta) -> bool:
        return old is not None and old.modified_at == entry.modified_at

    patch.setattr("gateway.ingest.lanes._is_known", is_known)


@sabotage("links are believed to move a time", system="hubspot")
def _links_not_read(patch: Patch) -> None:
    patch.setattr(Sweep, "_read_anew", lambda *_: None)


@sabotage("a write that met a 429 is over", system="hubspot")
def _busy_is_final(patch: Patch) -> None:
    def out_of_reach(error: CrmUnavailable) -> Any:
        return refused("crm", str(error)) if isinstance(error, CrmBusy) else out_of_reach_(error)

    for module in ("push", "together"):
        patch.setattr(f"gateway.{module}.out_of_reach", out_of_reach)

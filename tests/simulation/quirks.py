"""How each system behaves that a connector speaks to, as far as its connector declares it.

Each connector declares it in `gateway/crm/<name>/capabilities.py`; where a figure depends on the installation it is the
usual one here.

Times are scaled down, so that a run has them many times: transactions that stay open for ten minutes stay so for half
a minute here, and the gateway is told the smaller figure. They stay above what the fast lane looks back by itself (five
seconds), or else nothing would depend on their being declared. Pages are scaled down too, since worlds are small.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.crm.hubspot import capabilities as hubspot
from gateway.crm.odoo import capabilities as odoo
from gateway.crm.port import Capabilities
from gateway.crm.salesforce import capabilities as salesforce

#: Seconds that transactions stay open, and that an index lags, at most.
OPEN_MOST, LAG_MOST = 30.0, 12.0

#: Declared rows of a page for one here, and the least and the most there are.
_PAGE_SCALE, _PAGE_LEAST, _PAGE_MOST = 20, 3, 8


@dataclass(frozen=True)
class Quirks:
    """One system's habits. `can`: what the gateway is told, times and pages scaled down.

    `own_revisions`: rows tell a revision that changes with each write; otherwise there is nothing but their time.
    `moves_silently`: to which company a row belongs is a link, which moves no time either. `journal`: it can be asked
    what happened.
    """

    name: str
    can: Capabilities
    own_revisions: bool = True
    moves_silently: bool = False
    journal: bool = False

    @property
    def coarse(self) -> bool:
        """Whether times are told in whole seconds."""
        return self.can.clock_step >= 1

    def told(self, at: datetime) -> datetime:
        """Return a time as the system tells it."""
        return at.replace(microsecond=0) if self.coarse else at

    @property
    def open(self) -> timedelta:
        """How long its transactions stay open, at most."""
        return timedelta(seconds=self.can.late_commit)

    @property
    def lag_at_first(self) -> timedelta:
        """How long its index takes unless something happens; the embedded CRM has none of its own."""
        return timedelta(seconds=self.can.index_lag if self.name != "embedded" else 0.0)

    @property
    def lags(self) -> tuple[float, ...]:
        """By how many seconds its index may lag."""
        return (0.0, self.can.index_lag / 3, self.can.index_lag)


#: The embedded CRM declares no bad habits; it is given some, so that its search and its transactions have been seen.
_EMBEDDED = Capabilities(
    conditional_writes=True,
    history=True,
    webhooks=True,
    markers=True,
    clock_step=0.001,
    page_size=100,
    writes_a_call=200,
    index_lag=3.0,
    late_commit=OPEN_MOST,
)

_ODOO = odoo.capabilities(longest_transaction=odoo.LONGEST_TRANSACTION, history=False)
_HUBSPOT = hubspot.capabilities_of(rate=0, daily=0, index_lag=hubspot.INDEX_LAG, objects=())
_SALESFORCE = salesforce.capabilities(daily=100_000)

SYSTEMS = ("embedded", "odoo", "hubspot", "salesforce")


def quirks_of(name: str, seed: int) -> Quirks:
    """Return a system's habits; the seed decides what differs from one installation of it to another."""
    match name:
        case "embedded":
            # Also as a system that has no conditional writes, which is all that some of the others lack.
            return Quirks(name, _scaled(replace(_EMBEDDED, conditional_writes=seed % 4 != 0)))
        case "odoo":
            return Quirks(name, _scaled(replace(_ODOO, history=seed % 2 == 0)), own_revisions=False)
        case "hubspot":
            # An app asks the journal where nobody can reach it, or is called; with a service key there is neither.
            can = _scaled(replace(_HUBSPOT, webhooks=seed % 3 == 1))
            return Quirks(name, can, own_revisions=False, moves_silently=True, journal=seed % 3 == 0)
        case "salesforce":
            return Quirks(name, _scaled(_SALESFORCE))
        case _:
            raise ValueError(f"There is no system {name}: {', '.join(SYSTEMS)}.")


def picked(seed: int) -> str:
    """Return the system that a seed plays unless told otherwise."""
    return random.Random(f"system {seed}").choice(SYSTEMS)


def _scaled(can: Capabilities) -> Capabilities:
    page = max(_PAGE_LEAST, min(_PAGE_MOST, can.page_size // _PAGE_SCALE))
    late, lag = min(can.late_commit, OPEN_MOST), min(can.index_lag, LAG_MOST)
    return replace(can, page_size=page, late_commit=late, index_lag=lag)

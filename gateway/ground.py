"""What every part of the gateway's core stands on."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.audit import Trail
from gateway.clock import Clock, Ids, Random
from gateway.database import Database
from gateway.echoes import Echoes
from gateway.failpoints import Failpoints
from gateway.feed.store import FeedStore
from gateway.grants import Grants
from gateway.ingest.absorb import Absorber
from gateway.limits import Limits
from gateway.refusals import Refusals
from gateway.systems import Systems


@dataclass(frozen=True)
class Ground:
    """Database, feed, grants and the way in from the source systems, with clock, ids and randomness as handed in."""

    database: Database
    feed: FeedStore
    grants: Grants
    absorber: Absorber
    systems: Systems
    clock: Clock
    ids: Ids
    random: Random
    limits: Limits
    failpoints: Failpoints
    echoes: Echoes
    audit: Trail
    refusals: Refusals

"""What a running client is given from outside, and what follows from it alone: connections, orders to destroy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from app.services.admission import gateway_client
from app.services.noticing import heard
from app.services.words import Words
from app.session.erasing import Erasing
from app.session.logbook.log import SILENT, Log
from app.session.policy.schema import NOBODYS, Managed
from app.store.keys import KeyRing
from app.sync.clock import Clock, Ids, Rng
from app.sync.wire import Wire


@dataclass(frozen=True)
class Surroundings:
    """What a running client is given from outside.

    `ring` looks for the key store anew each time: None while this computer has none, or it has not started yet.
    """

    root: Path
    clock: Clock
    ids: Ids
    rng: Rng
    ring: Callable[[], KeyRing | None]
    open_browser: Callable[[str], bool]
    locale: str = "en_GB"
    zone: tzinfo | None = None
    words: Words | None = None
    managed: Managed = NOBODYS
    log: Log = SILENT


def wire_to(surroundings: Surroundings, gateway: str) -> Wire:
    """Return a connection to a gateway; the log hears how its calls go. Raises PolicyUnclear, GatewayNotAllowed."""
    client = gateway_client(surroundings.managed, gateway)
    return Wire(client, surroundings.clock, heard(surroundings.log))


def erasing_of(surroundings: Surroundings) -> Erasing:
    """Return the orders this computer was given to destroy accounts."""

    def connect(gateway: str) -> Wire:
        return wire_to(surroundings, gateway)

    return Erasing(surroundings.root, surroundings.clock, surroundings.ring, connect)

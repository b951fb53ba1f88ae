"""A process that moves a store's bytes over HTTP until nothing is left to move, and tells of each piece.

    python -m tests.e2e.mover STORE URL TOKEN

A test ends it in the middle, as a power cut would.
"""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx

from app.store.database import Store
from app.sync.events import Event, TransferProgress
from app.sync.http_transport import HttpTransport
from app.sync.transfers import Transfers
from app.sync.wire import Wire
from tests.patience import PATIENCE
from tests.store.world import KEY


class Hurried:
    """A clock on which a second passes whenever it is looked at, so that every piece is told."""

    def __init__(self) -> None:
        self._seconds = 0.0

    def now(self) -> datetime:
        """Return the time of day."""
        return datetime(2026, 11, 24, 9, 30, tzinfo=UTC)

    def monotonic(self) -> float:
        """Return seconds."""
        self._seconds += 1.0
        return self._seconds


class OneToken:
    """A session that does not end."""

    def __init__(self, token: str) -> None:
        self._token = token

    def access(self) -> str:
        """Return the token."""
        return self._token

    def renew(self, refused: str) -> str:
        """Never needed."""
        raise AssertionError(refused)


def tell(event: Event) -> None:
    """Say how far it is."""
    if isinstance(event, TransferProgress):
        sys.stdout.write(f"{event.state} {event.done}\n")
        sys.stdout.flush()


def main(path: str, url: str, token: str) -> None:
    """Move everything."""
    clock = Hurried()
    transport = HttpTransport(
        Wire(httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False), clock), OneToken(token)
    )
    with Store.open(Path(path), KEY) as store:
        transfers = Transfers(store, transport, clock, random.Random(1), tell)
        while transfers.step():
            pass
        transfers.close()
    transport.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The client's engine over an encrypted store and a real gateway, as a running client has it, without a window."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.contract.manifest import Manifest, parse_manifest
from app.store.database import Store
from app.store.turns import Turns
from app.sync.clock import SystemClock
from app.sync.engine import Engine
from app.sync.events import Event
from app.sync.http_transport import HttpTransport
from app.sync.wire import Wire, system_client

KEY = bytes(range(32))

_MANIFEST = Path(__file__).parent.parent / "resources" / "manifests" / "partner.toml"


def manifest() -> Manifest:
    """Return the portal's manifest."""
    return parse_manifest(tomllib.loads(_MANIFEST.read_text("utf-8")))


class FixedToken:
    """An access token that outlasts the measurement."""

    def __init__(self, token: str) -> None:
        self._token = token

    def access(self) -> str:
        """Return it."""
        return self._token

    def renew(self, refused: str) -> str:
        """Never needed."""
        return refused


@contextmanager
def transport(url: str, token: str) -> Iterator[HttpTransport]:
    """Lend a connection to a gateway."""
    found = HttpTransport(Wire(system_client(url), SystemClock()), FixedToken(token))
    try:
        yield found
    finally:
        found.close()


@dataclass(frozen=True)
class Client:
    """One engine and its store; `told` collects the engine's events."""

    store: Store
    engine: Engine
    turns: Turns
    told: list[Event]


@contextmanager
def client(path: Path, url: str, token: str) -> Iterator[Client]:
    """Open a store, a new one where there is none, and an engine over it."""
    turns, told = Turns(), list[Event]()
    with transport(url, token) as wire, Store.open(path, KEY, turns, patient=True) as store:
        rng = random.Random(1)  # noqa: S311
        yield Client(store, Engine(store, wire, SystemClock(), rng, told.append), turns, told)


def remove(path: Path) -> None:
    """Remove a store's file with its log."""
    for rest in ("", "-wal", "-shm"):
        path.with_name(path.name + rest).unlink(missing_ok=True)

"""How soon an edit of the vendor's staff is in the store of a connected client, with much held.

A member of staff edits through the console of the gateway's own process. The client is the real engine with its
threads, its encrypted store and its event channel. What the window adds is measured elsewhere.
"""

from __future__ import annotations

import queue
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import httpx

from app.store.database import Store
from app.store.turns import Turns
from app.sync.clock import SystemClock
from app.sync.events import Event, Mode, RecordsChanged, StatusChanged
from app.sync.loop import SyncLoop
from benchmarks.client import KEY, remove, transport
from benchmarks.first_sync import copied_store
from benchmarks.gateway_folder import OBJECT, STAFF_LOGIN, STAFF_PASSWORD, Planted, copied
from benchmarks.gateway_process import GatewayProcess, gateway_process
from benchmarks.harness import Bound, Goal, Result, Scale, percentile, slope

#: Seconds after which something is broken and not slow.
_PATIENCE = 300.0


def live(scale: Scale) -> Iterator[Result]:
    """From sending the edit to the word that the record changed."""
    small, large = (_live(scale, count) for count in scale.sizes)
    yield large
    yield slope("live.p95", small, large)


def _live(scale: Scale, count: int) -> Result:
    edits = 3 if scale.quick else 60
    with ExitStack() as stack:
        planted = stack.enter_context(copied(scale, count))
        gateway = stack.enter_context(gateway_process(planted))
        desk = stack.enter_context(_desk(gateway))
        events = stack.enter_context(_client(scale, count, gateway))
        _until_live(events)
        taken = []
        for index in random.Random(5).sample(range(count), edits):  # noqa: S311
            _drain(events)
            taken.append(_edit(desk, planted, index, events) * 1000)
    note = "an edit in the console until the client's store has it, p95"
    return Result(
        "live.p95", "ms", percentile(taken, 0.95), None, Goal(Bound.MOST, 250), count, len(taken), note
    )


def _edit(desk: httpx.Client, planted: Planted, index: int, events: queue.SimpleQueue[Event]) -> float:
    """Change one registration's next steps; return the seconds until the client told of it."""
    began = time.perf_counter()
    answer = desk.post(
        f"/console/data/{OBJECT}/{planted.ref(index).id}",
        json={"changes": {"next_action": f"Call them at {began}."}},
    )
    answer.raise_for_status()
    gid = planted.gid(index)
    while True:
        event = events.get(timeout=_PATIENCE)
        if isinstance(event, RecordsChanged) and (event.gids is None or gid in event.gids):
            return time.perf_counter() - began


@contextmanager
def _desk(gateway: GatewayProcess) -> Iterator[httpx.Client]:
    """Sign a member of staff in to the console."""
    with httpx.Client(base_url=gateway.url, timeout=30) as browser:
        browser.get("/console/login").raise_for_status()
        token = browser.cookies.get("starlette_admin_csrftoken") or ""
        form = {"username": STAFF_LOGIN, "password": STAFF_PASSWORD, "csrftoken": token}
        browser.post("/console/login", data=form)
        browser.headers["X-CSRFToken"] = browser.cookies.get("starlette_admin_csrftoken") or token
        yield browser


@contextmanager
def _client(scale: Scale, count: int, gateway: GatewayProcess) -> Iterator[queue.SimpleQueue[Event]]:
    """Run a client's engine on a store that holds everything; yields what it tells."""
    path = copied_store(scale, count, "live.db")
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    turns, rng = Turns(), random.Random(1)  # noqa: S311
    with transport(gateway.url, gateway.token) as wire:
        loop = SyncLoop(
            lambda: Store.open(path, KEY, turns, patient=True), wire, SystemClock(), rng, events.put
        )
        loop.start()
        try:
            yield events
        finally:
            loop.stop()
    remove(path)


def _until_live(events: queue.SimpleQueue[Event]) -> None:
    while True:
        event = events.get(timeout=_PATIENCE)
        if isinstance(event, StatusChanged) and event.status.mode is Mode.LIVE:
            return


def _drain(events: queue.SimpleQueue[Event]) -> None:
    with suppress(queue.Empty):
        while True:
            events.get_nowait()

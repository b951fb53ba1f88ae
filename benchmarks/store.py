"""The encrypted store by itself: proofs, its size, and how long a person's save takes."""

from __future__ import annotations

import random
import statistics
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from app.contract.mutations import Kind, Mutation
from app.store.database import Store
from app.store.turns import Turns
from app.sync.clock import SystemClock
from app.sync.loop import SyncLoop
from benchmarks.client import KEY, remove, transport
from benchmarks.first_sync import copied_store, synced
from benchmarks.gateway_folder import prepared
from benchmarks.gateway_process import gateway_process
from benchmarks.harness import Bound, Goal, Result, Scale, alone, in_words, percentile, slope, timed
from benchmarks.records import ENTITY

_KEYSTROKES = 0.05


def proofs(scale: Scale) -> Iterator[Result]:
    """The quick digest over stored hashes, and the full one over stored bytes."""
    quick: list[Result] = []
    full: list[Result] = []
    for count in scale.sizes:
        with Store.open(synced(scale, count), KEY) as store:
            taken = [timed(store.proofs.totals) for _ in range(scale.runs)]
            quick.append(alone(f"digest.{in_words(count)}", "s", Goal(Bound.MOST, 0.15), count, taken))
            taken = [timed(store.proofs.rehashed) for _ in range(scale.runs)]
            full.append(alone(f"verify.{in_words(count)}", "s", Goal(Bound.MOST, 1.0), count, taken))
    yield from (*quick, slope("digest", *quick), *full, slope("verify", *full))


def size(scale: Scale) -> Iterator[Result]:
    """The file, indexes and full text included, over the JSON of its records as it arrived."""
    for count in scale.sizes:
        path = synced(scale, count)
        with Store.open(path, KEY) as store:
            store.connection.truncate_log()
            raw = store.connection.value(
                # A row as it travels: its four short members with quotes and commas, and the record.
                "SELECT sum(length(gid) + length(entity) + length(version) + length(hash) + 15"
                " + length(CAST(data AS BLOB))) FROM record"
            )
        share = path.stat().st_size / raw
        yield alone(f"size.{in_words(count)}", "× JSON", Goal(Bound.MOST, 1.6), count, [share])


def save(scale: Scale) -> Iterator[Result]:
    """A person's edit, durable: while nothing else happens, and while a first sync runs."""
    count = scale.sizes[1]
    path = copied_store(scale, count, "save.db")
    times = 20 if scale.quick else 300
    with Store.open(path, KEY, Turns()) as store:
        gids = _some(store, times)
        taken = [_saved(store, gid, number) * 1000 for number, gid in enumerate(gids)]
    remove(path)
    note = "an edit put into the outbox, p99"
    yield Result(
        "save.idle", "ms", percentile(taken, 0.99), None, Goal(Bound.MOST, 10), count, len(taken), note
    )
    taken = _while_syncing(scale, count)
    most = Goal(Bound.MOST, 50)
    yield Result("save.syncing", "ms", percentile(taken, 0.99), None, most, count, len(taken), note)
    yield Result(
        "save.syncing.median", "ms", statistics.median(taken), None, Goal(Bound.NONE), count, len(taken)
    )


def _while_syncing(scale: Scale, count: int) -> list[float]:
    """Save an edit every so often from the first records on until a first sync has ended; returns milliseconds."""
    path, turns = scale.folder / "save-syncing.db", Turns()
    taken: list[float] = []
    with gateway_process(prepared(scale, count)) as gateway:
        for _ in range(1 if scale.quick else 3):
            remove(path)
            # A loop that is stopped cuts its connection for good, so each has its own.
            with transport(gateway.url, gateway.token) as wire, Store.open(path, KEY, turns) as store:
                loop = SyncLoop(
                    lambda: Store.open(path, KEY, turns, patient=True),
                    wire,
                    SystemClock(),
                    random.Random(1),  # noqa: S311
                    lambda _: None,
                )
                loop.start()
                taken += _keep_saving(store)
                loop.stop()
    remove(path)
    return taken


def _keep_saving(store: Store) -> list[float]:
    pause = threading.Event()
    taken: list[float] = []
    while not _finished(store) or not taken:
        pause.wait(_KEYSTROKES)
        found = store.connection.row("SELECT gid FROM record ORDER BY id DESC LIMIT 1")
        if found is not None and store.manifest is not None:
            taken.append(_saved(store, found[0], len(taken)) * 1000)
    return taken


def _finished(store: Store) -> bool:
    """Whether all records are here and searchable; only the index of the list may have had to give way so far."""
    return store.cursors.read().complete and store.search.coverage().records >= store.proofs.counts().get(
        ENTITY, 0
    )


def _some(store: Store, times: int) -> list[str]:
    rows = store.connection.rows("SELECT gid FROM record WHERE id % 7 = 0 LIMIT ?", (times,))
    return [gid for (gid,) in rows] or ["none"]


def _saved(store: Store, gid: str, number: int) -> float:
    mutation = Mutation(
        mutation_id=f"bench-{number}-{time.monotonic_ns()}",
        entity=ENTITY,
        gid=gid,
        kind=Kind.PATCH,
        base_version="1",
        base={"next_steps": ""},
        changes={"next_steps": f"Call them about {number}."},
        captured_at=datetime.now(UTC),
    )
    return timed(lambda: store.outbox.enqueue(mutation, "Edit"))

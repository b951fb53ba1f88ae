"""A pull of changes onto what is held already."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import httpx

from app.sync.engine import Wake
from benchmarks import floor
from benchmarks.client import Client, client, remove
from benchmarks.first_sync import copied_store
from benchmarks.gateway_folder import Planted, copied, edit
from benchmarks.gateway_process import GatewayProcess, gateway_process
from benchmarks.harness import Bound, Goal, Result, Scale, compared, in_words, slope, timed
from benchmarks.plain_server import plain_server

_PAGE = 1000


def increment(scale: Scale) -> Iterator[Result]:
    """Ours against the floor at both sizes: `scale.batch` changes, spread over everything."""
    found = []
    for count in scale.sizes:
        found.append(_measured(scale, count))
        yield found[-1]
    yield slope("increment", *found, flat=True)


def _measured(scale: Scale, count: int) -> Result:
    path = copied_store(scale, count, "increment.db")
    least = copied_store(scale, count, "increment-floor.db")
    taken: tuple[list[float], list[float]] = ([], [])
    with (
        copied(scale, count) as planted,
        gateway_process(planted, {"ingest_seconds": "3600"}) as gateway,
        client(path, gateway.url, gateway.token) as opened,
    ):
        opened.engine.cycle()
        for run in range(scale.runs + 1):
            both = _once(scale, planted, gateway, opened, least, run)
            if run or scale.quick:  # the first fills caches on both sides
                taken[0].append(both[0])
                taken[1].append(both[1])
    for used in (path, least):
        remove(used)
    goal = Goal(Bound.RATIO, 0.7)
    return compared(
        f"increment.{in_words(count)}", "s", goal, scale.batch, taken, f"{scale.batch} changes onto {count:,}"
    )


def _once(
    scale: Scale, planted: Planted, gateway: GatewayProcess, opened: Client, least: Path, run: int
) -> tuple[float, float]:
    draw = random.Random(run)  # noqa: S311
    cursor = opened.store.cursors.read().cursor or ""
    edit(planted, draw.sample(range(planted.count), scale.batch), run + 1)
    bodies = _pages(gateway, cursor)
    opened.told.clear()

    def ours() -> float:
        seconds = timed(lambda: opened.engine.cycle(Wake.POKE))
        _check(opened, bodies)
        return seconds

    def theirs() -> float:
        answers = {f"/{number}": body for number, body in enumerate(bodies)}
        with (
            plain_server(answers) as url,
            floor.plain(least) as connection,
            httpx.Client(base_url=url) as http,
        ):
            http.get("/none")  # connected, as ours is
            return timed(lambda: floor.increment(connection, http, [*answers]))

    if run % 2:
        return ours(), theirs()
    last = theirs()
    return ours(), last


def _pages(gateway: GatewayProcess, cursor: str) -> list[bytes]:
    """The answers a pull from here gets, as they are."""
    bodies: list[bytes] = []
    more = True
    with httpx.Client(base_url=gateway.url, headers=gateway.headers, timeout=60) as http:
        while more:
            answer = http.get("/v1/changes", params={"limit": _PAGE, "cursor": cursor}).raise_for_status()
            bodies.append(answer.content)
            told = json.loads(answer.content)
            more, cursor = told["more"], told["cursor"]
    return bodies


def _check(opened: Client, bodies: list[bytes]) -> None:
    """What was measured must have happened: the store holds the last page's last record."""
    gid, _, version, *_ = json.loads(bodies[-1])["puts"][-1]
    truth = opened.store.mirror.truth(gid)
    if truth is None or truth.version != version:
        raise RuntimeError(f"the changes did not arrive: {opened.engine.status.cause}")

"""What one gateway process takes to answer reading calls, over real HTTP."""

from __future__ import annotations

import json
import random
import statistics
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import httpx

from app.contract.changes import split_puts
from benchmarks.gateway_folder import copied, edit, prepared
from benchmarks.gateway_process import GatewayProcess, gateway_process
from benchmarks.harness import (
    Bound,
    Goal,
    Result,
    Scale,
    alone,
    compared,
    interleaved,
    percentile,
    slope,
    timed,
)
from benchmarks.plain_reader import plain_reader

_PAGE = 1_000
#: Seconds between two calls beside a long one: often enough to see how they fare, too seldom to slow it down.
_BETWEEN = 0.01


def _client(gateway: GatewayProcess) -> httpx.Client:
    return httpx.Client(base_url=gateway.url, headers=gateway.headers, timeout=60)


def changes_served(scale: Scale) -> Iterator[Result]:
    """Pages of changes from far behind to the head: the gateway, and uvicorn that only reads and packs them."""
    count = scale.sizes[1]
    many = min(count, 300 if scale.quick else 50_000)
    with ExitStack() as stack:
        planted = prepared(scale, count)
        gateway = stack.enter_context(gateway_process(planted))
        client = stack.enter_context(_client(gateway))
        reader = plain_reader(planted.folder / "gateway.sqlite3", planted.tags())
        plain = stack.enter_context(httpx.Client(base_url=stack.enter_context(reader), timeout=60))
        cursor, position = planted.cursor(many), str(count + 1 - many)

        def ours() -> float:
            return timed(lambda: _to_the_head(client, "/v1/changes", "cursor", cursor, many))

        def floor() -> float:
            return timed(lambda: _to_the_head(plain, "/changes", "position", position, many))

        ours()
        floor()
        taken = interleaved(scale.runs, ours, floor)
    note = f"{many:,} changes in pages of {_PAGE:,}, of {count:,} held"
    yield compared("gateway.changes", "s", Goal(Bound.RATIO, 0.7), many, taken, note)


def _to_the_head(client: httpx.Client, path: str, name: str, start: str, expected: int) -> None:
    """Pull until there is no more; raises ValueError when something is missing."""
    at, more, met = start, True, 0
    while more:
        answer = client.get(path, params={name: at, "limit": _PAGE})
        answer.raise_for_status()
        envelope, puts = split_puts(answer.content)
        told = json.loads(envelope)
        at, more = told["cursor"], told["more"]
        met += puts.count(b'],["') + (len(puts) > 2)
    if met != expected:
        raise ValueError(f"{met} changes came instead of {expected}")


def pull_by_size(scale: Scale) -> Iterator[Result]:
    """One pull of 500 changes to records all over the place, with few and with very many records in the feed."""
    small, large, changed = (300, 600, 40) if scale.quick else (10_000, 1_000_000, 500)
    pulls = 3 if scale.quick else 15
    with ExitStack() as stack:
        asked: dict[int, tuple[httpx.Client, str]] = {}
        for count in (small, large):
            planted = stack.enter_context(copied(scale, count, crm=False))
            edit(planted, random.Random(count).sample(range(count), changed), 1, crm=False)  # noqa: S311
            client = stack.enter_context(_client(stack.enter_context(gateway_process(planted))))
            asked[count] = client, planted.cursor(changed)

        def pull(count: int) -> float:
            client, cursor = asked[count]

            def once() -> None:
                _to_the_head(client, "/v1/changes", "cursor", cursor, changed)

            return statistics.median(timed(once) for _ in range(pulls)) * 1000

        pull(large)
        pull(small)
        taken = interleaved(scale.runs, lambda: pull(large), lambda: pull(small))
    note = f"one pull of {changed} of {large:,} records, against of {small:,}"
    yield compared("gateway.pull_by_size", "ms", Goal(Bound.FLAT, 1.5), large, taken, note)


def nothing_changed(scale: Scale) -> Iterator[Result]:
    """Asking for changes when there are none, against a bare answer of the same server on the same connection."""
    small, large = (_nothing_changed(scale, count) for count in scale.sizes)
    yield large
    yield slope("nothing_changed", small, large)


def _nothing_changed(scale: Scale, count: int) -> Result:
    asks = 5 if scale.quick else 300
    planted = prepared(scale, count)
    with gateway_process(planted) as gateway, _client(gateway) as client:
        params: dict[str, str | int] = {"cursor": planted.cursor(0), "limit": _PAGE}
        above: list[float] = []
        bare: list[float] = []
        if client.get("/v1/changes", params=params).json()["puts"]:
            raise ValueError("something changed")
        for _ in range(scale.runs):
            pairs = [
                (
                    timed(lambda: client.get("/v1/changes", params=params)),
                    timed(lambda: client.get("/livez")),
                )
                for _ in range(asks)
            ]
            bare.append(statistics.median(plain for _, plain in pairs) * 1000)
            above.append(statistics.median(asked for asked, _ in pairs) * 1000 - bare[-1])
    note = f"above a bare GET, which takes {statistics.median(bare):.2f} ms"
    return alone("nothing_changed", "ms", Goal(Bound.MOST, 1.0), count, above, note)


def gateway_digest(scale: Scale) -> Iterator[Result]:
    """The bucket sums over everything held, and how long another call waits meanwhile."""
    small, _ = _digest(scale, scale.sizes[0])
    large, wait = _digest(scale, scale.sizes[1])
    yield large
    yield wait
    yield slope("gateway.digest", small, large)


def _digest(scale: Scale, count: int) -> tuple[Result, Result]:
    planted = prepared(scale, count)
    with gateway_process(planted) as gateway, _client(gateway) as client, _client(gateway) as beside:
        params = {"cursor": planted.cursor(0)}
        taken: list[float] = []
        waits: list[float] = []

        def digest() -> None:
            answer = client.get("/v1/digest", params=params).json()
            if not answer["current"]:
                raise ValueError("the digest was not made")

        digest()
        for _ in range(scale.runs):
            taken.append(timed(digest))
            asking = threading.Thread(target=digest)
            asking.start()
            while asking.is_alive():
                waits.append(timed(lambda: beside.get("/livez")) * 1000)
                asking.join(_BETWEEN)
    wait = [percentile(waits, 0.99)]
    return (
        alone("gateway.digest", "s", Goal(Bound.MOST, 0.5), count, taken),
        alone("gateway.digest.wait", "ms", Goal(Bound.NONE), count, wait, "another call meanwhile, p99"),
    )

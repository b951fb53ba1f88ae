"""A thousand clients that wait for something to happen: what they cost one gateway process, and how soon one hears."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from benchmarks.crowd import Crowd, Partner, crowd
from benchmarks.gateway_process import started
from benchmarks.harness import Bound, Goal, Result, Scale, percentile
from gateway.clock import RandomIds, SystemClock

#: Connections each side may need, with room for the rest.
_FILES = 4096
_PATIENCE = 120.0


@dataclass
class _Ears:
    """One open stream: when it was last poked."""

    partner: Partner
    poked: asyncio.Event = field(default_factory=asyncio.Event)
    at: float = 0.0
    task: asyncio.Task[None] | None = None


def idle_clients(scale: Scale) -> Iterator[Result]:
    """CPU and memory of a gateway process with that many open streams and without, and a poke's way to one of them."""
    clients, seconds, pokes = (20, 1.0, 3) if scale.quick else (1_000, 60.0, 40)
    if not Path("/proc/self/stat").exists():
        return
    _open_many()
    folder = scale.folder / "crowd-idle"
    with crowd(folder, clients, 10, 20) as found:
        command = (sys.executable, "-m", "gateway", "serve", "--port", "0", "--until-stdin-closes")
        with started(command, found.environment()) as (process, ready):
            url = str(httpx.Response(200, content=ready).json()["url"])
            yield from asyncio.run(_measured(found, url, process.pid, seconds, pokes))


async def _measured(found: Crowd, url: str, pid: int, seconds: float, pokes: int) -> list[Result]:
    count = len(found.partners)
    await asyncio.sleep(seconds / 4)
    alone, before = await _cpu(pid, seconds / 2), _megabytes(pid)
    ears = [_Ears(partner) for partner in found.partners]
    began = time.perf_counter()
    for start in range(0, count, 50):
        part = ears[start : start + 50]
        for one in part:
            one.task = asyncio.create_task(_listen(url, one))
        # The first poke comes with the connection.
        await asyncio.wait_for(asyncio.gather(*(one.poked.wait() for one in part)), _PATIENCE)
    connected = time.perf_counter() - began
    used, after = await _cpu(pid, seconds), _megabytes(pid)
    waits, strays = await _poked(url, ears, pokes)
    for one in ears:
        if one.task:
            one.task.cancel()
    note = (
        f"of one process, a minute, above {alone:.1f} s without; {count:,} connected within {connected:.0f} s"
    )
    runs = len(waits)
    return [
        Result("scale.idle.cpu", "s", used - alone, None, Goal(Bound.MOST, 6), count, 1, note),
        Result(
            "scale.idle.memory", "MB", after - before, None, Goal(Bound.MOST, 150), count, 1, "above none"
        ),
        Result(
            "scale.poke",
            "ms",
            percentile(waits, 0.95),
            None,
            Goal(Bound.MOST, 250),
            count,
            runs,
            f"a push until its partner's other client hears, p95; median {statistics.median(waits):.0f} ms;"
            f" {strays} others heard",
        ),
    ]


async def _listen(url: str, ears: _Ears) -> None:
    """Keep a stream open as a client does, and note each poke."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    lines = (
        "GET /v1/events HTTP/1.1",
        f"Host: {where.netloc}",
        f"Authorization: Bearer {ears.partner.token}",
    )
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    try:
        status = await reader.readline()
        if b" 200 " not in status:
            raise RuntimeError(f"the stream was refused: {status!r}")
        while line := await reader.readline():
            if line.startswith(b"event: poke"):
                ears.at = time.perf_counter()
                ears.poked.set()
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _poked(url: str, ears: list[_Ears], pokes: int) -> tuple[list[float], int]:
    """Let some partners raise a request; return the milliseconds until each heard of it, and who else did."""
    draw, ids = random.Random(3), RandomIds(SystemClock())  # noqa: S311
    waits: list[float] = []
    strays = 0
    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        for one in draw.sample(ears, min(pokes, len(ears))):
            for other in ears:
                other.poked.clear()
            headers = {"Authorization": f"Bearer {one.partner.token}"}
            began = time.perf_counter()
            sending = asyncio.create_task(
                http.post("/v1/mutations", json=_request(one, ids), headers=headers)
            )
            await asyncio.wait_for(one.poked.wait(), _PATIENCE)
            waits.append((one.at - began) * 1000)
            outcome = (await sending).json()["outcomes"][0]
            if outcome["status"] != "applied":
                raise ValueError(f"the request was not made: {outcome}")
            strays += sum(other.poked.is_set() for other in ears) - 1
    return waits, strays


def _request(one: _Ears, ids: RandomIds) -> dict[str, Any]:
    changes = {
        "company": one.partner.company,
        "subject": "Where is it?",
        "category": "question",
        "priority": "low",
    }
    mutation = {
        "mutation_id": ids.new_id(),
        "entity": "request",
        "gid": ids.new_id(),
        "kind": "create",
        "changes": changes,
        "captured_at": datetime.now(UTC).isoformat(),
    }
    return {"mutations": [mutation]}


async def _cpu(pid: int, seconds: float) -> float:
    """Return the CPU seconds a process uses in a minute, by what it uses in so many seconds."""
    before, began = _used(pid), time.perf_counter()
    await asyncio.sleep(seconds)
    return (_used(pid) - before) * 60 / (time.perf_counter() - began)


def _used(pid: int) -> float:
    # The name, in brackets, may hold spaces; the fields after it do not.
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    (line,) = (line for line in lines if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def _open_many() -> None:
    """Let this process, and those it starts, have as many connections as it takes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < _FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(_FILES, hard), hard))

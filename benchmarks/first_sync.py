"""A first sync by rows: from nothing to everything here, listed and searchable."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx

from benchmarks import floor
from benchmarks.client import remove
from benchmarks.gateway_folder import prepared
from benchmarks.gateway_process import GatewayProcess, gateway_process
from benchmarks.harness import (
    Bound,
    Goal,
    Result,
    Scale,
    alone,
    compared,
    in_words,
    interleaved,
    slope,
    timed,
)
from benchmarks.plain_server import plain_server

_ROOT = Path(__file__).parent.parent
_PAGE = 1000
_RATIO = Goal(Bound.RATIO, 0.8)
_MEGABYTE = 1_000_000


def synced(scale: Scale, count: int) -> Path:
    """Return where the store of a finished first sync of `count` records lies, for other measurements to copy."""
    path = scale.folder / f"synced-{count}.db"
    if not path.exists():
        with gateway_process(prepared(scale, count)) as gateway:
            _ours(path, gateway)
    return path


def first_sync(scale: Scale) -> Iterator[Result]:
    """Ours against the floor at both sizes; and how much memory ours takes."""
    found: list[Result] = []
    for count in scale.sizes:
        grown: list[float] = []
        result = _measured(scale, count, grown)
        found.append(result)
        yield result
        most = Goal(Bound.MOST, 60)
        yield alone(f"first_sync.{in_words(count)}.memory", "MB", most, count, grown, "above idle, at most")
    yield slope("first_sync", *found)


def _measured(scale: Scale, count: int, grown: list[float]) -> Result:
    mine, theirs = scale.folder / f"synced-{count}.db", scale.folder / "floor.db"
    with gateway_process(prepared(scale, count)) as gateway:
        bodies = _pages(gateway)
        with plain_server({f"/{number}": body for number, body in enumerate(bodies)}) as url:

            def ours() -> float:
                seconds, bytes_grown = _ours(mine, gateway)
                grown.append(bytes_grown / _MEGABYTE)
                return seconds

            def least() -> float:
                floor.empty_store(theirs)
                with floor.plain(theirs) as connection:
                    return timed(lambda: floor.first_sync(connection, url, len(bodies)))

            taken = interleaved(scale.runs, ours, least)
    remove(theirs)
    return compared(f"first_sync.{in_words(count)}", "s", _RATIO, count, taken, "until searchable")


def _ours(path: Path, gateway: GatewayProcess) -> tuple[float, float]:
    """Run a first sync; returns its seconds and by how many bytes the memory grew."""
    command = (sys.executable, "-m", "benchmarks.first_sync_process", str(path), gateway.url, gateway.token)
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the first sync did not end: {done.stdout}{done.stderr}")
    told = json.loads(done.stdout)
    return float(told["seconds"]), float(told["grown"])


def _pages(gateway: GatewayProcess) -> list[bytes]:
    """The answers a first sync gets, as they are."""
    bodies: list[bytes] = []
    after: str | None = ""
    with httpx.Client(base_url=gateway.url, headers=gateway.headers, timeout=60) as http:
        while after is not None:
            answer = http.get("/v1/snapshot", params={"limit": _PAGE, **({"after": after} if after else {})})
            answer.raise_for_status()
            bodies.append(answer.content)
            after = json.loads(answer.content)["after"]
    return bodies


def copied_store(scale: Scale, count: int, name: str) -> Path:
    """Return a copy of a synced store that may be written to."""
    original, copy = synced(scale, count), scale.folder / name
    remove(copy)
    for rest in ("", "-wal"):
        part = original.with_name(original.name + rest)
        if part.exists():
            shutil.copy(part, copy.with_name(copy.name + rest))
    return copy

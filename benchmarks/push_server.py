"""The push floor's server: one transaction a batch in each of two plain SQLite files, and a prepared answer.

For every path it has the rows to write, by statement, and the answer to send; a request's body is read as JSON and
then left alone. The files are copies of the gateway's and the CRM's, with their tables, indexes and pragmas.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.gateway_process import started

#: Statements with the rows to run them with.
Work = Sequence[tuple[str, Sequence[Sequence[Any]]]]

_PREPARED = "prepared.json"
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


@dataclass(frozen=True)
class Prepared:
    """What one batch comes to on the server's side."""

    crm: Work
    gateway: Work
    answer: str


@contextmanager
def push_server(folder: Path, batches: Mapping[str, Prepared]) -> Iterator[str]:
    """Serve batches by path over the two databases in `folder` until the block ends; yields the address."""
    (folder / _PREPARED).write_text(json.dumps({path: asdict(one) for path, one in batches.items()}), "utf-8")
    with started((sys.executable, "-m", "benchmarks.push_server", str(folder))) as (_process, line):
        yield str(json.loads(line)["url"])


class _Batches:
    def __init__(self, folder: Path) -> None:
        told = json.loads((folder / _PREPARED).read_text("utf-8"))
        self._batches = {path.encode(): Prepared(**one) for path, one in told.items()}
        self._crm = _opened(folder / "crm.sqlite3", "NORMAL")
        self._gateway = _opened(folder / "gateway.sqlite3", "FULL")

    def answer(self, path: bytes, body: bytes) -> bytes:
        """Write what a batch comes to, and return the answer."""
        json.loads(body)
        batch = self._batches[path]
        _write(self._crm, batch.crm)
        _write(self._gateway, batch.gateway)
        answer = batch.answer.encode()
        return _HEAD % len(answer) + answer


def _opened(path: Path, synchronous: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", f"synchronous={synchronous}", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}").close()
    return connection


def _write(connection: sqlite3.Connection, work: Work) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for sql, rows in work:
        connection.executemany(sql, rows)
    connection.execute("COMMIT")


class _Connection(asyncio.Protocol):
    """One client: requests one after another, each answered once its body is here."""

    def __init__(self, batches: _Batches) -> None:
        self._batches = batches
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._buffer) < end + 4 + length:
            return
        path, body = self._buffer[:end].split(b" ", 2)[1], self._buffer[end + 4 : end + 4 + length]
        self._buffer = self._buffer[end + 4 + length :]
        self._transport.write(self._batches.answer(path, body))


async def _serve(folder: Path) -> None:
    batches = _Batches(folder)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    server = await loop.create_server(lambda: _Connection(batches), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{port}"}) + "\n")
    sys.stdout.flush()

    def watch() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=watch, daemon=True).start()
    await ended.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))

"""The floor's server: sends prepared bytes and does nothing else, in a process of its own.

HTTP/1.1 over asyncio with connections that stay open. Any method; the path with its query names the answer.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.gateway_process import started

_INDEX = "index.json"
#: The level the gateway compresses at. Here it costs nothing while anybody waits.
LEVEL = 5


@contextmanager
def plain_server(answers: Mapping[str, bytes], level: int = LEVEL) -> Iterator[str]:
    """Serve `answers` (path with query to JSON body) until the block ends; yields the address.

    Each is sent compressed to whoever takes gzip; `level` 0 sends everything as it is.
    """
    with TemporaryDirectory(prefix="counterpart-plain-") as folder:
        _write(Path(folder), answers, level)
        with started((sys.executable, "-m", "benchmarks.plain_server", folder)) as (_process, line):
            yield str(json.loads(line)["url"])


def _write(folder: Path, answers: Mapping[str, bytes], level: int) -> None:
    names = {path: str(number) for number, path in enumerate(answers)}
    for path, body in answers.items():
        (folder / names[path]).write_bytes(body)
        if level:
            (folder / f"{names[path]}.gz").write_bytes(gzip.compress(body, level))
    (folder / _INDEX).write_text(json.dumps(names), "utf-8")


class _Answers:
    """Whole answers, head and body, by path."""

    def __init__(self, folder: Path) -> None:
        names: dict[str, str] = json.loads((folder / _INDEX).read_text("utf-8"))
        self._plain: dict[bytes, bytes] = {}
        self._packed: dict[bytes, bytes] = {}
        for path, name in names.items():
            plain = _answer((folder / name).read_bytes(), b"")
            packed = folder / f"{name}.gz"
            self._plain[path.encode()] = plain
            self._packed[path.encode()] = (
                _answer(packed.read_bytes(), b"Content-Encoding: gzip\r\n") if packed.exists() else plain
            )

    def of(self, head: bytes) -> bytes:
        """Return the answer to a request with this head."""
        path = head.split(b" ", 2)[1]
        found = self._packed if b"gzip" in head else self._plain
        return found.get(path, _NOT_FOUND)


def _answer(body: bytes, more: bytes) -> bytes:
    start = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    return start + more + b"Content-Length: %d\r\n\r\n" % len(body) + body


_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class _Connection(asyncio.Protocol):
    """One client: requests one after another, each answered once its body is here."""

    def __init__(self, answers: _Answers) -> None:
        self._answers = answers
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._buffer += data
        while True:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._buffer[:end]
            whole = end + 4 + _length(head)
            if len(self._buffer) < whole:
                return
            self._buffer = self._buffer[whole:]
            self._transport.write(self._answers.of(head))


def _length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    return int(lowered[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


async def _serve(folder: Path) -> None:
    answers = _Answers(folder)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    server = await loop.create_server(lambda: _Connection(answers), "127.0.0.1", 0)
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

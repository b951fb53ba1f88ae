"""The floor of the gateway's pages: uvicorn, the same query, the same JSON, the same compression, and nothing else.

No accounts, no grants, no signatures, no framework: a position goes in, a page comes out. Run as a process with the
database's file and the tags to look under.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from isal import isal_zlib
from sqlalchemy.dialects.sqlite import dialect

from benchmarks.gateway_process import started
from gateway.feed.walk import page_statement

LEVEL = 2


@contextmanager
def plain_reader(database: Path, tags: list[str]) -> Iterator[str]:
    """Serve `/changes?position=&limit=` until the block ends; yields the address."""
    command = (sys.executable, "-m", "benchmarks.plain_reader", str(database), *sorted(tags))
    with started(command) as (_process, line):
        yield str(json.loads(line)["url"])


class Reader:
    """An ASGI application that reads one page after another."""

    def __init__(self, database: Path, tags: list[str]) -> None:
        self._connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA mmap_size=2147418112").close()
        compiled = page_statement(len(tags)).compile(dialect=dialect(paramstyle="named"))
        self._sql = str(compiled)
        self._given = {**compiled.params, **{f"tag{number}": tag for number, tag in enumerate(tags)}}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        query = parse_qs(scope["query_string"].decode())
        body = self._page(int(query["position"][0]), int(query["limit"][0]))
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        headers.append((b"content-encoding", b"gzip"))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _page(self, position: int, limit: int) -> bytes:
        given = {**self._given, "position": position, "most": limit + 1}
        rows = sorted(self._connection.execute(self._sql, given).fetchall(), key=lambda row: int(row[2]))
        more = len(rows) > limit
        rows = rows[:limit]
        puts = ",".join(
            f'["{gid}","{entity}","{version}","{digest}",{text}]'
            for gid, _, _, _, version, digest, text, _, entity in rows
        )
        at = rows[-1][2] if rows else position
        start = json.dumps({"cursor": str(at), "more": more, "gone": []}, separators=(",", ":"))
        return isal_zlib.compress(f'{start[:-1]},"puts":[{puts}]}}'.encode(), LEVEL, wbits=31)


class _Server(uvicorn.Server):
    """Says where it listens."""

    async def startup(self, sockets: Any = None) -> None:
        """Start listening."""
        await super().startup(sockets)
        port = self.servers[0].sockets[0].getsockname()[1]
        sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{port}"}) + "\n")
        sys.stdout.flush()


def _main() -> None:
    app = Reader(Path(sys.argv[1]), sys.argv[2:])
    server = _Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False))

    def watch() -> None:
        while os.read(0, 1024):
            pass
        server.should_exit = True

    threading.Thread(target=watch, daemon=True).start()
    server.run()


if __name__ == "__main__":
    _main()

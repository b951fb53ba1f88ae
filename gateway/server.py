"""Running a gateway's application on uvicorn."""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Mapping

import uvicorn

from gateway.service import Service


class Server(uvicorn.Server):
    """Says on standard output where it listens once it does, as one line of JSON for whoever started it."""

    def __init__(self, config: uvicorn.Config, told: Mapping[str, object]) -> None:
        super().__init__(config)
        self._told = told

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening."""
        await super().startup(sockets)
        if self.servers:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            url = f"http://{host}:{port}"
            ready = {"ready": True, "url": url, "console": f"{url}/console", **self._told}
            sys.stdout.write(json.dumps(ready) + "\n")
            sys.stdout.flush()

    def end_with_stdin(self) -> None:
        """End when standard input closes: when whoever started this process is gone."""

        def watch() -> None:
            # Read below Python's own buffer: a thread that waits inside it aborts the process at its end.
            while os.read(0, 1024):
                pass
            self.should_exit = True

        threading.Thread(target=watch, name="stdin", daemon=True).start()


def run(service: Service, told: Mapping[str, object], *, until_stdin_closes: bool = False) -> None:
    """Serve until asked to end. `told` goes into the line that says where it listens."""
    settings = service.settings
    server = Server(
        uvicorn.Config(
            service.app(),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=3,
        ),
        told,
    )
    if until_stdin_closes:
        server.end_with_stdin()
    for asked in (signal.SIGINT, signal.SIGTERM):
        # uvicorn takes the signal, ends, and then raises it again: by then there is nothing left to do.
        signal.signal(asked, lambda _number, _frame: None)
    _collect_seldom()
    server.run()


def _collect_seldom() -> None:
    """Keep the search for cyclic garbage from what stays for good.

    A batch of mutations makes objects by the thousand that go by themselves; as it is set, the collector would look
    through everything that is loaded several times for each batch, and find nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)

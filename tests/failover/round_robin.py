"""A plain TCP proxy that sends each new connection to the next server that answers, as a load balancer does."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count


class RoundRobin:
    """Ports behind it may come and go. `served`: how many connections each port was given."""

    def __init__(self) -> None:
        self._ports: tuple[int, ...] = ()
        self._turns = count()
        self.served: dict[int, int] = {}

    def set_ports(self, ports: tuple[int, ...]) -> None:
        """Say which ports there are now."""
        self._ports = ports

    async def forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side ends it."""
        opened = await self._next()
        if opened is None:
            writer.close()
            return
        there, back = opened
        await asyncio.gather(_pour(reader, back), _pour(there, writer))

    async def _next(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        ports = self._ports
        turn = next(self._turns)
        for number in range(len(ports)):
            port = ports[(turn + number) % len(ports)]
            try:
                opened = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                continue
            self.served[port] = self.served.get(port, 0) + 1
            return opened
        return None


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        while piece := await reader.read(64 * 1024):
            writer.write(piece)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()


@contextmanager
def round_robin() -> Iterator[tuple[RoundRobin, str]]:
    """Run a proxy on a thread; yields it with its address."""
    proxy = RoundRobin()
    loop = asyncio.new_event_loop()
    ready: list[int] = []
    listening, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(proxy.forward, "127.0.0.1", 0)
        ready.append(server.sockets[0].getsockname()[1])
        listening.set()
        await stop.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), name="round robin")
    thread.start()
    assert listening.wait(10)
    try:
        yield proxy, f"http://127.0.0.1:{ready[0]}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()

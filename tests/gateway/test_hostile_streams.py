"""Streams of pokes in hostile hands: one user cannot fill the process with them, and none outlives its answer."""

from __future__ import annotations

import asyncio
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.types import Message

from gateway.api.app import build_app
from gateway.api.events import Channel, _Pokes
from gateway.identity.session import Session
from gateway.operation import Operation, Streams
from tests.gateway.serving import serving
from tests.gateway.test_events import Served, listeners
from tests.gateway.world import World

MOST = Streams().most


def test_one_user_opens_only_so_many_streams_and_takes_no_place_of_others(tmp_path: Path) -> None:
    world = World(folder=tmp_path)
    operation = Operation.of(world.gateway)
    with serving(build_app(world.gateway, operation=operation)) as url:
        served = Served(world, url)
        mine = [_opened(served, world.admin) for _ in range(MOST)]
        try:
            assert _refused(served) == (429, "too_many_streams")
            assert listeners(world) == MOST, "what was refused does not listen"
            _opened(served, world.other).close()
            mine.pop().close()
            deadline = time.monotonic() + 10
            while operation.streams.open[world.admin.user] == MOST and time.monotonic() < deadline:
                time.sleep(0.02)
            mine.append(_opened(served, world.admin))
            assert _refused(served)[0] == 429
        finally:
            for stream in mine:
                stream.close()
    assert not operation.streams.open
    world.gateway.close()


def _opened(served: Served, session: Session) -> socket.socket:
    """Open a stream, and wait for the poke it begins with."""
    address = urlsplit(served.url)
    found = socket.create_connection((address.hostname, address.port), timeout=10)
    token = served.token(session)
    found.sendall(f"GET /v1/events HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    taken = b""
    while b"event: poke" not in taken:
        part = found.recv(4096)
        assert part, taken
        taken += part
    return found


def _refused(served: Served) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {served.token(served.world.admin)}"}
    # A stream that is let in never ends: what it is answered with is in its head.
    with httpx.stream("GET", f"{served.url}/v1/events", headers=headers, timeout=10) as answer:
        if answer.status_code == 200:
            return 200, ""
        assert "retry-after" not in answer.headers, "the device's other calls are not held up"
        return answer.status_code, str(httpx.Response(200, content=answer.read()).json()["code"])


def test_a_stream_whose_client_is_gone_before_it_begins_is_not_kept(world: World) -> None:
    operation = Operation.of(world.gateway)

    async def begin() -> None:
        operation.streams.take(world.admin.user)
        channel = Channel(world.gateway, world.admin, operation.readiness, operation.streams)
        await channel.open()
        assert listeners(world) == 1

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        async def send(_message: Message) -> None:
            raise OSError("the client is gone")

        with pytest.raises(OSError, match="gone"):
            await _Pokes(channel)({"type": "http", "method": "GET"}, receive, send)

    asyncio.run(begin())
    assert (listeners(world), dict(operation.streams.open)) == (0, {})

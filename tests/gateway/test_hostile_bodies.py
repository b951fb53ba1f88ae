"""Bodies that do not come on: nobody holds memory and a connection for as long as they like."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI

from gateway.api.app import Shape, build_app
from gateway.console.mount import ConsoleSettings, mount_console
from tests.gateway.console_world import build_vendor
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH
from tests.gateway.serving import serving
from tests.gateway.world import World
from tests.patience import PATIENCE

pytestmark = AT_THE_SURFACE

#: Method, path, type of body, and whether it is told by a problem document.
SLOW = [
    ("POST", "/v1/mutations", "application/json", True),
    ("POST", "/oauth/token", "application/x-www-form-urlencoded", True),
    ("POST", "/oauth/token", "multipart/form-data; boundary=b", True),
    ("POST", "/webhooks/memory", "text/plain", True),
    ("POST", "/console/login", "application/x-www-form-urlencoded", False),
]


def console_app(folder: Path, shape: Shape) -> FastAPI:
    """Gateway and console as a process serves them."""
    vendor = build_vendor(folder)
    app = build_app(vendor.gateway, shape)
    mount_console(app, vendor.world.crm, vendor.auth, ConsoleSettings(secret_key="k" * 32), vendor.office)
    return app


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[str]:
    """A gateway that waits for the next piece for a moment only."""
    with serving(console_app(tmp_path, Shape(piece_seconds=0.3))) as url:
        yield url


def head(method: str, path: str, kind: str) -> bytes:
    """The head of a call that announces more than it brings."""
    return f"{method} {path} HTTP/1.1\r\nHost: here\r\nContent-Type: {kind}\r\nContent-Length: 5000\r\n\r\n".encode()


def answered(connection: socket.socket) -> bytes:
    """All that comes until the gateway hangs up."""
    taken = b""
    while part := connection.recv(4096):
        taken += part
    return taken


@pytest.mark.parametrize(("method", "path", "kind", "told"), SLOW)
def test_a_body_that_stops_is_refused(hasty: str, method: str, path: str, kind: str, told: bool) -> None:
    address = urlsplit(hasty)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(head(method, path, kind) + b"--b\r\n")
        said, _, body = answered(connection).partition(b"\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 408")
    assert not told or json.loads(body)["code"] == "late"


def test_a_body_that_drips_is_refused(world: World) -> None:
    with serving(build_app(world.gateway, Shape(body_seconds=0.5))) as url:
        address = urlsplit(url)
        with socket.create_connection((address.hostname, address.port), timeout=0.05) as connection:
            connection.sendall(head("POST", "/v1/mutations", "application/json"))
            taken = b""
            for _ in range(200):
                try:
                    connection.sendall(b" ")
                    taken = connection.recv(100)
                    break
                except TimeoutError:
                    continue
            assert taken.startswith(b"HTTP/1.1 408")


def test_a_stream_of_pokes_is_not_held_to_it(world: World) -> None:
    """It has brought all it brings: what it waits for is a poke."""
    with serving(build_app(world.gateway, Shape(piece_seconds=0.1, body_seconds=0.1))) as url:
        sessions, address = world.gateway.identity.sessions, urlsplit(url)
        with world.database.write() as connection:
            token = sessions.first_tokens(connection, world.admin.id).access
        with socket.create_connection((address.hostname, address.port), timeout=0.5) as stream:
            stream.sendall(
                f"GET /v1/events HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
            )
            with pytest.raises(TimeoutError):
                answered(stream)


@ON_BOTH
def test_nothing_large_is_read_of_a_stranger(world: World) -> None:
    """JSON is looked through before anybody asks who sent it: what is large is not even kept."""
    large = b'{"mutations": [' + b" " * 700_000
    with serving(build_app(world.gateway)) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        for given in ({}, {"Authorization": "Bearer made-up"}):
            headers = {**given, "Content-Type": "application/json"}
            for body in (large, iter([large[:99], large[99:]]), iter([large] * 20)):
                answer = client.post("/v1/mutations", content=body, headers=headers)
                assert (answer.status_code, answer.json()["code"]) == (401, "sign_in")
        answer = client.post("/oauth/token", data={"grant_type": "x" * 700_000})
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert "512 KB" in answer.json()["detail"]

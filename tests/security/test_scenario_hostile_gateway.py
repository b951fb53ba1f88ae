"""A gateway in other hands, on a real socket: whatever it answers, to whatever call, is told as an error of the
contract within bounds of time and memory; no other place is asked, no token goes there, and what was on the
computer stays.

Pages, outcomes and manifests that lie, against the whole engine: `tests/failures/test_hostile.py`. Markup in every
field of every page: `test_13_plain_text.py`. Every parser: `test_fuzz.py`.
"""

from __future__ import annotations

import gzip
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from app.contract.errors import CounterpartError, WipeOrdered
from app.session.oauth import OAuth
from app.sync import wire
from app.sync.clock import SystemClock
from app.sync.http_transport import HttpTransport
from app.sync.wire import MAX_ANSWER, Wire, system_client
from tests.security.source import ROOT

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
TOKEN = "token-that-stays-here"


class Elsewhere:
    """Where a redirect leads; remembers who came, and with what."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.came: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def address(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                with connection:
                    self.came.append(connection.recv(4096))


Answer = Callable[[socket.socket, str], None]


def plain(head: bytes, body: bytes = b"") -> Answer:
    return lambda connection, _elsewhere: connection.sendall(
        head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    )


def endless(head: bytes, part: bytes) -> Answer:
    """An answer that goes on until the other side hangs up."""

    def answer(connection: socket.socket, _elsewhere: str) -> None:
        connection.sendall(head)
        with suppress(OSError):
            for _ in range(4 * MAX_ANSWER // len(part)):
                connection.sendall(part)

    return answer


def redirect(status: int) -> Answer:
    return lambda connection, elsewhere: connection.sendall(
        b"HTTP/1.1 %d Go\r\nLocation: %s/v1/me\r\nContent-Length: 0\r\n\r\n" % (status, elsewhere.encode())
    )


def bomb(encoding: bytes, packed: bytes) -> Answer:
    return plain(OK + b"Content-Encoding: " + encoding + b"\r\n", packed)


ZEROS = b" " * (MAX_ANSWER + 1_000_000)
ANSWERS: dict[str, Answer] = {
    "nothing at all": lambda _connection, _elsewhere: None,
    "noise": lambda connection, _elsewhere: connection.sendall(bytes(range(256)) * 40),
    "half a status": lambda connection, _elsewhere: connection.sendall(b"HTTP/1.1 2"),
    "another protocol": lambda connection, _elsewhere: connection.sendall(b"HTTP/2.0 200 OK\r\n\r\n"),
    "an informational answer without end": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 500),
    "switching protocols": plain(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n"),
    "headers without end": endless(b"HTTP/1.1 200 OK\r\n", b"X-Filler: " + b"a" * 60_000 + b"\r\n"),
    "one header without end": endless(b"HTTP/1.1 200 OK\r\nX: ", b"a" * 65_536),
    "chunks without end": endless(
        OK + b"Transfer-Encoding: chunked\r\n\r\n", b"ffff\r\n" + b" " * 0xFFFF + b"\r\n"
    ),
    "a body without end": endless(OK + b"\r\n", b" " * 65_536),
    "a length that lies": plain(OK + b"Content-Length: 5\r\n", b"{}" * 40),
    "two lengths": lambda connection, _elsewhere: connection.sendall(
        OK + b"Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}"
    ),
    "a bomb": bomb(b"gzip", gzip.compress(ZEROS)),
    "a bomb of another kind": bomb(b"deflate", zlib.compress(ZEROS)),
    "a bomb in a bomb": bomb(b"gzip, gzip", gzip.compress(gzip.compress(ZEROS))),
    "packed noise": bomb(b"gzip", b"\x1f\x8b\x08" + b"\xff" * 100),
    "a page of the web": plain(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n", b"<script>alert(1)</script>"
    ),
    "a type that lies": plain(OK, b"<script>alert(1)</script>"),
    "lists in lists": plain(OK, b"[" * 500_000),
    "a number without end": plain(OK, b'{"user":' + b"9" * 1_000_000 + b"}"),
    "half a character": plain(OK, b'{"user":"\\ud800"}'),
    "a cookie and a place to go": plain(
        b"HTTP/1.1 401 No\r\nContent-Type: text/html\r\nSet-Cookie: a=b\r\nWWW-Authenticate: Basic realm=x\r\n",
        b"no",
    ),
    "a wait of an age": plain(b"HTTP/1.1 429 Wait\r\nRetry-After: " + b"9" * 400 + b"\r\n"),
    "an order to wipe that cannot be confirmed": plain(
        b"HTTP/1.1 401 No\r\nContent-Type: application/problem+json\r\n",
        b'{"status":401,"code":"wipe","fields":{}}',
    ),
    "an order to wipe from something in between": plain(
        b"HTTP/1.1 403 No\r\nContent-Type: application/json\r\n", b'{"code":"wipe","fields":{"order":"x"}}'
    ),
    **{f"a redirect, {status}": redirect(status) for status in (301, 302, 303, 307, 308)},
}

CALLS: dict[str, Callable[[HttpTransport], object]] = {
    "me": lambda t: t.me(),
    "manifest": lambda t: t.manifest(None),
    "changes": lambda t: t.changes("c", 5),
    "download": lambda t: sum(map(len, t.download("0" * 64, 0))),
    "pokes": lambda t: list(t.pokes()),
}


class _Known:
    def access(self) -> str:
        return TOKEN

    def renew(self, refused: str) -> str:
        return refused


@contextmanager
def hostile(answer: Answer, elsewhere: str) -> Iterator[str]:
    """A gateway that gives one answer to everything."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=one, args=(connection,), daemon=True).start()

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(10)
            connection.recv(65_536)
            answer(connection, elsewhere)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    made = Elsewhere()
    yield made
    made.listener.close()


@pytest.mark.parametrize("what", ANSWERS)
def test_whatever_it_answers_is_an_error_of_ours(
    what: str, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "LONGEST_HEAD", 0.5)
    with hostile(ANSWERS[what], elsewhere.address) as url:
        for name, call in CALLS.items():
            transport = HttpTransport(Wire(system_client(url), SystemClock()), _Known())
            began = time.process_time()
            try:
                call(transport)
            except WipeOrdered:
                raise AssertionError(f"{name} obeyed an order nobody can confirm") from None
            except CounterpartError as error:
                assert error.cause, name  # noqa: PT017  # how it refuses is what is looked at
            else:
                assert name in ("download", "manifest", "pokes"), f"{name} believed it"
            finally:
                transport.close()
            assert time.process_time() - began < 10, name
    assert elsewhere.came == [], "nobody was sent anywhere"


def test_a_bomb_takes_no_more_memory_than_an_answer_may(elsewhere: Elsewhere) -> None:
    with hostile(ANSWERS["a bomb in a bomb"], elsewhere.address) as url:
        transport = HttpTransport(Wire(system_client(url), SystemClock()), _Known())
        tracemalloc.start()
        try:
            with pytest.raises(CounterpartError):
                transport.me()
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            transport.close()
        assert most < 4 * MAX_ANSWER


@pytest.mark.parametrize("what", ["a redirect, 307", "a page of the web", "lists in lists", "noise"])
def test_a_refresh_token_goes_to_nobody_else(what: str, elsewhere: Elsewhere) -> None:
    with hostile(ANSWERS[what], elsewhere.address) as url:
        to = Wire(system_client(url), SystemClock())
        with pytest.raises(CounterpartError):
            OAuth(to, SystemClock()).refresh("refresh-that-stays-here")
        to.close()
    assert elsewhere.came == []


def test_no_cookie_is_ever_kept() -> None:
    """A client is made for each connection, and nothing of ours reads or sets one."""
    for path in ("app/sync/wire.py", "app/sync/proxies.py"):
        assert "cookie" not in (ROOT / path).read_text("utf-8").lower().replace("cookieconflict", "")

"""The stand-in on 127.0.0.1, with the limits of calls and the faults a network has."""

from __future__ import annotations

import json
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.connectors.hubspot.standin.account import Account
from tests.connectors.hubspot.standin.calls import VERSION, Call, Reply
from tests.connectors.hubspot.standin.errors import Problem, too_many
from tests.connectors.hubspot.standin.extras import Extras, Tokens
from tests.connectors.hubspot.standin.objects import Objects
from tests.connectors.hubspot.standin.telling import Journal, Webhooks

_OPEN = ("oauth", "signed", "journal-files")


class Limits:
    """How many calls are taken. 0: any number."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.ten_seconds = 0
        self.daily = 0
        self.searches = 0
        self.today = 0
        self._calls: deque[int] = deque()
        self._searches: deque[int] = deque()

    def take(self, call: Call) -> dict[str, str]:
        """Count a call. Returns the headers that tell what is left. Raises Problem."""
        now = self._account.now_ms()
        while self._calls and self._calls[0] <= now - 10_000:
            self._calls.popleft()
        while self._searches and self._searches[0] <= now - 1_000:
            self._searches.popleft()
        if call.path[-1] == "search":
            if self.searches and len(self._searches) >= self.searches:
                raise too_many("SECONDLY", "secondly")
            self._searches.append(now)
        if self.daily and self.today >= self.daily:
            raise too_many("DAILY", "daily")
        if self.ten_seconds and len(self._calls) >= self.ten_seconds:
            raise too_many("TEN_SECONDLY_ROLLING", "ten_secondly_rolling")
        self._calls.append(now)
        self.today += 1
        if call.path[-1] == "search":
            return {}
        most, daily = self.ten_seconds or 190, self.daily or 1_000_000
        return {
            "X-HubSpot-RateLimit-Daily": str(daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(daily - self.today),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Max": str(most),
            "X-HubSpot-RateLimit-Remaining": str(
                max(0, most - len(self._calls)) if self.ten_seconds else most
            ),
        }


class Faults:
    """What goes wrong on the wire, if anybody asked for it."""

    def __init__(self) -> None:
        self._answers: list[tuple[int, int | None, bool]] = []
        self.lose_next_write = False
        self.before_write: Callable[[], object] | None = None
        self._left: int | None = None

    def answer(self, status: int, *, retry_after: int | None, times: int, only_writes: bool) -> None:
        """Let the next calls be answered so, without being carried out."""
        self._answers += [(status, retry_after, only_writes)] * times

    def cut(self, after_calls: int) -> None:
        """Let the connection break after so many more calls, until `mend`."""
        self._left = after_calls

    def mend(self) -> None:
        """Let everything through again."""
        self._left = None
        self._answers.clear()

    def broken(self) -> bool:
        """Whether this call finds the connection broken."""
        if self._left is None:
            return False
        self._left = max(-1, self._left - 1)
        return self._left < 0

    def raised(self, call: Call) -> None:
        """Raises the Problem a call is answered with, if one is due."""
        place = next((n for n, one in enumerate(self._answers) if call.writes or not one[2]), None)
        if place is None:
            return
        status, retry_after, _ = self._answers.pop(place)
        headers = {"Retry-After": str(retry_after)} if retry_after is not None else {}
        match status:
            case 429:
                raise too_many("TEN_SECONDLY_ROLLING", "ten_secondly_rolling", retry_after)
            case 409:
                raise Problem(
                    409, "CONFLICT", "The record is being written by somebody else.", headers=headers
                )
            case 423:
                raise Problem(423, "LOCKED", "The resource is locked. Try again later.", headers=headers)
            case _:
                raise Problem(status, "INTERNAL_ERROR", "internal error", headers=headers)


class StandIn:
    """A HubSpot account that listens. A context manager."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.account = Account(now)
        self.objects = Objects(self.account)
        self.extras = Extras(self.account, self.objects)
        self.tokens = Tokens(self.account)
        self.webhooks = Webhooks(self.account)
        self.journal = Journal(self.account, lambda: self.address)
        self.limits = Limits(self.account)
        self.faults = Faults()
        self.calls: list[Call] = []
        self.seen: list[tuple[Call, Reply]] = []
        self.lock = threading.RLock()
        self.address = ""
        self._sockets: set[socket.socket] = set()

    def __enter__(self) -> StandIn:
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self.address = self.extras.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="hubspot")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join(10)
        with self.lock:
            for one in self._sockets:
                one.close() if one.fileno() < 0 else _hang_up(one)
        self._server.server_close()
        assert not self._thread.is_alive()

    def opened(self, one: socket.socket) -> None:
        """Note a connection."""
        with self.lock:
            self._sockets.add(one)

    def closed(self, one: socket.socket) -> None:
        """Forget a connection."""
        with self.lock:
            self._sockets.discard(one)

    def handle(self, call: Call) -> Reply | None:
        """Answer a call; None: the connection breaks."""
        with self.lock:
            if self.faults.broken():
                return None
            self.calls.append(call)
            if call.writes and self.faults.before_write is not None:
                act, self.faults.before_write = self.faults.before_write, None
                act()
            lose = call.writes and self.faults.lose_next_write
            reply = self._answered(call)
            self.seen.append((call, reply))
            if lose:
                self.faults.lose_next_write = False
                return None
            return reply

    def _answered(self, call: Call) -> Reply:
        told: dict[str, str] = {}
        try:
            if call.path[0] not in _OPEN:
                self.faults.raised(call)
                self.tokens.check(call)
                told = self.limits.take(call)
            reply = self._routed(call)
        except Problem as problem:
            reply = Reply(problem.status, problem.body(), headers=problem.headers)
        return Reply(reply.status, reply.data, reply.raw, {**reply.headers, **told})

    def _routed(self, call: Call) -> Reply:
        match call.path:
            case ("crm", "objects", version, _, *_) if version == VERSION:
                return self.objects.answer(call)
            case ("crm", "associations", version, _, _, *_) if version == VERSION:
                return self.extras.associations(call)
            case ("crm", "properties", version, _, *_) if version == VERSION:
                return self.extras.properties(call)
            case ("crm", "pipelines", version, _) if version == VERSION:
                return self.extras.pipelines(call)
            case ("crm", "owners", version) if version == VERSION:
                return self.extras.owners(call)
            case ("files", version, "files", *_) if version == VERSION:
                return self.extras.files(call)
            case ("oauth", version, "token") if version == VERSION:
                return self.tokens.exchange(call)
            case ("webhooks-journal", "journal-local", version, *_) if version == VERSION:
                return self.journal.answer(call)
            case ("signed", _):
                return self.extras.signed(call)
            case ("journal-files", _):
                return self.journal.file(call)
            case _:
                raise Problem(404, "OBJECT_NOT_FOUND", "resource not found")

    def date(self) -> str:
        """The account's clock as a header."""
        return format_datetime(self._now(), usegmt=True)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def _hang_up(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


def _handler_of(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1
        timeout = 60

        def setup(self) -> None:
            super().setup()
            stand_in.opened(self.connection)

        def finish(self) -> None:
            stand_in.closed(self.connection)
            super().finish()

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:
                self.close_connection = True

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            parts = urlsplit(self.path)
            path = tuple(unquote(one) for one in parts.path.split("/") if one)
            query = dict(parse_qsl(parts.query))
            reply = stand_in.handle(Call(self.command, path, query, dict(self.headers.items()), body))
            if reply is None:
                self.close_connection = True
                _hang_up(self.connection)
                return
            raw = reply.raw if reply.raw is not None else b""
            headers = {"Content-Type": "application/json;charset=utf-8", **reply.headers}
            if reply.data is not None:
                raw = json.dumps(reply.data).encode()
            self.send_response_only(reply.status)
            self.send_header("Date", stand_in.date())
            for name, value in headers.items():
                self.send_header(name, value)
            if reply.status != 204:
                self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)
            self.wfile.flush()

        def log_message(self, *_: Any) -> None:
            """Nothing is printed."""

    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler._serve)
    return Handler

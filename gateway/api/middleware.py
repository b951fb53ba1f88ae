"""What holds for every answer: the epoch, a limit on bodies, compression, and a line in the log without secrets."""

from __future__ import annotations

import time

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.answers import problem_answer
from gateway.problems import Problem

log = structlog.get_logger(__name__)

EPOCH = "Counterpart-Epoch"

#: How many times the limit of bytes is read, and thrown away, before a refusal is told.
_PATIENCE = 8


class EpochHeader:
    """Names the epoch on each answer, and keeps browsers from guessing what an answer is."""

    def __init__(self, app: ASGIApp, epoch: str) -> None:
        self._app = app
        self._epoch = epoch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers[EPOCH] = self._epoch
                headers.setdefault("X-Content-Type-Options", "nosniff")
                if scope["path"].startswith(("/v1/", "/oauth/")):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, named)


class Unforeseen:
    """Turns what nobody has foreseen into a problem document, inside everything that marks answers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        began = False

        async def noted(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception:  # the last place to say something useful
            log.exception("request failed", path=scope.get("path", ""))
            if began or scope["type"] != "http":
                raise
            answer = problem_answer(Problem(500, "failed", "The gateway failed in an unforeseen way."))
            await answer(scope, receive, send)


class BodyLimit:
    """Refuses bodies over `most` bytes, whether they say so beforehand or just go on.

    `elsewhere`: beginnings of paths that limit their bodies themselves.
    """

    def __init__(self, app: ASGIApp, most: int, elsewhere: tuple[str, ...] = ()) -> None:
        self._app = app
        self._most = most
        self._elsewhere = elsewhere

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith(self._elsewhere):
            await self._app(scope, receive, send)
            return
        words = f"A request may have {self._most // (1024 * 1024)} MB at most."
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if int(announced) > self._most:
            await self._pass_over(receive)
            await problem_answer(Problem(413, "too_large", words))(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._most:
                if message.get("more_body", False):
                    await self._pass_over(receive)
                raise HTTPException(413, words)
            return message

        await self._app(scope, counted, send)

    async def _pass_over(self, receive: Receive) -> None:
        """Read on without keeping anything, within reason: a client that is cut off while sending sees no answer."""
        passed, more = 0, True
        while more and passed < _PATIENCE * self._most:
            message = await receive()
            passed += len(message.get("body", b""))
            more = message.get("more_body", False)


class Compression:
    """Compresses answers, but not file bytes: ranges are of the file itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._packed = GZipMiddleware(app, minimum_size=1024, compresslevel=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        plain = scope["type"] == "http" and scope["path"].startswith(("/v1/blobs/", "/console/file/"))
        await (self._plain if plain else self._packed)(scope, receive, send)


class RequestLog:
    """Writes one line a request: method, path and status; never the query, headers or body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            milliseconds = round((time.perf_counter() - began) * 1000)
            log.info("request", method=scope["method"], path=scope["path"], status=status, ms=milliseconds)

"""What holds for every answer: the epoch and the time here, a limit on bodies, compression."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.answers import problem_answer
from gateway.api.packing import LEAST, pack, takes_gzip
from gateway.problems import Problem

log = structlog.get_logger(__name__)

EPOCH = "Counterpart-Epoch"
#: The moment of the answer by the gateway's clock, so that a computer whose clock is wrong can say so.
TIME = "Counterpart-Time"

#: Bytes from which an answer is compressed on another thread, and a body's sender is looked up first.
_LARGE = 64 * 1024

#: How many times the limit of bytes is read, and thrown away, before a refusal is told.
_PATIENCE = 8


class EpochHeader:
    """Names epoch and time on each answer, and keeps browsers from guessing what an answer is."""

    def __init__(self, app: ASGIApp, epoch: str, now: Callable[[], datetime]) -> None:
        self._app = app
        self._epoch = epoch
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers[EPOCH] = self._epoch
                headers[TIME] = self._now().isoformat(timespec="seconds")
                headers.setdefault("X-Content-Type-Options", "nosniff")
                if scope["path"].startswith(("/v1/", "/oauth/")):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, named)


class Punctual:
    """Refuses bodies that do not come on: each holds memory and a connection for as long as its sender likes.

    To what reads the body its sender has gone; what that answers then is not passed on, but 408. `piece`, `whole`:
    seconds within which the next piece, and the last one, must be here.
    """

    def __init__(self, app: ASGIApp, piece: float, whole: float) -> None:
        self._app = app
        self._piece = piece
        self._whole = whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        until = time.monotonic() + self._whole
        more, began, late = True, False, False

        async def awaited() -> Message:
            nonlocal more, late
            if late or not more:  # what comes after the end is that the caller goes, whenever that is
                return _GONE if late else await receive()
            try:
                async with asyncio.timeout(max(0.0, min(self._piece, until - time.monotonic()))):
                    message = await receive()
            except TimeoutError:
                late = True
                return _GONE
            more = message.get("more_body", False)
            return message

        async def noted(message: Message) -> None:
            nonlocal began
            if began or not late:
                began = True
                await send(message)

        try:
            await self._app(scope, awaited, noted)
        except Exception:
            if began or not late:
                raise
        if late and not began:
            answer = problem_answer(Problem(408, "late", "The request did not arrive in time."))
            answer.headers["Connection"] = "close"
            await answer(scope, receive, send)


_GONE: Message = {"type": "http.disconnect"}


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
            log.exception("request failed", path=told_path(scope.get("path", "")))
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
        words = f"A request may have {_size_words(self._most)} at most."
        if announces_over(scope, self._most):
            await pass_over(receive, _PATIENCE * self._most)
            await problem_answer(Problem(413, "too_large", words))(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._most:
                if message.get("more_body", False):
                    await pass_over(receive, _PATIENCE * self._most)
                raise HTTPException(413, words)
            return message

        await self._app(scope, counted, send)


def announces_over(scope: Scope, most: int) -> bool:
    """Tell whether a body says that it has more bytes."""
    announced = dict(scope["headers"]).get(b"content-length", b"0")
    # A length of more digits than any has is not even made a number.
    return len(announced) > 18 or (announced.isdigit() and int(announced) > most)


async def pass_over(receive: Receive, most: int) -> None:
    """Read on without keeping anything, within reason: a client that is cut off while sending sees no answer."""
    passed, more = 0, True
    while more and passed < most:
        message = await receive()
        passed += len(message.get("body", b""))
        more = message.get("more_body", False)


def _size_words(size: int) -> str:
    whole = 1024 * 1024
    return f"{size // whole} MB" if size >= whole else f"{size // 1024} KB"


class KnownCaller:
    """Looks who calls before much of a `/v1` body is read: strangers would have it kept in memory.

    `find` raises the problem with which a token is refused.
    """

    def __init__(self, app: ASGIApp, find: Callable[[str], object]) -> None:
        self._app = app
        self._find = find

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"].startswith("/v1/") and _is_large(scope):
            try:
                await run_in_threadpool(self._find, bearer_of(scope))
            except Problem as problem:
                with suppress(HTTPException):  # of whoever counts the bytes: it is refused anyway
                    await pass_over(receive, _PATIENCE * 1024 * 1024)
                await problem_answer(problem)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _is_large(scope: Scope) -> bool:
    unannounced = any(name == b"transfer-encoding" for name, _ in scope["headers"])
    return unannounced or announces_over(scope, _LARGE)


def bearer_of(scope: Scope) -> str:
    """Return the token a request carries, empty when there is none."""
    for name, value in scope["headers"]:
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            return str(value[7:].strip().decode("latin-1"))
    return ""


class Compression:
    """Compresses answers, but not file bytes: ranges are of the file itself. What is streamed goes as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith(("/v1/blobs/", "/console/file/")):
            await self._app(scope, receive, send)
            return
        packed = _Packed(send, gzip=takes_gzip(Headers(scope=scope)))
        await self._app(scope, receive, packed.send)


class _Packed:
    """One answer. Its start waits until it is known whether the body comes in one piece."""

    def __init__(self, send: Send, *, gzip: bool) -> None:
        self._send = send
        self._gzip = gzip
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        """Pass a message on."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        start, self._start = self._start, None
        if start is not None:
            body: bytes = message.get("body", b"")
            headers = MutableHeaders(scope=start)
            whole = not message.get("more_body", False) and "content-encoding" not in headers
            if whole and len(body) >= LEAST:
                headers.add_vary_header("Accept-Encoding")
                if self._gzip:
                    body = await run_in_threadpool(pack, body) if len(body) > _LARGE else pack(body)
                    headers["Content-Encoding"] = "gzip"
                    headers["Content-Length"] = str(len(body))
                    message = {**message, "body": body}
            await self._send(start)
        await self._send(message)


def told_path(path: str) -> str:
    """Return a path as the log may hold it: an invitation's link ends in a secret."""
    head, found, _ = path.partition("/oauth/invitation/")
    return f"{head}{found}…" if found else path

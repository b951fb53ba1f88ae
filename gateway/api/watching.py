"""What is kept of each request: a line in the log, figures, and of some that are refused an entry in the audit log."""

from __future__ import annotations

import re
import secrets
import time

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.middleware import bearer_of, told_path
from gateway.callers import Note, noting, short, veiled
from gateway.core import Gateway
from gateway.metrics import Metrics
from gateway.problems import Problem

log = structlog.get_logger(__name__)

REQUEST_ID = "X-Request-Id"

#: An id given by a proxy; anything else is replaced, since it goes into the log.
_WELL_FORMED = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")

#: Refusals of these calls may be somebody's trying things out.
_GUARDED = ("/v1/mutations", "/v1/uploads", "/v1/wiped", "/webhooks/", "/oauth/")
_BAD_INPUT = frozenset({400, 413, 415, 422})


class Watch:
    """Watches each request from outside. Neither query, headers nor body are kept."""

    def __init__(self, app: ASGIApp, gateway: Gateway, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._gateway = gateway
        self._refusals = gateway.ground.refusals
        self._secret = gateway.setup.secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, stream = time.perf_counter(), 0, False
        path, note, request_id = scope["path"], Note(), _request_id(scope)

        async def noted(message: Message) -> None:
            nonlocal status, stream
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = request_id
                stream = headers.get("content-type", "").startswith("text/event-stream")
            await send(message)

        with noting(note), structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, noted)
            finally:
                seconds = time.perf_counter() - began
                self._metrics.request(
                    route_of(scope, path), scope["method"], status, None if stream else seconds
                )
                who = {"user": note.user, "device": short(note.device)} if note.user else {}
                log.info(
                    "request",
                    method=scope["method"],
                    path=_told(path),
                    status=status,
                    ms=round(seconds * 1000),
                    **who,
                )
            if is_telling(path, status, with_token=bool(bearer_of(scope))):
                await self._tell(scope, path, status, note, request_id)

    async def _tell(self, scope: Scope, path: str, status: int, note: Note, request_id: str) -> None:
        """Note a refusal. That it cannot be noted is told, and harms nobody's answer: it has been sent."""
        address = scope["client"][0] if scope.get("client") else ""
        client = veiled(address, self._secret)

        def tell() -> None:
            if not note.user:
                self._find(bearer_of(scope), note)
            self._refusals.tell(
                "request_refused",
                note.user or client,
                user=note.user,
                device=note.device,
                companies=note.companies,
                method=scope["method"],
                route=route_of(scope, path),
                status=status,
                client=client,
                request=request_id,
            )

        try:
            await run_in_threadpool(tell)
        except Exception:  # the request is answered already
            log.exception("refusal not noted")

    def _find(self, token: str, note: Note) -> None:
        """Find out who calls where a request was refused before anybody looked: its body could not be read."""
        try:
            session = self._gateway.identity.authenticate(token)
        except Problem:
            return
        note.user, note.device = session.user, session.device


def is_telling(path: str, status: int, *, with_token: bool) -> bool:
    """Tell whether a refusal goes into the audit log."""
    if status in (403, 429):
        return True
    if status == 401:
        return with_token or path.startswith(_GUARDED)
    return status in _BAD_INPUT and path.startswith(_GUARDED)


def route_of(scope: Scope, path: str) -> str:
    """Return the template of the route a request took: there are only so many, and they name nobody."""
    if path.startswith("/console"):
        return "/console"
    template = getattr(scope.get("route"), "path", None)
    return template if isinstance(template, str) else "none"


def _told(path: str) -> str:
    """Return a path as the log may hold it: callers choose it, and an invitation's link ends in a secret."""
    told = told_path(path)
    return told if told.isprintable() else ascii(told)


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _WELL_FORMED.fullmatch(value):
            return str(value.decode())
    return secrets.token_hex(8)

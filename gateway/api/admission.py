"""Who is let in: nobody new while the process is about to end, and nobody faster than their limit."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.answers import problem_answer
from gateway.api.middleware import bearer_of
from gateway.callers import present
from gateway.limiter import Limiter, too_much
from gateway.operation import Operation
from gateway.problems import Problem
from gateway.readiness import going_away

#: Asked by whoever watches the process; never refused, so that it can be seen how it stands.
PROBES = frozenset({"/livez", "/healthz", "/readyz", "/metrics"})

#: What must always get through: ending a session, and the receipt that a device was wiped.
_ALWAYS = frozenset({"/oauth/revoke", "/v1/wiped"})

#: The console has limits of its own, and its pages load many small files.
_UNCOUNTED = ("/console",)


class Admission:
    """Lets requests in, counts what they bring and take, and refuses with a problem document."""

    def __init__(self, app: ASGIApp, operation: Operation) -> None:
        self._app = app
        self._operation = operation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        if self._operation.readiness.draining:
            await self._refuse(going_away(), scope, receive, send, close=True)
            return
        in_flight = self._operation.in_flight
        in_flight.count += 1
        try:
            limiter = self._operation.limiter
            if limiter is None or scope["path"] in _ALWAYS or scope["path"].startswith(_UNCOUNTED):
                await self._app(scope, receive, send)
            else:
                await self._counted(limiter, scope, receive, send)
        finally:
            in_flight.count -= 1

    async def _counted(self, limiter: Limiter, scope: Scope, receive: Receive, send: Send) -> None:
        token, note = bearer_of(scope), present()
        party = limiter.party(token) if token else None
        address = scope["client"][0] if scope.get("client") else ""
        limit, wait = limiter.take_request(party, address)
        if wait:
            self._operation.metrics.limited(limit)
            await self._refuse(too_much(limit, wait), scope, receive, send)
            return
        moved = 0

        async def brought() -> Message:
            nonlocal moved
            message = await receive()
            moved += len(message.get("body", b""))
            return message

        async def taken(message: Message) -> None:
            nonlocal moved
            moved += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, brought, taken)
        finally:
            if token and note and note.user:
                known, party = party, limiter.remember(token, note)
                if known is None:
                    limiter.charge("requests", party, 1)
                limiter.charge("bytes", party, moved)

    async def _refuse(
        self, problem: Problem, scope: Scope, receive: Receive, send: Send, *, close: bool = False
    ) -> None:
        answer = problem_answer(problem)
        if close:
            MutableHeaders(raw=answer.raw_headers)["Connection"] = "close"
        await answer(scope, receive, send)


def check_mutations(operation: Operation, token: str, count: int) -> None:
    """Make sure that a caller may send so many mutations now. Raises Problem 429."""
    party = operation.limiter.party(token) if operation.limiter else None
    if operation.limiter is None or party is None:
        return
    limit, wait = operation.limiter.check("mutations", party, count)
    if wait:
        operation.metrics.limited(limit)
        raise too_much(limit, wait)


def charge_mutations(operation: Operation, token: str, count: int) -> None:
    """Charge mutations that were answered."""
    note = present()
    if operation.limiter and note and note.user:
        operation.limiter.charge("mutations", operation.limiter.remember(token, note), count)

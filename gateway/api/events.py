"""Server-sent pokes: an opaque position whenever something visible to the caller may have changed."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable

from fastapi import APIRouter
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from gateway.api.caller import Caller, TheGateway
from gateway.api.described import content
from gateway.api.operation import TheOperation
from gateway.core import Gateway
from gateway.feed.pokes import Listening
from gateway.identity.session import Session
from gateway.operation import Streams
from gateway.problems import Problem
from gateway.readiness import Readiness

router = APIRouter(prefix="/v1", tags=["reading"])

#: Seconds after which a silent stream sends a comment, so that nothing in between takes it for dead.
PING = 15
#: With every so many of them it looks whether its session still holds. Whoever ends one pokes it; this is for when that
#: was missed, and a thousand clients that wait should cost next to nothing.
LOOKS = 4

#: Milliseconds after which a client is to open a stream again that ended with its process; up to twice that.
RETRY = 2_000


class Channel:
    """One open stream: what it listens for, and the last position told by any thread."""

    def __init__(self, gateway: Gateway, session: Session, readiness: Readiness, streams: Streams) -> None:
        """`streams`: has a place taken for it, which it gives back when it is closed."""
        self._gateway = gateway
        self._readiness = readiness
        self._streams: Streams | None = streams
        self._session = session
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._tags: frozenset[str] = frozenset()
        self._head = 0
        self._pings = 0
        self._stop: Listening | None = None
        self._stop_draining: Callable[[], None] | None = None

    async def open(self) -> None:
        """Start listening. Raises Problem 401."""
        self._stop = self._gateway.subscribe(self._poked)
        self._stop_draining = self._readiness.on_drain(self._wake)
        await self._look()

    def close(self) -> None:
        """Stop listening. Once is enough."""
        for stop in (self._stop, self._stop_draining):
            if stop:
                stop()
        if self._streams:
            self._streams.give_back(self._session.user)
            self._streams = None

    async def wait(self) -> bool:
        """Wait for a poke, or for the time to ping; returns whether there was one. Raises Problem 401."""
        try:
            await asyncio.wait_for(self._woken.wait(), PING)
        except TimeoutError:
            self._pings += 1
            if self._pings % LOOKS == 0:
                await self._look()
            return False
        self._woken.clear()
        await self._look()
        return True

    @property
    def ending(self) -> bool:
        """Whether the process is about to end, and this stream with it."""
        return self._readiness.draining

    @property
    def position(self) -> str:
        """The head, as clients see it: it changes, and tells nothing else."""
        return hashlib.sha256(f"{self._gateway.epoch}:{self._head}".encode()).hexdigest()[:16]

    async def _look(self) -> None:
        """Read anew what the caller may see: a poke may have been about that."""
        self._tags, self._head = await run_in_threadpool(self._gateway.reading.listened_for, self._session)

    def _poked(self, tags: frozenset[str], _position: int) -> None:
        """Called on whichever thread has committed."""
        if not self._tags.isdisjoint(tags):
            self._wake()

    def _wake(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)


@router.get(
    "/events",
    response_class=EventSourceResponse,
    responses={200: content("text/event-stream", "Pokes.", type="string")},
)
async def events(gateway: TheGateway, operation: TheOperation, session: Caller) -> EventSourceResponse:
    """A stream of pokes. Always pull after connecting: what changed before is not told again."""
    if not operation.streams.take(session.user):
        operation.metrics.limited("streams")
        raise too_many_streams()
    channel = Channel(gateway, session, operation.readiness, operation.streams)
    try:
        await channel.open()
    except BaseException:
        channel.close()
        raise
    return _Pokes(channel)


class _Pokes(EventSourceResponse):
    """A channel as an answer. It is closed with the answer, even when its stream was never begun."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(_stream(channel), ping=3600, headers={"Cache-Control": "no-store"})
        self._channel = channel

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._channel.close()


def too_many_streams() -> Problem:
    """429, without a time to wait: that would hold up the device's other calls, which are welcome."""
    return Problem(429, "too_many_streams", "This account listens on too many devices at once already.")


async def _stream(channel: Channel) -> AsyncIterator[ServerSentEvent]:
    try:
        yield ServerSentEvent(data=channel.position, event="poke")
        while True:
            poked = await channel.wait()
            if channel.ending:
                # Not all at the same moment: whoever takes over has to read who each of them is.
                yield ServerSentEvent(comment="come back", retry=RETRY + secrets.randbelow(RETRY))
                return
            if poked:
                yield ServerSentEvent(data=channel.position, event="poke")
            else:
                yield ServerSentEvent(comment="still here")
    except Problem:
        return  # the session has ended: the next call says so

"""The HTTP application over a gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI

from app.contract.version import RELEASE
from gateway.api import (
    colleagues,
    events,
    files,
    handover,
    invitation,
    kiosk,
    oauth,
    reading,
    sealing,
    webhooks,
    writing,
)
from gateway.api import operation as operation_calls
from gateway.api.admission import Admission
from gateway.api.answers import answer_problems
from gateway.api.described import DescribedApi
from gateway.api.middleware import BodyLimit, Compression, EpochHeader, KnownCaller, Punctual, Unforeseen
from gateway.api.watching import Watch
from gateway.api.wellformed import WellFormed
from gateway.core import Gateway
from gateway.operation import Operation

#: Something that runs while the application does.
Lifespan = Callable[[], AbstractAsyncContextManager[None]]


@dataclass(frozen=True)
class Shape:
    """Sizes in bytes. `elsewhere`: mounted paths that limit their bodies themselves.

    `webhook_url`: the address under which systems call, where it is not the one that arrives here (behind a proxy).
    """

    body_most: int = 8 * 1024 * 1024
    #: Of calls that nobody has to be signed in for: forms, and webhooks, which have a limit of their own below it.
    strangers_most: int = 512 * 1024
    elsewhere: tuple[str, ...] = ("/console/",)
    webhook_url: str = ""
    #: Seconds within which the next piece of a body must be here, and the whole of it.
    piece_seconds: float = 30.0
    body_seconds: float = 300.0


def build_app(
    gateway: Gateway,
    shape: Shape | None = None,
    lifespan: Lifespan | None = None,
    operation: Operation | None = None,
) -> FastAPI:
    """Return the application that serves a gateway. `lifespan` runs beside it, such as the ingest thread.

    `operation`: without it there are no limits, and no figures are given out.
    """

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        if lifespan is None:
            yield
        else:
            async with lifespan():
                yield

    app = DescribedApi(
        title="Counterpart gateway",
        version=RELEASE,
        description="What a partner's desktop and the vendor's systems agree on.",
        docs_url=None,
        redoc_url=None,
        lifespan=running,
    )
    limits = shape or Shape()
    app.state.gateway = gateway
    app.state.webhook_url = limits.webhook_url
    app.state.operation = operation or Operation.of(gateway)
    answer_problems(app)
    for part in (
        reading,
        writing,
        files,
        events,
        oauth,
        handover,
        kiosk,
        invitation,
        colleagues,
        sealing,
        webhooks,
        operation_calls,
    ):
        app.include_router(part.router)

    # The last one added is the outermost.
    app.add_middleware(WellFormed, elsewhere=limits.elsewhere)
    app.add_middleware(KnownCaller, find=gateway.identity.authenticate)
    app.add_middleware(Unforeseen)
    app.add_middleware(BodyLimit, most=limits.strangers_most, elsewhere=("/v1/", *limits.elsewhere))
    app.add_middleware(BodyLimit, most=limits.body_most, elsewhere=limits.elsewhere)
    app.add_middleware(Punctual, piece=limits.piece_seconds, whole=limits.body_seconds)
    app.add_middleware(Compression)
    app.add_middleware(Admission, operation=app.state.operation)
    app.add_middleware(EpochHeader, epoch=gateway.epoch, now=gateway.setup.clock.now)
    app.add_middleware(Watch, gateway=gateway, metrics=app.state.operation.metrics)
    return app

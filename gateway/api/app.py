"""The HTTP application over a gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI, Response

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
    writing,
)
from gateway.api.answers import answer_problems
from gateway.api.caller import TheGateway
from gateway.api.described import DescribedApi, Responses, content
from gateway.api.middleware import BodyLimit, Compression, EpochHeader, RequestLog, Unforeseen
from gateway.api.wellformed import WellFormed
from gateway.core import Gateway

#: Something that runs while the application does.
Lifespan = Callable[[], AbstractAsyncContextManager[None]]

_WORD: Responses = {200: content("text/plain", "It answers.", const="ok")}


@dataclass(frozen=True)
class Shape:
    """Sizes in bytes. `elsewhere`: mounted paths that limit their bodies themselves."""

    body_most: int = 8 * 1024 * 1024
    elsewhere: tuple[str, ...] = ("/console/",)


def build_app(gateway: Gateway, shape: Shape | None = None, lifespan: Lifespan | None = None) -> FastAPI:
    """Return the application that serves a gateway. `lifespan` runs beside it, such as the ingest thread."""

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
    app.state.gateway = gateway
    answer_problems(app)
    for part in (reading, writing, files, events, oauth, handover, kiosk, invitation, colleagues):
        app.include_router(part.router)

    @app.get("/healthz", tags=["operation"], response_class=Response, responses=_WORD)
    def health(gateway: TheGateway) -> Response:
        """Tell that the gateway and its database answer."""
        gateway.sources()
        return Response("ok", media_type="text/plain")

    @app.get("/livez", tags=["operation"], response_class=Response, responses=_WORD)
    async def alive() -> Response:
        """Tell that the process answers."""
        return Response("ok", media_type="text/plain")

    limits = shape or Shape()
    # The last one added is the outermost.
    app.add_middleware(WellFormed, elsewhere=limits.elsewhere)
    app.add_middleware(Unforeseen)
    app.add_middleware(BodyLimit, most=limits.body_most, elsewhere=limits.elsewhere)
    app.add_middleware(Compression)
    app.add_middleware(EpochHeader, epoch=gateway.epoch)
    app.add_middleware(RequestLog)
    return app

"""What is asked about the process itself: whether it lives, is well, may be sent requests, and its figures."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from gateway.api.caller import TheGateway
from gateway.api.described import Responses, content, problems
from gateway.metrics import CONTENT_TYPE
from gateway.operation import Operation
from gateway.problems import not_found, sign_in_needed

router = APIRouter(tags=["operation"])

_WELL = "ok"
_WORD: Responses = {200: content("text/plain", "It answers.", const=_WELL)}
_FIGURES: Responses = {200: content("text/plain", "Figures.", type="string"), **problems(401, 404)}


async def the_operation(request: Request) -> Operation:
    """Return what this application is operated by."""
    found = request.app.state.operation
    assert isinstance(found, Operation)
    return found


TheOperation = Annotated[Operation, Depends(the_operation)]


@router.get("/healthz", response_class=Response, responses=_WORD)
def health(gateway: TheGateway) -> Response:
    """Tell that the gateway and its database answer."""
    gateway.sources()
    return Response(_WELL, media_type="text/plain")


@router.get("/livez", response_class=Response, responses=_WORD)
async def alive() -> Response:
    """Tell that the process answers."""
    return Response(_WELL, media_type="text/plain")


@router.get("/readyz", response_class=Response, responses=_WORD)
def ready(operation: TheOperation) -> Response:
    """Tell that this process may be sent requests. 503: it may not, and why."""
    operation.readiness.check()
    return Response(_WELL, media_type="text/plain")


@router.get("/metrics", response_class=Response, responses=_FIGURES)
def metrics(operation: TheOperation, request: Request) -> Response:
    """Figures for Prometheus, for whoever has their token. 404 where there is none: they have a port of their own."""
    if not operation.metrics_token:
        raise not_found()
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), operation.metrics_token.encode()):
        raise sign_in_needed("The figures need their own token.")
    return Response(operation.metrics.text(), media_type=CONTENT_TYPE)

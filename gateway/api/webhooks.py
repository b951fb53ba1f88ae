"""Webhooks: a system says which rows have changed, and proves that it is the one who says so."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from gateway.api.caller import TheGateway
from gateway.api.described import problems
from gateway.crm.webhook import Delivery
from gateway.ingest.webhooks import too_large

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

_SAYS = {
    403: "The signature does not fit, or the delivery is too old",
    404: "No webhook is expected here",
    409: "The delivery has been taken before",
    413: "The body is too large",
    422: "The body names no rows",
}


class Noted(BaseModel):
    """How many rows will be read."""

    noted: int


@router.post(
    "/{system}",
    status_code=202,
    response_model=Noted,
    responses={
        status: {**problem, "description": _SAYS[int(status)]} for status, problem in problems(*_SAYS).items()
    },
)
async def webhook(
    gateway: TheGateway, request: Request, system: Annotated[str, Path(max_length=40)]
) -> Response:
    """Take a delivery: the rows it names are read by id soon after. Nothing else in it is believed."""
    # The signature is of the very bytes, so nothing may have understood them before.
    body = await _body(request, gateway.webhooks.most)
    if body is None:
        gateway.webhooks.refused(system, "too_large")
        raise too_large(gateway.webhooks.most)
    delivery = Delivery(request.method, _address(request), _headers(request), body)
    noted = await run_in_threadpool(gateway.webhooks.receive, system, delivery)
    return Response(Noted(noted=noted).model_dump_json(), status_code=202, media_type="application/json")


async def _body(request: Request, most: int) -> bytes | None:
    """Return the body's bytes; None when there are more than `most`."""
    taken = bytearray()
    async for part in request.stream():
        # What is over the limit is passed over, not kept: a sender that is cut off sees no answer.
        if len(taken) <= most:
            taken += part
    return bytes(taken) if len(taken) <= most else None


def _headers(request: Request) -> dict[str, str]:
    """Return the headers; one that is there twice says nothing."""
    headers = request.headers
    return {name: headers[name] for name in headers if len(headers.getlist(name)) == 1}


def _address(request: Request) -> str:
    """Return the address as the sender has called it, which may be part of what it signs."""
    base = request.app.state.webhook_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"
    path = request.scope.get("raw_path", b"").decode("ascii", "replace") or request.url.path
    query = request.scope.get("query_string", b"").decode("ascii", "replace")
    return f"{base}{path}" + (f"?{query}" if query else "")

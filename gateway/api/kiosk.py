"""Device codes (RFC 8628): a kiosk asks, shows a code, and somebody lets it in here. Off by default."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from gateway.api.caller import TheGateway
from gateway.api.described import PROTOCOL_ERRORS, pages, problems
from gateway.api.handover import leave
from gateway.api.oauth import told
from gateway.api.pages import address_of, base_of, page, refusal, wait_told
from gateway.core import Gateway
from gateway.identity.kiosks import Shown
from gateway.identity.session import hashed
from gateway.problems import Problem, not_found

router = APIRouter(prefix="/oauth", tags=["sign-in"])

#: Says that this browser was shown the page of a kiosk, on which its name and code stand.
_SEEN = "counterpart-kiosk"


class DeviceAuthorization(BaseModel):
    """What a kiosk shows, and what it asks with (RFC 8628, section 3.2)."""

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str = ""
    expires_in: int
    interval: int = 5


_PAGES = pages(400, 401, 403, 404, 409, 410, 422, 429, 502, 503)


@router.post(
    "/device_authorization",
    response_model=DeviceAuthorization,
    responses={**PROTOCOL_ERRORS, **problems(404)},
)
def ask(
    gateway: TheGateway,
    http: Request,
    client_id: Annotated[str, Form(max_length=60)] = "",
    device_id: Annotated[str, Form(max_length=60)] = "",
    device_name: Annotated[str, Form(max_length=120)] = "",
) -> Response:
    """Begin to let a kiosk in: it gets a code to show, and one to ask with."""
    form = {"client_id": client_id, "device_id": device_id, "device_name": device_name}
    where = base_of(gateway, http).rstrip("/") + "/oauth/device"
    return told(gateway.identity.authorize_device(form, where, address_of(http)))


@router.get("/device", response_class=HTMLResponse, responses=_PAGES)
def device_page(gateway: TheGateway, http: Request, user_code: str = "") -> Response:
    """The page on which somebody types a kiosk's code, and then signs in for it."""
    if not gateway.identity.options.device_code:
        return refusal(gateway, not_found())
    if not user_code:
        return page(gateway, "device.html", user_code="", waiting=None, message="")
    try:
        shown = gateway.identity.kiosks.look(user_code[:40], address_of(http))
    except Problem as problem:
        again = page(
            gateway,
            "device.html",
            problem.status,
            user_code=user_code[:40],
            waiting=None,
            message=problem.detail,
        )
        return wait_told(again, problem)
    return _asking(gateway, http, user_code, shown)


@router.post("/device", response_class=HTMLResponse, responses=_PAGES)
def answer(
    gateway: TheGateway,
    http: Request,
    request: Annotated[str, Form(max_length=400)],
    email: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    cancel: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Let a kiosk in, or keep it out."""
    identity = gateway.identity
    if not identity.options.device_code:
        return refusal(gateway, not_found())
    try:
        user_code, shown = identity.kiosks.again(request)
        if cancel:
            identity.kiosks.deny(request)
            return page(gateway, "done.html", title="It stays out", words="You can close this page.")
        if not identity.options.passwords:
            raise Problem(403, "no_passwords", "Nobody signs in with a password here.")
    except Problem as problem:
        return refusal(gateway, problem)
    try:
        proof = identity.sign_in.check_password(email, password, address_of(http), shown.waiting.device)
    except Problem as problem:
        again = _asking(gateway, http, user_code, shown, problem.status, email, problem.detail)
        return wait_told(again, problem)
    try:
        identity.kiosks.allow(request, proof)
    except Problem as problem:
        return refusal(gateway, problem)
    return page(gateway, "done.html", title="It is in", words="You can close this page.")


@router.get("/device/handover", response_class=HTMLResponse, responses=_PAGES)
def hand_over(gateway: TheGateway, http: Request, request: str = "") -> Response:
    """Lead whoever lets a kiosk in to the issuer, from the page that says which one it is.

    An issuer that knows its user may ask nothing: whoever was sent here past the page would let in what they never saw.
    """
    if not gateway.identity.options.device_code:
        return refusal(gateway, not_found())
    try:
        user_code, shown = gateway.identity.kiosks.again(request)
    except Problem as problem:
        return refusal(gateway, problem)
    if not hmac.compare_digest(http.cookies.get(_SEEN, "").encode(), hashed(request).encode()):
        return _asking(gateway, http, user_code, shown)
    return leave(gateway, http, "device", request)


def _asking(  # what the page shows
    gateway: Gateway,
    http: Request,
    user_code: str,
    shown: Shown,
    status: int = 200,
    email: str = "",
    message: str = "",
) -> Response:
    answer = page(
        gateway,
        "device.html",
        status,
        user_code=user_code[:40],
        waiting=shown.waiting,
        hours=round(gateway.ground.limits.kiosk.total_seconds() / 3600),
        sealed=shown.sealed,
        email=email,
        message=message,
    )
    # Strict: it does not come along when another place leads the browser on from here.
    answer.set_cookie(
        _SEEN,
        hashed(shown.sealed),
        max_age=int(gateway.ground.limits.device_code.total_seconds()),
        path="/oauth/device",
        secure=base_of(gateway, http).startswith("https:"),
        httponly=True,
        samesite="strict",
    )
    return answer

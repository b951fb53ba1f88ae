"""Sign-in: the page, and the token calls of RFC 6749 with PKCE (RFC 7636) and revocation (RFC 7009)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from gateway.api.caller import TheGateway
from gateway.core import Gateway
from gateway.identity.protocol import Said
from gateway.identity.sign_in import SignInRequest
from gateway.problems import Problem

router = APIRouter(prefix="/oauth", tags=["sign-in"])

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=select_autoescape(default=True)
)
_HEADERS = {
    # The form leads back to the app on the caller's own machine; nothing else may be reached from this page.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self' http://127.0.0.1:* http://[::1]:*",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def _page(
    gateway: Gateway, request: SignInRequest, *, status: int = 200, email: str = "", message: str = ""
) -> Response:
    brand = gateway.ground.grants.views.manifest.brand
    text = _pages.get_template("sign_in.html").render(
        brand=brand,
        sealed=gateway.identity.sign_in.seal(request),
        email=email,
        message=message,
        asked=request,
    )
    return HTMLResponse(text, status_code=status, headers=_HEADERS)


def _refusal(problem: Problem) -> Response:
    text = _pages.get_template("cannot_sign_in.html").render(problem=problem)
    return HTMLResponse(text, status_code=problem.status, headers=_HEADERS)


@router.get("/authorize", response_class=HTMLResponse)
def sign_in_page(gateway: TheGateway, request: Request) -> Response:
    """The sign-in page a client opens in the system's browser."""
    try:
        asked = gateway.identity.sign_in.request(dict(request.query_params))
    except Problem as problem:
        return _refusal(problem)
    return _page(gateway, asked)


@router.post("/authorize", response_class=HTMLResponse)
def sign_in(
    gateway: TheGateway,
    request: Annotated[str, Form(max_length=8000)],
    email: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    cancel: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Check e-mail address and password, and lead the browser back to the app."""
    try:
        asked = gateway.identity.sign_in.unseal(request)
    except Problem as problem:
        return _refusal(problem)
    if cancel:
        return _back(asked.back(error="access_denied"))
    try:
        target = gateway.identity.sign_in.submit(asked, email, password)
    except Problem as problem:
        return _page(gateway, asked, status=problem.status, email=email, message=problem.detail)
    return _back(target)


def _back(target: str) -> Response:
    return RedirectResponse(target, status_code=303, headers=_HEADERS)


@router.post("/token")
def token(
    gateway: TheGateway,
    grant_type: Annotated[str, Form(max_length=60)] = "",
    client_id: Annotated[str, Form(max_length=60)] = "",
    code: Annotated[str, Form(max_length=200)] = "",
    redirect_uri: Annotated[str, Form(max_length=2000)] = "",
    code_verifier: Annotated[str, Form(max_length=200)] = "",
    refresh_token: Annotated[str, Form(max_length=200)] = "",
    device_code: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Exchange a code, a refresh token or a device code for the next tokens.

    `invalid_grant` with a member `wipe`: this device is to destroy what it holds, and to say so at `/v1/wiped`.
    """
    form = {
        "grant_type": grant_type,
        "client_id": client_id,
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": code_verifier,
        "refresh_token": refresh_token,
        "device_code": device_code,
    }
    return _told(gateway.identity.token(form))


@router.post("/revoke")
def revoke(
    gateway: TheGateway,
    token: Annotated[str, Form(max_length=200)] = "",
    token_type_hint: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """End the session of a token. It is never an error that it was not good: it is not good afterwards."""
    return _told(gateway.identity.revoke_token({"token": token, "token_type_hint": token_type_hint}))


def _told(said: Said) -> Response:
    return JSONResponse(dict(said.body), status_code=said.status)

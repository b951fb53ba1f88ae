"""Sign-in: the page, and the token calls of RFC 6749 with PKCE (RFC 7636) and revocation (RFC 7009)."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel

from gateway.api.caller import TheGateway
from gateway.api.described import PROTOCOL_ERRORS, pages
from gateway.api.handover import leave
from gateway.api.pages import address_of, lead_back, page, refusal, wait_told
from gateway.core import Gateway
from gateway.identity.protocol import Said
from gateway.identity.sign_in import SignInRequest
from gateway.problems import Problem

router = APIRouter(prefix="/oauth", tags=["sign-in"])

_ANSWERS = pages(401, 403, 422, 429)
_ASKED = ("client_id", "redirect_uri", "response_type", "code_challenge", "code_challenge_method", "state")
_PARAMETERS = [
    {"name": name, "in": "query", "required": False, "schema": {"type": "string"}}
    for name in (*_ASKED, "device_id", "device_name")
]


class TokenAnswer(BaseModel):
    """The next tokens (RFC 6749, section 5.1)."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str


def _sign_in_page(
    gateway: Gateway, request: SignInRequest, *, status: int = 200, email: str = "", message: str = ""
) -> Response:
    sealed = gateway.identity.sign_in.seal(request)
    return page(
        gateway,
        "sign_in.html",
        status,
        app=request.redirect_uri,
        sealed=sealed,
        email=email,
        message=message,
        asked=request,
    )


@router.get(
    "/authorize", response_class=HTMLResponse, responses=_ANSWERS, openapi_extra={"parameters": _PARAMETERS}
)
def sign_in_page(gateway: TheGateway, request: Request) -> Response:
    """The sign-in page a client opens in the system's browser."""
    try:
        asked = gateway.identity.sign_in.request(dict(request.query_params))
    except Problem as problem:
        return refusal(gateway, problem)
    if not gateway.identity.options.passwords:
        return leave(gateway, request, "sign-in", gateway.identity.sign_in.seal(asked))
    return _sign_in_page(gateway, asked)


@router.post(
    "/authorize",
    response_class=HTMLResponse,
    responses=_ANSWERS,
)
def sign_in(
    gateway: TheGateway,
    http: Request,
    request: Annotated[str, Form(max_length=8000)],
    email: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    cancel: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Check e-mail address and password, and lead the browser back to the app."""
    try:
        asked = gateway.identity.sign_in.unseal(request)
    except Problem as problem:
        return refusal(gateway, problem)
    if cancel:
        return lead_back(gateway, asked.back(error="access_denied"))
    if not gateway.identity.options.passwords:
        return refusal(gateway, Problem(403, "no_passwords", "Nobody signs in with a password here."))
    try:
        target = gateway.identity.sign_in.submit(asked, email, password, address_of(http))
    except Problem as problem:
        answer = _sign_in_page(gateway, asked, status=problem.status, email=email, message=problem.detail)
        return wait_told(answer, problem)
    return lead_back(gateway, target)


@router.post("/token", response_model=TokenAnswer, responses=PROTOCOL_ERRORS)
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
    return told(gateway.identity.token(form))


@router.post("/revoke", response_model=dict[str, str], responses=PROTOCOL_ERRORS)
def revoke(
    gateway: TheGateway,
    token: Annotated[str, Form(max_length=200)] = "",
    client_id: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """End the session of a token. It is no error that it was not good: it is not good afterwards."""
    form = {"token": token, **({"client_id": client_id} if client_id else {})}
    return told(gateway.identity.revoke_token(form))


def told(said: Said) -> Response:
    """Return what the protocol's server said."""
    return JSONResponse(dict(said.body), status_code=said.status)

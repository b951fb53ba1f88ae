"""Sign-in: the page, and the token calls of RFC 6749 with PKCE (RFC 7636) and revocation (RFC 7009)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape
from pydantic import BaseModel

from gateway.api.caller import TheGateway
from gateway.api.described import Responses, content
from gateway.core import Gateway
from gateway.identity.sessions import InvalidGrant, Tokens
from gateway.identity.sign_in import CLIENTS, SignInRequest
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

_HTML = content("text/html", "The page says what is wrong.", type="string")
_ANSWERS: Responses = dict.fromkeys((401, 403, 422, 429), _HTML)
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


class TokenError(BaseModel):
    """Why there are none (RFC 6749, section 5.2)."""

    error: str
    error_description: str


_TOKEN_ERRORS: Responses = {400: {"model": TokenError}, 401: {"model": TokenError}}


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


@router.get(
    "/authorize", response_class=HTMLResponse, responses=_ANSWERS, openapi_extra={"parameters": _PARAMETERS}
)
def sign_in_page(gateway: TheGateway, request: Request) -> Response:
    """The sign-in page a client opens in the system's browser."""
    try:
        asked = gateway.identity.sign_in.request(dict(request.query_params))
    except Problem as problem:
        return _refusal(problem)
    return _page(gateway, asked)


@router.post(
    "/authorize",
    response_class=HTMLResponse,
    responses={303: {"description": "Back to the app, with a code or with an error."}, **_ANSWERS},
)
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


@router.post("/token", response_model=TokenAnswer, responses=_TOKEN_ERRORS)
def token(
    gateway: TheGateway,
    grant_type: Annotated[str, Form(max_length=60)] = "",
    client_id: Annotated[str, Form(max_length=60)] = "",
    code: Annotated[str, Form(max_length=200)] = "",
    redirect_uri: Annotated[str, Form(max_length=2000)] = "",
    code_verifier: Annotated[str, Form(max_length=200)] = "",
    refresh_token: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Exchange a code or a refresh token for the next tokens."""
    if client_id not in CLIENTS:
        return _error("invalid_client", "This client is not known.", 401)
    try:
        match grant_type:
            case "authorization_code":
                return _tokens(
                    gateway.identity.sign_in.exchange(code, code_verifier, redirect_uri, client_id)
                )
            case "refresh_token":
                return _tokens(gateway.identity.sessions.refresh(refresh_token))
            case _:
                return _error("unsupported_grant_type", "Only authorization_code and refresh_token.")
    except InvalidGrant as error:
        return _error("invalid_grant", str(error))


@router.post("/revoke", response_class=Response)
def revoke(gateway: TheGateway, token: Annotated[str, Form(max_length=200)] = "") -> Response:
    """End the session of a token. It is never an error: the token is not good afterwards."""
    gateway.identity.sessions.end_by_token(token)
    return Response(status_code=200)


def _tokens(found: Tokens) -> Response:
    body = {
        "access_token": found.access,
        "token_type": "Bearer",
        "expires_in": found.expires_in,
        "refresh_token": found.refresh,
    }
    return JSONResponse(body)


def _error(code: str, description: str, status: int = 400) -> Response:
    return JSONResponse({"error": code, "error_description": description}, status_code=status)

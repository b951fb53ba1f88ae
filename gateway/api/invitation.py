"""The page behind an invitation's link, on which somebody sets their password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import HTMLResponse

from gateway.api.caller import TheGateway
from gateway.api.described import pages
from gateway.api.pages import page, refusal
from gateway.core import Gateway
from gateway.identity.invitations import SHORTEST, Invited
from gateway.problems import Problem

router = APIRouter(prefix="/oauth", tags=["sign-in"])
_PAGES = pages(400, 401, 403, 404, 409, 410, 422, 429, 502, 503)
_TITLE = "This link is not good any more"


@router.get("/invitation/{token}", response_class=HTMLResponse, responses=_PAGES)
def invitation_page(gateway: TheGateway, token: str) -> Response:
    """The page on which a password is set. Looking at it does not use the link up."""
    try:
        return _asking(gateway, gateway.identity.invitations.look(token), {})
    except Problem as problem:
        return refusal(gateway, problem, _TITLE)


@router.post("/invitation/{token}", response_class=HTMLResponse, responses=_PAGES)
def set_password(
    gateway: TheGateway,
    token: str,
    password: Annotated[str, Form(max_length=1000)] = "",
    again: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Set the password, once."""
    invitations = gateway.identity.invitations
    try:
        invited = invitations.look(token)
    except Problem as problem:
        return refusal(gateway, problem, _TITLE)
    if not gateway.identity.options.passwords:
        return _asking(gateway, invited, {})
    try:
        invitations.use(token, password, again)
    except Problem as problem:
        if problem.status == 422:
            return _asking(gateway, invited, problem.fields, problem.status)
        return refusal(gateway, problem, _TITLE)
    words = f"Open the app and sign in as {invited.email}. You can close this page."
    return page(gateway, "done.html", title="Your password is set", words=words)


def _asking(gateway: Gateway, invited: Invited, wrong: dict[str, str], status: int = 200) -> Response:
    return page(gateway, "invitation.html", status, invited=invited, wrong=wrong, shortest=SHORTEST)

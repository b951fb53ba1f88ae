"""Sign-in with an OpenID Connect issuer: the way there, and the way back."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from gateway.api.caller import TheGateway
from gateway.api.described import pages
from gateway.api.pages import address_of, base_of, page, redirect, refusal
from gateway.core import Gateway
from gateway.identity.handover import CALLBACK, Returned, cookie_name
from gateway.identity.proof import Proof
from gateway.problems import Problem, not_found

router = APIRouter(tags=["sign-in"])
_PAGES = pages(400, 401, 403, 404, 409, 410, 422, 429, 502, 503)


def leave(gateway: Gateway, request: Request, kind: str, sealed: str) -> Response:
    """Lead the browser to the issuer. `kind` and `sealed` say what it is for once it is back."""
    handover = gateway.identity.handover
    if handover is None:
        return refusal(gateway, not_found())
    base = base_of(gateway, request)
    try:
        leaving = handover.leave(f"{kind}:{sealed}", base)
    except Problem as problem:
        return refusal(gateway, problem)
    answer = redirect(leaving.address)
    answer.set_cookie(
        leaving.cookie,
        leaving.value,
        max_age=int(gateway.ground.limits.sign_in.total_seconds()),
        path=CALLBACK,
        secure=base.startswith("https:"),
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/oauth/handover", response_class=HTMLResponse, responses=_PAGES)
def hand_over(gateway: TheGateway, http: Request, request: str = "") -> Response:
    """Lead a sign-in page's reader to the issuer."""
    try:
        gateway.identity.sign_in.unseal(request)
    except Problem as problem:
        return refusal(gateway, problem)
    return leave(gateway, http, "sign-in", request)


@router.get(CALLBACK, response_class=HTMLResponse, responses=_PAGES)
def come_back(gateway: TheGateway, request: Request) -> Response:
    """Take the browser back from the issuer, and lead it on."""
    handover = gateway.identity.handover
    if handover is None:
        return refusal(gateway, not_found())
    query = dict(request.query_params)
    name = cookie_name(query.get("state", ""))
    cookie = request.cookies.get(name, "")
    sign_in = gateway.identity.sign_in
    try:
        counted = sign_in.counted_from(address_of(request))
        returned = handover.come_back(query, cookie, base_of(gateway, request))
        if returned.user:
            sign_in.take_back(counted)
        answer = _on(gateway, returned)
    except Problem as problem:
        answer = refusal(gateway, problem)
    answer.delete_cookie(name, path=CALLBACK)
    return answer


def _on(gateway: Gateway, returned: Returned) -> Response:
    """Go on with what it was for. Raises Problem 401, 422."""
    kind, _, sealed = returned.purpose.partition(":")
    identity = gateway.identity
    if kind == "device":
        if not returned.user:
            raise Problem(403, "not_allowed", "You did not sign in, so the device was not let in.")
        identity.kiosks.allow(sealed, Proof(returned.user))
        return page(gateway, "done.html", title="It is in", words="You can close this page.")
    asked = identity.sign_in.unseal(sealed)
    if not returned.user:
        return redirect(asked.back(error="access_denied"))
    return redirect(identity.sign_in.let_in(asked, Proof(returned.user)))

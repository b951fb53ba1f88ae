"""Colleagues and devices: what a partner's administrator keeps in order, and a device's word that it wiped itself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.contract.colleagues import (
    Colleague,
    Colleagues,
    Devices,
    Invited,
    NewColleague,
    NewRole,
    Wiped,
)
from gateway.api.caller import Caller, TheGateway
from gateway.api.described import problems
from gateway.api.pages import base_of

router = APIRouter(prefix="/v1", tags=["colleagues and devices"])


@router.get("/colleagues", responses=problems(403))
def colleagues(gateway: TheGateway, session: Caller) -> Colleagues:
    """Everybody of the caller's companies, and the roles that may be given."""
    return gateway.identity.colleagues.listed(session)


@router.post("/colleagues", status_code=201, responses=problems(403, 409))
def invite(gateway: TheGateway, session: Caller, http: Request, body: NewColleague) -> Invited:
    """Add somebody for the caller's own companies. The link is shown once and works once."""
    return gateway.identity.invite_colleague(session, body, base_of(gateway, http))


@router.post("/colleagues/{user}/link", status_code=201, responses=problems(403, 404, 409))
def new_link(gateway: TheGateway, session: Caller, http: Request, user: str) -> Invited:
    """Make another link: the one before is not good any more. It is also how a password is set anew."""
    return gateway.identity.colleagues.new_link(session, user, base_of(gateway, http))


@router.patch("/colleagues/{user}", responses=problems(403, 404, 409))
def set_role(gateway: TheGateway, session: Caller, user: str, body: NewRole) -> Colleague:
    """Give a colleague another role."""
    return gateway.identity.set_colleague_role(session, user, body.role)


@router.delete(
    "/colleagues/{user}", status_code=204, response_class=Response, responses=problems(403, 404, 409)
)
def remove(gateway: TheGateway, session: Caller, user: str) -> Response:
    """Take the caller's companies away from a colleague; an account left with none is closed."""
    gateway.identity.remove_colleague(session, user)
    return Response(status_code=204)


@router.get("/devices")
def devices(gateway: TheGateway, session: Caller) -> Devices:
    """The caller's own devices, the latest first."""
    return gateway.identity.devices.listed(session)


@router.delete("/devices/{device}", status_code=204, response_class=Response, responses=problems(404))
def revoke(
    gateway: TheGateway,
    session: Caller,
    device: str,
    wipe: Annotated[bool, Query(description="It is to destroy what it holds.")] = False,
) -> Response:
    """Sign one of the caller's devices out."""
    gateway.identity.revoke_own_device(session, device, wipe=wipe)
    return Response(status_code=204)


@router.post("/wiped", status_code=204, response_class=Response, responses=problems(404))
def wiped(gateway: TheGateway, body: Wiped) -> Response:
    """A device's receipt: it destroyed what it held. The order is all it has to show."""
    gateway.identity.wiped(body)
    return Response(status_code=204)

"""Who is calling: the bearer token of each `/v1` request, and the gateway it is made to.

What only takes something out of a request is asynchronous, so that it costs no change of thread.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gateway.callers import saw
from gateway.core import Gateway
from gateway.identity.session import Bearer, Session
from gateway.problems import sign_in_needed

_bearer = HTTPBearer(auto_error=False, description="An access token from /oauth/token.")


async def the_gateway(request: Request) -> Gateway:
    """Return the gateway this application serves."""
    found = request.app.state.gateway
    assert isinstance(found, Gateway)
    return found


TheGateway = Annotated[Gateway, Depends(the_gateway)]


async def bearer(given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Bearer:
    """Return the caller's access token as it came. Raises Problem 401 when there is none."""
    if given is None:
        raise sign_in_needed("Sign in first.")
    return Bearer(given.credentials)


TheBearer = Annotated[Bearer, Depends(bearer)]


def caller(gateway: TheGateway, given: TheBearer) -> Session:
    """Return the caller's session. Raises Problem 401."""
    session = gateway.identity.authenticate(given.token)
    saw(session.user, session.device)
    return session


Caller = Annotated[Session, Depends(caller)]

#: Names the caller's grant on pages, so that a client notices that its manifest may have changed.
GRANT = "Counterpart-Grant"

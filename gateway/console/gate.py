"""The one place where the console's rights are enforced: around every route, before anything of it runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import wraps

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from gateway.console.auth import signed_in
from gateway.console.office import StaffDeed, StaffWitness
from gateway.console.roles import OPEN, RIGHTS, ROUTES, Right, may
from gateway.crm.embedded.staff import StaffMember

Endpoint = Callable[[Request], Awaitable[Response]]

_LOOKING = frozenset({"GET", "HEAD"})
_SUBJECT_MOST = 120

#: Routes whose callers are scripts: they answer for themselves who is not signed in, and are refused in JSON.
_FOR_SCRIPTS = frozenset({"data-list", "data-one"})


def guarded(routes: Sequence[Route | Mount], witness: StaffWitness) -> list[Route | Mount]:
    """Return the routes, each asking for its right first. Raises ValueError for a route without one.

    `witness` is told of every write that was carried out, and of everything that was refused for want of a right.
    """
    unknown = [str(getattr(item, "path", item)) for item in routes if not _is_declared(item)]
    if unknown:
        raise ValueError(f"Say in gateway/console/roles.py who may use {', '.join(unknown)}.")
    return [
        _guarded(item, witness) if isinstance(item, Route) and item.name in ROUTES else item
        for item in routes
    ]


def _is_declared(item: Route | Mount) -> bool:
    return item.name in OPEN or (isinstance(item, Route) and item.name in ROUTES)


def _guarded(item: Route, witness: StaffWitness) -> Route:
    needed, inner, scripts = ROUTES[item.name], item.endpoint, item.name in _FOR_SCRIPTS

    @wraps(inner)
    async def endpoint(request: Request) -> Response:
        right = needed(request)
        member = signed_in(request)
        if member is None and not scripts:
            raise HTTPException(403, "Sign in first.")
        if member is not None and not may(member, *right):
            await _tell(witness, member, right, request, refused=True)
            return _refused(right, scripts=scripts)
        answer: Response = await inner(request)
        if member is not None and request.method not in _LOOKING and answer.status_code < 400:
            await _tell(witness, member, right, request, refused=False)
        return answer

    # The library lets some endpoints through by a mark on the function, which `wraps` has kept.
    return Route(item.path, endpoint, methods=sorted(item.methods or ()), name=item.name)


async def _tell(
    witness: StaffWitness, member: StaffMember, right: Right, request: Request, *, refused: bool
) -> None:
    deed = StaffDeed(member.login, *right, await _subject(request, refused=refused), refused)
    await anyio.to_thread.run_sync(witness, deed)


async def _subject(request: Request, *, refused: bool) -> str:
    """Return what it was about: an id from the address, or, of what was carried out, from the form."""
    for name in ("pk", "user"):
        found = request.path_params.get(name) or request.query_params.get(name)
        if found:
            return str(found)[:_SUBJECT_MOST]
    if refused or request.method in _LOOKING:
        return ""
    data = await request.form()
    named = (data.get(name) for name in ("user", "device", "system", "object", "id"))
    return " ".join(str(item) for item in named if isinstance(item, str) and item)[:_SUBJECT_MOST]


def _refused(right: Right, *, scripts: bool) -> Response:
    known = right[0] in RIGHTS
    words = "Your role does not allow this. Ask an administrator." if known else "This is not here."
    if scripts:
        return JSONResponse({"detail": words}, status_code=403 if known else 404)
    raise HTTPException(403 if known else 404, words)

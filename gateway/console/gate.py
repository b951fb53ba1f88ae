"""The one place where the console's rights are enforced: around every route, before anything of it runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import wraps

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from gateway.console.auth import signed_in
from gateway.console.roles import OPEN, RIGHTS, ROUTES, Right, may

Endpoint = Callable[[Request], Awaitable[Response]]

#: Routes whose callers are scripts: they answer for themselves who is not signed in, and are refused in JSON.
_FOR_SCRIPTS = frozenset({"data-list", "data-one"})


def guarded(routes: Sequence[Route | Mount]) -> list[Route | Mount]:
    """Return the routes, each asking for its right first. Raises ValueError for a route without one."""
    unknown = [str(getattr(item, "path", item)) for item in routes if not _is_declared(item)]
    if unknown:
        raise ValueError(f"Say in gateway/console/roles.py who may use {', '.join(unknown)}.")
    return [_guarded(item) if isinstance(item, Route) and item.name in ROUTES else item for item in routes]


def _is_declared(item: Route | Mount) -> bool:
    return item.name in OPEN or (isinstance(item, Route) and item.name in ROUTES)


def _guarded(item: Route) -> Route:
    needed, inner, scripts = ROUTES[item.name], item.endpoint, item.name in _FOR_SCRIPTS

    @wraps(inner)
    async def endpoint(request: Request) -> Response:
        right = needed(request)
        member = signed_in(request)
        if member is not None and not may(member, *right):
            return _refused(right, scripts=scripts)
        if member is None and not scripts:
            raise HTTPException(403, "Sign in first.")
        answer: Response = await inner(request)
        return answer

    # The library lets some endpoints through by a mark on the function, which `wraps` has kept.
    return Route(item.path, endpoint, methods=sorted(item.methods or ()), name=item.name)


def _refused(right: Right, *, scripts: bool) -> Response:
    known = right[0] in RIGHTS
    words = "Your role does not allow this. Ask an administrator." if known else "This is not here."
    if scripts:
        return JSONResponse({"detail": words}, status_code=403 if known else 404)
    raise HTTPException(403 if known else 404, words)

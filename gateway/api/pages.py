"""The few pages people see in their browser: rendered, and kept to themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from gateway.core import Gateway
from gateway.problems import Problem

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=select_autoescape(default=True)
)
HEADERS = {
    # The form leads back to the app on the caller's own machine; nothing else may be reached from this page.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self' http://127.0.0.1:* http://[::1]:*",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def page(gateway: Gateway, name: str, status: int = 200, **shown: Any) -> Response:
    """Return a page of the templates, with the vendor's brand."""
    brand = gateway.ground.grants.views.manifest.brand
    oidc = gateway.identity.options.oidc
    passwords = gateway.identity.options.passwords
    text = _pages.get_template(name).render(brand=brand, oidc=oidc, passwords=passwords, **shown)
    return HTMLResponse(text, status_code=status, headers=HEADERS)


def refusal(gateway: Gateway, problem: Problem, title: str = "This sign-in cannot go on") -> Response:
    """Return the page that says why something cannot go on."""
    answer = page(gateway, "cannot_sign_in.html", problem.status, problem=problem, title=title)
    return wait_told(answer, problem)


def wait_told(answer: Response, problem: Problem) -> Response:
    """Return an answer that says in its head how long to wait, if there is to be a wait."""
    if problem.retry_after is not None:
        answer.headers["Retry-After"] = str(max(1, round(problem.retry_after)))
    return answer


def redirect(target: str) -> Response:
    """Return an answer that leads the browser on."""
    return RedirectResponse(target, status_code=303, headers=HEADERS)


def base_of(gateway: Gateway, request: Request) -> str:
    """Return under which address people reach this gateway."""
    return gateway.identity.options.public_url or str(request.base_url)


def address_of(request: Request) -> str:
    """Return the network address a request comes from, as the server that listens has settled it."""
    return request.client.host if request.client else ""

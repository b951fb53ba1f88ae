"""The few pages people see in their browser: rendered, and kept to themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from gateway.core import Gateway
from gateway.problems import Problem

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=select_autoescape(default=True)
)
# Nothing may be reached from these pages but what their forms are for.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def page(gateway: Gateway, name: str, status: int = 200, *, app: str = "", **shown: Any) -> Response:
    """Return a page of the templates, with the vendor's brand. `app`: the address its form may be answered with."""
    brand = gateway.ground.grants.views.manifest.brand
    oidc = gateway.identity.options.oidc
    passwords = gateway.identity.options.passwords
    text = _pages.get_template(name).render(brand=brand, oidc=oidc, passwords=passwords, **shown)
    headers = {**HEADERS, "Content-Security-Policy": " ".join((_POLICY, *_nameable(app)))}
    return HTMLResponse(text, status_code=status, headers=headers)


def _nameable(app: str) -> Iterator[str]:
    """Give the origin of the app's address, if a policy can name it: there is no way to name an IPv6 address."""
    parts = urlsplit(app)
    if parts.hostname == "127.0.0.1":
        yield f"http://127.0.0.1:{parts.port}"


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


def lead_back(gateway: Gateway, target: str) -> Response:
    """Return the answer to a form that leads the browser to the app, at an address that was checked before.

    Browsers hold an answer's redirect to the `form-action` of the form's page. Where that could not name the address,
    a page of its own leads on.
    """
    return redirect(target) if any(_nameable(target)) else page(gateway, "back.html", target=target)


def base_of(gateway: Gateway, request: Request) -> str:
    """Return under which address people reach this gateway."""
    return gateway.identity.options.public_url or str(request.base_url)


def address_of(request: Request) -> str:
    """Return the network address a request comes from, as the server that listens has settled it."""
    return request.client.host if request.client else ""

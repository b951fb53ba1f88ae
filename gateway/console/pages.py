"""What the pages over the gateway itself have in common."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import anyio.to_thread
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette_admin.flash import flash
from starlette_admin.views import CustomView

from gateway.console import forms
from gateway.console.auth import signed_in
from gateway.console.fields import day_words
from gateway.console.office import Office
from gateway.console.roles import may
from gateway.crm.embedded.staff import StaffMember
from gateway.problems import Problem

T = TypeVar("T")


def moment_words(moment: datetime | None) -> str:
    """Write an instant as *24 Nov 2026, 09:41* (UTC)."""
    if moment is None:
        return "–"
    moment = moment.astimezone(UTC)
    return f"{day_words(moment.date())}, {moment:%H:%M}"


def span_words(span: timedelta) -> str:
    """Write how long something takes or took, as *3 min* or *2 days*."""
    seconds = max(0, int(span.total_seconds()))
    for size, one, many in ((86_400, "day", "days"), (3600, "h", "h"), (60, "min", "min")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {one if count == 1 else many}"
    return f"{seconds} s"


def ago_words(moment: datetime | None, now: datetime) -> str:
    """Write how long ago something was; *never* for what was not."""
    return "never" if moment is None else f"{span_words(now - moment)} ago"


class OfficePage(CustomView):
    """One page over the gateway, and what is done on it. Subclasses name `area`, `path`, `label` and `symbol`."""

    #: The heading it stands under in the menu.
    group = "Gateway"
    area: str
    label: str
    symbol: str

    def __init__(self, office: Office, now: Callable[[], datetime]) -> None:
        self.office = office
        self._now = now
        super().__init__(menu_label=self.label, icon=self.symbol, path=self.path)

    def is_accessible(self, request: Request) -> bool:
        """Show it to whom it concerns."""
        return may(signed_in(request), self.area, "see")

    def is_active(self, request: Request) -> bool:
        """Mark it in the menu, also on the pages below it."""
        here = request.scope["path"].removeprefix(request.scope["root_path"])
        return bool(here == self.path or here.startswith(f"{self.path}/"))

    async def look(self, work: Callable[..., T], *given: Any) -> T:
        """Ask the gateway on a thread of its own; what is not there is the page that says so."""
        try:
            return await anyio.to_thread.run_sync(work, *given)
        except Problem as problem:
            raise HTTPException(problem.status, problem.detail) from problem

    def show(self, request: Request, template: str, **context: Any) -> Response:
        """Render a page."""
        assert self._admin is not None, "The page was not mounted."
        told = {"title": self.label, "view": self, "now": self._now(), "heading": self.label, **context}
        return self._admin._template_response(request=request, name=template, context=told)

    async def carry_out(
        self, request: Request, back: str, work: Callable[[FormData, StaffMember], str]
    ) -> Response:
        """Do what a form asks for and go back to a page, which tells what `work` returns, or why it was refused."""
        data = await request.form()
        try:
            done = await anyio.to_thread.run_sync(work, data, member_of(request))
        except Problem as problem:
            if problem.status == 404:
                raise HTTPException(404, problem.detail) from problem
            flash(request, words_of(problem), "error")
        else:
            flash(request, done, "success")
        return RedirectResponse(back, status_code=303)


def member_of(request: Request) -> StaffMember:
    """Return who is signed in. Raises HTTPException 403."""
    found = signed_in(request)
    if found is None:
        raise HTTPException(403, "Sign in first.")
    return found


def words_of(problem: Problem) -> str:
    """Return a problem in words for a page."""
    return " ".join(dict.fromkeys((problem.detail, *problem.fields.values())))


def page_number(request: Request) -> int:
    """Return which page of a list is asked for, from 1."""
    given = request.query_params.get("page", "1")
    return max(1, min(10_000, int(given))) if given.isdecimal() else 1


def must_be_sure(data: FormData) -> None:
    """Make sure that a form was confirmed in its dialog. Raises Problem 422."""
    if forms.entered(data, "sure") != "yes":
        raise Problem(422, "unsure", "This has to be confirmed.")

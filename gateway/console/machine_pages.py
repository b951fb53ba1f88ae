"""Connectors, rows set aside, open mutations and the audit log in the console."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin.routing import route

from gateway.console import forms
from gateway.console.machinery import PAGE
from gateway.console.office import AuditLog, AuditWanted
from gateway.console.pages import OfficePage, page_number
from gateway.crm.embedded.staff import StaffMember
from gateway.problems import Problem


class ConnectorsPage(OfficePage):
    """How each source system is read."""

    area = "connectors"
    path = "/connectors"
    label = "Connectors"
    symbol = "fa-solid fa-plug"

    @route("", name="connectors")
    async def index(self, request: Request) -> Response:
        """Show every system with its lanes."""
        return self.show(
            request,
            "office/connectors.html",
            systems=await self.look(self.office.machinery.systems),
            read_back=await self.look(self.office.machinery.read_back),
        )

    @route("/retry", methods=["POST"], name="connector-retry")
    async def retry(self, request: Request) -> Response:
        """Ask a system whether it answers."""

        def work(data: FormData, _member: StaffMember) -> str:
            return self.office.machinery.retry(forms.entered(data, "system"))

        return await self.carry_out(request, str(request.url_for("console:connectors")), work)

    @route("/release", methods=["POST"], name="connector-release")
    async def release(self, request: Request) -> Response:
        """Remove what a held sweep found missing, if it is still as many as the person typed."""

        def work(data: FormData, _member: StaffMember) -> str:
            typed, missing = forms.entered(data, "typed"), forms.entered(data, "missing")
            if not typed.isdecimal() or typed != missing:
                raise Problem(422, "unsure", f"Type how many records are to be removed: {missing}.")
            changed = self.office.machinery.release(
                forms.entered(data, "system"), forms.entered(data, "object"), int(typed)
            )
            return f"The sweep went on: {changed} records changed."

        return await self.carry_out(request, str(request.url_for("console:connectors")), work)


class DeadLettersPage(OfficePage):
    """Rows of a source system that could not be understood."""

    area = "dead_letters"
    path = "/dead-letters"
    label = "Dead letters"
    symbol = "fa-solid fa-envelope-circle-check"

    @route("", name="dead-letters")
    async def index(self, request: Request) -> Response:
        """List them."""
        page = page_number(request)
        found = await self.look(self.office.machinery.dead_letters, page)
        return self.show(
            request, "office/dead_letters.html", lines=found[:PAGE], more=len(found) > PAGE, page=page
        )

    @route("/retry", methods=["POST"], name="dead-letter-retry")
    async def retry(self, request: Request) -> Response:
        """Read one once more."""

        def work(data: FormData, _member: StaffMember) -> str:
            system, obj, key = (forms.entered(data, name) for name in ("system", "object", "id"))
            reason = self.office.machinery.read_again(system, obj, key)
            if reason:
                raise Problem(422, "aside", f"{obj} {key} still cannot be understood: {reason}")
            return f"{obj} {key} was read, and stands aside no longer."

        return await self.carry_out(request, str(request.url_for("console:dead-letters")), work)


class LedgerPage(OfficePage):
    """What partners sent and the CRM does not have yet."""

    area = "ledger"
    path = "/ledger"
    label = "Ledger"
    symbol = "fa-solid fa-list-check"

    @route("", name="ledger")
    async def index(self, request: Request) -> Response:
        """List open mutations."""
        page = page_number(request)
        found = await self.look(self.office.machinery.open_mutations, page)
        count = await self.look(self.office.machinery.open_count)
        return self.show(
            request,
            "office/ledger.html",
            lines=found[:PAGE],
            more=len(found) > PAGE,
            page=page,
            count=count,
        )

    @route("/retry", methods=["POST"], name="ledger-retry")
    async def retry(self, request: Request) -> Response:
        """Try them all now."""

        def work(_data: FormData, _member: StaffMember) -> str:
            done = self.office.machinery.carry_on()
            left = self.office.machinery.open_count()
            return f"Tried now: {done} done, {left} still open."

        return await self.carry_out(request, str(request.url_for("console:ledger")), work)


class AuditPage(OfficePage):
    """Who did what."""

    area = "audit"
    path = "/audit"
    label = "Audit log"
    symbol = "fa-solid fa-scroll"

    @property
    def _log(self) -> AuditLog:
        if self.office.audit is None:
            raise HTTPException(404, "This gateway keeps no audit log.")
        return self.office.audit

    def is_accessible(self, request: Request) -> bool:
        """Show it where there is one."""
        return self.office.audit is not None and super().is_accessible(request)

    @route("", name="audit")
    async def index(self, request: Request) -> Response:
        """List entries, the newest first."""
        return await self._list(request)

    @route("/verify", methods=["POST"], name="audit-verify")
    async def verify(self, request: Request) -> Response:
        """Walk the chain and show what was found."""
        return await self._list(request, verdict=await self.look(self._log.verify))

    async def _list(self, request: Request, verdict: object = None) -> Response:
        asked = request.query_params
        before = asked.get("before", "")
        wanted = AuditWanted(
            actor=asked.get("actor", "").strip(),
            company=asked.get("company", ""),
            event=asked.get("event", ""),
            since=_day(asked.get("since", "")),
            until=_day(asked.get("until", ""), timedelta(days=1)),
            before=int(before) if before.isdecimal() else 0,
        )
        found = await self.look(self._log.page, wanted, PAGE + 1)
        return self.show(
            request,
            "office/audit.html",
            lines=found[:PAGE],
            more=len(found) > PAGE,
            asked=dict(asked),
            events=await self.look(self._log.events),
            companies=await self.look(self.office.people.companies),
            verdict=verdict,
        )


def _day(text: str, plus: timedelta = timedelta(0)) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + plus

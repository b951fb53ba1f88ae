"""Mounting the vendor's console into the gateway's application."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_admin import BaseModelView
from starlette_admin.contrib.sqla import Admin
from starlette_admin.theme import DefaultTheme, TablerSettings

from gateway.console.auth import ConsoleSignIn, StaffAuth, signed_in
from gateway.console.bodies import Bodies
from gateway.console.data import DataView, FileView
from gateway.console.directory import AccountView, ContactView, LeadView
from gateway.console.gate import guarded
from gateway.console.library import ConfirmationView, DocumentView
from gateway.console.machine_pages import AuditPage, ConnectorsPage, DeadLettersPage, LedgerPage
from gateway.console.office import Office
from gateway.console.overview import Overview
from gateway.console.pages import ago_words, moment_words, span_words
from gateway.console.projects import DeliverableView, MilestoneView, ProjectView
from gateway.console.registrations import RegistrationView
from gateway.console.roles import may
from gateway.console.sold import ContractView, InvoiceView, MembershipView, OrderView
from gateway.console.staff_view import StaffView
from gateway.console.tickets import TicketView
from gateway.console.user_pages import DevicesPage, UsersPage
from gateway.console.views import CrmView
from gateway.console.work import ApprovalView, ChangeRequestView, OpportunityView, TaskView
from gateway.crm.embedded import models, models_sold, models_work
from gateway.crm.embedded.codes import STAFF_ROLE_WORDS, StaffRole
from gateway.crm.embedded.crm import EmbeddedCrm

_HEADERS = (
    # The library's pages carry inline scripts and styles; nothing comes from or goes to another host.
    (
        b"content-security-policy",
        b"; ".join(
            (
                b"default-src 'self'",
                b"script-src 'self' 'unsafe-inline'",
                b"style-src 'self' 'unsafe-inline'",
                b"img-src 'self' data:",
                b"font-src 'self' data:",
                b"frame-ancestors 'none'",
                b"base-uri 'none'",
                b"form-action 'self'",
            )
        ),
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


@dataclass(frozen=True)
class ConsoleSettings:
    """How the console is served. `secret_key` signs its cookies; `https_only` keeps them off plain connections."""

    secret_key: str
    https_only: bool = False
    base_url: str = "/console"
    session_hours: int = 10


class _Headers:
    """Adds the headers that keep the pages to themselves."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                static = "/static/" in scope.get("path", "")
                kept = _HEADERS[:-1] if static else _HEADERS
                message["headers"] = [*message.get("headers", ()), *kept]
            await send(message)

        await self._app(scope, receive, with_headers)


def mount_console(
    app: Starlette,
    crm: EmbeddedCrm,
    staff_auth: StaffAuth,
    settings: ConsoleSettings,
    office: Office,
    *,
    with_crm: bool = True,
) -> None:
    """Mount the console. `with_crm`: with pages over the CRM's records; otherwise it keeps the staff accounts alone.

    Raises ValueError for a CRM in memory, whose one connection many threads cannot share.
    """
    if crm.database.in_memory:
        raise ValueError("The console needs a CRM in a file.")
    session = Middleware(
        SessionMiddleware,
        secret_key=settings.secret_key,
        session_cookie="counterpart_console",
        max_age=settings.session_hours * 3600,
        path=settings.base_url,
        same_site="strict",
        https_only=settings.https_only,
    )
    admin = Admin(
        crm.database.engine,
        title=f"{crm.vendor} CRM" if with_crm else f"{crm.vendor} gateway",
        base_url=settings.base_url,
        route_name="console",
        templates_dir=str(Path(__file__).with_name("templates")),
        index_view=Overview(crm, office, with_crm=with_crm),
        theme=DefaultTheme(TablerSettings(base="gray", primary="blue", radius=0.5)),
        auth_provider=ConsoleSignIn(staff_auth),
        secret_key=settings.secret_key,
        middlewares=[Middleware(_Headers), session, Middleware(Bodies)],
        timezone_config=None,
    )
    admin.templates.env.globals.update(crm_initial=crm.vendor[:1], can=_can, role_words=_role_words)
    admin.templates.env.filters.update(moment=moment_words, ago=ago_words, span=span_words)
    for view in _crm_views(crm, office) if with_crm else ():
        admin.add_view(view)
    admin.add_view(StaffView(crm, models.Staff, "fa-solid fa-user-tie", staff_auth))
    for page in (UsersPage, DevicesPage, ConnectorsPage, DeadLettersPage, LedgerPage, AuditPage):
        admin.add_view(page(office, crm.now))
    if with_crm:
        admin.add_view(DataView(crm))
        admin.add_view(FileView(crm))
    admin.routes[:] = guarded(admin.routes, office.witness)
    admin.mount_to(app)


#: Headings of the menu, with the kinds of record below each.
_GROUPS = {
    "Working together": {"registration", "opportunity", "ticket", "task", "approval"},
    "Projects": {"project", "milestone", "deliverable"},
    "Library": {"document", "acknowledgement"},
    "Selling": {"lead", "order", "invoice", "contract", "membership"},
    "People": {"account", "contact", "change_request"},
}


def _crm_views(crm: EmbeddedCrm, office: Office) -> tuple[BaseModelView, ...]:
    """The pages over the CRM's records, of those kinds the portal has."""
    manifest, mapping = office.gateway.setup.manifest, office.gateway.systems.named(crm.system)
    templates = {template.name: template.label for template in manifest.templates}
    held = frozenset(mapping.mapping.objects()) if mapping else frozenset()
    views: tuple[CrmView, ...] = (
        RegistrationView(crm, models.Registration, "fa-solid fa-briefcase", office.receipts),
        OpportunityView(crm, models_work.Opportunity, "fa-solid fa-handshake"),
        TicketView(crm, models.Ticket, "fa-solid fa-comments"),
        TaskView(crm, models_work.Task, "fa-solid fa-list-check", templates),
        ApprovalView(crm, models_work.Approval, "fa-solid fa-stamp"),
        ProjectView(crm, models_work.Project, "fa-solid fa-layer-group"),
        MilestoneView(crm, models_work.Milestone, "fa-solid fa-flag-checkered"),
        DeliverableView(crm, models_work.Deliverable, "fa-solid fa-box"),
        DocumentView(crm, models.Document, "fa-solid fa-file-lines"),
        ConfirmationView(crm, models.Acknowledgement, "fa-solid fa-check-double"),
        LeadView(crm, models.Lead, "fa-solid fa-bullseye"),
        OrderView(crm, models_sold.Order, "fa-solid fa-truck"),
        InvoiceView(crm, models_sold.Invoice, "fa-solid fa-file-invoice"),
        ContractView(crm, models_sold.Contract, "fa-solid fa-rotate"),
        MembershipView(crm, models_sold.Membership, "fa-solid fa-certificate"),
        AccountView(crm, models.Account, "fa-solid fa-building"),
        ContactView(crm, models.Contact, "fa-solid fa-address-book"),
        ChangeRequestView(crm, models_work.ChangeRequest, "fa-solid fa-pencil"),
    )
    for view in views:
        view.shown_in_menu = view.obj in held
        view.group = next((group for group, objects in _GROUPS.items() if view.obj in objects), "")
    return views


def _role_words(request: Request) -> str:
    member = signed_in(request)
    role = (member and member.role) or StaffRole.ADMINISTRATOR
    return STAFF_ROLE_WORDS.get(role, "No role")


def _can(request: Request, area: str, deed: str) -> bool:
    return may(signed_in(request), area, deed)

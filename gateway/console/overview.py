"""The console's first page: what waits for a decision or an answer, and, for operations, how the gateway stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import anyio.to_thread
from markupsafe import Markup
from sqlalchemy import ColumnElement, func, select
from starlette.requests import Request
from starlette_admin.views import CustomView
from starlette_admin.widgets import BaseWidget, CardRowWidget, ColumnWidget, StatWidget, TableWidget

from gateway.console.auth import signed_in
from gateway.console.fields import instant_words
from gateway.console.office import Office
from gateway.console.reach import reach
from gateway.console.roles import may
from gateway.crm.embedded.codes import (
    STAGE_WORDS,
    ChangeStatus,
    ContractStatus,
    DeliverableStatus,
    Stage,
    TaskStatus,
    TicketStatus,
)
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.models import Account, Registration, Ticket
from gateway.crm.embedded.objects import spec_of
from gateway.crm.embedded.times import to_ms


@dataclass(frozen=True)
class _Waiting:
    title: str
    description: str
    obj: str
    column: str
    codes: tuple[str, ...]


_CARDS = (
    _Waiting(
        "New registrations", "to review within 3 working days", "registration", "stage_code", (Stage.NEW,)
    ),
    _Waiting("In review", "somebody is on it", "registration", "stage_code", (Stage.REVIEW,)),
    _Waiting("For approval", "to approve or reject", "registration", "stage_code", (Stage.APPROVAL,)),
    _Waiting("Extensions asked for", "to grant or refuse", "registration", "stage_code", (Stage.EXT_ASKED,)),
    _Waiting(
        "Requests to answer",
        "wait for us",
        "ticket",
        "status_code",
        (TicketStatus.NEW, TicketStatus.WORK, TicketStatus.WAIT_VENDOR),
    ),
    _Waiting("Tasks handed in", "to accept or return", "task", "status_code", (TaskStatus.HANDED_IN,)),
    _Waiting("Renewals answered", "to order", "contract", "status_code", (ContractStatus.INTENT,)),
    _Waiting(
        "Sent back", "deliverables to mend", "deliverable", "status_code", (DeliverableStatus.SENT_BACK,)
    ),
    _Waiting("Changes asked for", "of details", "change_request", "status_code", (ChangeStatus.ASKED,)),
)
#: Requests that wait for us.
_TO_ANSWER = next(item.codes for item in _CARDS if item.obj == "ticket")

#: Cards side by side.
_ACROSS = 4

#: Lines of each table.
_LINES = 8


class Overview(CustomView):
    """What is to do."""

    def __init__(self, crm: EmbeddedCrm, office: Office, *, with_crm: bool = True) -> None:
        """`with_crm`: with what waits in the CRM; otherwise it is not one of the gateway's systems."""
        self._with_crm = with_crm
        self._crm = crm
        self._office = office
        super().__init__(
            menu_label="Overview",
            icon="fa-solid fa-house",
            path="/",
            route_name="index",
            widget=self._build,
        )

    async def _build(self, request: Request) -> BaseWidget:
        machine = await self._machine(request)
        rows: list[Any] = [CardRowWidget(children=machine)] if machine else []
        if not self._with_crm:
            return ColumnWidget(children=rows)
        held = self._held()
        cards: list[Any] = [self._card(request, item) for item in _CARDS if item.obj in held]
        rows[:0] = [CardRowWidget(children=cards[at : at + _ACROSS]) for at in range(0, len(cards), _ACROSS)]
        due = TableWidget(
            title="Requests due next",
            columns=["Number", "Subject", "Partner company", "Answer due (UTC)"],
            rows_callback=self._due,
        )
        changed = TableWidget(
            title="Registrations changed last",
            columns=["Number", "Customer", "Stage", "Changed (UTC)"],
            rows_callback=self._changed,
        )
        return ColumnWidget(children=[*rows, CardRowWidget(children=[due, changed])])

    def _held(self) -> frozenset[str]:
        """The kinds of record the portal has."""
        system = self._office.gateway.systems.named(self._crm.system)
        return frozenset(system.mapping.objects()) if system else frozenset()

    def _card(self, request: Request, item: _Waiting) -> StatWidget:
        async def count(_request: Request) -> int:
            return await anyio.to_thread.run_sync(self._count, item, _reached(request, item.obj))

        link = request.url_for("console:list", key=item.obj).include_query_params(
            filter=f"{item.column}__in={','.join(item.codes)}"
        )
        return StatWidget(
            title=item.title, value_callback=count, link=str(link), description=item.description
        )

    def _count(self, item: _Waiting, within: Sequence[ColumnElement[bool]]) -> int:
        columns = spec_of(item.obj).table.c
        waits = columns[item.column].in_(item.codes)
        query = select(func.count(columns.id)).where(waits, columns.archived.is_(False), *within)
        with self._crm.database.read() as connection:
            return connection.execute(query).scalar_one()

    async def _machine(self, request: Request) -> list[Any]:
        """How the gateway stands, for those whom it concerns."""
        member, machinery = signed_in(request), self._office.machinery
        cards: list[Any] = []
        if may(member, "connectors", "see"):
            systems = await anyio.to_thread.run_sync(machinery.systems)
            link = str(request.url_for("console:connectors"))
            late = sum(bool(item.problem or item.late) for item in systems)
            held = sum(len(item.held) for item in systems)
            cards.append(_stat("Systems late", late, link, "not read in time"))
            cards.append(_stat("Sweeps held", held, link, "wait for a yes or no"))
        if may(member, "dead_letters", "see"):
            link = str(request.url_for("console:dead-letters"))
            aside = await anyio.to_thread.run_sync(machinery.aside_count)
            cards.append(_stat("Dead letters", aside, link, "not understood"))
        if may(member, "ledger", "see"):
            link = str(request.url_for("console:ledger"))
            still_open = await anyio.to_thread.run_sync(machinery.open_count)
            cards.append(_stat("Open mutations", still_open, link, "sent by partners, not done yet"))
        return cards

    async def _due(self, request: Request) -> list[list[Any]]:
        rows = await anyio.to_thread.run_sync(self._due_rows, _reached(request, "ticket"))
        now = to_ms(self._crm.now())
        return [
            [
                _link(request, "ticket", row.id, row.req_no),
                row.subject,
                row.acct_name,
                instant_words(row.answer_due_ms) + (" · overdue" if row.answer_due_ms < now else ""),
            ]
            for row in rows
        ]

    def _due_rows(self, within: Sequence[ColumnElement[bool]]) -> Sequence[Any]:
        columns = (Ticket.id, Ticket.req_no, Ticket.subject, Ticket.answer_due_ms, Account.acct_name)
        query = (
            select(*columns)
            .join(Account, Account.id == Ticket.account_id)
            .where(Ticket.status_code.in_(_TO_ANSWER), Ticket.archived.is_(False), *within)
            .where(Ticket.answer_due_ms.is_not(None))
            .order_by(Ticket.answer_due_ms)
            .limit(_LINES)
        )
        with self._crm.database.read() as connection:
            return connection.execute(query).all()

    async def _changed(self, request: Request) -> list[list[Any]]:
        rows = await anyio.to_thread.run_sync(self._changed_rows, _reached(request, "registration"))
        return [
            [
                _link(request, "registration", row.id, row.reg_no),
                row.cust_name,
                STAGE_WORDS.get(row.stage_code, row.stage_code),
                instant_words(row.modified_ms),
            ]
            for row in rows
        ]

    def _changed_rows(self, within: Sequence[ColumnElement[bool]]) -> Sequence[Any]:
        columns = (
            Registration.id,
            Registration.reg_no,
            Registration.cust_name,
            Registration.stage_code,
            Registration.modified_ms,
        )
        query = select(*columns).where(Registration.archived.is_(False), *within)
        with self._crm.database.read() as connection:
            return connection.execute(query.order_by(Registration.modified_ms.desc()).limit(_LINES)).all()


def _stat(title: str, value: int, link: str, description: str) -> StatWidget:
    async def known(_request: Request) -> int:
        return value

    return StatWidget(title=title, value_callback=known, link=link, description=description)


def _reached(request: Request, obj: str) -> list[ColumnElement[bool]]:
    within = reach(signed_in(request), obj)
    return [] if within is None else [within]


def _link(request: Request, obj: str, key: int, words: str) -> Markup:
    address = request.url_for("console:detail", key=obj).include_query_params(pk=key)
    return Markup('<a href="{}">{}</a>').format(str(address), words)

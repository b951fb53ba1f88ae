"""The console's first page: what waits for a decision or an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import anyio.to_thread
from sqlalchemy import func, select
from starlette.requests import Request
from starlette_admin.views import CustomView
from starlette_admin.widgets import BaseWidget, CardRowWidget, ColumnWidget, StatWidget, TableWidget

from gateway.console.fields import instant_words
from gateway.crm.embedded.codes import STAGE_WORDS, Stage, TicketStatus
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.models import Registration, Ticket
from gateway.crm.port import Ref


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
        "Requests waiting for us",
        "to answer in time",
        "ticket",
        "status_code",
        (TicketStatus.NEW, TicketStatus.WORK, TicketStatus.WAIT_VENDOR),
    ),
)


class Overview(CustomView):
    """What is to do."""

    def __init__(self, crm: EmbeddedCrm) -> None:
        self._crm = crm
        super().__init__(
            menu_label="Overview",
            icon="fa-solid fa-house",
            path="/",
            route_name="index",
            widget=self._build,
        )

    async def _build(self, request: Request) -> BaseWidget:
        cards: list[Any] = [self._card(request, item) for item in _CARDS]
        return ColumnWidget(
            children=[
                CardRowWidget(children=cards),
                CardRowWidget(
                    children=[
                        TableWidget(
                            title="Requests due next",
                            columns=["Number", "Subject", "Partner company", "Answer due"],
                            rows_callback=self._due,
                        ),
                        TableWidget(
                            title="Last changed registrations",
                            columns=["Number", "Customer", "Stage", "Changed"],
                            rows_callback=self._changed,
                        ),
                    ]
                ),
            ]
        )

    def _card(self, request: Request, item: _Waiting) -> StatWidget:
        async def count(_request: Request) -> int:
            return await anyio.to_thread.run_sync(self._count, item)

        link = request.url_for("console:list", key=item.obj).include_query_params(
            filter=f"{item.column}__in={','.join(item.codes)}"
        )
        return StatWidget(
            title=item.title, value_callback=count, link=str(link), description=item.description
        )

    def _count(self, item: _Waiting) -> int:
        model = Registration if item.obj == "registration" else Ticket
        column = getattr(model, item.column)
        query = select(func.count()).where(column.in_(item.codes), model.archived.is_(False))
        with self._crm.database.read() as connection:
            return connection.execute(query).scalar_one()

    async def _due(self, _request: Request) -> list[list[Any]]:
        return await anyio.to_thread.run_sync(self._due_rows)

    def _due_rows(self) -> list[list[Any]]:
        waiting = Ticket.status_code.in_(_CARDS[-1].codes)
        query = select(Ticket.id).where(
            waiting, Ticket.archived.is_(False), Ticket.answer_due_ms.is_not(None)
        )
        with self._crm.database.read() as connection:
            ids = connection.execute(query.order_by(Ticket.answer_due_ms).limit(8)).scalars().all()
        names = {row.ref.id: row.fields["acct_name"] for row in self._accounts()}
        return [
            [
                row.fields["req_no"],
                row.fields["subject"],
                names.get(str(row.fields["account_id"]), ""),
                instant_words(row.fields["answer_due_ms"]),
            ]
            for row in self._crm.fetch([Ref("ticket", str(key)) for key in ids])
        ]

    async def _changed(self, _request: Request) -> list[list[Any]]:
        return await anyio.to_thread.run_sync(self._changed_rows)

    def _changed_rows(self) -> list[list[Any]]:
        query = select(Registration.id).where(Registration.archived.is_(False))
        with self._crm.database.read() as connection:
            ids = connection.execute(query.order_by(Registration.modified_ms.desc()).limit(8)).scalars().all()
        return [
            [
                row.fields["reg_no"],
                row.fields["cust_name"],
                STAGE_WORDS.get(row.fields["stage_code"], row.fields["stage_code"]),
                instant_words(row.fields["modified_ms"]),
            ]
            for row in self._crm.fetch([Ref("registration", str(key)) for key in ids])
        ]

    def _accounts(self) -> list[Any]:
        return list(self._crm.fetch([Ref("account", key) for key in self._crm.sweep("account", None, 500)]))

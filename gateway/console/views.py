"""The console's base view: reads through the CRUD library, writes through the staff's desk.

So every edit passes the CRM's own rules and stands in the history with the name of who made it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, ClassVar, TypeVar

import anyio.to_thread
from markupsafe import escape
from sqlalchemy import Select, func, select
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin.actions import row_action
from starlette_admin.contrib.sqla import ModelView
from starlette_admin.exceptions import ActionFailed, FormValidationError
from starlette_admin.fields import BaseField, HasOne
from starlette_admin.flash import flash
from starlette_admin.types import RequestAction, RowActionsDisplayType

from gateway.console import forms
from gateway.console.auth import signed_in
from gateway.console.details import Details, Words, details_of
from gateway.console.fields import CodeField, DayField, InstantField, day_words, instant_words
from gateway.console.own import own_properties
from gateway.console.reach import must_keep, reach
from gateway.console.roles import may
from gateway.crm.embedded.codes import STATE_COLUMN
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.models import Account, Base
from gateway.crm.embedded.objects import spec_of
from gateway.crm.embedded.staff import StaffDesk, StaffMember
from gateway.crm.port import CrmConflict, CrmMissing, CrmRefused, CrmUnavailable, Ref, SourceRow

T = TypeVar("T")

#: Row actions whose dialog asks for a partner company.
_TO_COMPANY = ("move", "offer")

#: Row actions that every record has, after its own ones.
COMMON_ACTIONS = ("view", "edit", "archive", "restore")


class CrmView(ModelView):
    """One kind of record. Subclasses name `obj`, their fields and their own row actions."""

    obj: ClassVar[str]
    title_column: ClassVar[str]
    #: The column that says beside the title what a record is about.
    about_column: ClassVar[str] = ""
    #: Where long words in a list are cut.
    cut: ClassVar[str] = "12rem"
    #: The actions that stand as buttons on a record's page; the others are in a menu.
    main_actions: ClassVar[tuple[str, ...]] = ("edit",)
    list_columns: ClassVar[tuple[str, ...]] = ()
    editable: ClassVar[bool] = True
    creatable: ClassVar[bool] = False
    #: Under which heading it stands in the menu, and whether it stands there: not where the portal has none of it.
    group: str = ""
    shown_in_menu: bool = True

    page_size = 25
    exporters: Sequence[Any] = ("csv", "json")
    importers: Sequence[Any] = ()
    actions: Sequence[str] | None = ()
    row_actions: Sequence[str] | None = COMMON_ACTIONS
    row_actions_display_type = RowActionsDisplayType.KEBAB
    detail_template = "crm/detail.html"

    def __init__(self, crm: EmbeddedCrm, model: type[Base], icon: str) -> None:
        self.crm = crm
        state = STATE_COLUMN.get(self.obj)
        told = [
            replace(item, choices=list(crm.states_of(self.obj).items()))
            if isinstance(item, CodeField) and item.name == state
            else item
            for item in self.fields
        ]
        self.fields = (
            (*told, own_properties()) if "extra" in spec_of(self.obj).staff and self.editable else told
        )
        super().__init__(model, icon=icon, key=self.obj, display_name=spec_of(self.obj).label)

    # ---------------------------------------------------------------------------------------------- reading

    def is_accessible(self, request: Request) -> bool:
        """Show it to whom it concerns."""
        return self.may(request, "see")

    def may(self, request: Request, deed: str) -> bool:
        """Tell whether who is signed in may do that with records of this kind."""
        return may(signed_in(request), self.obj, deed)

    def get_list_query(self, request: Request) -> Select[Any]:
        """What somebody reaches. Archived rows are listed only when asked for by `?archived=1`, but can be opened."""
        query: Select[Any] = select(self.model)
        within = reach(signed_in(request), self.obj)
        if within is not None:
            query = query.where(within)
        if request.state.action == RequestAction.LIST and not request.query_params.get("archived"):
            query = query.where(self.model.archived.is_(False))
        return query

    def get_count_query(self, request: Request) -> Select[Any]:
        """Count what is listed."""
        return self.get_list_query(request).with_only_columns(func.count(self.model.id))

    async def find_by_pk(self, request: Request, pk: Any) -> Any:
        """Read a row; on its own page also what hangs below it."""
        if not str(pk).isdecimal():
            return None
        row = await super().find_by_pk(request, pk)
        if row is not None and request.state.action == RequestAction.DETAIL:
            ref = Ref(self.obj, str(row.id))
            request.state.details = await anyio.to_thread.run_sync(self._details, ref)
        return row

    def _details(self, ref: Ref) -> Details:
        labels = {_column(item): item.label or item.name for item in self.fields}
        words = {_column(item): found for item in self.fields if (found := self._words(item))}
        return details_of(self.crm, ref, labels, words)

    def _words(self, item: BaseField) -> Words | None:
        """Return how values of a column are written in the history; None for those that are words already."""
        match item:
            case CodeField():
                known = {str(code): str(words) for code, words in _pairs(item.choices)}
                return lambda value: known.get(str(value), str(value))
            case InstantField():
                return lambda value: instant_words(int(value))
            case DayField():
                return lambda value: day_words(date.fromisoformat(value))
            case HasOne():
                return partial(self._named, str(item.key))
            case _:
                return None

    def _named(self, obj: str, key: Any) -> str:
        rows = self.crm.fetch([Ref(obj, str(key))])
        titles = (spec_of(obj).number[0], "acct_name", "full_name", "doc_code")
        return next(
            (str(row.fields[name]) for row in rows for name in titles if name in row.fields), str(key)
        )

    def can_access_field(
        self, request: Request, field: BaseField, action: RequestAction | None = None
    ) -> bool:
        """Lists show the columns named for lists; pages and forms show all."""
        if (action or request.state.action) == RequestAction.LIST and self.list_columns:
            return field.name in self.list_columns
        return super().can_access_field(request, field, action)

    async def repr(self, obj: Any, request: Request) -> str:
        """Name a row by its number or name."""
        return str(getattr(obj, self.title_column))

    async def select2_result(self, obj: Any, request: Request) -> str:
        """Name a row in a drop-down."""
        return f"<span>{escape(await self.repr(obj, request))}</span>"

    # ---------------------------------------------------------------------------------------------- writing

    def can_create(self, request: Request) -> bool:
        """Most records are born elsewhere."""
        return self.creatable and self.may(request, "create")

    def can_edit(self, request: Request) -> bool:
        """Some records are only looked at."""
        return self.editable and self.may(request, "edit")

    def can_delete(self, request: Request) -> bool:
        """Nothing is deleted here: archiving is the way to put a record away."""
        return False

    def can_import(self, request: Request) -> bool:
        """Nothing is imported here."""
        return False

    async def create(self, request: Request, data: dict[str, Any]) -> Any:
        """Add a record through the desk."""
        values = self._values(request, data)

        def work(desk: StaffDesk) -> SourceRow:
            must_keep(self.crm, desk.member, self.obj, values)
            return desk.create(self.obj, values)

        row = await self._form(request, work)
        return await self.find_by_pk(request, row.ref.id)

    async def edit(self, request: Request, pk: Any, data: dict[str, Any]) -> Any:
        """Write what was changed through the desk, unless somebody else changed the record meanwhile."""
        ref = Ref(self.obj, str(pk))
        form = await request.form()
        seen = form.get("rev")
        # What the browser did not send, such as a list that had not loaded yet, was not touched.
        changes = self._values(request, {name: value for name, value in data.items() if name in form})

        def work(desk: StaffDesk) -> None:
            must_keep(self.crm, desk.member, self.obj, changes)
            desk.edit(ref, changes, str(seen) if seen else None)

        await self._form(request, work)
        return await self.find_by_pk(request, pk)

    def _values(self, request: Request, data: dict[str, Any]) -> dict[str, Any]:
        """Turn what a form holds into columns: a relation is the other row's id, nothing is None where it may be."""
        columns = spec_of(self.obj).table.columns
        values: dict[str, Any] = {}
        for item in self.get_fields_list(request):
            if item.read_only or item.name not in data:
                continue
            name, value = item.name, data[item.name]
            if isinstance(item, HasOne):
                name, value = f"{name}_id", int(value) if value else None
            if value in ("", []) and columns[name].nullable:
                value = None
            values[name] = value
        return values

    async def _form(self, request: Request, work: Callable[[StaffDesk], T]) -> T:
        """Run a write for a form; refusals land on its fields."""
        try:
            return await self.at_desk(request, work)
        except CrmRefused as refusal:
            relations = {f"{item.name}_id": item.name for item in self.fields if isinstance(item, HasOne)}
            errors: dict[str | int, Any] = {
                relations.get(name, name): words for name, words in refusal.fields.items()
            }
            raise FormValidationError(errors or {self.fields[0].name: str(refusal)}) from refusal
        except CrmConflict as conflict:
            words = "Somebody changed this record while you were editing. Open it again."
            flash(request, words, "error")
            first = next(item.name for item in self.get_fields_list(request))
            raise FormValidationError({first: words}) from conflict

    async def act(self, request: Request, work: Callable[[StaffDesk], Any], done: str) -> None:
        """Run a write for an action; refusals are told in its dialog."""
        try:
            await self.at_desk(request, work)
        except (CrmRefused, CrmConflict) as refusal:
            raise ActionFailed(str(refusal)) from refusal
        flash(request, done, "success")

    async def at_desk(self, request: Request, work: Callable[[StaffDesk], T]) -> T:
        """Run a write in the name of who is signed in."""
        member = signed_in(request)
        if member is None:
            raise HTTPException(403, "Sign in first.")
        # The page's own read must be over: it would hide what is about to be written.
        await anyio.to_thread.run_sync(request.state.session.rollback)
        request.state.session.expire_all()
        try:
            return await anyio.to_thread.run_sync(work, StaffDesk(self.crm, member))
        except CrmMissing as missing:
            raise HTTPException(404, str(missing)) from missing
        except CrmUnavailable as busy:
            raise HTTPException(503, str(busy)) from busy

    def ref(self, pk: Any) -> Ref:
        """Return the record an action is about."""
        return Ref(self.obj, str(pk))

    # ------------------------------------------------------------------------------------- actions of all kinds

    async def is_action_allowed(self, request: Request, name: str) -> bool:
        """Nothing is done to many records at once, so lists have no boxes to tick."""
        return name == "publish" and "publish" in (self.actions or ()) and self.may(request, name)

    async def is_row_action_allowed(self, request: Request, name: str) -> bool:
        """Offer what the role allows."""
        return self.may(request, "see" if name == "view" else name)

    async def handle_row_action(self, request: Request, pk: Any, name: str) -> Response | None:
        """Carry out an action, on a record that is there and within reach."""
        if await self.find_by_pk(request, pk) is None:
            raise HTTPException(404, "This is not here.")
        found: Response | None = await super().handle_row_action(request, pk, name)
        return found

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        """Offer only what fits the record as it is."""
        if name == "restore":
            return bool(obj.archived)
        if name == "view":
            return bool(request.state.action == RequestAction.LIST)
        if obj.archived:
            return False
        allowed: bool = await super().is_row_action_allowed_for_obj(request, name, obj)
        return allowed

    @row_action(
        name="archive",
        text="Archive",
        header="Archive",
        icon_class="fa-solid fa-box-archive",
        confirmation="Partners no longer see an archived record. It can be restored.",
        submit_btn_text="Archive",
    )
    async def archive_row(self, request: Request, pk: Any) -> None:
        """Put a record away."""
        await self.act(request, lambda desk: desk.archive(self.ref(pk)), "Archived.")

    @row_action(name="restore", text="Restore", icon_class="fa-solid fa-rotate-left")
    async def restore_row(self, request: Request, pk: Any) -> None:
        """Bring an archived record back."""
        await self.act(request, lambda desk: desk.restore(self.ref(pk)), "Restored.")

    async def get_row_actions_for_obj(self, request: Request, obj: Any) -> list[dict[str, Any]]:
        """Fill the list of partner companies into the dialogs that give a record to one."""
        found = await super().get_row_actions_for_obj(request, obj)
        if any(item["name"] in _TO_COMPANY for item in found) and not hasattr(request.state, "move_form"):
            request.state.move_form = await anyio.to_thread.run_sync(self._move_form, signed_in(request))
        return [
            {**item, "form": request.state.move_form} if item["name"] in _TO_COMPANY else item
            for item in found
        ]

    def _move_form(self, member: StaffMember | None) -> str:
        query = select(Account.id, Account.acct_name).where(Account.archived.is_(False))
        within = reach(member, "account")
        if within is not None:
            query = query.where(within)
        with self.crm.database.read() as connection:
            rows = connection.execute(query.order_by(Account.acct_name)).all()
        options = [(str(row.id), row.acct_name) for row in rows]
        return forms.form(forms.choice("company", "Partner company", options))

    @row_action(
        name="move",
        text="Move to another partner",
        header="Move to another partner",
        icon_class="fa-solid fa-right-left",
        confirmation="The present partner loses sight of it at once.",
        submit_btn_text="Move",
    )
    async def move_row(self, request: Request, pk: Any) -> None:
        """Give a record to another partner company."""
        company = Ref("account", forms.entered(await request.form(), "company"))

        def work(desk: StaffDesk) -> None:
            must_keep(self.crm, desk.member, self.obj, {"account_id": company.id})
            desk.move(self.ref(pk), company)

        await self.act(request, work, "Moved.")


def _pairs(choices: Sequence[Any] | None) -> list[tuple[Any, Any]]:
    return [(pair[0], pair[1]) for pair in choices or ()]


def _column(item: BaseField) -> str:
    return f"{item.name}_id" if isinstance(item, HasOne) else item.name

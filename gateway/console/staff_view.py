"""Our own people in the console: who signs in to it, and in which role."""

from __future__ import annotations

import secrets
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin.actions import row_action
from starlette_admin.fields import EmailField, StringField

from gateway.console import forms
from gateway.console.auth import StaffAuth
from gateway.console.fields import CodeField, InstantField, hidden
from gateway.console.people import Handed
from gateway.console.views import COMMON_ACTIONS, CrmView
from gateway.crm.embedded import codes
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.models import Base


class StaffView(CrmView):
    """Our own people; administrators add them, and say what each is there for."""

    obj = "staff"
    title_column = "full_name"
    about_column = "job_title"
    cut = "22rem"
    menu_label = "Staff"
    creatable = True
    main_actions = ("set_role", "new_password", "edit")
    list_columns = ("full_name", "job_title", "role_code", "login", "mail")
    fields = (
        *hidden(),
        StringField("full_name", label="Name", required=True),
        StringField("job_title", label="Job"),
        CodeField(
            "role_code",
            label="Role",
            choices=list(codes.STAFF_ROLE_WORDS.items()),
            required=True,
            exclude_from_edit=True,
        ),
        StringField("login", label="Signs in as", required=True, exclude_from_edit=True),
        EmailField("mail", label="E-mail"),
        InstantField("modified_ms", label="Last change"),
    )
    searchable_fields = ("full_name", "login")
    row_actions = ("set_role", "new_password", *COMMON_ACTIONS)

    def __init__(self, crm: EmbeddedCrm, model: type[Base], icon: str, auth: StaffAuth) -> None:
        super().__init__(crm, model, icon)
        self._auth = auth

    async def create(self, request: Request, data: dict[str, Any]) -> Any:
        """Add somebody, by a sign-in name without capitals, as it is compared."""
        given = {**data, "login": str(data.get("login") or "").strip().lower()}
        return await super().create(request, given)

    @row_action(
        name="set_role",
        text="Give a role",
        header="Give a role",
        icon_class="fa-solid fa-id-badge",
        confirmation="It holds from their next click on.",
        submit_btn_text="Give the role",
        form=forms.form(forms.choice("role", "Role", codes.STAFF_ROLE_WORDS)),
    )
    async def set_role_row(self, request: Request, pk: Any) -> None:
        """Give another role."""
        role = forms.entered(await request.form(), "role")
        await self.act(request, lambda desk: desk.set_role(self.ref(pk), role), "The role was given.")

    @row_action(
        name="new_password",
        text="New password",
        header="New password",
        icon_class="fa-solid fa-key",
        confirmation="A new password is made and shown once. The present one is not good any more.",
        submit_btn_text="Make it",
        custom_response=True,
    )
    async def new_password_row(self, request: Request, pk: Any) -> Response:
        """Make a password and show it, this once."""
        row = await self.find_by_pk(request, pk)
        password = secrets.token_urlsafe(12)
        await anyio.to_thread.run_sync(request.state.session.rollback)
        await anyio.to_thread.run_sync(self._auth.set_password, int(pk), password)
        assert self._admin is not None, "The view was not added."
        told = {
            "view": self,
            "title": self.menu_label,
            "heading": "Hand this over",
            "handed": Handed(row.full_name, row.mail, f"Password for “{row.login}”", password),
            "onward": str(request.url_for("console:detail", key=self.obj).include_query_params(pk=pk)),
        }
        return self._admin._template_response(request=request, name="office/handed.html", context=told)

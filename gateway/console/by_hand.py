"""Records whose state staff set by hand."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette_admin.actions import row_action

from gateway.console import forms
from gateway.console.views import CrmView
from gateway.crm.embedded.codes import STATE_COLUMN, STATE_WORDS


class MovedByHand(CrmView):
    """Records that may be given any state."""

    def statuses(self, obj: Any) -> dict[str, str]:
        """Return the states a record may be given, with their words."""
        return self.crm.states_of(self.obj)

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        """Offer it where there is something to choose."""
        fits = name != "set_status" or bool(self.statuses(obj))
        return fits and await super().is_row_action_allowed_for_obj(request, name, obj)

    async def get_row_actions_for_obj(self, request: Request, obj: Any) -> list[dict[str, Any]]:
        """Fill the possible states into the dialog."""
        form = forms.form(forms.choice("status", "Status", self.statuses(obj)))
        found = await super().get_row_actions_for_obj(request, obj)
        return [{**item, "form": form} if item["name"] == "set_status" else item for item in found]

    @row_action(
        name="set_status",
        text="Set status",
        header="Set status",
        icon_class="fa-solid fa-flag",
        confirmation="Which status has it now?",
        submit_btn_text="Set",
    )
    async def set_status_row(self, request: Request, pk: Any) -> None:
        """Set the status."""
        status = forms.entered(await request.form(), "status")
        await self.act(request, lambda desk: desk.set_status(self.ref(pk), status), "Status set.")


class MovedByActs(MovedByHand):
    """Records that have acts for the CRM's own states: by hand they are led to and from those of the portal's."""

    def statuses(self, obj: Any) -> dict[str, str]:
        """Return the portal's states, and from one of them the CRM's own too."""
        more = self.crm.more_states_of(self.obj)
        now = getattr(obj, STATE_COLUMN[self.obj])
        return more if now in STATE_WORDS[self.obj] else self.crm.states_of(self.obj)

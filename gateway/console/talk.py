"""Writing to the partner under a record."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette_admin.actions import row_action

from gateway.console import forms
from gateway.console.views import CrmView


class TalkedAbout(CrmView):
    """Records under which staff and partners write."""

    @row_action(
        name="comment",
        text="Comment",
        header="Comment",
        icon_class="fa-solid fa-comment",
        confirmation="The partner reads this.",
        submit_btn_text="Write",
        form=forms.form(forms.long_text("text", "Comment"), forms.file("file", "File, if any")),
        modal_size="md",
    )
    async def comment_row(self, request: Request, pk: Any) -> None:
        """Write to the partner."""
        data = await request.form()
        said, added = forms.entered(data, "text"), await forms.entered_files(data, "file")
        await self.act(request, lambda desk: desk.comment(self.ref(pk), said, added), "Written.")

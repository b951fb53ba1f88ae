"""Partners' requests in the console: take, answer, note among ourselves, resolve, close."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette_admin.actions import row_action
from starlette_admin.fields import HasOne, StringField

from gateway.console import forms
from gateway.console.by_hand import MovedByActs
from gateway.console.fields import CodeField, InstantField, hidden
from gateway.console.views import COMMON_ACTIONS
from gateway.crm.embedded import codes
from gateway.crm.embedded.codes import TicketStatus
from gateway.crm.embedded.times import to_ms

_OPEN = frozenset({TicketStatus.NEW, TicketStatus.WORK, TicketStatus.WAIT_PARTNER, TicketStatus.WAIT_VENDOR})
#: Statuses in which the ball is with us.
_OURS = frozenset({TicketStatus.NEW, TicketStatus.WORK, TicketStatus.WAIT_VENDOR})
_FITS: Mapping[str, frozenset[str]] = {
    "take": frozenset({TicketStatus.NEW}),
    "answer": frozenset(TicketStatus) - {TicketStatus.SHUT},
    "internal_note": frozenset(TicketStatus) - {TicketStatus.SHUT},
    "resolve": _OPEN,
    "close": frozenset({TicketStatus.DONE}),
}


class TicketView(MovedByActs):
    """Questions and requests of partners."""

    obj = "ticket"
    title_column = "req_no"
    about_column = "subject"
    main_actions = ("take", "answer", "internal_note", "resolve", "close")
    menu_label = "Requests"
    list_columns = ("req_no", "subject", "account", "cust_name", "prio", "status_code", "answer_due_ms")
    fields = (
        *hidden(),
        StringField("req_no", label="Number", read_only=True),
        StringField("subject", label="Subject", required=True),
        HasOne("account", label="Partner company", key="account", exclude_from_edit=True),
        StringField("cust_name", label="Customer"),
        CodeField("prio", label="Priority", choices=list(codes.PRIORITY_WORDS.items())),
        CodeField(
            "status_code", label="Status", choices=list(codes.TICKET_WORDS.items()), exclude_from_edit=True
        ),
        HasOne("owner", label="Raised by", key="contact", exclude_from_edit=True),
        CodeField("topic_code", label="Category", choices=list(codes.TOPIC_WORDS.items())),
        HasOne("registration", label="Registration", key="registration"),
        HasOne("worked_by", label="Worked on by", key="staff"),
        InstantField("answer_due_ms", label="Answer due"),
        InstantField("last_note_ms", label="Last message"),
        InstantField("created_ms", label="Raised"),
        InstantField("modified_ms", label="Last change"),
    )
    form_layout = (
        ("req_no", "worked_by"),
        "subject",
        ("topic_code", "prio"),
        ("registration", "cust_name"),
        "extra",
    )
    fields_default_sort = (("last_note_ms", True),)
    searchable_fields = ("req_no", "subject", "cust_name", "status_code", "prio", "topic_code")
    row_actions = (
        "take",
        "answer",
        "internal_note",
        "resolve",
        "close",
        "set_status",
        "move",
        *COMMON_ACTIONS,
    )

    async def serialize(self, obj: Any, request: Request, *given: Any, **more: Any) -> dict[str, Any]:
        """Say of a request that waits for us whether its answer is overdue."""
        found: dict[str, Any] = await super().serialize(obj, request, *given, **more)
        due, ours = obj.answer_due_ms, obj.status_code in _OURS
        if found.get("answer_due_ms") and ours and due < to_ms(self.crm.now()):
            found["answer_due_ms"] = f"{found['answer_due_ms']} · overdue"
        return found

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        """Offer what fits the status."""
        fits = name not in _FITS or obj.status_code in _FITS[name]
        return fits and await super().is_row_action_allowed_for_obj(request, name, obj)

    @row_action(name="take", text="Take", icon_class="fa-solid fa-hand")
    async def take_row(self, request: Request, pk: Any) -> None:
        """Start to work on it."""
        await self.act(request, lambda desk: desk.take(self.ref(pk)), "Taken.")

    @row_action(
        name="answer",
        text="Answer the partner",
        header="Answer the partner",
        icon_class="fa-solid fa-reply",
        confirmation="The partner reads this.",
        submit_btn_text="Answer",
        action_btn_class="btn btn-primary",
        form=forms.form(
            forms.long_text("text", "Answer"),
            forms.file("file", "File, if any"),
            forms.tick("stay", "It still waits for us, not for the partner"),
        ),
        modal_size="md",
    )
    async def answer_row(self, request: Request, pk: Any) -> None:
        """Answer in public."""
        data = await request.form()
        said, added = forms.entered(data, "text"), await forms.entered_files(data, "file")
        wait = data.get("stay") is None
        await self.act(request, lambda desk: desk.answer(self.ref(pk), said, added, wait), "Answered.")

    @row_action(
        name="internal_note",
        text="Internal note",
        header="Internal note",
        icon_class="fa-solid fa-lock",
        confirmation="Only staff see this; it never leaves the CRM.",
        submit_btn_text="Keep the note",
        form=forms.form(forms.long_text("text", "Note")),
        modal_size="md",
    )
    async def internal_note_row(self, request: Request, pk: Any) -> None:
        """Note something among ourselves."""
        said = forms.entered(await request.form(), "text")
        await self.act(request, lambda desk: desk.internal_note(self.ref(pk), said), "Noted.")

    @row_action(name="resolve", text="Mark resolved", icon_class="fa-solid fa-check")
    async def resolve_row(self, request: Request, pk: Any) -> None:
        """Mark it as resolved."""
        await self.act(request, lambda desk: desk.resolve(self.ref(pk)), "Marked resolved.")

    @row_action(
        name="close",
        text="Close",
        header="Close",
        icon_class="fa-solid fa-circle-check",
        confirmation="Nothing can be written under a closed request.",
        submit_btn_text="Close the request",
    )
    async def close_row(self, request: Request, pk: Any) -> None:
        """Close it."""
        await self.act(request, lambda desk: desk.close(self.ref(pk)), "Closed.")

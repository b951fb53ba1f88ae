"""Registrations in the console: review, decide, move, talk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette_admin.actions import row_action
from starlette_admin.fields import CountryField, EmailField, HasOne, StringField
from starlette_admin.types import RequestAction

from gateway.console import forms
from gateway.console.by_hand import MovedByActs
from gateway.console.candidates import Receipts, compared
from gateway.console.fields import CodeField, DayField, InstantField, LongTextField, MoneyField, hidden
from gateway.console.talk import TalkedAbout
from gateway.console.views import COMMON_ACTIONS, CrmView
from gateway.crm.embedded import codes
from gateway.crm.embedded.codes import Stage
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.models import Base
from gateway.crm.embedded.staff import StaffDesk
from gateway.crm.port import CrmRefused, Ref

#: Columns a reviewer may remark on.
_REMARKABLE: Mapping[str, str] = {
    "": "–",
    "cust_name": "Customer name",
    "domain": "Website",
    "est_value": "Amount",
    "close_on": "Target close",
    "product_codes": "Products",
    "ct_name": "Contact",
    "pain": "Problem to solve",
}

#: Stages in which an action is offered.
_FITS: Mapping[str, frozenset[str]] = {
    "start_review": frozenset({Stage.NEW}),
    "ask_information": frozenset({Stage.NEW, Stage.REVIEW}),
    "send_for_approval": frozenset({Stage.REVIEW}),
    "approve": frozenset({Stage.NEW, Stage.REVIEW, Stage.APPROVAL, Stage.EXT_ASKED}),
    "reject": frozenset({Stage.NEW, Stage.REVIEW, Stage.APPROVAL}),
    "mark_duplicate": frozenset({Stage.NEW, Stage.REVIEW}),
    "refuse_extension": frozenset({Stage.EXT_ASKED}),
    "expire": frozenset({Stage.PROTECTED, Stage.EXT_ASKED}),
    "cancel": frozenset({Stage.PROTECTED}),
}


#: Stages in which a registration is shown beside its candidates.
_REVIEWED = frozenset({Stage.NEW, Stage.REVIEW, Stage.INFO_NEEDED, Stage.APPROVAL})


def _choices(words: Mapping[str, str]) -> list[tuple[str, str]]:
    return list(words.items())


def number_ref(view: CrmView, column: str, number: str) -> Ref:
    """Return the record with that number or name. Raises CrmRefused."""
    ref = view.crm.find(view.obj, **{column: number})
    if ref is None:
        raise CrmRefused(f"There is no “{number}”.")
    return ref


class RegistrationView(TalkedAbout, MovedByActs):
    """Deals that partners ask to have protected."""

    obj = "registration"
    title_column = "reg_no"
    about_column = "cust_name"
    cut = "8.5rem"
    main_actions = (
        "start_review",
        "approve",
        "send_for_approval",
        "reject",
        "ask_information",
        "mark_duplicate",
        "refuse_extension",
    )
    menu_label = "Registrations"
    list_columns = ("reg_no", "cust_name", "deal_name", "account", "est_value", "stage_code", "modified_ms")
    fields = (
        *hidden(),
        StringField("reg_no", label="Number", read_only=True),
        StringField("cust_name", label="Customer", required=True),
        StringField("deal_name", label="Title", required=True),
        HasOne("account", label="Partner company", key="account", exclude_from_edit=True),
        HasOne("owner", label="Registered by", key="contact", exclude_from_edit=True),
        MoneyField("est_value", label="Amount"),
        StringField("cur", label="Currency", exclude_from_detail=True),
        CodeField("stage_code", label="Stage", choices=_choices(codes.STAGE_WORDS), exclude_from_edit=True),
        StringField("domain", label="Website"),
        CountryField("country_iso", label="Country"),
        CodeField("sector_code", label="Industry", choices=_choices(codes.SECTOR_WORDS)),
        StringField("addr_street", label="Street"),
        StringField("addr_zip", label="Postcode"),
        StringField("addr_town", label="City"),
        StringField("ct_name", label="Contact"),
        EmailField("ct_mail", label="Contact e-mail"),
        StringField("ct_phone", label="Contact phone"),
        CodeField("kind_code", label="Type", choices=_choices(codes.KIND_WORDS)),
        CodeField("product_codes", label="Products", choices=_choices(codes.PRODUCT_WORDS), multiple=True),
        DayField("close_on", label="Target close"),
        StringField("rival", label="Competitor"),
        CodeField("assist_code", label="Help needed", choices=_choices(codes.ASSIST_WORDS)),
        LongTextField("pain", label="Problem to solve"),
        CodeField("pipe_code", label="Sales stage", choices=_choices(codes.PIPE_WORDS)),
        DayField("decide_on", label="Decision date"),
        LongTextField("next_action", label="Next steps"),
        HasOne("reviewer", label="Reviewer", key="staff"),
        LongTextField("review_note", label="Review note"),
        StringField("close_reason", label="Reason"),
        DayField("prot_from", label="Protected from"),
        DayField("prot_to", label="Protected until"),
        DayField("ext_until", label="Extension until", exclude_from_edit=True),
        StringField("ext_note", label="Why an extension", exclude_from_edit=True),
        StringField("po_ref", label="Purchase order"),
        HasOne("lead", label="From lead", key="lead"),
        InstantField("created_ms", label="Registered"),
        InstantField("modified_ms", label="Last change"),
    )
    form_layout = (
        ("reg_no", "close_reason"),
        ("cust_name", "deal_name"),
        ("domain", "country_iso", "sector_code"),
        ("addr_street", "addr_zip", "addr_town"),
        ("ct_name", "ct_mail", "ct_phone"),
        ("est_value", "cur", "kind_code"),
        ("product_codes", "close_on"),
        ("rival", "assist_code"),
        "pain",
        ("pipe_code", "decide_on"),
        "next_action",
        ("reviewer", "po_ref"),
        "review_note",
        ("prot_from", "prot_to"),
        ("lead", "extra"),
    )
    fields_default_sort = (("modified_ms", True),)
    searchable_fields = (
        "reg_no",
        "cust_name",
        "deal_name",
        "domain",
        "stage_code",
        "sector_code",
        "kind_code",
    )
    row_actions = (
        "start_review",
        "ask_information",
        "send_for_approval",
        "approve",
        "reject",
        "mark_duplicate",
        "refuse_extension",
        "expire",
        "cancel",
        "comment",
        "set_status",
        "move",
        *COMMON_ACTIONS,
    )

    def __init__(self, crm: EmbeddedCrm, model: type[Base], icon: str, receipts: Receipts) -> None:
        super().__init__(crm, model, icon)
        self._receipts = receipts

    async def find_by_pk(self, request: Request, pk: Any) -> Any:
        """Read a registration; one that is to be decided with those that may be the same deal."""
        row = await super().find_by_pk(request, pk)
        if row is not None and request.state.action == RequestAction.DETAIL and row.stage_code in _REVIEWED:
            request.state.comparison = await anyio.to_thread.run_sync(
                compared, self.crm, self._receipts, self.ref(row.id)
            )
        return row

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        """Offer the moves that fit the stage."""
        fits = name not in _FITS or obj.stage_code in _FITS[name]
        return fits and await super().is_row_action_allowed_for_obj(request, name, obj)

    @row_action(name="start_review", text="Start review", icon_class="fa-solid fa-eye")
    async def start_review_row(self, request: Request, pk: Any) -> None:
        """Take it into review."""
        await self.act(request, lambda desk: desk.start_review(self.ref(pk)), "Review started.")

    @row_action(
        name="ask_information",
        text="Ask for information",
        header="Ask for information",
        icon_class="fa-solid fa-reply",
        confirmation="The partner gets it back, with what you write here.",
        submit_btn_text="Ask",
        form=forms.form(
            forms.long_text("note", "What is missing"),
            forms.choice("field", "Field it is about, if any", _REMARKABLE),
            forms.text("remark", "What about that field"),
        ),
        modal_size="md",
    )
    async def ask_information_row(self, request: Request, pk: Any) -> None:
        """Give it back to the partner."""
        data = await request.form()
        note, remarks = forms.entered(data, "note"), _remarks(data)
        await self.act(request, lambda desk: desk.ask_information(self.ref(pk), note, remarks), "Asked.")

    @row_action(name="send_for_approval", text="Send for approval", icon_class="fa-solid fa-arrow-right")
    async def send_for_approval_row(self, request: Request, pk: Any) -> None:
        """Hand it on."""
        await self.act(request, lambda desk: desk.send_for_approval(self.ref(pk)), "Sent for approval.")

    @row_action(
        name="approve",
        text="Approve",
        header="Approve",
        icon_class="fa-solid fa-check",
        confirmation="A new registration is protected for 90 days; an extension holds until the day asked for.",
        submit_btn_text="Approve",
        submit_btn_class="btn btn-success",
        action_btn_class="btn btn-success",
    )
    async def approve_row(self, request: Request, pk: Any) -> None:
        """Protect it."""
        await self.act(request, lambda desk: desk.approve(self.ref(pk)), "Approved.")

    @row_action(
        name="reject",
        text="Reject",
        header="Reject",
        icon_class="fa-solid fa-xmark",
        confirmation="The partner sees the reason.",
        action_btn_class="btn btn-outline-danger",
        submit_btn_text="Reject",
        submit_btn_class="btn btn-danger",
        form=forms.form(
            forms.text("reason", "Reason"),
            forms.choice("field", "Field it is about, if any", _REMARKABLE),
            forms.text("remark", "What about that field"),
        ),
        modal_size="md",
    )
    async def reject_row(self, request: Request, pk: Any) -> None:
        """Refuse it."""
        data = await request.form()
        reason, remarks = forms.entered(data, "reason"), _remarks(data)

        def work(desk: StaffDesk) -> None:
            if not reason:
                raise CrmRefused("Say why.")
            desk.reject(self.ref(pk), reason, remarks)

        await self.act(request, work, "Rejected.")

    @row_action(
        name="mark_duplicate",
        text="Mark as duplicate",
        header="Mark as duplicate",
        icon_class="fa-solid fa-clone",
        confirmation="Which registration was there before?",
        submit_btn_text="Mark as duplicate",
        form=forms.form(forms.text("number", "Number, such as DR-2026-0417")),
    )
    async def mark_duplicate_row(self, request: Request, pk: Any) -> None:
        """Close it for another one."""
        number = forms.entered(await request.form(), "number")
        await self.act(
            request,
            lambda desk: desk.mark_duplicate(self.ref(pk), number_ref(self, "reg_no", number)),
            "Marked as a duplicate.",
        )

    @row_action(
        name="refuse_extension",
        text="Refuse the extension",
        header="Refuse the extension",
        icon_class="fa-solid fa-hourglass-end",
        confirmation="Protection ends on the day it would have ended anyway.",
        submit_btn_text="Refuse",
        form=forms.form(forms.long_text("note", "What to tell the partner")),
    )
    async def refuse_extension_row(self, request: Request, pk: Any) -> None:
        """Leave the protection as it is."""
        note = forms.entered(await request.form(), "note")
        await self.act(request, lambda desk: desk.refuse_extension(self.ref(pk), note), "Extension refused.")

    @row_action(
        name="expire",
        text="End protection",
        header="End protection",
        icon_class="fa-solid fa-calendar-xmark",
        confirmation="The deal is no longer protected from today.",
        submit_btn_text="End protection",
    )
    async def expire_row(self, request: Request, pk: Any) -> None:
        """End the protection."""
        await self.act(request, lambda desk: desk.expire(self.ref(pk)), "Protection ended.")

    @row_action(
        name="cancel",
        text="Cancel",
        header="Cancel",
        icon_class="fa-solid fa-ban",
        confirmation="The partner sees the reason.",
        submit_btn_text="Cancel the deal",
        submit_btn_class="btn btn-danger",
        form=forms.form(forms.text("reason", "Reason")),
    )
    async def cancel_row(self, request: Request, pk: Any) -> None:
        """Cancel it."""
        reason = forms.entered(await request.form(), "reason")
        await self.act(request, lambda desk: desk.cancel(self.ref(pk), reason), "Cancelled.")


def _remarks(data: Any) -> dict[str, str]:
    name, words = forms.entered(data, "field"), forms.entered(data, "remark")
    return {name: words} if name in _REMARKABLE and name and words else {}

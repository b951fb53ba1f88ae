"""What staff and partners work on together, in the console: co-selling, tasks, approvals, changes of details."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette_admin.actions import row_action
from starlette_admin.fields import HasOne, StringField

from gateway.console import forms
from gateway.console.by_hand import MovedByHand
from gateway.console.fields import (
    CodeField,
    DayField,
    FileField,
    InstantField,
    LongTextField,
    MoneyField,
    hidden,
)
from gateway.console.own import LinesField, PairsField
from gateway.console.talk import TalkedAbout
from gateway.console.views import COMMON_ACTIONS, CrmView
from gateway.crm.embedded import codes
from gateway.crm.embedded.codes import ApprovalStatus, ChangeStatus, TaskStatus
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.models import Base
from gateway.crm.embedded.staff import StaffDesk
from gateway.crm.embedded.staff_work import WorkDesk
from gateway.crm.port import CrmRefused


class OpportunityView(TalkedAbout, MovedByHand):
    """Deals that both sides sell together."""

    obj = "opportunity"
    title_column = "opp_no"
    about_column = "cust_name"
    main_actions = ("set_status", "comment", "edit")
    menu_label = "Co-selling"
    creatable = True
    list_columns = ("opp_no", "cust_name", "opp_name", "account", "v_value", "stage_code", "v_close_on")
    fields = (
        *hidden(),
        StringField("opp_no", label="Number", read_only=True, exclude_from_create=True),
        StringField("cust_name", label="Customer", required=True),
        StringField("opp_name", label="Title", required=True),
        HasOne("account", label="Partner company", key="account", required=True, exclude_from_edit=True),
        HasOne("registration", label="Registration", key="registration"),
        LongTextField("pain", label="Problem to solve"),
        CodeField(
            "stage_code",
            label="Our stage",
            choices=list(codes.OPPORTUNITY_WORDS.items()),
            exclude_from_edit=True,
            exclude_from_create=True,
        ),
        CodeField(
            "p_stage_code",
            label="Partner's stage",
            choices=list(codes.PIPE_WORDS.items()),
            exclude_from_edit=True,
            exclude_from_create=True,
        ),
        DayField("v_close_on", label="Our close date"),
        DayField(
            "p_close_on", label="Partner's close date", exclude_from_edit=True, exclude_from_create=True
        ),
        MoneyField("v_value", label="Our amount"),
        MoneyField("p_value", label="Partner's amount", exclude_from_edit=True, exclude_from_create=True),
        StringField("cur", label="Currency", exclude_from_detail=True),
        StringField("v_team", label="Our team"),
        StringField("p_contact", label="Partner's people", exclude_from_edit=True, exclude_from_create=True),
        LongTextField("v_next", label="Our next steps"),
        LongTextField(
            "p_next", label="Partner's next steps", exclude_from_edit=True, exclude_from_create=True
        ),
        LongTextField("joint_next", label="Joint next steps"),
        StringField("lost_why", label="Why it was lost"),
        InstantField("modified_ms", label="Last change"),
    )
    form_layout = (
        ("opp_no", "account", "registration"),
        ("cust_name", "opp_name"),
        "pain",
        ("v_value", "cur", "v_close_on"),
        ("v_team", "lost_why"),
        "v_next",
        "joint_next",
        "extra",
    )
    fields_default_sort = (("modified_ms", True),)
    searchable_fields = ("opp_no", "cust_name", "opp_name", "stage_code")
    row_actions = ("set_status", "comment", "move", *COMMON_ACTIONS)


class TaskView(TalkedAbout, MovedByHand):
    """What partners are asked to do, and what they handed in."""

    obj = "task"
    title_column = "task_no"
    about_column = "subject"
    main_actions = ("accept", "return_task", "comment", "edit")
    menu_label = "Tasks"
    creatable = True
    list_columns = ("task_no", "subject", "checklist", "account", "status_code", "due_on")
    fields = (
        *hidden(),
        StringField("task_no", label="Number", read_only=True, exclude_from_create=True),
        StringField("subject", label="Title", required=True),
        HasOne("account", label="Partner company", key="account", required=True, exclude_from_edit=True),
        StringField("checklist", label="Part of"),
        LongTextField("details", label="Description"),
        CodeField("form_code", label="Form", choices=[("", "–")]),
        HasOne("document", label="Document", key="document"),
        DayField("due_on", label="Due"),
        CodeField(
            "status_code",
            label="Status",
            choices=list(codes.TASK_WORDS.items()),
            exclude_from_edit=True,
            exclude_from_create=True,
        ),
        PairsField("replies", label="Answers", exclude_from_edit=True, exclude_from_create=True),
        LongTextField("staff_note", label="What we say", exclude_from_create=True),
        InstantField("modified_ms", label="Last change"),
    )
    form_layout = (
        ("task_no", "account", "due_on"),
        ("subject", "checklist"),
        "details",
        ("form_code", "document"),
        "staff_note",
        "extra",
    )
    fields_default_sort = (("modified_ms", True),)
    searchable_fields = ("task_no", "subject", "checklist", "status_code")
    row_actions = (
        "accept",
        "return_task",
        "begin_after",
        "comment",
        "set_status",
        "move",
        *COMMON_ACTIONS,
    )
    _fits: Mapping[str, frozenset[str]] = {
        "accept": frozenset({TaskStatus.HANDED_IN}),
        "return_task": frozenset({TaskStatus.HANDED_IN, TaskStatus.ACCEPTED}),
    }

    def __init__(self, crm: EmbeddedCrm, model: type[Base], icon: str, templates: Mapping[str, str]) -> None:
        """`templates`: names of the portal's forms, with their words."""
        choices = [("", "–"), *templates.items()]
        self.fields = tuple(
            CodeField("form_code", label="Form", choices=choices) if item.name == "form_code" else item
            for item in type(self).fields
        )
        super().__init__(crm, model, icon)

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        """Offer what fits what was handed in."""
        fits = obj.status_code in self._fits.get(name, (obj.status_code,))
        return fits and await super().is_row_action_allowed_for_obj(request, name, obj)

    @row_action(
        name="accept",
        text="Accept",
        header="Accept",
        icon_class="fa-solid fa-check",
        confirmation="What begins after it can be handed in from now on.",
        submit_btn_text="Accept",
        action_btn_class="btn btn-success",
        form=forms.form(forms.long_text("note", "A word to the partner, if any")),
    )
    async def accept_row(self, request: Request, pk: Any) -> None:
        """Accept what was handed in."""
        note = forms.entered(await request.form(), "note")
        await self.act(request, lambda desk: WorkDesk.like(desk).accept_task(self.ref(pk), note), "Accepted.")

    @row_action(
        name="return_task",
        text="Return",
        header="Return",
        icon_class="fa-solid fa-reply",
        confirmation="The partner gets it back, with what you write here.",
        submit_btn_text="Return",
        form=forms.form(forms.long_text("note", "What is missing")),
        modal_size="md",
    )
    async def return_row(self, request: Request, pk: Any) -> None:
        """Give it back."""
        note = forms.entered(await request.form(), "note")
        await self.act(request, lambda desk: WorkDesk.like(desk).return_task(self.ref(pk), note), "Returned.")

    @row_action(
        name="begin_after",
        text="Begin after others",
        header="Begin after others",
        icon_class="fa-solid fa-link",
        confirmation="It can be handed in once these are accepted.",
        submit_btn_text="Set",
        form=forms.form(forms.text("numbers", "Numbers, such as TSK-1001, TSK-1002; none: at once")),
    )
    async def begin_after_row(self, request: Request, pk: Any) -> None:
        """Say which tasks come before."""
        wanted = forms.entered(await request.form(), "numbers").replace(",", " ").split()

        def work(desk: StaffDesk) -> None:
            found = {number: self.crm.find("task", task_no=number.upper()) for number in wanted}
            strange = [number for number, ref in found.items() if ref is None or ref == self.ref(pk)]
            if strange:
                raise CrmRefused(f"It cannot begin after “{strange[0]}”.")
            after = [int(ref.id) for ref in found.values() if ref]
            desk.edit(self.ref(pk), {"after_ids": after or None})

        await self.act(request, work, "Set.")


class ApprovalView(MovedByHand):
    """What partners are asked to decide on."""

    obj = "approval"
    title_column = "apv_no"
    about_column = "subject"
    main_actions = ("supersede", "edit")
    menu_label = "Approvals"
    creatable = True
    list_columns = ("apv_no", "subject", "account", "total", "status_code", "due_on", "decided_by")
    fields = (
        *hidden(),
        StringField("apv_no", label="Number", read_only=True, exclude_from_create=True),
        StringField("subject", label="Subject", required=True),
        HasOne("account", label="Partner company", key="account", required=True, exclude_from_edit=True),
        StringField("step_label", label="Step"),
        LongTextField("summary", label="What is approved"),
        LinesField("lines", label="Lines", help_text="One a line: name | code | quantity | value"),
        MoneyField("total", label="Amount"),
        StringField("cur", label="Currency", exclude_from_detail=True),
        HasOne("registration", label="Registration", key="registration"),
        HasOne("order", label="Order", key="order"),
        StringField("deciders", label="Who may decide"),
        DayField("due_on", label="Decide by"),
        CodeField(
            "status_code",
            label="Status",
            choices=list(codes.APPROVAL_WORDS.items()),
            exclude_from_edit=True,
            exclude_from_create=True,
        ),
        HasOne("asked_by", label="Asked by", key="staff"),
        StringField("decided_by", label="Decided by", exclude_from_edit=True, exclude_from_create=True),
        InstantField("decided_ms", label="Decided"),
        StringField("decide_note", label="Why not", exclude_from_edit=True, exclude_from_create=True),
        StringField(
            "shown_hash", label="Hash of what was shown", exclude_from_edit=True, exclude_from_create=True
        ),
        HasOne(
            "replaced_by",
            label="Replaced by",
            key="approval",
            exclude_from_edit=True,
            exclude_from_create=True,
        ),
        FileField(),
        InstantField("modified_ms", label="Last change"),
    )
    form_layout = (
        ("apv_no", "account", "asked_by"),
        ("subject", "step_label"),
        "summary",
        "lines",
        ("total", "cur", "due_on"),
        ("registration", "order", "deciders"),
        "extra",
    )
    fields_default_sort = (("modified_ms", True),)
    searchable_fields = ("apv_no", "subject", "status_code")
    row_actions = ("supersede", "set_status", *COMMON_ACTIONS)

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        """Only what is still to be decided is replaced."""
        fits = name != "supersede" or obj.status_code == ApprovalStatus.PENDING
        return fits and await super().is_row_action_allowed_for_obj(request, name, obj)

    @row_action(
        name="supersede",
        text="Replace by something newer",
        header="Replace by something newer",
        icon_class="fa-solid fa-clone",
        confirmation="The present one can no longer be decided on. What you leave empty stays as it is.",
        submit_btn_text="Replace",
        form=forms.form(
            forms.long_text("summary", "What is approved"),
            forms.beside(
                forms.text("total", "Amount, such as 1200.00"),
                forms.text("due_on", "Decide by", kind="date"),
            ),
            forms.file("file", "File"),
        ),
        modal_size="md",
    )
    async def supersede_row(self, request: Request, pk: Any) -> None:
        """Put something newer in its place."""
        data = await request.form()
        given = await forms.entered_files(data, "file")
        changes = {name: forms.entered(data, name) for name in ("summary", "total", "due_on")}
        changes = {name: value for name, value in changes.items() if value}

        def work(desk: StaffDesk) -> None:
            WorkDesk.like(desk).supersede_approval(self.ref(pk), changes, given[0] if given else None)

        await self.act(request, work, "Replaced.")


class ChangeRequestView(CrmView):
    """Changes of their details that partners ask for."""

    obj = "change_request"
    title_column = "chg_no"
    about_column = "new_text"
    main_actions = ("make", "decline")
    menu_label = "Changes of details"
    editable = False
    list_columns = ("chg_no", "what_code", "new_text", "account", "status_code", "modified_ms")
    fields = (
        *hidden(),
        StringField("chg_no", label="Number", read_only=True),
        HasOne("account", label="Partner company", key="account"),
        HasOne("asked_by", label="Asked by", key="contact"),
        CodeField("what_code", label="What changes", choices=list(codes.CHANGE_OF_WORDS.items())),
        StringField("old_text", label="As it is now"),
        StringField("new_text", label="As it should be"),
        LongTextField("why_text", label="Why"),
        LongTextField("answer_text", label="What we say"),
        CodeField("status_code", label="Status", choices=list(codes.CHANGE_WORDS.items())),
        InstantField("created_ms", label="Asked"),
        InstantField("modified_ms", label="Last change"),
    )
    fields_default_sort = (("modified_ms", True),)
    searchable_fields = ("chg_no", "new_text", "status_code", "what_code")
    row_actions = ("make", "decline", *COMMON_ACTIONS)

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        """Offer an answer to what is asked for."""
        fits = name not in ("make", "decline") or obj.status_code == ChangeStatus.ASKED
        return fits and await super().is_row_action_allowed_for_obj(request, name, obj)

    @row_action(
        name="make",
        text="Make the change",
        header="Make the change",
        icon_class="fa-solid fa-check",
        confirmation="A legal name or a tier is changed at once. Make any other change yourself first.",
        submit_btn_text="Make the change",
        action_btn_class="btn btn-success",
        form=forms.form(forms.long_text("answer", "A word to the partner, if any")),
    )
    async def make_row(self, request: Request, pk: Any) -> None:
        """Agree to it."""
        answer = forms.entered(await request.form(), "answer")
        await self.act(
            request, lambda desk: WorkDesk.like(desk).make_change(self.ref(pk), answer), "Changed."
        )

    @row_action(
        name="decline",
        text="Decline",
        header="Decline",
        icon_class="fa-solid fa-xmark",
        confirmation="The partner sees why.",
        submit_btn_text="Decline",
        action_btn_class="btn btn-outline-danger",
        form=forms.form(forms.long_text("answer", "Why")),
    )
    async def decline_row(self, request: Request, pk: Any) -> None:
        """Leave the details as they are."""
        answer = forms.entered(await request.form(), "answer")
        await self.act(
            request, lambda desk: WorkDesk.like(desk).decline_change(self.ref(pk), answer), "Declined."
        )

"""Projects in the console, with their milestones and what is handed over."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette_admin.actions import row_action
from starlette_admin.fields import HasOne, IntegerField, StringField

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
from gateway.console.sold import day_entered
from gateway.console.talk import TalkedAbout
from gateway.console.views import COMMON_ACTIONS
from gateway.crm.embedded import codes
from gateway.crm.embedded.codes import DeliverableStatus
from gateway.crm.embedded.staff import StaffDesk
from gateway.crm.embedded.staff_work import WorkDesk


class ProjectView(TalkedAbout, MovedByHand):
    """Work done for companies."""

    obj = "project"
    title_column = "prj_no"
    about_column = "prj_name"
    main_actions = ("set_status", "comment", "edit")
    menu_label = "Projects"
    creatable = True
    list_columns = ("prj_no", "prj_name", "account", "phase_label", "status_code", "end_on")
    fields = (
        *hidden(),
        StringField("prj_no", label="Number", read_only=True, exclude_from_create=True),
        StringField("prj_name", label="Title", required=True),
        HasOne("account", label="Company", key="account", required=True, exclude_from_edit=True),
        LongTextField("about", label="What it is about"),
        StringField("phase_label", label="Phase"),
        HasOne("leader", label="Led by", key="staff"),
        DayField("begin_on", label="Begins"),
        DayField("end_on", label="Ends"),
        MoneyField("budget", label="Budget"),
        MoneyField("spent", label="Spent"),
        StringField("cur", label="Currency", exclude_from_detail=True),
        CodeField(
            "status_code",
            label="Status",
            choices=list(codes.PROJECT_WORDS.items()),
            exclude_from_edit=True,
            exclude_from_create=True,
        ),
        InstantField("modified_ms", label="Last change"),
    )
    fields_default_sort = (("modified_ms", True),)
    searchable_fields = ("prj_no", "prj_name", "status_code")
    row_actions = ("set_status", "comment", *COMMON_ACTIONS)


class MilestoneView(MovedByHand):
    """Points in projects."""

    obj = "milestone"
    title_column = "ms_no"
    about_column = "ms_name"
    main_actions = ("set_status", "edit")
    menu_label = "Milestones"
    creatable = True
    list_columns = ("ms_no", "ms_name", "project", "status_code", "due_on", "reached_on")
    fields = (
        *hidden(),
        StringField("ms_no", label="Number", read_only=True, exclude_from_create=True),
        StringField("ms_name", label="Title", required=True),
        HasOne("account", label="Company", key="account", required=True, exclude_from_edit=True),
        HasOne("project", label="Project", key="project", required=True, exclude_from_edit=True),
        LongTextField("about", label="Description"),
        StringField("phase_label", label="Phase"),
        DayField("due_on", label="Due"),
        DayField("reached_on", label="Reached"),
        IntegerField("seq_no", label="Place in the project"),
        CodeField(
            "status_code",
            label="Status",
            choices=list(codes.MILESTONE_WORDS.items()),
            exclude_from_edit=True,
            exclude_from_create=True,
        ),
        InstantField("modified_ms", label="Last change"),
    )
    fields_default_sort = (("due_on", False),)
    searchable_fields = ("ms_no", "ms_name", "status_code")
    row_actions = ("set_status", *COMMON_ACTIONS)


class DeliverableView(TalkedAbout, MovedByHand):
    """What is handed over, version by version."""

    obj = "deliverable"
    title_column = "dlv_no"
    about_column = "dlv_name"
    main_actions = ("hand_over", "comment", "edit")
    menu_label = "Deliverables"
    creatable = True
    list_columns = ("dlv_no", "dlv_name", "ver_label", "project", "status_code", "answer_by")
    fields = (
        *hidden(),
        StringField("dlv_no", label="Number", read_only=True, exclude_from_create=True),
        StringField("dlv_name", label="Title", required=True),
        StringField("ver_label", label="Version", required=True),
        HasOne("account", label="Company", key="account", required=True, exclude_from_edit=True),
        HasOne("project", label="Project", key="project", required=True, exclude_from_edit=True),
        HasOne("milestone", label="Milestone", key="milestone"),
        LongTextField("about", label="Description"),
        CodeField(
            "status_code",
            label="Status",
            choices=list(codes.DELIVERABLE_WORDS.items()),
            exclude_from_edit=True,
            exclude_from_create=True,
        ),
        InstantField("handed_ms", label="Handed over"),
        DayField("answer_by", label="Answer by"),
        StringField("decided_by", label="Decided by", exclude_from_edit=True, exclude_from_create=True),
        InstantField("decided_ms", label="Decided"),
        StringField("decide_note", label="Why sent back", exclude_from_edit=True, exclude_from_create=True),
        StringField(
            "shown_hash", label="Hash of what was shown", exclude_from_edit=True, exclude_from_create=True
        ),
        FileField(),
        InstantField("modified_ms", label="Last change"),
    )
    fields_default_sort = (("modified_ms", True),)
    searchable_fields = ("dlv_no", "dlv_name", "status_code")
    row_actions = ("hand_over", "comment", "set_status", *COMMON_ACTIONS)

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        """What is in work or was sent back can be handed over."""
        ready = (DeliverableStatus.IN_WORK, DeliverableStatus.SENT_BACK)
        fits = name != "hand_over" or obj.status_code in ready
        return fits and await super().is_row_action_allowed_for_obj(request, name, obj)

    @row_action(
        name="hand_over",
        text="Hand over",
        header="Hand over",
        icon_class="fa-solid fa-box",
        confirmation="What was sent back is superseded by the version you hand over now.",
        submit_btn_text="Hand over",
        form=forms.form(
            forms.beside(
                forms.text("version", "Version, if not the next"),
                forms.text("answer_by", "Answer by, if not in two weeks", kind="date"),
            ),
            forms.file("file", "File"),
        ),
        modal_size="md",
    )
    async def hand_over_row(self, request: Request, pk: Any) -> None:
        """Hand it over."""
        data = await request.form()
        given = await forms.entered_files(data, "file")
        version, until = forms.entered(data, "version"), forms.entered(data, "answer_by")

        def work(desk: StaffDesk) -> None:
            file = given[0] if given else None
            WorkDesk.like(desk).hand_over(self.ref(pk), file, version, day_entered(until))

        await self.act(request, work, "Handed over.")

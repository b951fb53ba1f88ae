"""The document library in the console: publish, replace, withdraw."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette_admin.actions import ActionSelection, action, row_action
from starlette_admin.fields import StringField

from gateway.console import forms
from gateway.console.fields import CodeField, DayField, FileField, InstantField, hidden
from gateway.console.views import COMMON_ACTIONS, CrmView
from gateway.crm.embedded import codes
from gateway.crm.embedded.codes import DocumentStatus
from gateway.crm.embedded.files import NewFile
from gateway.crm.embedded.staff import StaffDesk
from gateway.crm.port import CrmRefused, Ref

_AUDIENCE = {
    "ALL": "Every partner",
    **{code: f"{words} partners" for code, words in codes.TIER_WORDS.items()},
}

_VALID = forms.beside(
    forms.text("valid_from", "Valid from, if not from today", kind="date"),
    forms.text("valid_to", "Valid until, if it ends", kind="date"),
)

_NEWS = forms.beside(
    forms.text("change_note", "What is new in it"),
    forms.text("confirm_by", "Partners confirm reading by, if they should", kind="date"),
)


class DocumentView(CrmView):
    """What partners read: price lists, data sheets, guides, agreements."""

    obj = "document"
    title_column = "doc_title"
    cut = "18rem"
    main_actions = ("replace", "edit", "withdraw")
    menu_label = "Documents"
    list_columns = ("doc_code", "doc_title", "cat_code", "ver_label", "valid_to", "audience", "status_code")
    fields = (
        *hidden(),
        StringField("doc_code", label="Code"),
        StringField("doc_title", label="Title", required=True),
        StringField("abstract", label="Summary"),
        CodeField("cat_code", label="Category", choices=list(codes.CATEGORY_WORDS.items())),
        StringField("ver_label", label="Version"),
        CodeField("audience", label="For", choices=list(_AUDIENCE.items()), multiple=True),
        CodeField(
            "for_stages", label="In stages", choices=list(codes.ACCOUNT_STAGE_WORDS.items()), multiple=True
        ),
        StringField("change_note", label="What is new in it"),
        DayField("confirm_by", label="Confirm reading by"),
        DayField("valid_from", label="Valid from"),
        DayField("valid_to", label="Valid until"),
        CodeField(
            "status_code", label="Status", choices=list(codes.DOCUMENT_WORDS.items()), exclude_from_edit=True
        ),
        FileField(),
        StringField("page_count", label="Pages", read_only=True, exclude_from_edit=True),
        StringField("digest", label="SHA-256", read_only=True, exclude_from_edit=True),
        InstantField("published_ms", label="Published"),
        InstantField("modified_ms", label="Last change"),
    )
    fields_default_sort = (("doc_title", False),)
    searchable_fields = ("doc_code", "doc_title", "abstract", "cat_code", "status_code")
    actions = ("publish",)
    row_actions = ("replace", "withdraw", *COMMON_ACTIONS)

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        """Only a current document is replaced; one that was withdrawn stays so."""
        if name == "replace" and obj.status_code != DocumentStatus.CURRENT:
            return False
        if name == "withdraw" and obj.status_code == DocumentStatus.WITHDRAWN:
            return False
        return await super().is_row_action_allowed_for_obj(request, name, obj)

    @action(
        name="publish",
        text="Publish a document",
        header="Publish a document",
        icon_class="fa-solid fa-upload",
        confirmation="Partners see it at once.",
        submit_btn_text="Publish",
        form=forms.form(
            forms.beside(
                forms.text("doc_code", "Code"),
                forms.choice("cat_code", "Category", codes.CATEGORY_WORDS),
                forms.text("ver_label", "Version", "1"),
            ),
            forms.text("doc_title", "Title"),
            forms.text("abstract", "Summary"),
            _NEWS,
            forms.beside(
                forms.ticks("audience", "For", _AUDIENCE, "ALL"),
                forms.ticks("for_stages", "Only in these stages (none: any)", codes.ACCOUNT_STAGE_WORDS),
            ),
            _VALID,
            forms.file("file", "File"),
        ),
        allow_empty_selection=True,
        dedicated_button=True,
        modal_size="md",
    )
    async def publish_action(self, request: Request, selection: ActionSelection) -> None:
        """Publish a new document."""
        data = await request.form()
        (given, *_) = [*await forms.entered_files(data, "file"), None]
        names = ("doc_code", "doc_title", "abstract", "cat_code", "ver_label")
        fields: dict[str, Any] = {name: forms.entered(data, name) for name in names}
        fields["audience"] = forms.ticked(data, "audience", _AUDIENCE)

        def work(desk: StaffDesk) -> None:
            _publish(desk, data, given, {**fields, "for_stages": _stages(data)})

        await self.act(request, work, "Published.")

    @row_action(
        name="replace",
        text="Publish a new version",
        header="Publish a new version",
        icon_class="fa-solid fa-upload",
        confirmation="The present version becomes superseded.",
        submit_btn_text="Publish",
        form=forms.form(
            forms.text("ver_label", "Version"),
            _NEWS,
            _VALID,
            forms.file("file", "File"),
        ),
        modal_size="md",
    )
    async def replace_row(self, request: Request, pk: Any) -> None:
        """Publish the next version."""
        data = await request.form()
        (given, *_) = [*await forms.entered_files(data, "file"), None]

        def work(desk: StaffDesk) -> None:
            old = self.crm.read(self.ref(pk)).fields
            # A version that lost a condition would be shown to partners the one before was kept from.
            kept = ("doc_code", "doc_title", "abstract", "cat_code", "audience", "for_stages")
            fields = {name: old[name] for name in kept}
            version = forms.entered(data, "ver_label")
            # Codes and titles that end with their version go on with the new one.
            fields |= {
                name: _renumbered(old[name], old["ver_label"], version) for name in ("doc_code", "doc_title")
            }
            _publish(desk, data, given, {**fields, "ver_label": version}, self.ref(pk))

        await self.act(request, work, "Published.")

    @row_action(
        name="withdraw",
        text="Withdraw",
        header="Withdraw",
        icon_class="fa-solid fa-ban",
        confirmation="Partners are told that nobody should use it any more.",
        submit_btn_text="Withdraw",
        submit_btn_class="btn btn-danger",
    )
    async def withdraw_row(self, request: Request, pk: Any) -> None:
        """Take it back."""
        await self.act(request, lambda desk: desk.withdraw(self.ref(pk)), "Withdrawn.")


class ConfirmationView(CrmView):
    """Who of the partners confirmed to have read what."""

    obj = "acknowledgement"
    title_column = "read_by"
    menu_label = "Confirmations"
    editable = False
    list_columns = ("read_by", "contact_id", "parent_id", "ver_label", "read_ms")
    fields = (
        *hidden(),
        StringField("read_by", label="Confirmed by"),
        StringField("parent_id", label="Document"),
        StringField("ver_label", label="Version"),
        StringField("digest", label="SHA-256 of what was read"),
        InstantField("read_ms", label="Confirmed"),
    )
    fields_default_sort = (("read_ms", True),)
    searchable_fields = ("read_by",)
    row_actions = ("view",)

    async def serialize(self, obj: Any, request: Request, *given: Any, **more: Any) -> dict[str, Any]:
        """Name the document."""
        found: dict[str, Any] = await super().serialize(obj, request, *given, **more)
        rows = self.crm.fetch([Ref(obj.parent_obj, str(obj.parent_id))])
        if "parent_id" in found and rows:
            found["parent_id"] = f"{rows[0].fields['doc_code']}, {rows[0].fields['doc_title']}"
        return found


def _renumbered(words: str, before: str, version: str) -> str:
    """Return a code or a title with its version at the end replaced by the next one."""
    stem = words.removesuffix(before) if before else words
    return f"{stem}{version}" if version and stem and stem[-1] in " -_." and stem != words else words


def _stages(data: FormData) -> list[str] | None:
    """Return the stages that were ticked, None for any. Leaving out one nobody knows would show it to more partners."""
    if set(data.getlist("for_stages")) - set(codes.ACCOUNT_STAGE_WORDS):
        raise CrmRefused("There is no such stage.")
    return forms.ticked(data, "for_stages", codes.ACCOUNT_STAGE_WORDS) or None


def _publish(
    desk: StaffDesk,
    data: FormData,
    given: NewFile | None,
    fields: dict[str, Any],
    replaces: Ref | None = None,
) -> None:
    if given is None or not given.body:
        raise CrmRefused("Choose a file.")
    if not fields["doc_title"]:
        raise CrmRefused("Give it a title.")
    if not fields["audience"]:
        raise CrmRefused("Say for whom it is.")
    begins, ends = forms.entered(data, "valid_from"), forms.entered(data, "valid_to")
    if begins and ends and ends < begins:
        raise CrmRefused("It cannot end before it begins.")
    about = {
        **fields,
        **({"valid_from": begins} if begins else {}),
        "valid_to": ends or None,
        "change_note": forms.entered(data, "change_note") or None,
        "confirm_by": forms.entered(data, "confirm_by") or None,
        "file_name": given.name,
        "mime": given.media_type,
    }
    desk.publish(about, given.body, replaces)

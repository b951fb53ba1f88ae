"""Companies and their people in the console, and the prospects they are offered."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette_admin.actions import row_action
from starlette_admin.fields import CountryField, EmailField, HasOne, IntegerField, StringField

from gateway.console import forms
from gateway.console.by_hand import MovedByHand
from gateway.console.fields import CodeField, DayField, InstantField, LongTextField, hidden
from gateway.console.reach import must_keep
from gateway.console.views import COMMON_ACTIONS, CrmView
from gateway.crm.embedded import codes
from gateway.crm.embedded.codes import LeadStatus
from gateway.crm.embedded.staff import StaffDesk
from gateway.crm.embedded.staff_work import WorkDesk
from gateway.crm.port import Ref


class AccountView(CrmView):
    """Partner companies."""

    obj = "account"
    title_column = "acct_name"
    menu_label = "Partner companies"
    creatable = True
    fields = (
        *hidden(),
        StringField("acct_name", label="Name", required=True),
        CodeField("tier_code", label="Tier", choices=list(codes.TIER_WORDS.items()), required=True),
        CodeField("stage_code", label="Stage", choices=list(codes.ACCOUNT_STAGE_WORDS.items())),
        CountryField("country_iso", label="Country", required=True),
        StringField("addr_street", label="Street"),
        StringField("addr_zip", label="Postcode"),
        StringField("town", label="City"),
        StringField("phone", label="Phone"),
        StringField("web", label="Website"),
        HasOne("part_of", label="Belongs to", key="account"),
        HasOne("looked_after", label="Looked after by", key="staff"),
        InstantField("modified_ms", label="Last change"),
    )
    searchable_fields = ("acct_name", "town")


class ContactView(CrmView):
    """People at partner companies; many use the portal."""

    obj = "contact"
    title_column = "full_name"
    menu_label = "Contacts"
    creatable = True
    fields = (
        *hidden(),
        StringField("full_name", label="Name", required=True),
        StringField("job_title", label="Job"),
        HasOne("account", label="Partner company", key="account"),
        EmailField("mail", label="E-mail"),
        StringField("phone", label="Phone"),
        CodeField(
            "purpose_codes", label="Asked about", choices=list(codes.PURPOSE_WORDS.items()), multiple=True
        ),
        InstantField("modified_ms", label="Last change"),
    )
    searchable_fields = ("full_name", "job_title", "mail")


class LeadView(MovedByHand):
    """Prospects offered to partners."""

    obj = "lead"
    title_column = "lead_no"
    about_column = "cust_name"
    main_actions = ("offer", "set_status", "edit")
    menu_label = "Leads"
    creatable = True
    list_columns = ("lead_no", "cust_name", "account", "site_count", "status_code", "offer_ends")
    fields = (
        *hidden(),
        StringField("lead_no", label="Number", read_only=True, exclude_from_create=True),
        StringField("cust_name", label="Customer", required=True),
        HasOne("account", label="Partner company", key="account", required=True, exclude_from_edit=True),
        HasOne("offered_contact", label="Offered to", key="contact"),
        LongTextField("need_text", label="Need", required=True),
        CountryField("country_iso", label="Country", required=True),
        IntegerField("site_count", label="Sites"),
        StringField("ct_name", label="Contact"),
        EmailField("ct_mail", label="Contact e-mail"),
        StringField("web", label="Website"),
        DayField("offer_ends", label="Offer ends"),
        CodeField(
            "status_code",
            label="Status",
            choices=list(codes.LEAD_WORDS.items()),
            exclude_from_edit=True,
            exclude_from_create=True,
        ),
        CodeField(
            "decline_code",
            label="Why declined",
            choices=list(codes.DECLINE_WORDS.items()),
            exclude_from_edit=True,
            exclude_from_create=True,
        ),
        StringField("partner_note", label="Partner's note", exclude_from_edit=True, exclude_from_create=True),
        InstantField("modified_ms", label="Last change"),
    )
    fields_default_sort = (("modified_ms", True),)
    searchable_fields = ("lead_no", "cust_name", "status_code")
    row_actions = ("offer", "set_status", "move", *COMMON_ACTIONS)

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        """What nobody took can be offered to somebody else."""
        fits = name != "offer" or obj.status_code in _FREE
        return fits and await super().is_row_action_allowed_for_obj(request, name, obj)

    @row_action(
        name="offer",
        text="Offer to a partner",
        header="Offer to a partner",
        icon_class="fa-solid fa-bullseye",
        confirmation="Who declined it before is not offered it again.",
        submit_btn_text="Offer",
    )
    async def offer_row(self, request: Request, pk: Any) -> None:
        """Offer it to a company."""
        company = Ref("account", forms.entered(await request.form(), "company"))

        def work(desk: StaffDesk) -> None:
            must_keep(self.crm, desk.member, self.obj, {"account_id": company.id})
            WorkDesk.like(desk).offer_lead(self.ref(pk), company)

        await self.act(request, work, "Offered.")


_FREE = (LeadStatus.OFFER, LeadStatus.DECLINED, LeadStatus.EXPIRED)

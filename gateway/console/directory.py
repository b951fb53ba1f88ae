"""Companies and their people in the console, and what is sold: leads, orders, contracts."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette_admin.actions import row_action
from starlette_admin.fields import CountryField, EmailField, HasOne, IntegerField, StringField

from gateway.console import forms
from gateway.console.fields import CodeField, DayField, InstantField, LongTextField, MoneyField, hidden
from gateway.console.views import COMMON_ACTIONS, CrmView
from gateway.crm.embedded import codes


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
        StringField("town", label="City"),
        HasOne("part_of", label="Belongs to", key="account"),
        HasOne("looked_after", label="Looked after by", key="staff"),
        InstantField("modified_ms", label="Last change"),
    )
    searchable_fields = ("acct_name", "town")


class ContactView(CrmView):
    """People who use the portal."""

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
        InstantField("modified_ms", label="Last change"),
    )
    searchable_fields = ("full_name", "job_title", "mail")


class MovedByHand(CrmView):
    """Records whose status staff set by hand."""

    async def get_row_actions_for_obj(self, request: Request, obj: Any) -> list[dict[str, Any]]:
        """Fill the possible states into the dialog."""
        form = forms.form(forms.choice("status", "Status", codes.STATE_WORDS[self.obj]))
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


class LeadView(MovedByHand):
    """Prospects offered to partners."""

    obj = "lead"
    title_column = "lead_no"
    about_column = "cust_name"
    main_actions = ("set_status", "edit")
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
    row_actions = ("set_status", "move", *COMMON_ACTIONS)


class OrderView(MovedByHand):
    """Orders with their delivery."""

    obj = "order"
    title_column = "ord_no"
    about_column = "cust_name"
    main_actions = ("set_status", "edit")
    menu_label = "Orders"
    list_columns = ("ord_no", "cust_name", "account", "total", "status_code", "placed_on", "eta_on")
    fields = (
        *hidden(),
        StringField("ord_no", label="Number", read_only=True),
        StringField("cust_name", label="Customer", required=True),
        HasOne("account", label="Partner company", key="account", exclude_from_edit=True),
        StringField("po_ref", label="Partner's reference"),
        MoneyField("total", label="Total"),
        StringField("cur", label="Currency", exclude_from_detail=True),
        CodeField(
            "status_code", label="Status", choices=list(codes.ORDER_WORDS.items()), exclude_from_edit=True
        ),
        DayField("placed_on", label="Placed", exclude_from_edit=True),
        DayField("eta_on", label="Expected"),
        StringField("carrier", label="Carrier"),
        StringField("tracking_no", label="Tracking"),
        InstantField("modified_ms", label="Last change"),
    )
    fields_default_sort = (("placed_on", True),)
    searchable_fields = ("ord_no", "cust_name", "po_ref", "tracking_no", "status_code")
    row_actions = ("set_status", "move", *COMMON_ACTIONS)


class ContractView(MovedByHand):
    """Contracts that come up for renewal."""

    obj = "contract"
    title_column = "ctr_no"
    about_column = "cust_name"
    main_actions = ("set_status", "edit")
    menu_label = "Contracts"
    list_columns = ("ctr_no", "cust_name", "account", "product_label", "qty", "status_code", "term_end")
    fields = (
        *hidden(),
        StringField("ctr_no", label="Number", read_only=True),
        StringField("cust_name", label="Customer", required=True),
        HasOne("account", label="Partner company", key="account", exclude_from_edit=True),
        StringField("product_label", label="Product", required=True),
        IntegerField("qty", label="Quantity"),
        DayField("term_end", label="Term ends"),
        MoneyField("quote_value", label="Quote"),
        StringField("cur", label="Currency", exclude_from_detail=True),
        CodeField(
            "status_code", label="Status", choices=list(codes.CONTRACT_WORDS.items()), exclude_from_edit=True
        ),
        CodeField(
            "intent_code",
            label="Partner's intent",
            choices=list(codes.INTENT_WORDS.items()),
            exclude_from_edit=True,
        ),
        StringField("wanted_qty", label="Wanted quantity", exclude_from_edit=True),
        StringField("partner_note", label="Partner's note", exclude_from_edit=True),
        InstantField("modified_ms", label="Last change"),
    )
    fields_default_sort = (("term_end", False),)
    searchable_fields = ("ctr_no", "cust_name", "product_label", "status_code")
    row_actions = ("set_status", "move", *COMMON_ACTIONS)

"""What is sold, in the console: orders and their way, invoices, renewals, memberships."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
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
from gateway.console.own import LinesField
from gateway.console.views import COMMON_ACTIONS
from gateway.crm.embedded import codes
from gateway.crm.embedded.codes import ContractStatus, InvoiceStatus, OrderStatus
from gateway.crm.embedded.staff import StaffDesk
from gateway.crm.embedded.staff_trade import TradeDesk
from gateway.crm.port import CrmRefused


def day_entered(text: str) -> date | None:
    """Return a day from a form, None when there is none. Raises CrmRefused."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise CrmRefused(f"“{text}” is not a day.") from None


class OrderView(MovedByHand):
    """Orders with their delivery."""

    obj = "order"
    title_column = "ord_no"
    about_column = "cust_name"
    main_actions = ("confirm", "ship", "deliver", "invoice", "edit")
    menu_label = "Orders"
    list_columns = ("ord_no", "cust_name", "account", "total", "status_code", "placed_on", "eta_on")
    fields = (
        *hidden(),
        StringField("ord_no", label="Number", read_only=True),
        StringField("cust_name", label="Customer", required=True),
        HasOne("account", label="Partner company", key="account", exclude_from_edit=True),
        HasOne("registration", label="Registration", key="registration", exclude_from_edit=True),
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
        StringField("tracking_url", label="Address to follow it"),
        DayField("shipped_on", label="Shipped"),
        DayField("delivered_on", label="Delivered"),
        LinesField("lines", label="Lines", help_text="name | code | quantity | value | shipped"),
        InstantField("modified_ms", label="Last change"),
    )
    form_layout = (
        ("ord_no", "cust_name", "po_ref"),
        ("total", "cur", "eta_on"),
        ("carrier", "tracking_no", "tracking_url"),
        ("shipped_on", "delivered_on"),
        "lines",
        "extra",
    )
    fields_default_sort = (("placed_on", True),)
    searchable_fields = ("ord_no", "cust_name", "po_ref", "tracking_no", "status_code")
    row_actions = ("confirm", "ship", "deliver", "invoice", "set_status", "move", *COMMON_ACTIONS)
    _fits: Mapping[str, frozenset[str]] = {
        "confirm": frozenset({OrderStatus.PLACED}),
        "ship": frozenset({OrderStatus.PLACED, OrderStatus.CONFIRMED}),
        "invoice": frozenset({OrderStatus.FULFILLED}),
    }

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        """Offer what comes next."""
        fits = obj.status_code in self._fits.get(name, (obj.status_code,))
        if name == "deliver":
            fits = bool(obj.shipped_on) and not obj.delivered_on
        return fits and await super().is_row_action_allowed_for_obj(request, name, obj)

    @row_action(
        name="confirm",
        text="Confirm",
        header="Confirm the order",
        icon_class="fa-solid fa-check",
        confirmation="The partner sees the day it is expected on.",
        submit_btn_text="Confirm",
        form=forms.form(forms.text("expected", "Expected on, if not as it stands", kind="date")),
    )
    async def confirm_row(self, request: Request, pk: Any) -> None:
        """Confirm it."""
        expected = forms.entered(await request.form(), "expected")

        def work(desk: StaffDesk) -> None:
            TradeDesk.like(desk).confirm_order(self.ref(pk), day_entered(expected))

        await self.act(request, work, "Confirmed.")

    @row_action(
        name="ship",
        text="Ship",
        header="Ship the order",
        icon_class="fa-solid fa-truck-fast",
        confirmation="Everything that has not left counts as shipped. For a part, edit the lines.",
        submit_btn_text="Ship",
        form=forms.form(
            forms.beside(forms.text("carrier", "Carrier"), forms.text("tracking_no", "Tracking number")),
            forms.text("tracking_url", "Address to follow it, beginning with https://"),
        ),
        modal_size="md",
    )
    async def ship_row(self, request: Request, pk: Any) -> None:
        """Send it off."""
        data = await request.form()
        given = [forms.entered(data, name) for name in ("carrier", "tracking_no", "tracking_url")]
        await self.act(
            request, lambda desk: TradeDesk.like(desk).ship_order(self.ref(pk), *given), "Shipped."
        )

    @row_action(
        name="deliver",
        text="Delivered",
        header="Delivered",
        icon_class="fa-solid fa-box-open",
        confirmation="When did it arrive?",
        submit_btn_text="Note it",
        form=forms.form(forms.text("day", "Day, if not today", kind="date")),
    )
    async def deliver_row(self, request: Request, pk: Any) -> None:
        """Note that it arrived."""
        day = forms.entered(await request.form(), "day")

        def work(desk: StaffDesk) -> None:
            TradeDesk.like(desk).deliver_order(self.ref(pk), day_entered(day))

        await self.act(request, work, "Noted.")

    @row_action(
        name="invoice",
        text="Invoice",
        header="Invoice the order",
        icon_class="fa-solid fa-file-invoice",
        confirmation="Its invoice is made, with its paper. The partner sees both at once.",
        submit_btn_text="Invoice",
    )
    async def invoice_row(self, request: Request, pk: Any) -> None:
        """Make its invoice."""
        await self.act(request, lambda desk: TradeDesk.like(desk).invoice_order(self.ref(pk)), "Invoiced.")


class InvoiceView(MovedByHand):
    """Invoices and what is still to be paid."""

    obj = "invoice"
    title_column = "inv_no"
    about_column = "cust_name"
    main_actions = ("pay", "edit")
    menu_label = "Invoices"
    list_columns = ("inv_no", "cust_name", "account", "total", "balance", "status_code", "due_on")
    fields = (
        *hidden(),
        StringField("inv_no", label="Number", read_only=True),
        StringField("cust_name", label="Customer"),
        HasOne("account", label="Partner company", key="account", exclude_from_edit=True),
        HasOne("order", label="Order", key="order", exclude_from_edit=True),
        MoneyField("total", label="Total"),
        MoneyField("balance", label="Still to pay"),
        StringField("cur", label="Currency", exclude_from_detail=True),
        DayField("issued_on", label="Issued"),
        DayField("due_on", label="Due"),
        CodeField(
            "status_code", label="Status", choices=list(codes.INVOICE_WORDS.items()), exclude_from_edit=True
        ),
        FileField(),
        InstantField("modified_ms", label="Last change"),
    )
    fields_default_sort = (("issued_on", True),)
    searchable_fields = ("inv_no", "cust_name", "status_code")
    row_actions = ("pay", "set_status", *COMMON_ACTIONS)

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        """Offer to note a payment while there is something to pay."""
        fits = name != "pay" or obj.status_code in (InvoiceStatus.OPEN, InvoiceStatus.OVERDUE)
        return fits and await super().is_row_action_allowed_for_obj(request, name, obj)

    @row_action(
        name="pay",
        text="Paid",
        header="Paid",
        icon_class="fa-solid fa-coins",
        confirmation="Nothing is left to pay. An order whose last invoice this is counts as paid too.",
        submit_btn_text="It is paid",
    )
    async def pay_row(self, request: Request, pk: Any) -> None:
        """Note that it is paid."""
        await self.act(request, lambda desk: TradeDesk.like(desk).pay_invoice(self.ref(pk)), "Paid.")


class ContractView(MovedByHand):
    """Contracts that come up for renewal."""

    obj = "contract"
    title_column = "ctr_no"
    about_column = "cust_name"
    main_actions = ("quote", "order_renewal", "edit")
    menu_label = "Contracts"
    list_columns = ("ctr_no", "cust_name", "account", "product_label", "qty", "status_code", "term_end")
    fields = (
        *hidden(),
        StringField("ctr_no", label="Number", read_only=True),
        StringField("cust_name", label="Customer", required=True),
        HasOne("account", label="Partner company", key="account", exclude_from_edit=True),
        StringField("product_label", label="Product", required=True),
        CodeField("kind_code", label="Kind", choices=list(codes.CONTRACT_KIND_WORDS.items())),
        IntegerField("qty", label="Quantity"),
        DayField("term_end", label="Term ends"),
        MoneyField("unit_value", label="Price each"),
        MoneyField("quote_value", label="Quote"),
        StringField("cur", label="Currency", exclude_from_detail=True),
        DayField("quote_until", label="Quote valid until"),
        HasOne("quote_doc", label="Quote as a document", key="document"),
        HasOne("membership", label="Membership it renews", key="membership"),
        HasOne("order", label="Order", key="order", exclude_from_edit=True),
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
    form_layout = (
        ("ctr_no", "cust_name", "kind_code"),
        ("product_label", "qty", "term_end"),
        ("unit_value", "quote_value", "cur"),
        ("quote_until", "quote_doc", "membership"),
        "extra",
    )
    fields_default_sort = (("term_end", False),)
    searchable_fields = ("ctr_no", "cust_name", "product_label", "status_code")
    row_actions = ("quote", "order_renewal", "set_status", "move", *COMMON_ACTIONS)
    _fits: Mapping[str, frozenset[str]] = {
        "quote": frozenset({ContractStatus.UPCOMING, ContractStatus.QUOTED}),
        "order_renewal": frozenset({ContractStatus.INTENT}),
    }

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        """Offer what comes next."""
        fits = obj.status_code in self._fits.get(name, (obj.status_code,))
        return fits and await super().is_row_action_allowed_for_obj(request, name, obj)

    @row_action(
        name="quote",
        text="Quote",
        header="Quote the renewal",
        icon_class="fa-solid fa-tag",
        confirmation="The partner can renew as quoted with one click.",
        submit_btn_text="Quote",
        form=forms.form(
            forms.beside(
                forms.text("value", "What it costs, such as 1200.00"),
                forms.text("until", "Valid until", kind="date"),
            )
        ),
        modal_size="md",
    )
    async def quote_row(self, request: Request, pk: Any) -> None:
        """Say what it costs."""
        data = await request.form()
        value, until = forms.entered(data, "value").replace(",", ""), forms.entered(data, "until")

        def work(desk: StaffDesk) -> None:
            TradeDesk.like(desk).quote_renewal(self.ref(pk), value, day_entered(until))

        await self.act(request, work, "Quoted.")

    @row_action(
        name="order_renewal",
        text="Do as answered",
        header="Do as the partner answered",
        icon_class="fa-solid fa-cart-shopping",
        confirmation="A renewal becomes an order, and a membership gets its new certificate. "
        "What the partner lets lapse ends.",
        submit_btn_text="Do it",
        action_btn_class="btn btn-success",
    )
    async def order_renewal_row(self, request: Request, pk: Any) -> None:
        """Place the order, or let it lapse."""
        await self.act(request, lambda desk: TradeDesk.like(desk).order_renewal(self.ref(pk)), "Done.")


class MembershipView(MovedByHand):
    """Credentials and how long they hold."""

    obj = "membership"
    title_column = "mem_no"
    about_column = "credential"
    main_actions = ("set_status", "edit")
    menu_label = "Memberships"
    creatable = True
    list_columns = ("mem_no", "credential", "level_label", "holder", "account", "status_code", "valid_to")
    fields = (
        *hidden(),
        StringField("mem_no", label="Number", read_only=True, exclude_from_create=True),
        StringField("credential", label="Credential", required=True),
        StringField("level_label", label="Level"),
        HasOne("account", label="Partner company", key="account", required=True, exclude_from_edit=True),
        StringField("holder", label="Held by, if by a person"),
        DayField("valid_from", label="Valid from"),
        DayField("valid_to", label="Valid until"),
        IntegerField("term_months", label="Months a renewal adds"),
        LongTextField("keeps", label="What keeps it"),
        CodeField(
            "status_code",
            label="Status",
            choices=list(codes.MEMBERSHIP_WORDS.items()),
            exclude_from_edit=True,
            exclude_from_create=True,
        ),
        FileField(label="Certificate"),
        InstantField("modified_ms", label="Last change"),
    )
    fields_default_sort = (("valid_to", False),)
    searchable_fields = ("mem_no", "credential", "holder", "status_code")
    row_actions = ("set_status", *COMMON_ACTIONS)

    def _values(self, request: Request, data: dict[str, Any]) -> dict[str, Any]:
        """A year, where nobody says how long."""
        values = super()._values(request, data)
        if "term_months" in values and not values["term_months"]:
            values["term_months"] = 12
        return values

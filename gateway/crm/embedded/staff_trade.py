"""What the vendor's staff do with what is sold: orders on their way, invoices, renewals."""

from __future__ import annotations

from datetime import date
from typing import Any

from gateway.crm.embedded import trade, writes
from gateway.crm.embedded.codes import ContractStatus, InvoiceStatus, OrderStatus
from gateway.crm.embedded.staff import StaffDesk
from gateway.crm.embedded.staff_work import needed
from gateway.crm.port import CrmRefused, Ref, SourceRow


class TradeDesk(StaffDesk):
    """The desk of a member of staff who handles orders and contracts."""

    # -------------------------------------------------------------------------------------------------- orders

    def confirm_order(self, ref: Ref, expected: date | None = None) -> SourceRow:
        """Confirm an order, with the day it is expected on if that is known."""
        changes = {"eta_on": expected.isoformat()} if expected else {}
        return self._stage(ref, OrderStatus.CONFIRMED, {OrderStatus.PLACED}, changes)

    def ship_order(self, ref: Ref, carrier: str, tracking_no: str = "", tracking_url: str = "") -> SourceRow:
        """Send an order off. Raises CrmRefused without a carrier, or for an address that is not https."""
        needed(carrier, "carrier", "Say who carries it.")
        if tracking_url and not tracking_url.startswith("https://"):
            told = "An address begins with https://."
            raise CrmRefused(told, {"tracking_url": told})
        changes = {
            "carrier": carrier,
            "tracking_no": tracking_no or None,
            "tracking_url": tracking_url or None,
            "shipped_on": self._today().isoformat(),
        }
        lines = self._crm.read(ref).fields["lines"] or []
        ready = {OrderStatus.PLACED, OrderStatus.CONFIRMED}
        return self._stage(ref, OrderStatus.FULFILLED, ready, changes | {"lines": trade.shipped_lines(lines)})

    def deliver_order(self, ref: Ref, day: date | None = None) -> SourceRow:
        """Note that an order has arrived. Raises CrmRefused for one that has not left."""
        with self._writing() as unit:
            if not writes.living(unit, ref)["shipped_on"]:
                told = "It has not been shipped yet."
                raise CrmRefused(told, {"delivered_on": told})
            self._apply(unit, ref, {"delivered_on": (day or self._today()).isoformat()})
            return self._crm.row(unit, ref)

    def invoice_order(self, ref: Ref) -> SourceRow:
        """Invoice an order that has left: its invoice is made with its paper."""
        return self._stage(ref, OrderStatus.INVOICED, {OrderStatus.FULFILLED}, {})

    def cancel_order(self, ref: Ref) -> SourceRow:
        """Cancel an order that has not left."""
        return self._stage(ref, OrderStatus.CANCELLED, {OrderStatus.PLACED, OrderStatus.CONFIRMED}, {})

    def pay_invoice(self, ref: Ref) -> SourceRow:
        """Note that an invoice is paid; an order whose last one it was is paid with it."""
        return self._stage(
            ref, InvoiceStatus.PAID, {InvoiceStatus.OPEN, InvoiceStatus.OVERDUE}, {"balance": "0.00"}
        )

    # ------------------------------------------------------------------------------------------------ renewals

    def quote_renewal(
        self, ref: Ref, value: str, until: date | None = None, document: Ref | None = None
    ) -> SourceRow:
        """Quote a renewal, or quote it anew."""
        needed(value, "quote_value", "Say what it costs.")
        changes: dict[str, Any] = {"quote_value": value}
        if until is not None:
            changes["quote_until"] = until.isoformat()
        if document is not None:
            changes["quote_doc_id"] = int(document.id)
        before = {ContractStatus.UPCOMING, ContractStatus.QUOTED}
        return self._stage(ref, ContractStatus.QUOTED, before, changes)

    def order_renewal(self, ref: Ref) -> SourceRow:
        """Do what the partner answered: place the order and renew the membership, or let it lapse."""
        with self._writing() as unit:
            row = writes.living(unit, ref)
            if row["status_code"] != ContractStatus.INTENT:
                told = "The partner has not answered yet."
                raise CrmRefused(told, {"status_code": told})
            if row["intent_code"] == "LAPSE":
                self._apply(unit, ref, {"status_code": ContractStatus.LAPSED.value})
            else:
                trade.order_of_renewal(unit, row, self._hand)
            return self._crm.row(unit, ref)

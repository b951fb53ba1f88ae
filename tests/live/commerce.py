"""Orders, an invoice with its PDF, and tasks in an Odoo, made as its staff make them: confirmed, delivered, posted."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.live.staff import Staff
from tests.live.words import PREFIX, paragraphs

#: What the carrier calls the parcel of the first order.
TRACKING = "SA2499-ODOO-17"


@dataclass(frozen=True)
class Paper:
    """An invoice and the order it is for, by their numbers, and the PDF that Odoo keeps."""

    order: str
    invoice: str
    total: str
    pdf: bytes


class Commerce:
    """What the order desk does."""

    def __init__(self, admin: Staff, company: int, pdf: bytes) -> None:
        self._admin, self._company, self._pdf = admin, company, pdf

    def write(self) -> Paper:
        """Make three orders, deliver and invoice the first of them, and share two tasks."""
        self._pounds()
        products = self._products()
        orders = [
            self._order(products, customer)
            for customer in ("Kestrel Foods", "Meridian Rail", "Ledbury Homes")
        ]
        self._admin.call("sale.order", "action_confirm", orders)
        self._deliver(orders[0])
        invoice = self._invoice(orders[0])
        self._tasks()
        return self._paper(orders[0], invoice)

    def _pounds(self) -> None:
        currency = self._admin.one("res.currency", [["name", "=", "GBP"]], ["id"])["id"]
        [self._pricelist] = self._admin.add(
            "product.pricelist", [{"name": "Partners, GBP", "currency_id": currency}]
        )

    def _products(self) -> list[int]:
        goods: tuple[Mapping[str, Any], ...] = (
            {"name": "Edge 440", "default_code": "EG-440", "list_price": 4780.0, "type": "consu"},
            {"name": "Care", "default_code": "CR-8", "list_price": 190.0, "type": "service"},
        )
        return self._admin.add("product.product", [{**one, "invoice_policy": "order"} for one in goods])

    def _order(self, products: list[int], customer: str) -> int:
        [address] = self._admin.add("res.partner", [{"name": customer, "is_company": True}])
        lines = [
            [0, 0, {"product_id": product, "product_uom_qty": count}]
            for product, count in zip(products, (4, 8), strict=True)
        ]
        order = {
            "partner_id": self._company,
            "partner_shipping_id": address,
            "client_order_ref": f"BW-{customer.split(maxsplit=1)[0].upper()}",
            "pricelist_id": self._pricelist,
            "order_line": lines,
        }
        return self._admin.add("sale.order", [order])[0]

    def _deliver(self, order: int) -> None:
        carrier = self._admin.find("delivery.carrier", [], ["name"])[0]["id"]
        for picking in self._admin.find("stock.picking", [["sale_id", "=", order]], ["move_ids"]):
            self._admin.write(
                "stock.picking", picking["id"], carrier_id=carrier, carrier_tracking_ref=TRACKING
            )
            for move in self._admin.find(
                "stock.move", [["id", "in", picking["move_ids"]]], ["product_uom_qty"]
            ):
                self._admin.write("stock.move", move["id"], quantity=move["product_uom_qty"], picked=True)
            self._admin.call("stock.picking", "button_validate", [picking["id"]])

    def _invoice(self, order: int) -> int:
        around = {"active_model": "sale.order", "active_ids": [order], "active_id": order}
        wizard = {"advance_payment_method": "delivered", "sale_order_ids": [[6, 0, [order]]]}
        [made] = self._admin.add("sale.advance.payment.inv", [wizard], around)
        self._admin.call("sale.advance.payment.inv", "create_invoices", [made], context=around)
        invoice = int(self._admin.one("sale.order", [["id", "=", order]], ["invoice_ids"])["invoice_ids"][0])
        self._admin.call("account.move", "action_post", [invoice])
        # What Odoo prints needs a program this machine may lack; its field takes the paper all the same.
        self._admin.write(
            "account.move", invoice, invoice_pdf_report_file=base64.b64encode(self._pdf).decode()
        )
        return invoice

    def _paper(self, order: int, invoice: int) -> Paper:
        name = self._admin.one("sale.order", [["id", "=", order]], ["name"])["name"]
        fields = ["name", "amount_total", "invoice_pdf_report_file"]
        # With their size for a context, Odoo tells a file's length in place of its bytes.
        [row] = self._admin.call("account.move", "read", [invoice], fields, context={"bin_size": False})
        pdf = base64.b64decode(row["invoice_pdf_report_file"])
        return Paper(name, row["name"], f"{row['amount_total']:.2f}", pdf)

    def _tasks(self) -> None:
        [project] = self._admin.add("project.project", [{"name": "Brightwater onboarding"}])
        tasks = [
            {"name": "Name two engineers for the Vault course", f"{PREFIX}shared": True},
            {"name": "Agree the joint plan for spring", f"{PREFIX}shared": True},
            {"name": "Decide whether Brightwater stays gold", f"{PREFIX}shared": False},
        ]
        about = {
            "project_id": project,
            "partner_id": self._company,
            "description": paragraphs("By the end of term."),
        }
        self._admin.add("project.task", [{**task, **about} for task in tasks])

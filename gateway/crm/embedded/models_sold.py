"""Tables of what is sold: orders, invoices, memberships, and contracts that come up for renewal.

Columns are written as in `models.py`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from gateway.crm.embedded.models import Account, Base, Document, Registration, Stamped, WithFile


class Order(Stamped, Base):
    """An order; `lines` is a list of {name, code, quantity, price, shipped}."""

    __tablename__ = "sales_order"

    ord_no: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"), default=None)
    cust_name: Mapped[str] = mapped_column(String(120))
    po_ref: Mapped[str | None] = mapped_column(String(60), default=None)
    total: Mapped[str] = mapped_column(String(20))
    cur: Mapped[str] = mapped_column(String(3))
    placed_on: Mapped[str] = mapped_column(String(10))
    eta_on: Mapped[str | None] = mapped_column(String(10), default=None)
    carrier: Mapped[str | None] = mapped_column(String(60), default=None)
    tracking_no: Mapped[str | None] = mapped_column(String(60), default=None)
    lines: Mapped[list[Any]] = mapped_column(JSON, default=list)
    status_code: Mapped[str] = mapped_column(String(8), default="PLACED", index=True)
    tracking_url: Mapped[str | None] = mapped_column(String(300), default=None)
    shipped_on: Mapped[str | None] = mapped_column(String(10), default=None)
    delivered_on: Mapped[str | None] = mapped_column(String(10), default=None)

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    registration: Mapped[Registration | None] = relationship(foreign_keys=[registration_id])


class Invoice(WithFile, Stamped, Base):
    """An invoice; `balance` is what is still to be paid."""

    __tablename__ = "invoice"

    inv_no: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("sales_order.id"), default=None)
    cust_name: Mapped[str] = mapped_column(String(120), default="")
    total: Mapped[str] = mapped_column(String(20))
    balance: Mapped[str] = mapped_column(String(20))
    cur: Mapped[str] = mapped_column(String(3))
    issued_on: Mapped[str] = mapped_column(String(10))
    due_on: Mapped[str] = mapped_column(String(10))
    status_code: Mapped[str] = mapped_column(String(16), default="OPEN", index=True)

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    order: Mapped[Order | None] = relationship(foreign_keys=[order_id])


class Membership(WithFile, Stamped, Base):
    """A credential of a company or of one of its people, with its certificate. `term_months`: what renewing adds."""

    __tablename__ = "membership"

    mem_no: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    credential: Mapped[str] = mapped_column(String(160))
    level_label: Mapped[str | None] = mapped_column(String(60), default=None)
    holder: Mapped[str | None] = mapped_column(String(120), default=None)
    valid_from: Mapped[str | None] = mapped_column(String(10), default=None)
    valid_to: Mapped[str | None] = mapped_column(String(10), default=None)
    term_months: Mapped[int] = mapped_column(Integer, default=12)
    keeps: Mapped[str | None] = mapped_column(Text, default=None)
    status_code: Mapped[str] = mapped_column(String(16), default="ACT", index=True)

    account: Mapped[Account] = relationship(foreign_keys=[account_id])


class Contract(Stamped, Base):
    """A running contract, or a membership (`kind_code`), that comes up for renewal."""

    __tablename__ = "contract"

    ctr_no: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    cust_name: Mapped[str] = mapped_column(String(120))
    product_label: Mapped[str] = mapped_column(String(120))
    qty: Mapped[int] = mapped_column(Integer)
    term_end: Mapped[str] = mapped_column(String(10))
    quote_value: Mapped[str | None] = mapped_column(String(20), default=None)
    cur: Mapped[str | None] = mapped_column(String(3), default=None)
    intent_code: Mapped[str | None] = mapped_column(String(8), default=None)
    wanted_qty: Mapped[int | None] = mapped_column(Integer, default=None)
    partner_note: Mapped[str | None] = mapped_column(Text, default=None)
    status_code: Mapped[str] = mapped_column(String(8), default="UPC", index=True)
    kind_code: Mapped[str | None] = mapped_column(String(4), default=None)
    unit_value: Mapped[str | None] = mapped_column(String(20), default=None)
    quote_until: Mapped[str | None] = mapped_column(String(10), default=None)
    quote_doc_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), default=None)
    membership_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"), default=None)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("sales_order.id"), default=None)

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    quote_doc: Mapped[Document | None] = relationship(foreign_keys=[quote_doc_id])
    membership: Mapped[Membership | None] = relationship(foreign_keys=[membership_id])
    order: Mapped[Order | None] = relationship(foreign_keys=[order_id])

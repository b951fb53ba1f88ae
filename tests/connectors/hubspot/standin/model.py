"""What every account has from the beginning: object types, their properties, pipelines, and how they are linked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

GROUP = "hubspot_information"


@dataclass(frozen=True)
class Definition:
    """One property. `options`: value to label, for enumerations. `read_only`: HubSpot sets it, nobody else."""

    name: str
    type: str = "string"
    field_type: str = "text"
    label: str = ""
    options: dict[str, str] = field(default_factory=dict)
    unique: bool = False
    read_only: bool = False
    hubspot: bool = True
    group: str = GROUP


@dataclass(frozen=True)
class ObjectType:
    """One type of object. `modified`: the property that tells when a record was written last."""

    name: str
    type_id: str
    singular: str
    properties: tuple[Definition, ...]
    required: tuple[str, ...] = ()
    created: str = "createdate"
    modified: str = "hs_lastmodifieddate"
    shown: tuple[str, ...] = ()
    merges: bool = False
    pipeline: tuple[str, str] = ("", "")


def text(name: str, **more: Any) -> Definition:
    """A line of text."""
    return replace(Definition(name, label=name.replace("_", " ").capitalize()), **more)


def number(name: str) -> Definition:
    """A number."""
    return text(name, type="number", field_type="number")


def day(name: str) -> Definition:
    """A date."""
    return text(name, type="date", field_type="date")


def moment(name: str, read_only: bool = False) -> Definition:
    """A date and time."""
    return text(name, type="datetime", field_type="date", read_only=read_only)


def choice(name: str, options: dict[str, str], several: bool = False) -> Definition:
    """One value, or several, of a list."""
    return text(name, type="enumeration", field_type="checkbox" if several else "select", options=options)


def _system(created: str, modified: str) -> tuple[Definition, ...]:
    return (
        number("hs_object_id"),
        moment(created, read_only=True),
        moment(modified, read_only=True),
        choice("hubspot_owner_id", {}),
        text("hs_merged_object_ids", type="enumeration", field_type="checkbox", read_only=True),
        text("hs_created_by_user_id", type="number", field_type="number", read_only=True),
    )


def _type(name: str, type_id: str, singular: str, *own: Definition, **more: Any) -> ObjectType:
    plain = ObjectType(name, type_id, singular, ())
    made = replace(plain, **more)
    return replace(made, properties=(*_system(made.created, made.modified), *own))


_ENGAGEMENT = {"created": "hs_createdate"}

TYPES = (
    _type(
        "contacts",
        "0-1",
        "contact",
        text("email", unique=True),
        text("firstname"),
        text("lastname"),
        text("phone"),
        modified="lastmodifieddate",
        shown=("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
        merges=True,
    ),
    _type(
        "companies",
        "0-2",
        "company",
        text("name"),
        text("domain"),
        text("hs_parent_company_id", type="number", field_type="number", read_only=True),
        text("city"),
        text("country"),
        text("phone"),
        shown=("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
        merges=True,
    ),
    _type(
        "deals",
        "0-3",
        "deal",
        text("dealname"),
        number("amount"),
        text("deal_currency_code", type="enumeration", options={c: c for c in ("GBP", "EUR", "USD")}),
        moment("closedate"),
        text("description", field_type="textarea"),
        choice("pipeline", {}),
        choice("dealstage", {}),
        required=("dealname", "dealstage"),
        shown=(
            "amount",
            "closedate",
            "createdate",
            "dealname",
            "dealstage",
            "hs_lastmodifieddate",
            "hs_object_id",
            "pipeline",
        ),
        merges=True,
        pipeline=("pipeline", "dealstage"),
    ),
    _type(
        "tickets",
        "0-5",
        "ticket",
        text("subject"),
        text("content", field_type="textarea"),
        choice("hs_ticket_priority", {"LOW": "Low", "MEDIUM": "Medium", "HIGH": "High", "URGENT": "Urgent"}),
        choice("hs_pipeline", {}),
        choice("hs_pipeline_stage", {}),
        required=("hs_pipeline_stage",),
        shown=(
            "createdate",
            "hs_lastmodifieddate",
            "hs_object_id",
            "hs_pipeline",
            "hs_pipeline_stage",
            "subject",
        ),
        merges=True,
        pipeline=("hs_pipeline", "hs_pipeline_stage"),
    ),
    _type(
        "notes",
        "0-46",
        "note",
        text("hs_note_body", field_type="html"),
        moment("hs_timestamp"),
        text("hs_attachment_ids", type="enumeration", field_type="checkbox"),
        required=("hs_timestamp",),
        **_ENGAGEMENT,
    ),
    _type(
        "tasks",
        "0-27",
        "task",
        text("hs_task_subject"),
        text("hs_task_body", field_type="html"),
        moment("hs_timestamp"),
        choice(
            "hs_task_status",
            {
                "NOT_STARTED": "Not started",
                "IN_PROGRESS": "In progress",
                "WAITING": "Waiting",
                "COMPLETED": "Completed",
                "DEFERRED": "Deferred",
            },
        ),
        required=("hs_timestamp",),
        **_ENGAGEMENT,
    ),
    _type(
        "line_items",
        "0-8",
        "line_item",
        text("name"),
        text("hs_sku"),
        number("quantity"),
        number("price"),
        number("amount"),
    ),
    _type(
        "orders",
        "0-123",
        "order",
        text("hs_order_name"),
        text("hs_external_order_id"),
        number("hs_total_price"),
        text("hs_currency_code"),
        moment("hs_external_created_date"),
        text("hs_shipping_tracking_number"),
        choice("hs_pipeline", {}),
        choice("hs_pipeline_stage", {}),
        created="hs_createdate",
        pipeline=("hs_pipeline", "hs_pipeline_stage"),
    ),
    _type(
        "invoices",
        "0-53",
        "invoice",
        text("hs_number", read_only=True),
        text("hs_title"),
        number("hs_amount_billed"),
        number("hs_balance_due"),
        text("hs_currency"),
        moment("hs_invoice_date"),
        moment("hs_due_date"),
        choice("hs_invoice_status", {"draft": "Draft", "open": "Open", "paid": "Paid", "voided": "Voided"}),
        created="hs_createdate",
    ),
    _type(
        "leads",
        "0-136",
        "lead",
        text("hs_lead_name"),
        choice("hs_pipeline", {}),
        choice("hs_pipeline_stage", {}),
        created="hs_createdate",
        pipeline=("hs_pipeline", "hs_pipeline_stage"),
    ),
)

#: The account's own object types, as its administrator has made them.
CUSTOM = (
    _type(
        "p_partner_documents",
        "2-7000001",
        "p_partner_document",
        text("title", hubspot=False),
        text("document_file", field_type="file", hubspot=False),
        created="hs_createdate",
    ),
    _type(
        "p_partner_contracts",
        "2-7000002",
        "p_partner_contract",
        text("title", hubspot=False),
        created="hs_createdate",
    ),
)


@dataclass(frozen=True)
class Stage:
    """One stage of a pipeline."""

    id: str
    label: str


@dataclass(frozen=True)
class Pipeline:
    """The stages a record goes through."""

    id: str
    label: str
    stages: tuple[Stage, ...]


def pipeline(key: str, label: str, *stages: str) -> Pipeline:
    """A pipeline whose stages have ids as accounts give them out: numbers that say nothing."""
    start = int(key) * 100 if key.isdecimal() else 0
    return Pipeline(
        key,
        label,
        tuple(
            Stage(str(start + n) if start else name.lower().replace(" ", ""), name)
            for n, name in enumerate(stages, 1)
        ),
    )


DEFAULT_PIPELINES = {
    "deals": (
        pipeline(
            "default", "Sales Pipeline", "Appointment Scheduled", "Contract Sent", "Closed Won", "Closed Lost"
        ),
    ),
    "tickets": (pipeline("0", "Support Pipeline", "New", "Waiting on contact", "Waiting on us", "Closed"),),
    "orders": (pipeline("1010", "Order Pipeline", "Open", "Processed", "Shipped", "Delivered", "Cancelled"),),
    "leads": (
        pipeline("1020", "Lead pipeline", "New", "Attempting", "Connected", "Qualified", "Disqualified"),
    ),
}


@dataclass(frozen=True)
class Link:
    """One direction of a way in which two types of records can be linked."""

    type_id: int
    origin: str
    target: str
    inverse: int
    label: str | None = None
    category: str = "HUBSPOT_DEFINED"


def _both(a: str, b: str, there: int, back: int, label: str | None = None) -> tuple[Link, Link]:
    return Link(there, a, b, back, label), Link(back, b, a, there, label)


LINKS = (
    *_both("contacts", "companies", 279, 280),
    *_both("contacts", "companies", 1, 2, "Primary"),
    *_both("deals", "companies", 341, 342),
    *_both("deals", "companies", 5, 6, "Primary"),
    *_both("tickets", "companies", 339, 340),
    *_both("tickets", "companies", 26, 25, "Primary"),
    *_both("deals", "contacts", 3, 4),
    *_both("tickets", "contacts", 16, 15),
    *_both("tickets", "deals", 28, 27),
    *_both("notes", "contacts", 202, 201),
    *_both("notes", "companies", 190, 189),
    *_both("notes", "deals", 214, 213),
    *_both("notes", "tickets", 228, 227),
    *_both("tasks", "contacts", 204, 203),
    *_both("tasks", "companies", 192, 191),
    *_both("tasks", "deals", 216, 215),
    *_both("line_items", "deals", 20, 19),
    *_both("orders", "companies", 509, 510),
    *_both("orders", "line_items", 513, 514),
    *_both("invoices", "companies", 179, 180),
    *_both("invoices", "orders", 518, 519),
    *_both("leads", "companies", 610, 611),
    *_both("p_partner_contracts", "companies", 9001, 9002),
)

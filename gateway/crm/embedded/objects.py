"""What kinds of row the CRM has, and who may write which of their columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, cast

from sqlalchemy import Column, Table
from sqlalchemy.sql.schema import CallableColumnDefault, ScalarElementColumnDefault

from gateway.crm.embedded import models, models_sold, models_work
from gateway.crm.port import CrmMissing, Ref

#: What an integer column holds with PostgreSQL.
_LARGEST_ID = 2**31 - 1

#: Columns that no write sets directly: those every row has, and those that follow from others or are secret.
SYSTEM_COLUMNS = frozenset(
    {"id", "rev", "created_ms", "modified_ms", "archived", "portal_ref", "domain_key", "pw_hash", "sign_outs"}
)

#: Names that begin so are of a mapping's own making: every row keeps them, in its column `extra`.
OWN = "x_"


@dataclass(frozen=True)
class Shown:
    """What a row tells of another one as its own: `column` of the row that `by` points to, under the name `told`."""

    by: str
    column: str
    told: str


@dataclass(frozen=True)
class ObjectSpec:
    """One kind of row.

    `partner`: columns a portal user's write may set, on creation and later; `on_create`: columns only a creation sets.
    `number`: column and series of the CRM's own numbering. `children`: kinds that hang below by parent_obj/parent_id.
    `shows`: what it tells of rows it points to.
    """

    name: str
    label: str
    model: type[models.Base]
    partner: frozenset[str] = frozenset()
    on_create: frozenset[str] = frozenset()
    number: tuple[str, str] = ("", "")
    children: tuple[str, ...] = ()
    shows: tuple[Shown, ...] = ()

    @property
    def has_file(self) -> bool:
        """Whether rows have bytes."""
        return "digest" in self.table.columns and "byte_count" in self.table.columns

    @property
    def table(self) -> Table:
        """The table behind it."""
        return cast(Table, self.model.__table__)

    def blank(self) -> dict[str, Any]:
        """What a new row holds where nothing is given: every column with its default."""
        return {name: made() for name, made in self._defaults}

    @cached_property
    def _defaults(self) -> tuple[tuple[str, Callable[[], Any]], ...]:
        return tuple((column.name, _default(column)) for column in self.table.columns)

    @property
    def staff(self) -> frozenset[str]:
        """Columns staff may set."""
        return frozenset(column.name for column in self.table.columns) - SYSTEM_COLUMNS


def _default(column: Column[Any]) -> Callable[[], Any]:
    given = column.default
    if isinstance(given, CallableColumnDefault):
        made = given.arg
        return lambda: made(None)  # type: ignore[arg-type]  # no default here looks at the statement
    value = given.arg if isinstance(given, ScalarElementColumnDefault) else None
    return lambda: value


_ADDRESS = ("addr_street", "addr_zip", "addr_town", "ct_name", "ct_mail", "ct_phone")

_DECISION = frozenset({"status_code", "decide_note", "shown_hash"})

OBJECTS: Mapping[str, ObjectSpec] = {
    spec.name: spec
    for spec in (
        ObjectSpec(
            "account",
            "Partner company",
            models.Account,
            partner=frozenset({"addr_street", "addr_zip", "town", "phone", "web"}),
            shows=(Shown("looked_after_id", "full_name", "looked_after_name"),),
        ),
        ObjectSpec(
            "contact",
            "Contact",
            models.Contact,
            partner=frozenset({"full_name", "job_title", "mail", "phone", "purpose_codes"}),
            on_create=frozenset({"account_id"}),
        ),
        ObjectSpec("staff", "Staff member", models.Staff),
        ObjectSpec(
            "registration",
            "Registration",
            models.Registration,
            partner=frozenset(
                {"cust_name", "domain", "country_iso", "sector_code", *_ADDRESS, "deal_name", "kind_code"}
                | {
                    "est_value",
                    "cur",
                    "product_codes",
                    "close_on",
                    "rival",
                    "assist_code",
                    "pain",
                    "pipe_code",
                }
                | {"decide_on", "next_action", "stage_code", "ext_until", "ext_note", "po_ref"}
                | {"lead_id", "co_worker_ids"}
            ),
            on_create=frozenset({"account_id"}),
            number=("reg_no", "DR"),
            children=("note", "attachment"),
            shows=(
                Shown("owner_id", "full_name", "owner_name"),
                Shown("reviewer_id", "full_name", "reviewer_name"),
                Shown("dup_of_id", "reg_no", "dup_no"),
            ),
        ),
        ObjectSpec(
            "ticket",
            "Request",
            models.Ticket,
            partner=frozenset(
                {"subject", "topic_code", "prio", "registration_id", "cust_name", "status_code"}
            ),
            on_create=frozenset({"account_id"}),
            number=("req_no", "REQ"),
            children=("note", "attachment"),
            shows=(
                Shown("owner_id", "full_name", "owner_name"),
                Shown("worked_by_id", "full_name", "worker_name"),
            ),
        ),
        ObjectSpec(
            "note",
            "Note",
            models.Note,
            on_create=frozenset({"body"}),
            shows=(Shown("contact_id", "in_house", "_in_house"),),
        ),
        ObjectSpec(
            "attachment", "File", models.Attachment, on_create=frozenset({"file_name", "mime", "note_id"})
        ),
        ObjectSpec(
            "document",
            "Document",
            models.Document,
            children=("acknowledgement",),
            shows=(Shown("replaces_id", "ver_label", "replaces_label"),),
        ),
        ObjectSpec(
            "acknowledgement",
            "Confirmation",
            models.Acknowledgement,
            on_create=frozenset({"digest", "ver_label"}),
        ),
        ObjectSpec(
            "lead",
            "Lead",
            models.Lead,
            partner=frozenset({"status_code", "decline_code", "partner_note"}),
            number=("lead_no", "LD"),
            shows=(Shown("offered_contact_id", "full_name", "offered_name"),),
        ),
        ObjectSpec(
            "order", "Order", models_sold.Order, partner=frozenset({"po_ref"}), number=("ord_no", "ORD")
        ),
        ObjectSpec("invoice", "Invoice", models_sold.Invoice, number=("inv_no", "INV")),
        ObjectSpec("membership", "Membership", models_sold.Membership, number=("mem_no", "MEM")),
        ObjectSpec(
            "contract",
            "Contract",
            models_sold.Contract,
            partner=frozenset({"status_code", "intent_code", "wanted_qty", "partner_note"}),
            number=("ctr_no", "RN"),
        ),
        ObjectSpec(
            "opportunity",
            "Opportunity",
            models_work.Opportunity,
            partner=frozenset({"p_stage_code", "p_close_on", "p_value", "p_contact", "p_next", "joint_next"}),
            number=("opp_no", "OPP"),
            children=("note",),
        ),
        ObjectSpec(
            "task",
            "Task",
            models_work.Task,
            partner=frozenset({"replies", "status_code"}),
            number=("task_no", "TSK"),
            children=("note", "attachment"),
        ),
        ObjectSpec(
            "approval",
            "Approval",
            models_work.Approval,
            partner=_DECISION,
            number=("apv_no", "APV"),
            shows=(Shown("asked_by_id", "full_name", "asked_by_name"),),
        ),
        ObjectSpec(
            "change_request",
            "Change request",
            models_work.ChangeRequest,
            partner=frozenset({"old_text", "new_text", "why_text", "status_code"}),
            on_create=frozenset({"account_id", "what_code"}),
            number=("chg_no", "CHG"),
            shows=(Shown("asked_by_id", "full_name", "asked_by_name"),),
        ),
        ObjectSpec(
            "project",
            "Project",
            models_work.Project,
            number=("prj_no", "PRJ"),
            children=("note", "attachment"),
            shows=(Shown("leader_id", "full_name", "leader_name"),),
        ),
        ObjectSpec("milestone", "Milestone", models_work.Milestone, number=("ms_no", "MS")),
        ObjectSpec(
            "deliverable",
            "Deliverable",
            models_work.Deliverable,
            partner=_DECISION,
            number=("dlv_no", "DLV"),
            children=("note", "attachment"),
        ),
    )
}


def spec_of(obj: str) -> ObjectSpec:
    """Return the kind of that name. Raises CrmMissing for one the CRM does not have."""
    try:
        return OBJECTS[obj]
    except KeyError:
        raise CrmMissing(f"The CRM has no object “{obj}”.") from None


def id_of(text: str) -> int | None:
    """Return the integer an id stands for; None for what no column can hold."""
    # int() takes more than digits.
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 11 else None
    return number if number is not None and number <= _LARGEST_ID else None


def row_id(ref: Ref) -> int:
    """Return the CRM's own integer id. Raises CrmMissing for what cannot be one."""
    found = id_of(ref.id)
    if found is None:
        raise CrmMissing(f"“{ref.id[:40]}” is not an id of this CRM.")
    return found


def reference_columns(target: Table) -> list[tuple[str, str]]:
    """Return (object, column) of every column that points to rows of `target`."""
    return [
        (spec.name, column.name)
        for spec in OBJECTS.values()
        for column in spec.table.columns
        if target in _targets(column)
    ]


def pointed_at(spec: ObjectSpec, column: str) -> Table:
    """Return the table to whose rows a column points."""
    (target,) = _targets(spec.table.c[column])
    return target


@cache
def shown_in(obj: str, column: str) -> tuple[tuple[str, str], ...]:
    """Return (object, column) of every column by which rows show that column of rows of `obj`."""
    target = spec_of(obj).table
    found = [
        (spec.name, one.by)
        for spec in OBJECTS.values()
        for one in spec.shows
        if one.column == column and pointed_at(spec, one.by) is target
    ]
    return tuple(dict.fromkeys(found))


def _targets(column: Column[Any]) -> list[Table]:
    return [key.column.table for key in column.foreign_keys]

"""Writes as every way in makes them, the connector's and the staff's alike: check, write, do what follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from gateway.crm.embedded import automation, precedents, validation
from gateway.crm.embedded.codes import ChangeStatus, Stage, TicketStatus
from gateway.crm.embedded.domains import domain_key
from gateway.crm.embedded.files import Stored
from gateway.crm.embedded.objects import row_id, spec_of
from gateway.crm.embedded.times import from_ms
from gateway.crm.embedded.unit import Hand, Unit
from gateway.crm.port import CrmMissing, CrmRefused, Ref


def living(unit: Unit, ref: Ref) -> dict[str, Any]:
    """Return the columns of a row that is neither gone nor archived. Raises CrmMissing."""
    row = unit.row(ref.obj, row_id(ref))
    if row["archived"]:
        raise CrmMissing(f"{spec_of(ref.obj).label} {ref.id} was archived.")
    return row


def first_values(unit: Unit, obj: str, hand: Hand) -> dict[str, Any]:
    """Return what the CRM sets by itself on a row that a portal user makes. Raises CrmRefused."""
    match obj:
        case "registration":
            return {"stage_code": Stage.DRAFT.value, "owner_id": hand.contact_id}
        case "ticket":
            return {
                "status_code": TicketStatus.NEW.value,
                "owner_id": hand.contact_id,
                "last_note_ms": unit.now_ms,
            }
        case "contact":
            return {}
        case "change_request":
            return {"status_code": ChangeStatus.ASKED.value, "asked_by_id": hand.contact_id}
        case _:
            raise CrmRefused(f"A {spec_of(obj).label.lower()} is made by the vendor's staff only.")


def create(unit: Unit, obj: str, values: Mapping[str, Any], hand: Hand, marker: str = "") -> int:
    """Check and add a row; returns its id. Raises CrmRefused."""
    values = {**values, **_derived(values)}
    if obj == "ticket" and not values.get("answer_due_ms"):
        values["answer_due_ms"] = automation.answer_due(unit.now_ms, str(values.get("prio", "P3")))
    validation.check(obj, {}, values, from_ms(unit.now_ms).date())
    if hand.portal:
        precedents.check(unit, obj, {}, values)
    return unit.insert(obj, values, hand, marker)


def apply(
    unit: Unit,
    obj: str,
    before: Mapping[str, Any],
    changes: Mapping[str, Any],
    hand: Hand,
    marker: str = "",
    if_revision: str | None = None,
) -> None:
    """Check and write a change of one row, and do what follows from it. Raises CrmRefused, CrmConflict."""
    validation.check(obj, before, changes, from_ms(unit.now_ms).date())
    if hand.portal:
        precedents.check(unit, obj, before, changes)
    changes = {**changes, **_derived(changes)}
    unit.change(obj, before["id"], changes, hand, marker, if_revision, before=before)
    automation.after_change(unit, obj, before, changes, hand)


def add_note(unit: Unit, parent: Ref, body: str, hand: Hand, marker: str = "", internal: bool = False) -> int:
    """Add a note under a row and move the row on. Raises CrmRefused for an empty note or a closed request."""
    _open_parent(unit, parent)
    if not body.strip():
        raise CrmRefused("Write something first.", {"body": "Write something first."})
    values = {
        "parent_obj": parent.obj,
        "parent_id": row_id(parent),
        "body": body,
        "internal": internal,
        "contact_id": hand.contact_id,
        "staff_id": hand.staff_id,
        "written_by": hand.name,
        "sent_ms": unit.now_ms,
    }
    key = unit.insert("note", values, hand, marker)
    automation.after_note(unit, parent.obj, row_id(parent), hand, internal)
    return key


def add_confirmation(unit: Unit, parent: Ref, values: Mapping[str, Any], hand: Hand, marker: str = "") -> int:
    """Note that somebody has read a document. Whoever says so twice has said it once: the first row is returned.

    Raises CrmRefused where they read other bytes than the document has.
    """
    row = living(unit, parent)
    if values.get("digest") != row["digest"]:
        told = "This is not what the document holds now. Read it again, then confirm."
        raise CrmRefused(told, {"digest": told})
    table = spec_of("acknowledgement").table
    same = select(table.c.id).where(
        table.c.parent_obj == parent.obj,
        table.c.parent_id == row["id"],
        table.c.contact_id == hand.contact_id,
        table.c.digest == row["digest"],
        table.c.archived.is_(False),
    )
    found = unit.connection.execute(same.order_by(table.c.id).limit(1)).scalar()
    if found is not None:
        return int(found)
    about = {
        "parent_obj": parent.obj,
        "parent_id": row["id"],
        "contact_id": hand.contact_id,
        "read_by": hand.name,
        "digest": row["digest"],
        "ver_label": values.get("ver_label") or row["ver_label"],
        "read_ms": unit.now_ms,
    }
    return unit.insert("acknowledgement", about, hand, marker)


def add_attachment(
    unit: Unit, parent: Ref, values: Mapping[str, Any], stored: Stored, hand: Hand, marker: str = ""
) -> int:
    """Add a file under a row. Raises CrmRefused when its note hangs elsewhere."""
    _open_parent(unit, parent)
    if values.get("note_id") is not None:
        note = unit.row("note", values["note_id"])
        if (note["parent_obj"], note["parent_id"]) != (parent.obj, row_id(parent)):
            raise CrmRefused("The file's note is of another record.", {"note_id": "Of another record."})
    row = {
        "internal": False,
        **values,
        "parent_obj": parent.obj,
        "parent_id": row_id(parent),
        "byte_count": stored.size,
        "digest": stored.digest,
        "added_by": hand.name,
    }
    return unit.insert("attachment", row, hand, marker)


def _open_parent(unit: Unit, parent: Ref) -> None:
    row = living(unit, parent)
    if parent.obj == "ticket" and row["status_code"] == TicketStatus.SHUT:
        raise CrmRefused("This request is closed. Raise a new one.", {"body": "This request is closed."})


def _derived(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {"domain_key": domain_key(str(changes["domain"] or ""))} if "domain" in changes else {}

"""Which records a member of staff reaches: a channel manager those of the accounts they look after, others all.

What a channel manager reviews or works on by name is theirs too, whosever account it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select

from gateway.console.roles import RIGHTS, may
from gateway.crm.embedded.codes import StaffRole
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.models import Account
from gateway.crm.embedded.objects import OBJECTS, row_id, spec_of
from gateway.crm.embedded.staff import StaffMember
from gateway.crm.port import CrmMissing, CrmRefused, Ref

#: By kind of record: the column that names a member of staff to whom it belongs.
_BY_NAME: Final = {"registration": "reviewer_id", "ticket": "worked_by_id"}


def reach(member: StaffMember | None, obj: str) -> ColumnElement[bool] | None:
    """Return the condition on rows of `obj` that somebody reaches, None for no condition."""
    if member is None or member.role != StaffRole.CHANNEL:
        return None
    table = spec_of(obj).table
    if obj == "account":
        return table.c.looked_after_id == member.id
    if "account_id" in table.c:
        theirs = table.c.account_id.in_(select(Account.id).where(Account.looked_after_id == member.id))
        named = _BY_NAME.get(obj)
        return or_(theirs, table.c[named] == member.id) if named else theirs
    if obj == "acknowledgement":
        people = spec_of("contact").table.c
        looked_after = select(Account.id).where(Account.looked_after_id == member.id)
        return table.c.contact_id.in_(select(people.id).where(people.account_id.in_(looked_after)))
    if "parent_obj" in table.c:
        parents = [name for name, spec in OBJECTS.items() if obj in spec.children]
        return or_(*(_below(member, table.c, parent) for parent in parents))
    return None


def _below(member: StaffMember, columns: Any, parent: str) -> ColumnElement[bool]:
    above = spec_of(parent).table
    within = reach(member, parent)
    assert within is not None
    return and_(columns.parent_obj == parent, columns.parent_id.in_(select(above.c.id).where(within)))


def must_reach(crm: EmbeddedCrm, member: StaffMember, ref: Ref) -> None:
    """Make sure that somebody reaches a record. Raises CrmMissing: it is as if it did not exist."""
    within = reach(member, ref.obj)
    if within is None:
        return
    table = spec_of(ref.obj).table
    query = select(table.c.id).where(table.c.id == row_id(ref), within)
    with crm.database.read() as connection:
        if connection.execute(query).first() is None:
            raise CrmMissing(f"{spec_of(ref.obj).label} {ref.id} is not among your accounts.")


def must_keep(crm: EmbeddedCrm, member: StaffMember, obj: str, changes: Mapping[str, Any]) -> None:
    """Make sure that what is written stays with, or goes to, an account somebody may give it to. Raises CrmRefused."""
    if "account_id" not in changes:
        return
    if "move" in RIGHTS.get(obj, {}) and not may(member, obj, "move"):
        words = "Your role does not allow moving it to another partner company."
        raise CrmRefused(words, {"account_id": words})
    company = changes["account_id"]
    if company is None:
        return
    try:
        must_reach(crm, member, Ref("account", str(company)))
    except CrmMissing as missing:
        words = "Pick one of your own accounts."
        raise CrmRefused(words, {"account_id": words}) from missing

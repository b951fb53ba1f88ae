"""Contacts of partner companies, which portal users stand for."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from gateway.crm.odoo.reading import Reader
from gateway.crm.odoo.writing import Writer
from gateway.crm.port import Ref

_PARTNERS = "res.partner"


def contact(
    reader: Reader, writer: Writer, company: Ref, name: str, email: str, taken: Collection[str]
) -> Ref:
    """Return the contact of a company with that address whose id is not taken; adds one otherwise."""
    found = reader.search(
        _PARTNERS,
        [
            ["commercial_partner_id", "=", int(company.id)],
            ["is_company", "=", False],
            ["email", "=ilike", email.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")],
            ["active", "=", True],
        ],
        ["id"],
    )
    free = [str(row["id"]) for row in found if str(row["id"]) not in taken]
    if free:
        return Ref(_PARTNERS, free[0])
    values = {"name": name, "email": email, "parent_id": company.id, "type": "contact"}
    address = hashlib.sha256(f"{company.id}/{email}".encode()).hexdigest()[:24]
    # Under an external id as well: a lost answer makes no second contact.
    for number in range(len(taken) + 1):
        made = str(writer.load(_PARTNERS, f"contact-{address}-{number}", values))
        if made not in taken:
            return Ref(_PARTNERS, made)
    raise AssertionError("more contacts than were taken")

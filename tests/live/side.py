"""The vendor's side of the tour in Odoo itself: what its staff do there, and what its own interface shows."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from tests.e2e.tour.vendor import Found
from tests.live.staff import Domain, Row, Staff
from tests.live.words import DEAL, DEAL_STATES, PREFIX, plain

_LEADS, _TICKETS = "crm.lead", "helpdesk.ticket"


class InOdoo:
    """`VendorSide` over Odoo. `staff`: who works there; `admin`: who may read what Odoo tracks."""

    told = ""  # what Odoo tracks is for its administrators, and the portal's user is none

    def __init__(self, staff: Staff, admin: Staff, numbered: Mapping[str, int]) -> None:
        """`numbered`: ids of the leads the programme knows by a number, which Odoo's leads do not bear."""
        self._staff, self._admin, self._numbered = staff, admin, numbered

    def sign_in(self) -> None:
        """Odoo's API asks for the password with every call."""

    def deal(self, customer: str = "", number: str = "") -> Found:
        """Find a deal."""
        names = [*DEAL.values(), "stage_id", f"{PREFIX}company_id"]
        wanted: Domain = [["partner_name", "=", customer], [f"{PREFIX}kind", "=", "registration"]]
        if number:
            wanted = [["id", "=", self._numbered[number]]]
        row = self._staff.one(_LEADS, wanted, names)
        states = {label: state for state, label in DEAL_STATES.items()}
        fields = {field: str(row[name] or "") for field, name in DEAL.items()}
        fields |= {"state": states[row["stage_id"][1]], "company": row[f"{PREFIX}company_id"][1]}
        return self._found(_LEADS, row, f"lead {row['id']}", fields)

    def request(self, subject: str) -> Found:
        """Find a request."""
        row = self._staff.one(_TICKETS, [["name", "=", subject]], ["name", "number"])
        return self._found(_TICKETS, row, row["number"], {"subject": row["name"]})

    def _found(self, model: str, row: Row, number: str, fields: Mapping[str, str]) -> Found:
        here = [["res_model", "=", model], ["res_id", "=", row["id"]]]
        files = self._staff.find("ir.attachment", here, ["datas"], order="id")
        notes = self._public([["model", "=", model], ["res_id", "=", row["id"]]])
        return Found(
            str(row["id"]),
            number,
            fields,
            tuple(text for text, _ in notes),
            tuple(base64.b64decode(file["datas"]) for file in files),
        )

    def edit(self, deal: Found, **fields: str) -> None:
        """Change fields of a deal."""
        self._staff.write(_LEADS, int(deal.key), **{DEAL[name]: value for name, value in fields.items()})

    def start_review(self, deal: Found) -> None:
        """Take a deal into review: in Odoo, its stage is moved."""
        stage = self._staff.one("crm.stage", [["name", "=", DEAL_STATES["under_review"]]], ["id"])
        self._staff.write(_LEADS, int(deal.key), stage_id=stage["id"])

    def move(self, deal: Found, company: str) -> None:
        """Give a deal to another partner company."""
        other = self._staff.one("res.partner", [["name", "=", company], ["is_company", "=", True]], ["id"])
        self._staff.write(_LEADS, int(deal.key), **{f"{PREFIX}company_id": other["id"]})

    def written(self, deal: Found, field: str, value: str) -> Sequence[str]:
        """Return who gave a field this value, by what Odoo tracks in the deal's chatter."""
        wanted: Domain = [
            ["mail_message_id.model", "=", _LEADS],
            ["mail_message_id.res_id", "=", int(deal.key)],
            ["field_id.name", "=", DEAL[field]],
        ]
        names = ["new_value_char", "new_value_text", "create_uid"]
        lines = self._admin.find("mail.tracking.value", wanted, names, order="id")
        return [
            f"{line['create_uid'][1]}, in Odoo's chatter"
            for line in lines
            if value in (line["new_value_char"], line["new_value_text"])
        ]

    def notes(self, text: str) -> Sequence[str]:
        """Return who wrote a public note of this text."""
        # Odoo keeps markup; the first words find it, and the whole text is compared.
        found = self._public(
            [["body", "ilike", text.split(maxsplit=1)[0]], ["model", "in", [_LEADS, _TICKETS]]]
        )
        return [author for said, author in found if said == text]

    def _public(self, domain: Domain) -> list[tuple[str, str]]:
        """Return text and author of messages that partners may read, oldest first."""
        shared = [
            ["message_type", "in", ["comment", "email"]],
            ["is_internal", "=", False],
            ["subtype_id.internal", "=", False],
        ]
        rows = self._staff.find("mail.message", [*domain, *shared], ["body", "author_id"], order="id")
        told = [(plain(row["body"]), _name(row["author_id"])) for row in rows]
        return [(text, author) for text, author in told if text]

    def close(self) -> None:
        """Leave."""
        self._staff.close()
        self._admin.close()


def _name(reference: Any) -> str:
    """Return the name behind a reference, as Odoo shows it: after the company's."""
    return str(reference[1]).rpartition(", ")[2] if reference else ""

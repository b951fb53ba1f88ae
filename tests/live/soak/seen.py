"""What a partner may see of Odoo, worked out from Odoo's own reads by rules of this file's own."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from app.contract.ids import is_gid, source_gid
from tests.live.staff import Row, Staff
from tests.live.words import DEAL, DEAL_STATES, PREFIX, REQUEST_STATES, plain

_LEADS, _TICKETS, _MESSAGES, _FILES = "crm.lead", "helpdesk.ticket", "mail.message", "ir.attachment"
_MESSAGE_ID = re.compile(r"<counterpart\.([0-9a-f-]{36})@")

#: Contract fields that are compared, by entity type; a record holds no blank ones.
Record = Mapping[str, Any]
Visible = dict[str, dict[str, Record]]


@dataclass(frozen=True)
class Snapshot:
    """Odoo's rows, read once. `gids`: of rows that were born at a partner, by (model, id)."""

    leads: list[Row]
    tickets: list[Row]
    messages: list[Row]
    files: list[Row]
    companies: dict[int, int]
    gids: dict[tuple[str, int], str]

    @classmethod
    def of(cls, admin: Staff) -> Snapshot:
        """Read everything."""
        leads = admin.find(_LEADS, [], [*DEAL.values(), "expected_revenue", "stage_id", "active",
                                        f"{PREFIX}kind", f"{PREFIX}company_id"])  # fmt: skip
        tickets = admin.find(_TICKETS, [], ["name", "stage_id", "partner_id", "active"])
        told = [
            "body",
            "model",
            "res_id",
            "message_type",
            "is_internal",
            "subtype_id",
            "attachment_ids",
            "message_id",
        ]
        messages = admin.find(_MESSAGES, [["model", "in", [_LEADS, _TICKETS]]], told)
        files = admin.find(_FILES, [["res_model", "in", [_LEADS, _TICKETS]]], ["name", "res_model", "res_id"])
        partners = admin.find("res.partner", [], ["commercial_partner_id"])
        born = admin.find("ir.model.data", [["module", "=", "counterpart"]], ["name", "model", "res_id"])
        gids = {(row["model"], int(row["res_id"])): row["name"] for row in born if is_gid(row["name"])}
        for row in messages:
            found = _MESSAGE_ID.match(row["message_id"] or "")
            if found:
                gids[_MESSAGES, row["id"]] = found[1]
        internal = {
            row["id"] for row in admin.find("mail.message.subtype", [["internal", "=", True]], ["id"])
        }
        for row in messages:
            row["public"] = (
                row["message_type"] in ("comment", "email")
                and not row["is_internal"]
                and bool(row["subtype_id"])
                and row["subtype_id"][0] not in internal
            )
        companies = {row["id"]: row["commercial_partner_id"][0] for row in partners}
        return cls(leads, tickets, messages, files, companies, gids)

    def gid(self, model: str, key: int) -> str:
        """Return a row's gid."""
        return self.gids.get((model, key)) or source_gid("odoo", model, str(key))

    def visible(self, companies: Collection[int]) -> Visible:
        """Return what whoever acts for these companies sees of them, in any role that sees all of a company's."""
        deals: dict[str, Record] = {
            self.gid(_LEADS, row["id"]): _deal(row, self)
            for row in self.leads
            if row["active"]
            and row[f"{PREFIX}kind"] == "registration"
            and row[f"{PREFIX}company_id"]
            and row[f"{PREFIX}company_id"][0] in companies
        }
        requests: dict[str, Record] = {
            self.gid(_TICKETS, row["id"]): _request(row)
            for row in self.tickets
            if row["active"] and row["partner_id"] and self.companies[row["partner_id"][0]] in companies
        }
        parents = deals.keys() | requests.keys()
        below = [row for row in self.messages if self.gid(row["model"], row["res_id"]) in parents]
        messages: dict[str, Record] = {
            self.gid(_MESSAGES, row["id"]): {"body": plain(row["body"])}
            for row in below
            if row["public"] and plain(row["body"])
        }
        public = {key for row in below if row["public"] for key in row["attachment_ids"]}
        noted = {key for row in self.messages for key in row["attachment_ids"]} - public
        files: dict[str, Record] = {
            self.gid(_FILES, row["id"]): {"name": row["name"]}
            for row in self.files
            if self.gid(row["res_model"], row["res_id"]) in parents
            and (row["id"] in public or ((_FILES, row["id"]) in self.gids and row["id"] not in noted))
        }
        return {"deal_registration": deals, "request": requests, "message": messages, "file": files}


def _deal(row: Row, snapshot: Snapshot) -> Record:
    states = {label: state for state, label in DEAL_STATES.items()}
    fields = {
        name: row[DEAL[name]] for name in ("customer", "title", "next_steps", "competitor", "contact_name")
    }
    fields |= {
        "amount": f"{row['expected_revenue']:.2f}",
        "state": states[row["stage_id"][1]],
        "company": snapshot.gid("res.partner", row[f"{PREFIX}company_id"][0]),
    }
    return {name: value for name, value in fields.items() if value}


def _request(row: Row) -> Record:
    states = {label: state for state, label in REQUEST_STATES.items()}
    return {"subject": row["name"], "state": states[row["stage_id"][1]]}

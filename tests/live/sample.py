"""The sample programme written into an Odoo by its administrator: the same companies, deals, requests and papers."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from tests.live.programme import Programme, Record
from tests.live.staff import Staff
from tests.live.words import (
    CATEGORIES,
    DEAL,
    DEAL_STATES,
    DOCUMENT,
    LEAD,
    PREFIX,
    PRIORITIES,
    PRODUCTS,
    REQUEST_STATES,
    paragraphs,
    spelt,
)

_MODELS = {"registration": "crm.lead", "ticket": "helpdesk.ticket"}


class Sample:
    """Writes it down. `rows`: id in Odoo by the programme's id."""

    def __init__(self, admin: Staff, programme: Programme) -> None:
        self.admin, self.programme = admin, programme
        self.rows: dict[str, int] = {}
        self._countries = admin.ids("res.country", "code")
        self._users = admin.ids("res.users", "name")
        self._staff = {
            row["name"]: int(row["partner_id"][0])
            for row in admin.find("res.users", [], ["name", "partner_id"])
        }

    def write(self) -> None:
        """Write all of it."""
        self._companies_and_people()
        self._deals()
        self._leads()
        self._requests()
        self._messages()
        self._files()
        self._documents()

    def people(self) -> list[Record]:
        """Return who may sign in to the portal: ids are Odoo's."""
        return [
            {
                **{name: person[name] for name in ("name", "email", "role", "password")},
                "object": "res.partner",
                "contact": self._contact(person["@contact"]),
                "companies": [self.rows[company] for company in person["@companies"]],
            }
            for person in self.programme.people
        ]

    def numbered(self) -> dict[str, int]:
        """Return the deals' ids by the last part of the number they bear in the programme."""
        deals = self.programme.records["deal_registration"]
        this_year = max(deal["number"].split("-")[1] for deal in deals)
        return {
            number: self.rows[deal["@id"]]
            for deal in deals
            for _, year, number in [deal["number"].split("-")]
            if year == this_year
        }

    def _contact(self, key: object) -> int:
        return self.rows[f"contact/{key}"]

    def _add(self, model: str, records: list[Record], values: list[dict[str, Any]]) -> None:
        made = self.admin.add(model, values, {"mail_create_nolog": True, "tracking_disable": True})
        self.rows |= {record["@id"]: key for record, key in zip(records, made, strict=True)}

    def _companies_and_people(self) -> None:
        companies = [
            {
                "name": record["name"],
                "is_company": True,
                "city": record["city"],
                "country_id": self._countries[record["country"]],
                f"{PREFIX}tier": record["tier"],
                f"{PREFIX}stage": record["stage"],
            }
            for record in self.programme.companies
        ]
        self._add("res.partner", self.programme.companies, companies)
        people = [{**person, "@id": f"contact/{person['@contact']}"} for person in self.programme.people]
        contacts = [
            {
                "name": person["name"],
                "email": person["email"],
                "parent_id": self.rows.get(person["@company"], False),
            }
            for person in people
        ]
        self._add("res.partner", people, contacts)

    def _deals(self) -> None:
        deals = self.programme.records["deal_registration"]
        stages = self.admin.ids("crm.stage", "name")
        reasons = self._named("crm.lost.reason", [deal.get("reason") for deal in deals])

        def one(deal: Mapping[str, Any]) -> dict[str, Any]:
            found = spelt(deal, DEAL) | {
                "type": "opportunity",
                f"{PREFIX}kind": "registration",
                f"{PREFIX}company_id": self.rows[deal["company"]],
                f"{PREFIX}owner_id": self._contact(deal["@person"]),
                f"{PREFIX}products": ";".join(PRODUCTS[name] for name in deal.get("products", ())),
                "country_id": self._countries[deal["country"]],
                "stage_id": stages[DEAL_STATES[deal["state"]]],
                "expected_revenue": float(deal["amount"]),
                "description": paragraphs(deal["problem"]),
                "user_id": self._users.get(deal.get("reviewer", ""), False),
            }
            if deal.get("reason"):
                found["lost_reason_id"] = reasons[deal["reason"]]
            return found

        self._add("crm.lead", deals, [one(deal) for deal in deals])

    def _named(self, model: str, names: list[Any]) -> dict[str, int]:
        wanted = sorted({name for name in names if name} - self.admin.ids(model, "name").keys())
        self.admin.add(model, [{"name": name} for name in wanted])
        return self.admin.ids(model, "name")

    def _leads(self) -> None:
        leads = self.programme.records["lead"]
        values = [
            spelt(lead, LEAD)
            | {
                "name": f"{lead['customer']}: {lead['number']}",
                "type": "lead",
                "user_id": False,
                f"{PREFIX}kind": "offer",
                f"{PREFIX}company_id": self.rows[lead["company"]],
                "description": paragraphs(lead["need"]),
                "country_id": self._countries[lead["country"]],
            }
            for lead in leads
        ]
        self._add("crm.lead", leads, values)

    def _requests(self) -> None:
        requests = self.programme.records["request"]
        stages = self.admin.ids("helpdesk.ticket.stage", "name")
        categories = self.admin.ids("helpdesk.ticket.category", "name")
        values = [
            {
                "number": request["number"],
                "name": request["subject"],
                "description": "Raised in the partner portal.",
                "priority": PRIORITIES[request["priority"]],
                "partner_id": self._contact(request["@person"]),
                f"{PREFIX}owner_id": self._contact(request["@person"]),
                f"{PREFIX}deal_id": self.rows.get(request.get("deal", ""), False),
                f"{PREFIX}customer": request.get("customer", ""),
                f"{PREFIX}due_at": _moment(request["due_at"]) if "due_at" in request else False,
                "stage_id": stages[REQUEST_STATES[request["state"]]],
                "category_id": categories[CATEGORIES[request["category"]]],
                "user_id": False,
            }
            for request in requests
        ]
        self._add("helpdesk.ticket", requests, values)

    def _messages(self) -> None:
        messages = self.programme.records["message"]
        public = self._ref("mail", "mt_comment")
        values = [
            {
                **self._place(message["parent"]),
                "body": paragraphs(message["body"]),
                "date": _moment(message["sent_at"]),
                "author_id": self._author(message),
                "message_type": "comment",
                "subtype_id": public,
            }
            for message in messages
        ]
        self._add("mail.message", messages, values)

    def _author(self, message: Mapping[str, Any]) -> int:
        name = message["author_name"]
        return self._staff[name] if name in self._staff else self._contact(message["@person"])

    def _place(self, parent: str) -> dict[str, Any]:
        return {"model": _MODELS[parent.partition("/")[0]], "res_id": self.rows[parent]}

    def _files(self) -> None:
        """Those that came with a message; evidence from before the portal hangs on none, and stays the vendor's own."""
        files = [file for file in self.programme.records["file"] if file.get("message") in self.rows]
        values = []
        for file in files:
            place = self._place(file["parent"])
            values.append(
                {
                    "name": file["name"],
                    "mimetype": file["media_type"],
                    "datas": self._body(file),
                    "res_model": place["model"],
                    "res_id": place["res_id"],
                }
            )
        self._add("ir.attachment", files, values)
        for file in files:
            key = self.rows[file["@id"]]
            self.admin.write("mail.message", self.rows[file["message"]], attachment_ids=[[4, key]])

    def _documents(self) -> None:
        documents = self.programme.records["document"]
        # What hangs on nothing Odoo shows to whoever uploaded it, and to administrators.
        [library] = self.admin.add("project.project", [{"name": "Partner library"}])
        audiences = {
            "all": "all",
            "tier:gold": "gold",
            "tier:silver": "silver",
            "tier:registered": "registered",
        }

        def audience(document: Mapping[str, Any]) -> str:
            # Odoo's field holds one audience: what several tiers may see, everybody may.
            tags = {tag for tag in document["@tags"] if tag in audiences}
            return audiences[next(iter(tags))] if len(tags) == 1 else "all"

        values = [
            spelt(document, DOCUMENT)
            | {f"{PREFIX}audience": audience(document), "datas": self._body(document)}
            | {"res_model": "project.project", "res_id": library}
            for document in documents
        ]
        self._add("ir.attachment", documents, values)

    def _body(self, record: Mapping[str, Any]) -> str:
        return base64.b64encode(self.programme.bodies[record["sha256"]]).decode()

    def _ref(self, module: str, name: str) -> int:
        found = self.admin.one("ir.model.data", [["module", "=", module], ["name", "=", name]], ["res_id"])
        return int(found["res_id"])


def as_json(people: list[Record]) -> str:
    """Return who may sign in, as the gateway of the tour takes it."""
    return json.dumps(people, indent=1)


def _moment(text: str) -> str:
    """Return a time as Odoo takes it: UTC, whole seconds, no zone."""
    return text[:19].replace("T", " ")

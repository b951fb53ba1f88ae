"""Odoo's own people at work on the same records, by Odoo's API: nothing of this goes through the gateway."""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from tests.live.soak.book import Book
from tests.live.staff import Domain, OdooRefuses, Staff
from tests.live.words import DEAL, DEAL_STATES, PREFIX, REQUEST_STATES

FIELDS = ("next_steps", "competitor")
_LEADS, _TICKETS = "crm.lead", "helpdesk.ticket"
_MINE: Domain = [[f"{PREFIX}kind", "=", "registration"], ["active", "=", True]]


class Colleague:
    """One user of Odoo. `may_delete`: whether they are let delete leads; `companies`: ids of the partner companies."""

    def __init__(
        self, name: str, staff: Staff, companies: Sequence[int], book: Book, seed: str, *, may_delete: bool
    ):
        self.name, self._staff, self._companies, self._book = name, staff, companies, book
        self._rng = random.Random(f"{seed}/{name}")
        self._may_delete = may_delete
        self._stages = staff.ids("crm.stage", "name")
        self._ticket_stages = staff.ids("helpdesk.ticket.stage", "name")

    def turn(self) -> None:
        """Do one thing."""
        verbs: tuple[tuple[Callable[[], object], int], ...] = (
            (self._edit, 30),
            (self._twice_in_a_second, 10),
            (self._public, 12),
            (self._internal, 12),
            (self._internal_paper, 3),
            (self._move_on, 8),
            (self._ticket, 6),
            (self._new_deal, 5),
            (self._give_away, 3),
            (self._archive, 2),
            (self._delete, 2 if self._may_delete else 0),
        )
        [verb] = self._rng.choices([verb for verb, _ in verbs], [weight for _, weight in verbs])
        try:
            verb()
        except OdooRefuses as error:
            # Two who write the same row at once: Odoo has tried five times by then.
            self._book.did(f"turns of colleagues that Odoo refused ({error.kind.rpartition('.')[2]})")
        except httpx.HTTPError as error:
            self._book.did(f"turns of colleagues that ended with {type(error).__name__}")
        except Exception:  # noqa: BLE001 - told, and a violation
            self._book.trouble(f"{self.name}: {traceback.format_exc()[-1200:]}")

    def _lead(self) -> int | None:
        rows = self._staff.find(_LEADS, _MINE, [], order="id")
        ids = [int(row["id"]) for row in rows]
        if not ids:
            return None
        return self._rng.choice(ids[:6] if self._rng.random() < 0.6 else ids)

    def _change(self) -> dict[str, Any]:
        field = self._rng.choice(FIELDS)
        return {DEAL[field]: f"Ours: {self._book.word('v', self.name)}"}

    def _edit(self) -> None:
        lead = self._lead()
        if lead:
            self._staff.write(_LEADS, lead, **self._change())
            self._book.did("edits in Odoo")

    def _twice_in_a_second(self) -> None:
        """Two fields, or two leads, one right after the other: often of one and the same time to the second."""
        first, second = self._lead(), self._lead()
        if first and second:
            self._staff.write(_LEADS, first, **self._change())
            self._staff.write(_LEADS, second, **self._change())
            self._book.did("edits in Odoo", 2)

    def _parent(self) -> tuple[str, int] | None:
        if self._rng.random() < 0.5:
            lead = self._lead()
            return (_LEADS, lead) if lead else None
        rows = self._staff.find(_TICKETS, [["active", "=", True]], [], order="id")
        return (_TICKETS, int(self._rng.choice(rows)["id"])) if rows else None

    def _post(self, kind: str, subtype: str, **more: Any) -> None:
        parent = self._parent()
        if parent is None:
            return
        word = self._book.word(kind, self.name)
        if kind == "i":
            self._book.internal.add(word)
        told = {"body": f"Said: {word}", "message_type": "comment", "subtype_xmlid": subtype, **more}
        self._staff.call(parent[0], "message_post", [parent[1]], **told)

    def _public(self) -> None:
        self._post("v", "mail.mt_comment")
        self._book.did("public messages in Odoo")

    def _internal(self) -> None:
        self._post("i", "mail.mt_note")
        self._book.did("internal notes in Odoo")

    def _internal_paper(self) -> None:
        """A note with a file whose name tells something, too."""
        word = self._book.word("i", self.name)
        self._book.internal.add(word)
        parent = self._parent()
        if parent:
            about = {
                "name": f"{word}.txt",
                "datas": "cHJpdmF0ZQ==",
                "res_model": parent[0],
                "res_id": parent[1],
            }
            [paper] = self._staff.add("ir.attachment", [about])
            told: dict[str, Any] = {
                "message_type": "comment",
                "subtype_xmlid": "mail.mt_note",
                "attachment_ids": [paper],
            }
            self._staff.call(parent[0], "message_post", [parent[1]], body="See there.", **told)
            self._book.did("internal notes in Odoo")

    def _move_on(self) -> None:
        """What was submitted is taken into review, or approved."""
        lead = self._lead()
        if lead:
            state = self._rng.choice(("under_review", "approved", "action_required", "pending_approval"))
            self._staff.write(_LEADS, lead, stage_id=self._stages[DEAL_STATES[state]])
            self._book.did("edits in Odoo")

    def _ticket(self) -> None:
        rows = self._staff.find(_TICKETS, [["active", "=", True]], [], order="id")
        if rows:
            state = self._rng.choice(("open", "waiting_on_partner", "waiting_on_vendor"))
            stage = self._ticket_stages[REQUEST_STATES[state]]
            self._staff.write(_TICKETS, int(self._rng.choice(rows)["id"]), stage_id=stage)
            self._book.did("edits in Odoo")

    def _new_deal(self) -> None:
        self._staff.add(
            _LEADS,
            [new_lead(self._rng.choice(self._companies), self._book.word("v", self.name), self._stages)],
        )
        self._book.did("leads made in Odoo")

    def _give_away(self) -> None:
        lead = self._lead()
        if lead:
            self._staff.write(_LEADS, lead, **{f"{PREFIX}company_id": self._rng.choice(self._companies)})
            self._book.did("leads given to another company, or the same")

    def _archive(self) -> None:
        lead = self._lead()
        if lead:
            self._staff.write(_LEADS, lead, active=False)
            self._book.did("leads archived")

    def _delete(self) -> None:
        lead = self._lead()
        if lead:
            self._book.deleted.add((_LEADS, lead))
            self._staff.call(_LEADS, "unlink", [lead])
            self._book.did("leads deleted")


def new_lead(company: int, customer: str, stages: dict[str, int], state: str = "approved") -> dict[str, Any]:
    """Return a deal as Odoo's own people enter one."""
    return {
        "name": "Edge for the branches",
        "partner_name": customer,
        "type": "opportunity",
        "user_id": False,
        "website": "https://example.test",
        "expected_revenue": 12500.5,
        "description": "<p>Every branch loses its tills when the line drops.</p>",
        "stage_id": stages[DEAL_STATES[state]],
        "date_deadline": "2027-06-30",
        f"{PREFIX}kind": "registration",
        f"{PREFIX}type": "new",
        f"{PREFIX}currency": "GBP",
        f"{PREFIX}company_id": company,
    }

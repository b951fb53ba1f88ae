"""What the vendor's staff do with the jobs they share with partners: tasks, approvals, deliverables, changes, leads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from gateway.crm.embedded import files, writes
from gateway.crm.embedded.codes import (
    TIER_WORDS,
    ApprovalStatus,
    ChangeStatus,
    DeliverableStatus,
    LeadStatus,
    TaskStatus,
)
from gateway.crm.embedded.files import NewFile
from gateway.crm.embedded.objects import row_id
from gateway.crm.embedded.staff import StaffDesk
from gateway.crm.embedded.times import add_working_days
from gateway.crm.embedded.unit import Unit
from gateway.crm.port import CrmRefused, Ref, SourceRow

#: Working days a partner has for an offered lead, and days for an answer about a deliverable.
OFFER_DAYS, ANSWER_DAYS = 8, 14

#: What a newer approval takes over from the one it stands for.
_KEPT = (
    "account_id",
    "subject",
    "step_label",
    "summary",
    "lines",
    "total",
    "cur",
    "registration_id",
    "order_id",
    "deciders",
    "due_on",
    "file_name",
    "mime",
    "byte_count",
    "digest",
)


class WorkDesk(StaffDesk):
    """The desk of a member of staff who works on what partners hand in."""

    # --------------------------------------------------------------------------------------------------- tasks

    def accept_task(self, ref: Ref, note: str = "") -> SourceRow:
        """Accept what was handed in; what begins after it may be handed in now."""
        return self._stage(ref, TaskStatus.ACCEPTED, {TaskStatus.HANDED_IN}, {"staff_note": note or None})

    def return_task(self, ref: Ref, note: str) -> SourceRow:
        """Give a task back. Raises CrmRefused without a word of why."""
        needed(note, "staff_note", "Say what is missing.")
        back = {TaskStatus.HANDED_IN, TaskStatus.ACCEPTED}
        return self._stage(ref, TaskStatus.RETURNED, back, {"staff_note": note})

    # ----------------------------------------------------------------------------------------------- approvals

    def supersede_approval(
        self, ref: Ref, changes: Mapping[str, Any], given: NewFile | None = None
    ) -> SourceRow:
        """Put something newer in the place of what is to be decided; the old one says so. Returns the newer one."""
        with self._writing() as unit:
            old = writes.living(unit, ref)
            if old["status_code"] != ApprovalStatus.PENDING:
                told = "Only what is still to be decided can be replaced."
                raise CrmRefused(told, {"status_code": told})
            values = {name: old[name] for name in _KEPT} | dict(changes) | _file(unit, given)
            values |= {"asked_by_id": self.member.id, "status_code": ApprovalStatus.PENDING.value}
            key = writes.create(unit, "approval", values, self._hand)
            over = {"status_code": ApprovalStatus.SUPERSEDED.value, "replaced_by_id": key}
            self._apply(unit, ref, over)
            return self._crm.row(unit, Ref("approval", str(key)))

    # -------------------------------------------------------------------------------------------- deliverables

    def hand_over(
        self, ref: Ref, given: NewFile | None = None, version: str = "", answer_by: date | None = None
    ) -> SourceRow:
        """Hand a deliverable over. One that was sent back is superseded by its next version, which is returned."""
        until = (answer_by or self._today() + timedelta(days=ANSWER_DAYS)).isoformat()
        with self._writing() as unit:
            row = writes.living(unit, ref)
            about = {
                "status_code": DeliverableStatus.HANDED_OVER.value,
                "handed_ms": unit.now_ms,
                "answer_by": until,
                **_file(unit, given),
            }
            match row["status_code"]:
                case DeliverableStatus.IN_WORK:
                    self._apply(unit, ref, about | ({"ver_label": version} if version else {}))
                    return self._crm.row(unit, ref)
                case DeliverableStatus.SENT_BACK:
                    return self._next_version(unit, ref, row, about, version)
                case _:
                    told = "Only what is in work or was sent back can be handed over."
                    raise CrmRefused(told, {"status_code": told})

    def _next_version(
        self, unit: Unit, ref: Ref, row: Mapping[str, Any], about: Mapping[str, Any], version: str
    ) -> SourceRow:
        if "digest" not in about:
            raise CrmRefused("Choose the file of the next version.", {"file_name": "Choose a file."})
        kept = ("account_id", "project_id", "milestone_id", "dlv_name", "about")
        values = {name: row[name] for name in kept} | dict(about)
        values["ver_label"] = version or _following(str(row["ver_label"]))
        key = writes.create(unit, "deliverable", values, self._hand)
        self._apply(unit, ref, {"status_code": DeliverableStatus.SUPERSEDED.value})
        return self._crm.row(unit, Ref("deliverable", str(key)))

    # ------------------------------------------------------------------------------------------------- changes

    def make_change(self, ref: Ref, answer: str = "") -> SourceRow:
        """Agree to a change of details, and make it where the CRM holds what it is about."""
        with self._writing() as unit:
            row = writes.living(unit, ref)
            changes = _change_of_account(row)
            done = {"answer_text": answer or None}
            made = self._staged(unit, ref, ChangeStatus.DONE, {ChangeStatus.ASKED}, done)
            if changes:
                self._apply(unit, Ref("account", str(row["account_id"])), changes)
            return made

    def decline_change(self, ref: Ref, answer: str) -> SourceRow:
        """Leave the details as they are. Raises CrmRefused without a word of why."""
        needed(answer, "answer_text", "Say why.")
        return self._stage(ref, ChangeStatus.DECLINED, {ChangeStatus.ASKED}, {"answer_text": answer})

    # --------------------------------------------------------------------------------------------------- leads

    def offer_lead(self, ref: Ref, account: Ref, contact: Ref | None = None) -> SourceRow:
        """Offer a lead that nobody took to another company. Raises CrmRefused for one that declined it before."""
        with self._writing() as unit:
            company, row = writes.living(unit, account), writes.living(unit, ref)
            if company["id"] in (row["declined_by"] or ()):
                told = f"{company['acct_name']} declined this lead. Offer it to somebody else."
                raise CrmRefused(told, {"account_id": told})
            changes = {
                "account_id": company["id"],
                "offered_contact_id": None if contact is None else row_id(contact),
                "offer_ends": add_working_days(self._today(), OFFER_DAYS).isoformat(),
                "decline_code": None,
                "partner_note": None,
            }
            free = {LeadStatus.OFFER, LeadStatus.DECLINED, LeadStatus.EXPIRED}
            return self._staged(unit, ref, LeadStatus.OFFER, free, changes)


def needed(text: str, column: str, words: str) -> None:
    """Make sure that something was written. Raises CrmRefused."""
    if not text.strip():
        raise CrmRefused(words, {column: words})


def _file(unit: Unit, given: NewFile | None) -> dict[str, Any]:
    if given is None:
        return {}
    stored = files.store(unit.connection, [given.body])
    return {
        "file_name": given.name,
        "mime": given.media_type,
        "byte_count": stored.size,
        "digest": stored.digest,
    }


def _following(version: str) -> str:
    """Return the version after one: its last number is one higher."""
    head = version.rstrip("0123456789")
    number = version[len(head) :]
    return f"{head}{int(number) + 1}" if number else f"{version} 2".strip()


def _change_of_account(row: Mapping[str, Any]) -> dict[str, Any]:
    wanted = str(row["new_text"]).strip()
    match row["what_code"]:
        case "NAME":
            return {"acct_name": wanted}
        case "TIER":
            codes = {words.lower(): code for code, words in TIER_WORDS.items()}
            code = codes.get(wanted.lower())
            return {"tier_code": code} if code else {}
        case _:
            return {}

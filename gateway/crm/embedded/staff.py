"""What the vendor's staff do in the CRM, each act recorded in the name of the person who did it.

The console, the tests and the simulation work through this desk; none of them writes a table by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from gateway.crm.embedded import files, timers, writes
from gateway.crm.embedded.codes import (
    STAFF_ROLE_WORDS,
    STATE_COLUMN,
    STATE_WORDS,
    DocumentStatus,
    StaffRole,
    Stage,
    TicketStatus,
)
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.files import NewFile
from gateway.crm.embedded.objects import OWN, row_id, spec_of
from gateway.crm.embedded.times import from_ms, to_ms
from gateway.crm.embedded.unit import AUTOMATION, Hand, Unit
from gateway.crm.port import CrmMissing, CrmRefused, Ref, SourceRow

#: How the history names what staff do.
VIA_STAFF = "web, in the CRM"

#: Kinds of row whose states staff move by acts of their own.
_BY_ACTS = frozenset({"registration", "ticket", "document"})

#: How long an approved registration is protected, in days.
PROTECTION_DAYS = 90


@dataclass(frozen=True)
class StaffMember:
    """A person of the vendor's. `role`: a code of `StaffRole`, None for an administrator."""

    id: int
    name: str
    login: str
    role: str | None = None


def staff_member(crm: EmbeddedCrm, **values: Any) -> StaffMember:
    """Return the member of staff with these column values, such as `login="ingrid"`. Raises CrmMissing."""
    ref = crm.find("staff", archived=False, **values)
    if ref is None:
        raise CrmMissing(f"Nobody of the staff has {values}.")
    fields = crm.read(ref).fields
    return StaffMember(int(ref.id), fields["full_name"], fields["login"], fields["role_code"])


#: Roles by the names they have on the command line.
STAFF_ROLES: Mapping[str, StaffRole] = {
    "channel-manager": StaffRole.CHANNEL,
    "approver": StaffRole.APPROVER,
    "operations": StaffRole.OPERATIONS,
    "administrator": StaffRole.ADMINISTRATOR,
}


def add_or_change(crm: EmbeddedCrm, login: str, name: str, role: StaffRole | None) -> int:
    """Add a member of staff, or change the name and role of one; returns their id. Raises CrmRefused."""
    login = login.strip().lower()
    changes = {key: value for key, value in (("full_name", name), ("role_code", role)) if value}
    ref = crm.find("staff", login=login)
    with crm.writing() as unit:
        if ref is not None:
            unit.change("staff", row_id(ref), {**changes, "archived": False}, AUTOMATION)
            return row_id(ref)
        if not login or len(changes) < 2:
            raise CrmRefused(f"There is no “{login}” yet: give a name and a role.")
        return writes.create(unit, "staff", {"login": login, **changes}, AUTOMATION)


class StaffDesk:
    """The operations of one member of staff."""

    def __init__(self, crm: EmbeddedCrm, member: StaffMember, via: str = VIA_STAFF) -> None:
        self._crm = crm
        self.member = member
        self._hand = Hand(member.name, via, staff_id=member.id)

    @classmethod
    def of(cls, crm: EmbeddedCrm, name: str) -> StaffDesk:
        """Return the desk of the member of staff with that full name."""
        return cls(crm, staff_member(crm, full_name=name))

    @classmethod
    def like(cls, desk: StaffDesk) -> Self:
        """Return the desk of this kind of the same person."""
        return cls(desk._crm, desk.member)

    # ------------------------------------------------------------------------------------------------- any row

    def edit(self, ref: Ref, changes: Mapping[str, Any], if_revision: str | None = None) -> SourceRow:
        """Write columns that staff may set; states move by the other operations. Raises CrmRefused, CrmConflict."""
        state, settable = STATE_COLUMN.get(ref.obj), spec_of(ref.obj).staff
        found = {
            name: f"The CRM has no field “{name}”."
            for name in changes
            if name not in settable and not name.startswith(OWN)
        }
        if state in changes:
            found[str(state)] = "Use the actions to move it on."
        if ref.obj == "staff" and "role_code" in changes:
            found["role_code"] = "Use the action to give a role."
        if found:
            raise CrmRefused(" ".join(dict.fromkeys(found.values())), found)
        with self._writing() as unit:
            before = writes.living(unit, ref)
            changes = _own_apart(before, changes)
            writes.apply(unit, ref.obj, before, changes, self._hand, if_revision=if_revision)
            return self._crm.row(unit, ref)

    def create(self, obj: str, fields: Mapping[str, Any]) -> SourceRow:
        """Add a row. Raises CrmRefused."""
        if obj == "staff" and fields.get("role_code") not in STAFF_ROLE_WORDS:
            # Without one it would be an administrator.
            raise CrmRefused("Pick a role.", {"role_code": "Pick a role."})
        with self._writing() as unit:
            key = writes.create(unit, obj, _own_apart({}, fields), self._hand)
            return self._crm.row(unit, Ref(obj, str(key)))

    def move(self, ref: Ref, account: Ref, owner: Ref | None = None) -> SourceRow:
        """Give a row to another partner company; the former one loses sight of it."""
        with self._writing() as unit:
            changes: dict[str, Any] = {"account_id": writes.living(unit, account)["id"]}
            if "owner_id" in spec_of(ref.obj).table.columns:
                changes["owner_id"] = None if owner is None else row_id(owner)
            if (
                owner is not None
                and unit.row("contact", row_id(owner))["account_id"] != changes["account_id"]
            ):
                raise CrmRefused("The owner is not at that company.", {"owner_id": "Not at that company."})
            self._apply(unit, ref, changes)
            return self._crm.row(unit, ref)

    def archive(self, ref: Ref) -> None:
        """Put a row away; partners see it no more. Raises CrmRefused for oneself."""
        if ref == Ref("staff", str(self.member.id)):
            raise CrmRefused("Somebody else has to archive you.")
        with self._writing() as unit:
            self._apply(unit, ref, {"archived": True})

    def restore(self, ref: Ref) -> None:
        """Bring an archived row back."""
        with self._writing() as unit:
            unit.change(ref.obj, row_id(ref), {"archived": False}, self._hand)

    def delete(self, ref: Ref) -> None:
        """Remove a row for good, with its notes and files. Raises CrmRefused when something still needs it."""
        with self._writing() as unit:
            unit.remove(ref.obj, row_id(ref), self._hand)

    def merge(self, loser: Ref, winner: Ref) -> SourceRow:
        """Fold a row into another of its kind; the loser's id remembers the winner."""
        if loser.obj != winner.obj or loser == winner:
            raise CrmRefused("Only two different rows of one kind can be merged.")
        with self._writing() as unit:
            unit.merge(loser.obj, row_id(loser), row_id(winner), self._hand)
            return self._crm.row(unit, winner)

    def set_role(self, ref: Ref, role: str) -> SourceRow:
        """Give one of the staff another role; nobody changes their own, so an administrator is always left."""
        if role not in STAFF_ROLE_WORDS:
            raise CrmRefused("Pick a role.", {"role_code": "Pick a role."})
        if ref.id == str(self.member.id):
            raise CrmRefused("Somebody else has to change your role.")
        with self._writing() as unit:
            self._apply(unit, ref, {"role_code": role})
            return self._crm.row(unit, ref)

    def touch(self, ref: Ref) -> SourceRow:
        """Save a row without changing it, as automations do: revision and time move, content does not."""
        with self._writing() as unit:
            unit.change(ref.obj, row_id(ref), {}, AUTOMATION)
            return self._crm.row(unit, ref)

    # ------------------------------------------------------------------------------------------- registrations

    def start_review(self, ref: Ref) -> SourceRow:
        """Take a new registration into review."""
        return self._stage(ref, Stage.REVIEW, {Stage.NEW}, {"reviewer_id": self.member.id})

    def ask_information(self, ref: Ref, note: str, remarks: Mapping[str, str] | None = None) -> SourceRow:
        """Give a registration back to the partner; `remarks` maps columns to what is asked about them."""
        changes = {"review_note": note, "field_remarks": _remarks(remarks), "reviewer_id": self.member.id}
        return self._stage(ref, Stage.INFO_NEEDED, {Stage.NEW, Stage.REVIEW}, changes)

    def send_for_approval(self, ref: Ref) -> SourceRow:
        """Hand a reviewed registration to who approves."""
        return self._stage(ref, Stage.APPROVAL, {Stage.REVIEW}, {})

    def approve(self, ref: Ref, days: int = PROTECTION_DAYS) -> SourceRow:
        """Protect a registration from today for `days` days; one that asks for an extension gets what it asks for."""
        if self._crm.read(ref).fields["stage_code"] == Stage.EXT_ASKED:
            return self.grant_extension(ref)
        today = self._today()
        changes = {
            "prot_from": today.isoformat(),
            "prot_to": (today + timedelta(days=days)).isoformat(),
            "review_note": None,
            "field_remarks": None,
            "reviewer_id": self.member.id,
        }
        return self._stage(ref, Stage.PROTECTED, {Stage.NEW, Stage.REVIEW, Stage.APPROVAL}, changes)

    def reject(self, ref: Ref, reason: str, remarks: Mapping[str, str] | None = None) -> SourceRow:
        """Refuse a registration; `remarks` maps columns to what is wrong with them."""
        changes = {"close_reason": reason, "field_remarks": _remarks(remarks), "reviewer_id": self.member.id}
        return self._stage(ref, Stage.REFUSED, {Stage.NEW, Stage.REVIEW, Stage.APPROVAL}, changes)

    def mark_duplicate(self, ref: Ref, of: Ref) -> SourceRow:
        """Close a registration because another one was there before."""
        number = self._crm.read(of).fields["reg_no"]
        changes = {"dup_of_id": row_id(of), "close_reason": f"Already registered as {number}."}
        return self._stage(ref, Stage.DUPLICATE, {Stage.NEW, Stage.REVIEW}, changes)

    def expire(self, ref: Ref) -> SourceRow:
        """End the protection of a registration."""
        return self._stage(ref, Stage.LAPSED, {Stage.PROTECTED, Stage.EXT_ASKED}, {})

    def cancel(self, ref: Ref, reason: str) -> SourceRow:
        """Cancel a protected registration."""
        return self._stage(ref, Stage.CANCELLED, {Stage.PROTECTED}, {"close_reason": reason})

    def grant_extension(self, ref: Ref, until: date | None = None) -> SourceRow:
        """Protect longer: until the day given, else until the day the partner asked for."""
        asked = self._crm.read(ref).fields["ext_until"]
        day = until.isoformat() if until is not None else asked
        if day is None:
            raise CrmRefused("Say until when.", {"prot_to": "Say until when."})
        changes = {"prot_to": day, "ext_until": None, "ext_note": None}
        return self._stage(ref, Stage.PROTECTED, {Stage.EXT_ASKED}, changes)

    def refuse_extension(self, ref: Ref, note: str) -> SourceRow:
        """Leave the protection as it was."""
        changes = {"review_note": note, "ext_until": None, "ext_note": None}
        return self._stage(ref, Stage.PROTECTED, {Stage.EXT_ASKED}, changes)

    def comment(self, ref: Ref, text: str, new_files: Sequence[NewFile] = ()) -> Ref:
        """Write under a registration (or request) without moving it; returns the note."""
        with self._writing() as unit:
            return self._note(unit, ref, text, new_files, internal=False)

    # ------------------------------------------------------------------------------------------------ requests

    def take(self, ref: Ref) -> SourceRow:
        """Start to work on a new request."""
        return self._stage(ref, TicketStatus.WORK, {TicketStatus.NEW}, {"worked_by_id": self.member.id})

    def answer(
        self, ref: Ref, text: str, new_files: Sequence[NewFile] = (), wait_for_partner: bool = True
    ) -> Ref:
        """Answer a request in public; the ball goes to the partner unless told otherwise. Returns the note."""
        with self._writing() as unit:
            note = self._note(unit, ref, text, new_files, internal=False)
            ticket = unit.row(ref.obj, row_id(ref))
            changes: dict[str, Any] = {"worked_by_id": ticket["worked_by_id"] or self.member.id}
            if wait_for_partner:
                changes["status_code"] = TicketStatus.WAIT_PARTNER.value
            elif ticket["status_code"] == TicketStatus.NEW:
                changes["status_code"] = TicketStatus.WORK.value
            writes.apply(unit, ref.obj, ticket, changes, self._hand)
            return note

    def internal_note(self, ref: Ref, text: str, new_files: Sequence[NewFile] = ()) -> Ref:
        """Write a note that only staff see."""
        with self._writing() as unit:
            return self._note(unit, ref, text, new_files, internal=True)

    def resolve(self, ref: Ref) -> SourceRow:
        """Mark a request as resolved."""
        return self._stage(
            ref, TicketStatus.DONE, set(TicketStatus) - {TicketStatus.DONE, TicketStatus.SHUT}, {}
        )

    def close(self, ref: Ref) -> SourceRow:
        """Close a resolved request; nothing can be written under it any more."""
        return self._stage(ref, TicketStatus.SHUT, {TicketStatus.DONE}, {})

    # -------------------------------------------------------------------------------------------- states by hand

    def set_status(self, ref: Ref, status: str) -> SourceRow:
        """Set a state by hand. Where there are acts for the CRM's own states, only to and from those of the portal's.

        Raises CrmRefused for a code it does not have.
        """
        own, more = STATE_WORDS.get(ref.obj, {}), self._crm.more_states_of(ref.obj)
        if status not in own and status not in more:
            raise CrmRefused(f"“{status}” is not a status it can have.", {"status_code": "Pick a status."})
        from_own = ref.obj not in _BY_ACTS or status in more
        allowed = {*(own if from_own else ()), *more, *self._strange(ref)}
        return self._stage(ref, status, allowed, {})

    def _strange(self, ref: Ref) -> set[str]:
        """The row's present state, if nobody knows it (any more): it is led out of it."""
        now = str(self._crm.read(ref).fields[STATE_COLUMN[ref.obj]])
        return {now} - set(STATE_WORDS[ref.obj])

    # ----------------------------------------------------------------------------------------------- documents

    def publish(self, fields: Mapping[str, Any], body: bytes, replaces: Ref | None = None) -> Ref:
        """Publish a document, or a new version of one, which supersedes the old."""
        with self._writing() as unit:
            stored = files.store(unit.connection, [body])
            values = {
                "audience": ["ALL"],
                "mime": "application/pdf",
                "published_ms": unit.now_ms,
                "valid_from": from_ms(unit.now_ms).date().isoformat(),
                **fields,
                "digest": stored.digest,
                "byte_count": stored.size,
                "status_code": DocumentStatus.CURRENT.value,
                "replaces_id": None if replaces is None else row_id(replaces),
            }
            if replaces is not None:
                self._apply(unit, replaces, {"status_code": DocumentStatus.SUPERSEDED.value})
            return Ref("document", str(writes.create(unit, "document", values, self._hand)))

    def withdraw(self, ref: Ref) -> SourceRow:
        """Take a document back: nobody should use it any more."""
        held = {DocumentStatus.CURRENT, DocumentStatus.SUPERSEDED, DocumentStatus.EXPIRED}
        return self._stage(ref, DocumentStatus.WITHDRAWN, held, {})

    def expire_due(self, today: date) -> list[Ref]:
        """Mark current documents whose validity has ended; returns them."""
        with self._writing() as unit:
            return timers.by_day(unit, today, frozenset({"document"}))

    # -------------------------------------------------------------------------------------------------- inside

    def _writing(self) -> AbstractContextManager[Unit]:
        return self._crm.writing()

    def _today(self) -> date:
        return from_ms(to_ms(self._crm.now())).date()

    def _apply(self, unit: Unit, ref: Ref, changes: Mapping[str, Any], hand: Hand | None = None) -> None:
        writes.apply(unit, ref.obj, writes.living(unit, ref), changes, hand or self._hand)

    def _stage(self, ref: Ref, to: str, allowed: Iterable[str], changes: Mapping[str, Any]) -> SourceRow:
        with self._writing() as unit:
            return self._staged(unit, ref, to, allowed, changes)

    def _staged(
        self, unit: Unit, ref: Ref, to: str, allowed: Iterable[str], changes: Mapping[str, Any]
    ) -> SourceRow:
        """Move a row on within a transaction. Raises CrmRefused from a state that is not allowed."""
        column, words = STATE_COLUMN[ref.obj], self._crm.states_of(ref.obj)
        now = writes.living(unit, ref)[column]
        if now not in set(allowed):
            told = f"It is “{words.get(now, now)}” and cannot become “{words.get(to, to)}”."
            raise CrmRefused(told, {column: told})
        self._apply(unit, ref, {**changes, column: str(to)})
        return self._crm.row(unit, ref)

    def _note(self, unit: Unit, ref: Ref, text: str, new_files: Sequence[NewFile], internal: bool) -> Ref:
        key = writes.add_note(unit, ref, text, self._hand, internal=internal)
        for item in new_files:
            stored = files.store(unit.connection, [item.body])
            values = {"file_name": item.name, "mime": item.media_type, "note_id": key, "internal": internal}
            writes.add_attachment(unit, ref, values, stored, self._hand)
        return Ref("note", str(key))


def _remarks(remarks: Mapping[str, str] | None) -> dict[str, str] | None:
    columns = spec_of("registration").table.columns
    unknown = [name for name in remarks or () if name not in columns]
    if unknown:
        raise CrmRefused(f"The CRM has no field “{unknown[0]}”.", {unknown[0]: "No such field."})
    return dict(remarks) if remarks else None


def _own_apart(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Take apart what a form holds of a mapping's own properties: each is a change of its own, None if it is gone."""
    if "extra" not in changes:
        return dict(changes)
    rest = {name: value for name, value in changes.items() if name != "extra"}
    given = changes["extra"] or {}
    wrong = [name for name in given if not name.startswith(OWN)]
    if wrong:
        raise CrmRefused(f"“{wrong[0]}” does not begin with {OWN}.", {"extra": f"Names begin with {OWN}."})
    return {**dict.fromkeys(before.get("extra") or ()), **given, **rest}

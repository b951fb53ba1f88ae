"""Requests go into the script message by message, with whose turn it was in between."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from gateway.crm.embedded.automation import answer_due, partner_due
from gateway.crm.embedded.codes import TicketStatus
from gateway.crm.embedded.times import to_ms
from gateway.crm.embedded.unit import AUTOMATION
from gateway.sample.attachments import Attachments
from gateway.sample.deal_lives import write_note
from gateway.sample.request_plans import RequestPlan, Turn
from gateway.sample.script import Script

#: A status says who writes next; these end the talk.
_ENDED = (TicketStatus.DONE, TicketStatus.SHUT)


class RequestThreads:
    """Writes requests into the script."""

    def __init__(self, script: Script, attachments: Attachments) -> None:
        self._script = script
        self._attachments = attachments

    def write(self, plan: RequestPlan) -> None:
        """Write one request."""
        first = plan.turns[0]
        values: dict[str, Any] = {
            "req_no": plan.number,
            "account_id": plan.company.row.id,
            "owner_id": plan.owner.row.id,
            "subject": plan.subject,
            "topic_code": plan.topic,
            "prio": plan.prio,
            "cust_name": plan.customer,
            "status_code": TicketStatus.NEW.value,
            "answer_due_ms": answer_due(to_ms(first.at), plan.prio),
            "last_note_ms": to_ms(first.at),
        }

        def made() -> dict[str, Any]:
            return {**values, "registration_id": plan.deal.row.id if plan.deal else None}

        self._script.make(first.at, plan.row, made, plan.owner.hand)
        taken = False
        for number, turn in enumerate(plan.turns):
            self._say(plan, turn)
            if number:
                taken = self._pass_on(plan, turn, taken)
        self._end(plan)

    def _say(self, plan: RequestPlan, turn: Turn) -> None:
        moment = turn.at + timedelta(seconds=2)
        note = write_note(self._script, moment, plan.row, turn.text, turn.person.hand, turn.internal)
        for number, name in enumerate(turn.files):
            later = moment + timedelta(seconds=2 + number)
            self._attachments.add(
                self._script, later, plan.row, name, turn.person.hand, plan.places, note=note
            )

    def _pass_on(self, plan: RequestPlan, turn: Turn, taken: bool) -> bool:
        """Say whose turn it is after a message; returns whether somebody of the vendor works on it."""
        if turn.internal:
            return taken
        said = to_ms(turn.at) + 2000
        changes: dict[str, Any] = {"last_note_ms": said}
        if turn.ours:
            stays = plan.status is TicketStatus.WORK and turn is plan.turns[-1]
            changes["status_code"] = (TicketStatus.WORK if stays else TicketStatus.WAIT_PARTNER).value
            changes["answer_due_ms"] = answer_due(said, plan.prio) if stays else partner_due(said)
            if not taken:
                changes["worked_by_id"] = plan.worked_by.row.id
        else:
            changes["status_code"] = TicketStatus.WAIT_VENDOR.value
            changes["answer_due_ms"] = answer_due(said, plan.prio)
        self._script.change(turn.at + timedelta(seconds=8), plan.row, changes, turn.person.hand)
        return taken or turn.ours

    def _end(self, plan: RequestPlan) -> None:
        last = plan.turns[-1].at
        if plan.status is TicketStatus.WAIT_VENDOR and len(plan.turns) == 1:
            self._change(plan, last + timedelta(seconds=9), {"status_code": plan.status.value}, ours=True)
        if plan.status is TicketStatus.WAIT_VENDOR and plan.turns[-1].ours:
            # The vendor wrote last, and still has to come back.
            self._change(plan, last + timedelta(seconds=9), {"status_code": plan.status.value}, ours=True)
        if plan.due is not None:
            moment = last + timedelta(seconds=10)
            changes = {"answer_due_ms": to_ms(plan.due)}
            self._script.change(moment, plan.row, changes, AUTOMATION)
        if plan.resolved is not None:
            done: dict[str, Any] = {"status_code": TicketStatus.DONE.value, "answer_due_ms": None}
            # Whoever wrote last marks it resolved.
            resolved = max(plan.resolved, last + timedelta(seconds=20))
            self._change(plan, resolved, done, ours=plan.turns[-1].ours)
            if plan.shut is not None:
                shut = max(plan.shut, resolved + timedelta(seconds=20))
                self._change(plan, shut, {"status_code": TicketStatus.SHUT.value}, ours=True)

    def _change(self, plan: RequestPlan, moment: datetime, changes: dict[str, Any], ours: bool) -> None:
        self._script.change(moment, plan.row, changes, (plan.worked_by if ours else plan.owner).hand)

"""What happened to each deal, from its first draft to where it stands."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from gateway.crm.embedded.codes import Stage
from gateway.crm.embedded.domains import domain_key
from gateway.crm.embedded.times import to_ms
from gateway.crm.embedded.unit import AUTOMATION, Hand
from gateway.sample.attachments import Attachments
from gateway.sample.cast import Cast
from gateway.sample.days import Days
from gateway.sample.deal_plans import DealPlan
from gateway.sample.dice import Dice
from gateway.sample.script import Row, Script
from gateway.sample.words import Words, fill

#: The sales stage before each one.
_PIPE_BEFORE = {"P25": "P10", "P45": "P25", "P65": "P45", "P85": "P65", "P100": "P65"}

_PROTECTION = timedelta(days=90)


class DealLives:
    """Writes deals into the script."""

    def __init__(
        self, script: Script, cast: Cast, words: Words, days: Days, attachments: Attachments
    ) -> None:
        self._script = script
        self._cast = cast
        self._sentences = words.projects["words"]
        self._days = days
        self._attachments = attachments

    def write(self, plan: DealPlan, dice: Dice) -> None:
        """Write one deal."""
        life = _Life(self._script, plan, self._cast, self._days, dice)
        life.register()
        self._evidence(plan, dice)
        life.go_on()
        self._talk(plan, dice)

    def _evidence(self, plan: DealPlan, dice: Dice) -> None:
        for number, name in enumerate(plan.files or self._attachments.evidence_names(plan, dice)):
            moment = plan.created + timedelta(seconds=6 + 4 * number)
            self._attachments.add(self._script, moment, plan.row, name, plan.owner.hand, plan.places, plan)

    def _talk(self, plan: DealPlan, dice: Dice) -> None:
        vendor, partner = plan.company.reviewer.hand, plan.owner.hand
        for side, moment, text in plan.notes:
            write_note(self._script, moment, plan.row, text, vendor if side == "V" else partner)
        if plan.notes or plan.stage in (Stage.DRAFT, Stage.NEW) or not dice.chance(55):
            return
        last = plan.settled or plan.approved or self._days.now
        moment = self._days.later(plan.created, dice, 0, 1)
        for ours, theirs in dice.some(self._sentences["talks"], dice.between(1, 2)):
            answered = self._days.later(moment, dice, 0, 2)
            if answered >= last:
                break
            write_note(self._script, moment, plan.row, fill(ours, plan.places), vendor)
            write_note(self._script, answered, plan.row, fill(theirs, plan.places), partner)
            moment = self._days.later(answered, dice, 3, 9)


def write_note(
    script: Script, moment: datetime, parent: Row, text: str, hand: Hand, internal: bool = False
) -> Row:
    """Let somebody write under a row; returns the note to be."""
    note = Row("note")
    script.make(
        moment,
        note,
        lambda: {
            "parent_obj": parent.obj,
            "parent_id": parent.id,
            "body": text,
            "internal": internal,
            "contact_id": hand.contact_id,
            "staff_id": hand.staff_id,
            "written_by": hand.name,
            "sent_ms": to_ms(moment),
        },
        hand,
    )
    return note


class _Life:
    """The way of one deal through its stages."""

    def __init__(self, script: Script, plan: DealPlan, cast: Cast, days: Days, dice: Dice) -> None:
        self._script = script
        self._plan = plan
        self._days = days
        self._dice = dice
        self._partner = plan.owner.hand
        self._reviewer = plan.company.reviewer
        self._approver = (
            cast.staffer("helen") if plan.amount >= 50_000 and not plan.number else self._reviewer
        )

    def register(self) -> None:
        """Start it as a draft and, unless it still is one, hand it in."""
        plan, who = self._plan, self._plan.customer
        early = plan.stage in (Stage.DRAFT, Stage.NEW)
        settled = plan.stage is Stage.PROTECTED and plan.settled in (None, plan.approved)
        values: dict[str, Any] = {
            "account_id": plan.company.row.id,
            "owner_id": plan.owner.row.id,
            "reg_no": plan.row.state["number"],
            "cust_name": who.name,
            "domain": who.domain,
            "domain_key": domain_key(who.domain),
            "country_iso": who.country,
            "sector_code": who.sector,
            "addr_street": who.street,
            "addr_zip": who.postcode,
            "addr_town": who.town,
            "ct_name": who.contact,
            "ct_mail": who.contact_mail,
            "ct_phone": who.contact_phone,
            "deal_name": plan.title,
            "kind_code": plan.type_code,
            "est_value": f"{plan.amount:.2f}",
            "cur": plan.currency,
            "product_codes": list(plan.quantities),
            "close_on": plan.close_on,
            "rival": plan.rival,
            "assist_code": plan.assist,
            "pain": plan.problem,
            "pipe_code": plan.pipe if early or settled else _PIPE_BEFORE.get(plan.pipe, "P10"),
            "decide_on": plan.decide_on,
            "next_action": plan.next_action if early or plan.stage is Stage.PROTECTED else None,
            "stage_code": Stage.DRAFT.value,
        }
        self._script.make(plan.created, plan.row, lambda: values, self._partner)
        if plan.stage is not Stage.DRAFT:
            self._to(plan.created + timedelta(seconds=20), Stage.NEW, {}, self._partner)

    def go_on(self) -> None:
        """Let it go from there to where it stands."""
        plan = self._plan
        match plan.stage:
            case Stage.DRAFT | Stage.NEW:
                return
            case Stage.PROTECTED | Stage.EXT_ASKED | Stage.WON | Stage.LAPSED | Stage.CANCELLED:
                self._protect()
                self._after_approval()
            case Stage.WITHDRAWN:
                self._to(self._settled, Stage.WITHDRAWN, {}, self._partner)
            case Stage.REVIEW:
                self._review(self._settled)
            case _:
                self._review(self._between(plan.created, self._settled))
                self._after_review()

    @property
    def _settled(self) -> datetime:
        settled = self._plan.settled or self._plan.approved
        assert settled is not None
        return settled

    def _after_review(self) -> None:
        plan, ours = self._plan, self._reviewer
        match plan.stage:
            case Stage.INFO_NEEDED:
                self._to(self._settled, Stage.INFO_NEEDED, {"review_note": plan.ask}, ours.hand)
            case Stage.APPROVAL:
                self._to(self._settled, Stage.APPROVAL, self._progress(), ours.hand)
            case Stage.REFUSED:
                self._to(self._settled, Stage.REFUSED, {"close_reason": plan.reason}, ours.hand)
            case _:
                self._mark_duplicate()

    def _mark_duplicate(self) -> None:
        other = self._plan.duplicate_of
        assert other is not None

        def act(unit: Any) -> None:
            reason = f"Already registered as {other.row.state['number']}."
            changes = {"stage_code": Stage.DUPLICATE.value, "dup_of_id": other.row.id, "close_reason": reason}
            unit.change("registration", self._plan.row.id, changes, self._reviewer.hand)

        self._script.at(self._settled, act)

    def _review(self, moment: datetime) -> None:
        self._to(moment, Stage.REVIEW, {"reviewer_id": self._reviewer.row.id}, self._reviewer.hand)

    def _protect(self) -> None:
        """Through review and approval, sometimes with a question in between."""
        plan = self._plan
        assert plan.approved is not None
        review = plan.steps[0] if plan.steps else self._between(plan.created, plan.approved, 3)
        hand_on = plan.steps[1] if plan.steps else self._between(review, plan.approved, 1.5)
        self._review(review)
        if not plan.steps and hand_on - review > timedelta(days=2) and self._dice.chance(70):
            asked = self._between(review, hand_on, 3)
            again = self._between(asked, hand_on)
            self._to(asked, Stage.INFO_NEEDED, {"review_note": plan.ask}, self._reviewer.hand)
            self._to(again, Stage.NEW, {}, self._partner)
            self._to(
                again + min(timedelta(minutes=self._dice.between(2, 9)), (hand_on - again) / 2),
                Stage.REVIEW,
                {},
                self._reviewer.hand,
            )
        self._to(hand_on, Stage.APPROVAL, {}, self._reviewer.hand)
        end = plan.approved.date() + _PROTECTION if plan.left is None else self._days.ahead(plan.left)
        changes = {
            "prot_from": plan.approved.date().isoformat(),
            "prot_to": end.isoformat(),
            "review_note": None,
        }
        self._to(plan.approved, Stage.PROTECTED, changes, self._approver.hand)

    def _after_approval(self) -> None:
        plan = self._plan
        assert plan.approved is not None
        match plan.stage:
            case Stage.PROTECTED if plan.settled is not None and plan.settled > plan.approved:
                changes = {"next_action": plan.next_action, **self._progress()}
                self._change(plan.settled, changes, self._partner)
            case Stage.PROTECTED:
                return
            case Stage.EXT_ASKED:
                until = self._days.ahead((plan.left or 0) + plan.extend).isoformat()
                changes = {"ext_until": until, "ext_note": plan.ext_note, **self._progress()}
                self._to(self._settled, Stage.EXT_ASKED, changes, self._partner)
            case Stage.WON:
                self._change(
                    self._between(plan.approved, self._settled, 8),
                    {"next_action": plan.next_action},
                    self._partner,
                )
                po_ref = self._purchase_order()
                plan.row.state["po_ref"] = po_ref
                self._to(self._settled, Stage.WON, {"po_ref": po_ref, **self._progress()}, self._partner)
            case Stage.LAPSED:
                self._change(
                    self._between(plan.approved, self._settled, 8),
                    {"next_action": plan.next_action},
                    self._partner,
                )
                self._to(self._settled, Stage.LAPSED, {}, AUTOMATION)
            case _:
                self._to(self._settled, Stage.CANCELLED, {"close_reason": plan.reason}, self._reviewer.hand)

    def _purchase_order(self) -> str:
        initials = "".join(word[0] for word in self._plan.company.name.split()[:2] if word[0].isalpha())
        return f"{initials}-{self._settled.year % 100}{self._dice.between(1000, 9899)}"

    def _progress(self) -> dict[str, Any]:
        return {"pipe_code": self._plan.pipe}

    def _between(self, start: datetime, end: datetime, share: float = 2) -> datetime:
        """Return a moment between two, in office hours when there are any between them."""
        moment = start + (end - start) / share
        if moment.weekday() < 5 and 8 <= moment.hour < 18:
            return moment
        snapped = self._days.office_time(moment.date(), self._dice)
        return snapped if start < snapped < end else min(start + timedelta(minutes=40), moment)

    def _to(self, moment: datetime, stage: Stage, changes: dict[str, Any], hand: Hand) -> None:
        self._change(moment, {**changes, "stage_code": stage.value}, hand)

    def _change(self, moment: datetime, changes: dict[str, Any], hand: Hand) -> None:
        self._script.change(moment, self._plan.row, changes, hand)

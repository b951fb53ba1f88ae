"""What partners and the vendor work on together: co-selling, tasks, approvals, memberships, people, changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from gateway.crm.embedded import files, trade
from gateway.crm.embedded.codes import (
    ApprovalStatus,
    ChangeStatus,
    ContractStatus,
    InvoiceStatus,
    MembershipStatus,
    TaskStatus,
)
from gateway.crm.embedded.files import Stored
from gateway.crm.embedded.papers import certificate_paper
from gateway.crm.embedded.sheet import Column, Paper, Sheet
from gateway.crm.embedded.timers import DUE_DAYS
from gateway.crm.embedded.times import to_ms
from gateway.crm.embedded.unit import AUTOMATION, Unit
from gateway.sample.cast import Cast, Company, Person
from gateway.sample.days import Days
from gateway.sample.deal_lives import write_note
from gateway.sample.deal_plans import DealPlan
from gateway.sample.dice import Dice
from gateway.sample.script import Row, Script

_VENDOR = "Halden Systems"


class Jobs:
    """Writes them into the script. `documents`: the current edition of each title by its code."""

    def __init__(
        self,
        script: Script,
        cast: Cast,
        days: Days,
        deals: Sequence[DealPlan],
        documents: Mapping[str, Row],
    ) -> None:
        self._script = script
        self._cast = cast
        self._days = days
        self._deals = {plan.number: plan for plan in deals if plan.number}
        self._documents = documents
        self._home = cast.companies[0]

    def write(self, table: Mapping[str, Any], dice: Dice) -> None:
        """Write everything the table tells of."""
        for number, item in enumerate(table["opportunities"]):
            self._opportunity(item, dice.derive(f"opportunity/{number}"))
        self._tasks(table["tasks"], dice.derive("tasks"))
        self._approvals(table["approvals"], dice.derive("approvals"))
        for number, item in enumerate(table["memberships"]):
            self._membership(item, dice.derive(f"membership/{number}"))
        self._people(table)
        for item in table["co_workers"]:
            self._co_workers(item)
        for number, item in enumerate(table["changes"]):
            self._change(item, dice.derive(f"change/{number}"))

    def _person(self, name: str) -> Person:
        return next(person for person in self._home.people if person.name == name)

    def _ago(self, days: int, dice: Dice) -> datetime:
        return self._days.office_time(self._days.ahead(-days), dice)

    # ------------------------------------------------------------------------------------------------ co-selling

    def _opportunity(self, item: Mapping[str, Any], dice: Dice) -> None:
        plan = self._deals.get(item.get("deal", ""))
        ours, theirs, row = item["vendor"], item["partner"], Row("opportunity")
        opened = self._days.later(plan.created, dice, 0, 0) if plan else self._ago(45, dice)
        opened = min(opened, self._ago(1, dice))

        def made() -> dict[str, Any]:
            return {
                "account_id": self._home.row.id,
                "registration_id": plan.row.id if plan else None,
                "cust_name": plan.customer.name if plan else item["customer"],
                "opp_name": item["title"],
                "pain": plan.problem if plan else item["pain"],
                "cur": plan.currency if plan else item["currency"],
                "v_close_on": self._days.ahead(ours["close"]).isoformat(),
                "v_value": ours["amount"],
                "v_team": ours["team"],
                "v_next": ours["next"] or None,
                "stage_code": "P10",
            }

        self._script.make(opened, row, made, self._home.reviewer.hand)
        mine = {
            "p_stage_code": theirs["stage"],
            "p_close_on": self._days.ahead(theirs["close"]).isoformat(),
            "p_value": theirs["amount"],
            "p_contact": theirs["contact"],
            "p_next": theirs["next"],
        }
        answered = self._days.capped(opened + timedelta(hours=3))
        seller = self._person(theirs["contact"].split(",")[0])
        self._script.change(answered, row, mine, seller.hand)
        if item["joint"]:
            together = self._days.capped(answered + timedelta(minutes=50))
            self._script.change(together, row, {"joint_next": item["joint"]}, self._home.reviewer.hand)
        if item["stage"] != "P10":
            on = self._days.capped(answered + timedelta(minutes=90))
            moved = {"stage_code": item["stage"], "lost_why": item.get("lost")}
            self._script.change(on, row, moved, self._home.reviewer.hand)
        for side, back, text in item["notes"]:
            hand = self._home.reviewer.hand if side == "V" else seller.hand
            moment = max(self._ago(back, dice), self._days.capped(answered + timedelta(hours=2)))
            write_note(self._script, moment, row, text, hand)

    def _co_workers(self, item: Mapping[str, Any]) -> None:
        plan, people = self._deals[item["deal"]], [self._person(name) for name in item["names"]]

        def act(unit: Unit) -> None:
            ids = [str(person.row.id) for person in people]
            unit.change("registration", plan.row.id, {"co_worker_ids": ids}, plan.owner.hand)

        self._script.at(self._days.capped(plan.created + timedelta(minutes=25)), act)

    # ----------------------------------------------------------------------------------------------------- tasks

    def _tasks(self, items: Sequence[Mapping[str, Any]], dice: Dice) -> None:
        rows = {item["subject"]: Row("task") for item in items}
        begins = {days: self._ago(days, dice) for days in sorted({item["given"] for item in items})}
        for number, item in enumerate(items):
            given = begins[item["given"]] + timedelta(seconds=number)
            self._task(item, rows, self._days.capped(given), dice)

    def _task(self, item: Mapping[str, Any], rows: Mapping[str, Row], given: datetime, dice: Dice) -> None:
        row, after = rows[item["subject"]], [rows[name] for name in item.get("after", ())]
        document = self._documents.get(item.get("document", ""))

        def made() -> dict[str, Any]:
            return {
                "account_id": self._home.row.id,
                "subject": item["subject"],
                "details": item["details"],
                "checklist": item["checklist"],
                "form_code": item.get("form"),
                "document_id": document.id if document else None,
                "after_ids": [one.id for one in after] or None,
                "due_on": self._days.ahead(item["due"]).isoformat(),
            }

        self._script.make(given, row, made, self._home.reviewer.hand)
        if item["state"] == TaskStatus.TODO:
            return
        handed = self._ago(item["handed"], dice)
        admin = self._person("Simon Thwaite").hand
        changes = {"status_code": TaskStatus.HANDED_IN.value, "replies": item.get("replies")}
        if item.get("file"):
            self._attach(handed, row, item["file"], "Certificate", admin.name)
        self._script.change(handed + timedelta(minutes=1), row, changes, admin)
        answered = self._days.later(handed + timedelta(minutes=1), dice, 1, 2)
        answer = {"status_code": item["state"], "staff_note": item.get("note")}
        self._script.change(answered, row, answer, self._home.reviewer.hand)

    def _attach(self, moment: datetime, parent: Row, name: str, title: str, by: str) -> None:
        def act(unit: Unit) -> None:
            sheet = Sheet(title, self._home.name, "", name, plain=True)
            sheet.title(title, self._home.name)
            sheet.paragraph(
                "Issued for the offices in Leeds. The scope stands on the certificate of the auditor."
            )
            stored = _stored(unit, sheet.finish())
            values = {
                "parent_obj": parent.obj,
                "parent_id": parent.id,
                "file_name": name,
                "mime": "application/pdf",
                "byte_count": stored.size,
                "digest": stored.digest,
                "added_by": by,
            }
            unit.insert("attachment", values, self._person(by).hand)

        self._script.at(moment, act)

    # ------------------------------------------------------------------------------------------------- approvals

    def _approvals(self, items: Sequence[Mapping[str, Any]], dice: Dice) -> None:
        newest: dict[str, Row] = {}
        for item in sorted(items, key=lambda one: -int(one["asked"])):
            row = Row("approval")
            moment = self._ago(item["asked"], dice)
            self._script.at(moment, self._asked(item, row))
            before = newest.get(item["subject"])
            if before is not None:
                self._script.at(moment + timedelta(seconds=1), self._replaced(before, row))
            newest[item["subject"]] = row
            if "decided" in item:
                maya = self._person("Maya Okafor")
                decided = self._ago(item["decided"], dice)
                verdict = {
                    "status_code": item["state"],
                    "decided_by": maya.name,
                    "decided_ms": to_ms(decided),
                }
                self._script.change(decided, row, verdict, maya.hand)

    def _asked(self, item: Mapping[str, Any], row: Row) -> Callable[[Unit], None]:
        plan = self._deals.get(item.get("deal", ""))
        names = ("name", "code", "quantity", "value")
        lines = [dict(zip(names, line, strict=True)) for line in item["lines"]]

        def act(unit: Unit) -> None:
            values = {
                "account_id": self._home.row.id,
                "subject": item["subject"],
                "step_label": item["step"],
                "summary": item["summary"],
                "lines": lines or None,
                "total": item["amount"] or None,
                "cur": item["currency"] or None,
                "registration_id": plan.row.id if plan else None,
                "deciders": "Administrators, sales managers, finance",
                "asked_by_id": self._home.reviewer.row.id,
                "due_on": self._days.ahead(item["due"]).isoformat(),
            }
            if item.get("file"):
                stored = _stored(unit, _quote(item, lines))
                values |= {"file_name": item["file"], "mime": "application/pdf"}
                values |= {"byte_count": stored.size, "digest": stored.digest}
            row.key = unit.insert("approval", values, self._home.reviewer.hand)

        return act

    def _replaced(self, before: Row, by: Row) -> Callable[[Unit], None]:
        hand = self._home.reviewer.hand
        superseded = ApprovalStatus.SUPERSEDED.value
        return lambda unit: unit.change(
            "approval", before.id, {"status_code": superseded, "replaced_by_id": by.id}, hand
        )

    # ----------------------------------------------------------------------------------------------- memberships

    def _membership(self, item: Mapping[str, Any], dice: Dice) -> None:
        company, row = self._cast.companies[item["company"]], Row("membership")
        begins, ends = self._days.ahead(item["since"]), self._days.ahead(item["until"])
        since = self._days.office_time(begins, dice)

        def act(unit: Unit) -> None:
            values = {
                "account_id": company.row.id,
                "credential": item["credential"],
                "level_label": item["level"],
                "holder": item["holder"] or None,
                "valid_from": begins.isoformat(),
                "valid_to": ends.isoformat(),
                "keeps": item["keeps"],
            }
            row.key = unit.insert("membership", values, company.reviewer.hand)
            told = unit.row("membership", row.id)
            paper = certificate_paper(_VENDOR, told, company.name)
            about = trade.stored_as(unit, f"{told['mem_no']}-{ends.year}.pdf", paper)
            unit.change("membership", row.id, about, AUTOMATION)

        self._script.at(since, act)
        for status, left in ((MembershipStatus.DUE, DUE_DAYS), (MembershipStatus.LAPSED, -1)):
            if item["until"] <= left:
                day = ends - timedelta(days=left)
                moment = self._days.capped(max(since, self._days.office_time(day, dice)))
                self._script.change(moment, row, {"status_code": status.value}, AUTOMATION)
        if "renewal" in item:
            self._renewal(company, row, item, dice)

    def _renewal(self, company: Company, member: Row, item: Mapping[str, Any], dice: Dice) -> None:
        about, row = item["renewal"], Row("contract")
        quoted = self._ago(about["quoted"], dice)

        def made() -> dict[str, Any]:
            return {
                "account_id": company.row.id,
                "cust_name": company.name,
                "product_label": about["product"],
                "qty": 1,
                "term_end": self._days.ahead(item["until"]).isoformat(),
                "cur": about["currency"],
                "kind_code": "MEM",
                "membership_id": member.id,
            }

        self._script.make(self._ago(about["quoted"] + 21, dice), row, made, AUTOMATION)
        quote = {
            "quote_value": about["value"],
            "unit_value": about["value"],
            "quote_until": self._days.ahead(about["until"]).isoformat(),
            "status_code": ContractStatus.QUOTED.value,
        }
        self._script.change(quoted, row, quote, company.reviewer.hand)

    # ------------------------------------------------------------------------------------------ people and changes

    def _people(self, table: Mapping[str, Any]) -> None:
        begin = self._days.office_time(self._days.ahead(-800), Dice("people"))
        for number, item in enumerate(table["contacts"]):
            values = {
                "full_name": item["name"],
                "job_title": item["job"],
                "mail": item["mail"],
                "phone": item["phone"],
                "purpose_codes": item["purposes"],
                "on_portal": False,
            }
            company, moment = self._cast.companies[item["company"]], begin + timedelta(minutes=number)
            self._script.at(moment, _contact(company, values))
        for company, address in zip(self._cast.companies, table["addresses"], strict=True):
            about = {"addr_street": address["street"], "addr_zip": address["zip"]}
            about |= {"phone": address["phone"], "web": address["web"]}
            self._script.change(begin, company.row, about, self._cast.staffer("sofia").hand)

    def _change(self, item: Mapping[str, Any], dice: Dice) -> None:
        who, row = self._person(item["who"]), Row("change_request")

        def made() -> dict[str, Any]:
            return {
                "account_id": self._home.row.id,
                "asked_by_id": who.row.id,
                "what_code": item["what"],
                "old_text": item["old"],
                "new_text": item["new"],
                "why_text": item["why"],
            }

        self._script.make(self._ago(item["asked"], dice), row, made, who.hand)
        if "answered" in item:
            done = {"status_code": ChangeStatus.DONE.value, "answer_text": item["answer"]}
            self._script.change(
                self._ago(item["answered"], dice), row, done, self._cast.staffer("sofia").hand
            )


def _contact(company: Company, values: Mapping[str, Any]) -> Callable[[Unit], None]:
    def act(unit: Unit) -> None:
        unit.insert("contact", {"account_id": company.row.id, **values}, AUTOMATION)

    return act


def _stored(unit: Unit, paper: Paper) -> Stored:
    return files.store(unit.connection, [paper.body])


def _quote(item: Mapping[str, Any], lines: Sequence[Mapping[str, str]]) -> Paper:
    sheet = Sheet(item["subject"], _VENDOR, "Quote, partners only", item["file"], plain=True)
    sheet.title(item["subject"], item["step"])
    sheet.paragraph(item["summary"])
    columns = (
        Column("Item", 4),
        Column("Code", 1.6, soft=True),
        Column("Quantity", 1, right=True),
        Column("Value", 1.6, right=True),
    )
    sheet.table(columns, [list(line.values()) for line in lines])
    sheet.heading(f"Total {item['amount']} {item['currency']}")
    return sheet.finish()


class Invoices:
    """Invoices of orders, each with its paper. `number` is that of the featured one; the others stand around it."""

    def __init__(self, script: Script, days: Days) -> None:
        self._script = script
        self._days = days
        self._planned: list[tuple[datetime, Row, Row | None, Mapping[str, Any], datetime | None]] = []

    def of_order(self, issued: datetime, order: Row, paid: datetime | None) -> None:
        """Plan the invoice of an order. `paid`: when, if it is."""
        self._planned.append((issued, Row("invoice"), order, {}, paid))

    def by_itself(self, issued: datetime, values: Mapping[str, Any]) -> None:
        """Plan an invoice without an order of the programme's."""
        self._planned.append((issued, Row("invoice"), None, values, None))

    def write(self, fixed: str, number: int) -> int:
        """Write all that were planned; the one by itself for the customer `fixed` has the number. Returns how many."""
        planned = sorted(self._planned, key=lambda item: item[0])
        place = next(at for at, item in enumerate(planned) if item[3].get("cust_name") == fixed)
        for at, (issued, row, order, values, paid) in enumerate(planned):
            about = {"inv_no": f"INV-{number + at - place}", **values}
            self._script.at(issued, self._made(row, order, about))
            due = issued.date() + timedelta(days=trade.PAYMENT_DAYS)
            if paid is not None:
                changes = {"status_code": InvoiceStatus.PAID.value, "balance": "0.00"}
                self._script.change(max(paid, issued + timedelta(minutes=1)), row, changes, AUTOMATION)
            elif due < self._days.today:
                over = datetime.combine(due + timedelta(days=1), issued.timetz()).replace(hour=0, minute=5)
                changes = {"status_code": InvoiceStatus.OVERDUE.value}
                self._script.change(self._days.capped(over), row, changes, AUTOMATION)
        return len(planned)

    def _made(self, row: Row, order: Row | None, about: Mapping[str, Any]) -> Callable[[Unit], None]:
        def act(unit: Unit) -> None:
            if order is not None:
                row.key = trade.invoice_order(unit, unit.row("order", order.id), **about)
            else:
                row.key = trade.invoice(unit, about)

        return act

"""Which requests there are, who asked, and what was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from gateway.crm.embedded.codes import Stage, TicketStatus
from gateway.crm.embedded.times import add_working_days
from gateway.sample.attachments import serial
from gateway.sample.cast import Cast, Company, Customer, Person, Staffer
from gateway.sample.commerce import OrderPlan
from gateway.sample.days import Days, month_name, short_day
from gateway.sample.deal_plans import DealPlan
from gateway.sample.dice import Dice
from gateway.sample.script import Row
from gateway.sample.words import Words, fill, put, short_slug

#: How many requests each company has in each status, besides those that are written down one by one.
_COUNTS: tuple[Mapping[TicketStatus, int], ...] = (
    {TicketStatus.DONE: 6, TicketStatus.SHUT: 136},
    {
        TicketStatus.NEW: 1,
        TicketStatus.WORK: 1,
        TicketStatus.WAIT_PARTNER: 2,
        TicketStatus.WAIT_VENDOR: 2,
        TicketStatus.DONE: 5,
        TicketStatus.SHUT: 79,
    },
    {
        TicketStatus.NEW: 1,
        TicketStatus.WAIT_PARTNER: 1,
        TicketStatus.WAIT_VENDOR: 2,
        TicketStatus.DONE: 3,
        TicketStatus.SHUT: 53,
    },
)
_OPEN = frozenset({TicketStatus.NEW, TicketStatus.WORK, TicketStatus.WAIT_PARTNER, TicketStatus.WAIT_VENDOR})

_ENDED_STAGES = frozenset({Stage.WON, Stage.LAPSED, Stage.CANCELLED})

#: Who of the vendor answers which topic; an empty name means the partner's channel manager.
_ANSWERS = {"QTE": "", "QST": "", "TEC": "elena", "DLV": "tom", "INV": "tom", "MKT": "sofia", "TRN": "sofia"}
#: Which roles at the partner ask about which topic.
_ASKS = {
    "TEC": ("support", "rep"),
    "INV": ("finance", "admin", "manager"),
    "MKT": ("manager",),
    "TRN": ("manager", "admin"),
}


@dataclass(frozen=True)
class Turn:
    """One message: who, when, what, with which files; `internal` ones stay with the vendor."""

    person: Person | Staffer
    at: datetime
    text: str
    files: tuple[str, ...] = ()
    internal: bool = False

    @property
    def ours(self) -> bool:
        """Whether the vendor wrote it."""
        return isinstance(self.person, Staffer)


@dataclass(frozen=True)
class RequestPlan:
    """One request with its talk. `resolved` and `shut` are when it was marked so."""

    company: Company
    owner: Person
    worked_by: Staffer
    subject: str
    topic: str
    prio: str
    customer: str
    status: TicketStatus
    turns: tuple[Turn, ...]
    places: Mapping[str, Any]
    deal: DealPlan | None = None
    due: datetime | None = None
    resolved: datetime | None = None
    shut: datetime | None = None
    number: str = ""
    row: Row = field(default_factory=lambda: Row("ticket"))


class RequestPlanner:
    """Makes the plans."""

    def __init__(
        self, words: Words, cast: Cast, days: Days, deals: Sequence[DealPlan], orders: Sequence[OrderPlan]
    ) -> None:
        self._scenarios = words.requests["scenarios"]
        self._rivals = words.projects["words"]["rivals"]
        self._sectors = words.customers["sectors"]
        self._cast = cast
        self._days = days
        self._deals = deals
        self._orders = orders

    def all(self, featured: Sequence[Mapping[str, Any]], dice: Dice) -> list[RequestPlan]:
        """Return every request, oldest first."""
        plans = [self._featured(item, dice.derive(item["number"])) for item in featured]
        for company, counts in zip(self._cast.companies, _COUNTS, strict=True):
            stream = dice.derive(company.name)
            deck: list[Mapping[str, Any]] = []
            for status, count in counts.items():
                for _ in range(count):
                    # Going round all scenarios before one comes again keeps the same question apart.
                    deck = deck or stream.shuffled(self._scenarios)
                    plans.append(self._generated(company, status, deck.pop(), stream))
        return sorted(plans, key=lambda plan: plan.turns[0].at)

    # ------------------------------------------------------------------------------------------ written down

    def _featured(self, item: Mapping[str, Any], dice: Dice) -> RequestPlan:
        company, days = self._cast.companies[0], self._days
        owner = next(person for person in company.people if person.name == item["owner"])
        worked_by = self._cast.staffer(item["worked_by"])
        deal = next((plan for plan in self._deals if plan.number == item.get("deal", "-")), None)
        turns = tuple(
            Turn(owner if side == "P" else worked_by, days.at(back, clock), text, tuple(files), side == "I")
            for side, back, clock, text, files in item["messages"]
        )
        status = TicketStatus(item["status"])
        last = turns[-1].at
        done = status in (TicketStatus.DONE, TicketStatus.SHUT)
        who = deal.customer if deal else dice.pick(self._cast.customers[company.region])
        places = self._places(
            company, owner, deal, replace(who, name=item["customer"]), turns[0].at.date(), dice
        )
        return RequestPlan(
            company=company,
            owner=owner,
            worked_by=worked_by,
            subject=item["subject"],
            topic=item["topic"],
            prio=item["prio"],
            customer=item["customer"],
            status=status,
            turns=turns,
            places=places,
            deal=deal,
            due=self._due(*item["due"]) if "due" in item else None,
            resolved=days.capped(last + timedelta(minutes=40)) if done else None,
            shut=days.capped(last + timedelta(days=3)) if status is TicketStatus.SHUT else None,
            number=item["number"],
        )

    def _due(self, ahead: int, clock: str) -> datetime:
        """Return a due time that has not passed: the clock time today, or on a later working day."""
        hour, minute = (int(part) for part in clock.split(":"))
        day = self._days.working_ahead(ahead) if ahead else self._days.today
        due = datetime.combine(day, time(hour, minute), UTC)
        while due.weekday() >= 5 or due <= self._days.now + timedelta(hours=1):
            due += timedelta(days=1)
        return due

    # --------------------------------------------------------------------------------------------- generated

    def _generated(
        self, company: Company, status: TicketStatus, scenario: Mapping[str, Any], dice: Dice
    ) -> RequestPlan:
        start = self._start(status, dice)
        deal, order = self._about(company, scenario, status, start, dice)
        if scenario.get("deal") and deal is None:
            scenario = next(
                item for item in self._scenarios if item["topic"] == "QST" and not item.get("deal")
            )
        if scenario.get("deal") and deal is not None:
            start = self._during(deal, scenario["deal"], start, dice)
        topic = scenario["topic"]
        owner = self._asker(company, topic, dice)
        worked_by = self._cast.staffer(_ANSWERS[topic]) if _ANSWERS[topic] else company.reviewer
        if topic == "TEC" and dice.chance(30):
            worked_by = self._cast.staffer("marcus")
        who = deal.customer if deal else dice.pick(self._cast.customers[company.region])
        places = self._places(company, owner, deal, who, start.date(), dice)
        if order is not None:
            places["order"] = order.number
        way = dice.between(0, 1)
        turns = self._turns(scenario, way, status, (owner, worked_by), start, places, dice)
        resolved = shut = None
        if status in (TicketStatus.DONE, TicketStatus.SHUT):
            resolved = self._days.capped(turns[-1].at + timedelta(minutes=dice.between(5, 90)))
        if status is TicketStatus.SHUT and resolved:
            shut = self._days.later(resolved, dice, 5, 9)
        subjects = scenario["subject"]
        named = "{customer}" in str(scenario) or "{contact}" in str(scenario)
        return RequestPlan(
            company=company,
            owner=owner,
            worked_by=worked_by,
            subject=fill(subjects[way] if len(subjects) == 2 else dice.pick(subjects), places)[:140],
            topic=topic,
            prio=dice.pick(scenario["prio"]),
            customer=who.name if named or order else company.name,
            status=status,
            turns=turns,
            places=places,
            deal=deal if scenario.get("deal") or order or (named and dice.chance(75)) else None,
            due=self._due(dice.between(0, 2), f"{dice.between(9, 16)}:{dice.pick((0, 15, 30, 45)):02d}")
            if status in _OPEN
            else None,
            resolved=resolved,
            shut=shut,
        )

    def _about(
        self, company: Company, scenario: Mapping[str, Any], status: TicketStatus, start: datetime, dice: Dice
    ) -> tuple[DealPlan | None, OrderPlan | None]:
        """Return the deal, and the order where the question is about one, that a request is about."""
        if scenario.get("order"):
            orders = [
                plan for plan in self._orders if plan.deal.company is company and plan.placed < start.date()
            ]
            order = dice.pick(orders[-3:]) if orders else None
            return (order.deal if order else None), order
        pool = [plan for plan in self._deals if plan.company is company and plan.created < start]
        if scenario.get("deal"):
            pool = [plan for plan in pool if self._window(plan, scenario["deal"], status, start)]
            return (dice.pick(pool) if pool else None), None
        return (dice.pick(pool) if pool and dice.chance(70) else None), None

    def _window(self, plan: DealPlan, mode: str, status: TicketStatus, start: datetime) -> bool:
        """Tell whether there was a time to ask about this deal: while it was waited for, or while it was protected."""
        begin, end = _span(plan, mode, self._days.now)
        if begin is None or end - begin < timedelta(hours=30):
            return False
        if status in _OPEN or status is TicketStatus.DONE:
            return begin < start < end
        return end < self._days.now - timedelta(days=30)

    def _during(self, plan: DealPlan, mode: str, start: datetime, dice: Dice) -> datetime:
        begin, end = _span(plan, mode, self._days.now)
        if begin is None or begin < start < end:
            return start
        inside = self._days.office_time((begin + (end - begin) / dice.between(2, 4)).date(), dice)
        return inside if begin < inside < end else begin + timedelta(hours=1)

    def _asker(self, company: Company, topic: str, dice: Dice) -> Person:
        if company is self._cast.companies[1] and dice.chance(5):
            return self._cast.field_rep
        fitting = company.with_role(*_ASKS.get(topic, ("manager", "rep")))
        return dice.pick(fitting or company.with_role("manager", "rep", "admin"))

    def _start(self, status: TicketStatus, dice: Dice) -> datetime:
        if status is TicketStatus.NEW:
            back = dice.between(0, 1)
        elif status in _OPEN:
            back = dice.between(3, 7)
        elif status is TicketStatus.DONE:
            back = dice.between(7, 13)
        else:
            back = dice.between(26, 730)
        return self._days.office_time(self._days.working_day(back * 5 // 7), dice)

    def _turns(
        self,
        scenario: Mapping[str, Any],
        way: int,
        status: TicketStatus,
        people: tuple[Person, Staffer],
        start: datetime,
        places: Mapping[str, Any],
        dice: Dice,
    ) -> tuple[Turn, ...]:
        owner, worked_by = people
        found: list[Turn] = []
        moment = start
        for turn in _until(scenario["turns"], status):
            if found:
                moment = self._days.later(moment, dice, 0, 1)
            text = self._letter(
                fill(turn["say"][way % len(turn["say"])], places), turn["by"], people, not found, dice
            )
            names = tuple(put(name, places) for name in turn.get("files", ()))
            person = owner if turn["by"] == "P" else worked_by
            found.append(Turn(person, moment, text, names, turn["by"] == "I"))
        return tuple(found)

    def _letter(self, text: str, side: str, people: tuple[Person, Staffer], first: bool, dice: Dice) -> str:
        """Return a message as some people write it: with a greeting, a name below, both or neither."""
        if side == "I":
            return text
        owner, worked_by = people
        writer, reader = (owner, worked_by) if side == "P" else (worked_by, owner)
        hello = f"{dice.pick(_GREETINGS)} {reader.first},\n\n" if dice.chance(40 if first else 12) else ""
        name = f"\n\n{dice.pick(_CLOSINGS)}{writer.first}" if dice.chance(35 if first else 16) else ""
        return f"{hello}{text}{name}"

    def _places(
        self, company: Company, owner: Person, deal: DealPlan | None, who: Customer, base: date, dice: Dice
    ) -> dict[str, Any]:
        sector = self._sectors[who.sector]
        recent = (self._days.today - base).days < 150
        colleague = dice.pick([person for person in company.people if person is not owner])
        product = dice.pick(("Edge 220", "Edge 220", "Edge 440", "Edge 220 cellular"))
        count = dice.between(1, 4) if product == "Edge 440" else dice.between(2, 14)
        boxes = {"EG440" if product == "Edge 440" else "EG220": count, "INP": count}
        return {
            **{name: sector[name] for name in ("site", "sites", "people", "system")},
            "customer": who.name,
            "contact": who.contact,
            "town": who.town,
            "slug": short_slug(who.name),
            "n": count,
            "quantities": deal.quantities if deal else boxes,
            "currency": deal.currency if deal else company.currency,
            "seats": dice.between(4, 30) * 10,
            "product": product,
            "version": "8.4" if recent else "8.3",
            "serial": serial(dice),
            "order": f"ORD-{dice.between(56000, 57200)}",
            "invoice": f"INV-{dice.between(19000, 20900)}",
            "quote": f"Q-{dice.between(9300, 10440)}",
            "rma": f"RMA-{dice.between(3900, 4400)}",
            "amount": _price(company.currency, dice),
            "past": short_day(base - timedelta(days=dice.between(1, 6))),
            "soon": short_day(add_working_days(base, dice.between(3, 7))),
            "later": short_day(add_working_days(base, dice.between(15, 30))),
            "month": month_name(base + timedelta(days=dice.between(20, 50))),
            "close_month": month_name(base + timedelta(days=60)),
            "rival": dice.pick(self._rivals),
            "me": owner.name,
            "colleague": colleague.name,
            "deal": deal.row.state["number"] if deal else "",
        }


_GREETINGS = ("Hello", "Hello", "Good morning", "Dear", "Hi")
_CLOSINGS = ("", "Thanks, ", "Kind regards, ", "Best wishes, ")


def _span(plan: DealPlan, mode: str, now: datetime) -> tuple[datetime | None, datetime]:
    """Return from when until when a deal was waited for or protected."""
    if mode == "waiting":
        return plan.created + timedelta(hours=20), plan.approved or plan.settled or now
    return plan.approved, (plan.settled if plan.stage in _ENDED_STAGES else None) or now


def _price(currency: str, dice: Dice) -> str:
    sign = "£" if currency == "GBP" else "€"
    return f"{sign}{dice.pick((1890, 2340, 2710, 4120, 4780, 412)):,}.00"


def _until(turns: Sequence[Mapping[str, Any]], status: TicketStatus) -> Sequence[Mapping[str, Any]]:
    """Return the turns that have been taken when a request stands like this."""
    match status:
        case TicketStatus.NEW:
            return turns[:1]
        case TicketStatus.WORK | TicketStatus.WAIT_PARTNER:
            return turns[:2]
        case TicketStatus.WAIT_VENDOR:
            return turns[:3] if len(turns) > 2 and turns[2]["by"] == "P" else turns[:1]
        case _:
            return turns

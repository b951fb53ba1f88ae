"""Which requests there are, who asked, and what was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from gateway.crm.embedded.codes import TicketStatus
from gateway.crm.embedded.times import add_working_days
from gateway.sample.attachments import serial
from gateway.sample.cast import Cast, Company, Person, Staffer
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
        places = self._places(company, owner, deal, item["customer"], turns[0].at.date(), dice)
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
        topic = scenario["topic"]
        owner = self._asker(company, topic, dice)
        worked_by = self._cast.staffer(_ANSWERS[topic]) if _ANSWERS[topic] else company.reviewer
        if topic == "TEC" and dice.chance(30):
            worked_by = self._cast.staffer("marcus")
        start = self._start(status, dice)
        pool = [plan for plan in self._deals if plan.company is company and plan.created < start]
        wants_deal = bool(scenario.get("deal"))
        deal = dice.pick(pool) if pool and (wants_deal or dice.chance(60)) else None
        customer = deal.customer.name if deal else dice.pick(self._cast.customers[company.region]).name
        if wants_deal and deal is None:
            scenario = next(
                item for item in self._scenarios if item["topic"] == "QST" and not item.get("deal")
            )
        places = self._places(company, owner, deal, customer, start.date(), dice)
        way = dice.between(0, 1)
        turns = self._turns(scenario, way, status, (owner, worked_by), start, places, dice)
        resolved = shut = None
        if status in (TicketStatus.DONE, TicketStatus.SHUT):
            resolved = self._days.capped(turns[-1].at + timedelta(minutes=dice.between(5, 300)))
        if status is TicketStatus.SHUT and resolved:
            shut = self._days.later(resolved, dice, 5, 9)
        subjects = scenario["subject"]
        subject = subjects[way] if len(subjects) == 2 else dice.pick(subjects)
        return RequestPlan(
            company=company,
            owner=owner,
            worked_by=worked_by,
            subject=fill(subject, places)[:140],
            topic=topic,
            prio=dice.pick(scenario["prio"]),
            customer=customer if "{customer}" in str(scenario) or deal else company.name,
            status=status,
            turns=turns,
            places=places,
            deal=deal if deal is not None and (wants_deal or dice.chance(75)) else None,
            resolved=resolved,
            shut=shut,
        )

    def _asker(self, company: Company, topic: str, dice: Dice) -> Person:
        if company is self._cast.companies[1] and dice.chance(5):
            return self._cast.field_rep
        fitting = company.with_role(*_ASKS.get(topic, ("manager", "rep")))
        return dice.pick(fitting or company.with_role("manager", "rep", "admin"))

    def _start(self, status: TicketStatus, dice: Dice) -> datetime:
        if status is TicketStatus.NEW:
            back = dice.between(0, 1)
        elif status in _OPEN:
            back = dice.between(2, 6)
        elif status is TicketStatus.DONE:
            back = dice.between(7, 13)
        else:
            back = dice.between(26, 730)
        return self._days.office_time(self._days.ahead(-back), dice)

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
            text = fill(turn["say"][way % len(turn["say"])], places)
            names = tuple(put(name, places) for name in turn.get("files", ()))
            person = owner if turn["by"] == "P" else worked_by
            found.append(Turn(person, moment, text, names, turn["by"] == "I"))
        return tuple(found)

    def _places(
        self, company: Company, owner: Person, deal: DealPlan | None, customer: str, base: date, dice: Dice
    ) -> dict[str, Any]:
        sector = self._sectors[deal.customer.sector if deal else dice.pick(list(self._sectors))]
        orders = [plan for plan in self._orders if plan.deal.company is company and plan.placed <= base]
        fitting = [plan for plan in orders if plan.deal.customer.name == customer] or orders
        contact = deal.customer.contact if deal else self._contact(company, dice)
        recent = (self._days.today - base).days < 150
        colleague = dice.pick([person for person in company.people if person is not owner])
        return {
            **{name: sector[name] for name in ("site", "sites", "people", "system")},
            "customer": customer,
            "contact": contact,
            "town": deal.customer.town if deal else dice.pick(self._cast.customers[company.region]).town,
            "slug": short_slug(customer),
            "n": dice.between(2, 14),
            "seats": dice.between(4, 30) * 10,
            "product": dice.pick(("Edge 220", "Edge 220", "Edge 440", "Edge 220 cellular")),
            "version": "8.4" if recent else "8.3",
            "serial": serial(dice),
            "order": dice.pick(fitting[-6:]).number if fitting else f"ORD-{dice.between(56000, 57200)}",
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

    def _contact(self, company: Company, dice: Dice) -> str:
        return dice.pick(self._cast.customers[company.region]).contact


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

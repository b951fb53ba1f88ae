"""Which deals there are: those that pictures speak of, and generated ones that make the years before believable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from gateway.crm.embedded.codes import Stage
from gateway.crm.embedded.times import add_working_days
from gateway.sample.cast import Cast, Company, Customer, Person, customer
from gateway.sample.days import Days, month_name, short_day
from gateway.sample.dice import Dice
from gateway.sample.prices import Prices
from gateway.sample.script import Row
from gateway.sample.words import Words, fill

OPEN_STAGES = (Stage.NEW, Stage.REVIEW, Stage.INFO_NEEDED, Stage.APPROVAL, Stage.PROTECTED, Stage.EXT_ASKED)

#: How many deals each company has in each stage, besides those that are written down one by one.
_COUNTS: tuple[Mapping[str, int], ...] = (
    {"WON": 72, "REFUSED": 21, "DUPLICATE": 12, "LAPSED": 30, "CANCELLED": 13, "WITHDRAWN": 15},
    {
        "DRAFT": 1,
        "NEW": 3,
        "REVIEW": 3,
        "INFO_NEEDED": 2,
        "APPROVAL": 2,
        "PROTECTED": 6,
        "EXT_ASKED": 1,
        "WON": 54,
        "REFUSED": 12,
        "DUPLICATE": 6,
        "LAPSED": 16,
        "CANCELLED": 6,
        "WITHDRAWN": 6,
    },
    {
        "DRAFT": 1,
        "NEW": 2,
        "REVIEW": 2,
        "INFO_NEEDED": 2,
        "APPROVAL": 2,
        "PROTECTED": 5,
        "EXT_ASKED": 1,
        "WON": 44,
        "REFUSED": 9,
        "DUPLICATE": 4,
        "LAPSED": 11,
        "CANCELLED": 5,
        "WITHDRAWN": 4,
    },
)


@dataclass(frozen=True)
class DealPlan:
    """One deal: who sells what to whom, where it stands, and when it came there.

    `approved` is when protection began, `settled` when the present stage was reached (for a protected deal: the last
    change after that). `quantities` maps product codes to counts. `left`: days of protection left.
    """

    company: Company
    owner: Person
    customer: Customer
    kind: str
    title: str
    problem: str
    stage: Stage
    type_code: str
    quantities: Mapping[str, int]
    amount: Decimal
    currency: str
    created: datetime
    approved: datetime | None
    settled: datetime | None
    places: Mapping[str, Any]
    pipe: str
    next_action: str
    close_on: str
    decide_on: str | None = None
    rival: str | None = None
    assist: str = "NONE"
    left: int | None = None
    number: str = ""
    reason: str | None = None
    ask: str = ""
    ext_note: str = ""
    extend: int = 45
    files: tuple[str, ...] = ()
    steps: tuple[datetime, ...] = ()
    notes: tuple[tuple[str, datetime, str], ...] = ()
    duplicate_of: DealPlan | None = None
    row: Row = field(default_factory=lambda: Row("registration"))

    @property
    def open(self) -> bool:
        """Whether it still goes on."""
        return self.stage in OPEN_STAGES


class DealPlanner:
    """Makes the plans."""

    def __init__(self, words: Words, cast: Cast, days: Days, prices: Prices) -> None:
        self._words = words
        self._cast = cast
        self._days = days
        self._prices = prices
        self._kinds = words.projects["kinds"]

    def all(self, featured: Sequence[Mapping[str, Any]], dice: Dice) -> list[DealPlan]:
        """Return every deal, oldest first."""
        plans = [self._featured(item, dice.derive(item["number"])) for item in featured]
        for company, counts in zip(self._cast.companies, _COUNTS, strict=True):
            stream = dice.derive(company.name)
            stages = [Stage(stage) for stage, count in counts.items() for _ in range(count)]
            lately = iter(_LATELY)
            made = [
                self._generated(company, stage, next(lately, None) if stage is Stage.WON else None, stream)
                for stage in stages
                if stage is not Stage.DUPLICATE
            ]
            past = self._days.now - timedelta(days=40)
            pool = [plan for plan in made if plan.stage in _OTHERS and plan.created < past]
            twins = stream.some(pool, counts["DUPLICATE"])
            plans += made + [self._twin(plan, stream) for plan in twins]
        return sorted(plans, key=lambda plan: plan.created)

    # ------------------------------------------------------------------------------------------ written down

    def _featured(self, item: Mapping[str, Any], dice: Dice) -> DealPlan:
        name, town, sector, country, contact = item["customer"]
        company, days = self._cast.companies[0], self._days
        who = customer(self._words.customers, "north", sector, (name, town), dice, country, contact)
        amount, currency = item["amount"].split()
        kind = next(kind for kind in self._kinds if kind["name"] == item["kind"])
        stage = Stage(item["stage"])
        reached = days.at(*item["at"]) if "at" in item else None
        waits = stage in (Stage.PROTECTED, Stage.EXT_ASKED)
        approved = days.at(*item["approved"]) if "approved" in item else (reached if waits else None)
        settled = days.at(*item["last"]) if "last" in item else reached
        decide = item.get("decide_in")
        return DealPlan(
            company=company,
            owner=next(person for person in company.people if person.name == item["owner"]),
            customer=who,
            kind=item["kind"],
            title=item["title"],
            problem=item["problem"],
            stage=stage,
            type_code="N",
            quantities=_quantities(kind, item["count"]),
            amount=Decimal(amount),
            currency=currency,
            created=days.at(*item["created"]),
            approved=approved,
            settled=settled,
            places=self._places(company, who, item["count"], days.at(*item["created"]).date(), dice),
            pipe=item["pipe"],
            next_action=item["next"],
            close_on=days.ahead(item["close_in"]).isoformat(),
            decide_on=days.ahead(decide).isoformat() if decide else None,
            rival=item.get("rival"),
            assist="PRE" if dice.chance(40) else "NONE",
            left=item.get("left"),
            number=item["number"],
            reason=item.get("reason"),
            ask=item.get("ask", ""),
            ext_note=item.get("ext_note", ""),
            extend=item.get("extend", 45),
            files=tuple(item["files"]),
            steps=tuple(days.at(*step) for step in item.get("steps", ())),
            notes=tuple(
                (side, days.at(back, clock), text) for side, back, clock, text in item.get("notes", ())
            ),
        )

    # --------------------------------------------------------------------------------------------- generated

    def _generated(self, company: Company, stage: Stage, won: int | None, dice: Dice) -> DealPlan:
        """Return a made-up deal; `won`: that many working days ago, when it matters."""
        who = dice.pick(self._cast.customers[company.region])
        kind = dice.pick([kind for kind in self._kinds if who.sector in kind["sectors"]])
        count = dice.between(*kind["units"])
        owner = self._owner(company, dice)
        created, approved, settled = self._when(stage, dice) if won is None else self._won(won, dice)
        goes_on = stage in OPEN_STAGES or stage is Stage.DRAFT
        places = self._places(company, who, count, created.date(), dice)
        # What is still to come is told from today, what was said from the day it was said.
        base = self._days.today if goes_on else (approved or created).date()
        ahead = self._places(company, who, count, base, dice)
        quantities = _quantities(kind, count)
        years = dice.pick((1, 3, 3))
        close = (settled or created).date() + timedelta(days=dice.between(5, 25))
        if goes_on:
            close = self._days.ahead(dice.between(20, 130))
        elif stage is not Stage.WON:
            close = created.date() + timedelta(days=dice.between(60, 150))
        words = self._words.projects["words"]
        reasons = {Stage.REFUSED: words["rejections"], Stage.CANCELLED: words["cancellations"]}
        return DealPlan(
            company=company,
            owner=owner,
            customer=who,
            kind=kind["name"],
            title=fill(dice.pick(kind["titles"]), places),
            problem=_problem(kind, places, dice),
            stage=stage,
            type_code=dice.weighted({"N": 73, "E": 24, "R": 3}),
            quantities=quantities,
            amount=self._prices.amount(quantities, company.currency, years),
            currency=company.currency,
            created=created,
            approved=approved,
            settled=settled,
            places=places,
            pipe=_pipe(stage, dice),
            next_action=fill(dice.pick(words["next_steps"]), ahead),
            close_on=close.isoformat(),
            decide_on=(close - timedelta(days=dice.between(3, 15))).isoformat() if dice.chance(55) else None,
            rival=places["rival"] if dice.chance(35) else None,
            assist=dice.weighted({"NONE": 60, "PRE": 22, "DEMO": 10, "PRICE": 8}),
            left=self._left(stage, approved),
            reason=dice.pick(reasons[stage]) if stage in reasons else None,
            ask=fill(dice.pick(words["asks"]), places),
            ext_note=fill(dice.pick(words["extensions"]), ahead),
        )

    def _twin(self, plan: DealPlan, dice: Dice) -> DealPlan:
        """Return the same project registered once more, by a colleague, and closed as a duplicate."""
        others = [person for person in _sellers(plan.company) if person is not plan.owner]
        created = self._days.later(plan.created, dice, 2, 12)
        places = {**plan.places, "contact": plan.customer.contact}
        kind = next(kind for kind in self._kinds if kind["name"] == plan.kind)
        return replace(
            plan,
            owner=dice.pick(others),
            title=fill(dice.pick(kind["titles"]), places),
            problem=_problem(kind, places, dice),
            stage=Stage.DUPLICATE,
            created=created,
            approved=None,
            settled=self._days.later(created, dice, 1, 3),
            left=None,
            number="",
            reason=None,
            files=(),
            steps=(),
            notes=(),
            duplicate_of=plan,
            row=Row("registration"),
        )

    def _owner(self, company: Company, dice: Dice) -> Person:
        if company is self._cast.companies[1] and dice.chance(4):
            return self._cast.field_rep
        return dice.pick(_sellers(company))

    def _when(self, stage: Stage, dice: Dice) -> tuple[datetime, datetime | None, datetime | None]:
        """Return when a deal of this stage was registered, approved and settled."""
        days = self._days

        def ago(low: int, high: int) -> datetime:
            return days.office_time(days.ahead(-dice.between(low, high)), dice)

        match stage:
            case Stage.DRAFT:
                return ago(1, 3), None, None
            case Stage.NEW:
                return ago(0, 2), None, None
            case Stage.REVIEW:
                created = ago(3, 6)
                return created, None, days.later(created, dice, 0, 1)
            case Stage.INFO_NEEDED | Stage.APPROVAL:
                created = ago(5, 14)
                return created, None, days.later(created, dice, 1, 3)
            case Stage.PROTECTED:
                created = ago(12, 88)
                return created, days.later(created, dice, 2, 5), None
            case Stage.EXT_ASKED:
                created = ago(82, 88)
                approved = days.later(created, dice, 2, 3)
                return created, approved, days.office_time(days.ahead(-dice.between(1, 4)), dice)
            case Stage.WON | Stage.CANCELLED:
                created = ago(60, 760)
                approved = days.later(created, dice, 2, 6)
                return created, approved, days.later(approved, dice, 6, 34)
            case Stage.LAPSED:
                created = ago(112, 760)
                approved = days.later(created, dice, 2, 6)
                return created, approved, approved + timedelta(days=91)
            case Stage.REFUSED | Stage.WITHDRAWN | Stage.DUPLICATE:
                created = ago(20, 700)
                return created, None, days.later(created, dice, 1, 4)

    def _won(self, back: int, dice: Dice) -> tuple[datetime, datetime, datetime]:
        settled = self._days.office_time(self._days.working_day(back), dice)
        created = self._days.office_time(settled.date() - timedelta(days=dice.between(24, 60)), dice)
        return created, self._days.later(created, dice, 2, 5), settled

    def _left(self, stage: Stage, approved: datetime | None) -> int | None:
        if approved is None or stage not in (Stage.PROTECTED, Stage.EXT_ASKED):
            return None
        return 90 - (self._days.today - approved.date()).days

    def _places(self, company: Company, who: Customer, count: int, base: date, dice: Dice) -> dict[str, Any]:
        """Return the words for a deal's sentences; dates in them lie around `base`."""
        sector = self._words.customers["sectors"][who.sector]
        others = [item.town for item in self._cast.customers[company.region]]
        return {
            **{name: sector[name] for name in ("site", "sites", "system", "people", "busy")},
            "Site": sector["site"].capitalize(),
            "People": sector["people"][:1].upper() + sector["people"][1:],
            "customer": who.name,
            "Customer": who.name,
            "contact": who.contact,
            "town": who.town if dice.chance(70) else dice.pick(others),
            "n": count,
            "seats": count,
            "first": max(2, count // 3),
            "old_year": base.year - dice.between(8, 12),
            "past_month": month_name(base - timedelta(days=dice.between(40, 200))),
            "close_month": month_name(base + timedelta(days=dice.between(60, 200))),
            "soon": short_day(add_working_days(base, dice.between(4, 12))),
            "later": short_day(add_working_days(base, dice.between(14, 35))),
            "rival": dice.pick(self._words.projects["words"]["rivals"]),
        }


#: Each company won some deals lately, so that orders of every status are there: working days ago.
_LATELY = (1, 3, 5, 8, 11, 16, 22)

#: Stages a duplicate's original may be in.
_OTHERS = frozenset({Stage.WON, Stage.LAPSED, Stage.CANCELLED, Stage.PROTECTED})


def _sellers(company: Company) -> list[Person]:
    return company.with_role("manager", "rep")


def _quantities(kind: Mapping[str, Any], count: int) -> dict[str, int]:
    return {
        code: factor if code == "INP" and kind["name"] == "core_refresh" else factor * count
        for code, factor in kind["lines"]
    }


def _problem(kind: Mapping[str, Any], places: Mapping[str, Any], dice: Dice) -> str:
    """Return what is, what goes wrong, and what they want. Sentences of a tied kind belong together by place."""
    parts = [kind[part] for part in ("situation", "harm", "wish")]
    if kind.get("tied"):
        number = dice.between(0, min(len(part) for part in parts) - 1)
        return " ".join(fill(part[number], places) for part in parts)
    return " ".join(fill(dice.pick(part), places) for part in parts)


def _pipe(stage: Stage, dice: Dice) -> str:
    if stage is Stage.WON:
        return "P100"
    if stage in (Stage.DRAFT, Stage.NEW):
        return "P10"
    return dice.pick(("P25", "P25", "P45", "P65"))

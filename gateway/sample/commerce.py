"""Orders of won deals, leads on offer, contracts that come up for renewal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from gateway.crm.embedded.codes import ContractStatus, LeadStatus, OrderStatus, Stage
from gateway.crm.embedded.times import add_working_days
from gateway.crm.embedded.unit import AUTOMATION
from gateway.sample.cast import Cast, Company, Customer
from gateway.sample.days import Days
from gateway.sample.deal_plans import DealPlan
from gateway.sample.dice import Dice
from gateway.sample.jobs import Invoices
from gateway.sample.prices import Prices, shipped
from gateway.sample.script import Row, Script
from gateway.sample.words import Words, fill

#: Days of which invoices are kept.
_INVOICES_SINCE = 100

_CARRIERS = (("Northline Parcel", "NL"), ("Swift Arrow", "SA"), ("Postvik", "PV"))

#: How many orders of each company are still on their way, newest first: states and how many of each.
_OPEN_ORDERS: tuple[Mapping[OrderStatus, int], ...] = (
    {OrderStatus.PLACED: 1, OrderStatus.CONFIRMED: 2, OrderStatus.FULFILLED: 4, OrderStatus.INVOICED: 4},
    {OrderStatus.CONFIRMED: 1, OrderStatus.FULFILLED: 2, OrderStatus.INVOICED: 4},
    {OrderStatus.CONFIRMED: 1, OrderStatus.FULFILLED: 2, OrderStatus.INVOICED: 3},
)


@dataclass(frozen=True)
class OrderPlan:
    """One order."""

    deal: DealPlan
    number: str
    placed: date
    status: OrderStatus


def plan_orders(deals: Sequence[DealPlan], cast: Cast) -> list[OrderPlan]:
    """Return the orders of all won deals, oldest first. Two of them have the numbers that other records speak of."""
    won = sorted(
        (deal for deal in deals if deal.stage is Stage.WON), key=lambda deal: deal.settled or deal.created
    )
    states: dict[int, OrderStatus] = {}
    for company, open_ones in zip(cast.companies, _OPEN_ORDERS, strict=True):
        own = [number for number, deal in enumerate(won) if deal.company is company]
        order = [status for status, count in open_ones.items() for _ in range(count)]
        states |= dict(zip(reversed(own), order, strict=False))
    plans = []
    numbers = _order_numbers(won)
    for number, deal in enumerate(won):
        assert deal.settled is not None
        status = states.get(number, OrderStatus.CANCELLED if number % 37 == 5 else OrderStatus.PAID)
        if numbers[number] == _SHIPPED_IN_PART:
            status = OrderStatus.FULFILLED
        plans.append(OrderPlan(deal, f"ORD-{numbers[number]}", deal.settled.date(), status))
    return plans


#: The order that is shipped in part: two of three lines.
_SHIPPED_IN_PART = 58214
#: Numbers of orders by the number of their deal.
_FIXED = {"0397": _SHIPPED_IN_PART, "0334": 58107}


def _order_numbers(won: Sequence[DealPlan]) -> list[int]:
    """Return rising numbers up to 58219, with the fixed ones where they belong."""
    taken = set(_FIXED.values())
    free = (number for number in range(58219, 50000, -1) if number not in taken and number % 4 != 2)
    numbers = [_FIXED.get(deal.number) or next(free) for deal in reversed(won)]
    return numbers[::-1]


class Commerce:
    """Writes orders, leads and contracts into the script."""

    def __init__(
        self, script: Script, cast: Cast, words: Words, days: Days, prices: Prices, invoices: Invoices
    ) -> None:
        self._invoices = invoices
        self._script = script
        self._cast = cast
        self._words = words
        self._days = days
        self._prices = prices

    # -------------------------------------------------------------------------------------------------- orders

    def order(self, plan: OrderPlan, dice: Dice) -> None:
        """Write one order with its way to the customer."""
        deal, row = plan.deal, Row("order")
        assert deal.settled is not None
        lines = self._prices.lines(deal.quantities, deal.currency, deal.amount)
        eta = add_working_days(plan.placed, dice.between(6, 16))
        if plan.status in (OrderStatus.PLACED, OrderStatus.CONFIRMED, OrderStatus.FULFILLED):
            eta = max(eta, self._days.working_ahead(dice.between(1, 6)))

        def made() -> dict[str, Any]:
            return {
                "ord_no": plan.number,
                "account_id": deal.company.row.id,
                "registration_id": deal.row.id,
                "cust_name": deal.customer.name,
                "po_ref": deal.row.state["po_ref"],
                "total": f"{deal.amount:.2f}",
                "cur": deal.currency,
                "placed_on": plan.placed.isoformat(),
                "eta_on": eta.isoformat(),
                "lines": lines,
                "status_code": OrderStatus.PLACED.value,
            }

        moment = deal.settled + timedelta(minutes=2)
        self._script.make(moment, row, made, AUTOMATION)
        desk = self._cast.staffer("tom").hand
        if plan.status is OrderStatus.CANCELLED:
            self._script.change(
                self._days.later(moment, dice, 1, 2), row, {"status_code": plan.status.value}, desk
            )
            return
        moments: dict[OrderStatus, datetime] = {}
        path = list(OrderStatus)[1 : list(OrderStatus).index(plan.status) + 1]
        for status in path:
            moment = self._next(moment, status, dice)
            changes: dict[str, Any] = {"status_code": status.value}
            if status is OrderStatus.FULFILLED:
                carrier, prefix = dice.pick(_CARRIERS)
                part = plan.number == f"ORD-{_SHIPPED_IN_PART}"
                changes |= {
                    "carrier": carrier,
                    "tracking_no": f"{prefix}{dice.between(10**8, 10**9 - 1)}",
                    "lines": shipped(lines, 2 if part else len(lines)),
                }
                if part:
                    moment = max(moment, self._days.at(0, "07:44"))
                changes |= {
                    "shipped_on": moment.date().isoformat(),
                    "tracking_url": f"https://{carrier.split()[0].lower()}.example/{changes['tracking_no']}",
                }
            self._script.change(moment, row, changes, desk)
            moments[status] = moment
        self._arrive(plan, row, moments, dice)

    def _arrive(self, plan: OrderPlan, row: Row, moments: Mapping[OrderStatus, datetime], dice: Dice) -> None:
        """What left arrives, and what was invoiced lately has its invoice."""
        invoiced, shipped_at = moments.get(OrderStatus.INVOICED), moments.get(OrderStatus.FULFILLED)
        if shipped_at and invoiced:
            arrived = shipped_at + (invoiced - shipped_at) / 2
            there = {"delivered_on": arrived.date().isoformat()}
            self._script.change(arrived, row, there, self._cast.staffer("tom").hand)
        lately = datetime.combine(self._days.ahead(-_INVOICES_SINCE), datetime.min.time(), UTC)
        if invoiced and invoiced > lately:
            minute = timedelta(minutes=1)
            self._invoices.of_order(invoiced + minute, row, moments.get(OrderStatus.PAID))

    def _next(self, moment: datetime, status: OrderStatus, dice: Dice) -> datetime:
        gaps = {OrderStatus.CONFIRMED: (1, 2), OrderStatus.FULFILLED: (2, 5), OrderStatus.INVOICED: (1, 3)}
        low, high = gaps.get(status, (8, 20))
        return self._days.later(moment, dice, low, high)

    # --------------------------------------------------------------------------------------------------- leads

    def leads(self, dice: Dice) -> int:
        """Write the leads of all companies; returns how many."""
        counts: tuple[Mapping[LeadStatus, int], ...] = (
            {
                LeadStatus.OFFER: 1,
                LeadStatus.TAKEN: 1,
                LeadStatus.WORK: 1,
                LeadStatus.CONVERTED: 6,
                LeadStatus.DECLINED: 4,
                LeadStatus.EXPIRED: 2,
                LeadStatus.LOST: 2,
            },
            {
                LeadStatus.OFFER: 2,
                LeadStatus.WORK: 1,
                LeadStatus.CONVERTED: 4,
                LeadStatus.DECLINED: 3,
                LeadStatus.LOST: 2,
            },
            {
                LeadStatus.OFFER: 1,
                LeadStatus.WORK: 1,
                LeadStatus.CONVERTED: 3,
                LeadStatus.DECLINED: 2,
                LeadStatus.EXPIRED: 1,
            },
        )
        plans: list[tuple[date, Company, LeadStatus, Customer | None]] = []
        for company, wanted in zip(self._cast.companies, counts, strict=True):
            for status, count in wanted.items():
                for _ in range(count):
                    back = (
                        dice.between(1, 7)
                        if status in (LeadStatus.OFFER, LeadStatus.TAKEN)
                        else dice.between(15, 600)
                    )
                    plans.append((self._days.ahead(-back), company, status, None))
        numbers = iter(range(771 - len(plans), 771))
        for day, company, status, _ in sorted(plans, key=lambda item: item[0]):
            self._lead(f"LD-{next(numbers):04d}", self._days.office_time(day, dice), company, status, dice)
        self._featured_lead(dice)
        return len(plans) + 1

    def _lead(self, number: str, moment: datetime, company: Company, status: LeadStatus, dice: Dice) -> None:
        who = dice.pick(self._cast.customers[company.region])
        sector = self._words.customers["sectors"][who.sector]
        kind = dice.pick(
            [
                kind
                for kind in self._words.projects["kinds"]
                if who.sector in kind["sectors"] and not kind.get("seats")
            ]
        )
        count = dice.between(2, 18)
        today = moment.date()
        places = {
            **sector,
            "Site": sector["site"].capitalize(),
            "customer": who.name,
            "Customer": who.name,
            "town": who.town,
            "n": count,
            "first": max(2, count // 3),
            "old_year": today.year - 9,
            "past_month": (today - timedelta(days=60)).strftime("%B"),
            "close_month": (today + timedelta(days=120)).strftime("%B"),
        }
        need = f"{fill(dice.pick(kind['situation']), places)} {fill(dice.pick(kind['wish']), places)}"
        seller = dice.pick(company.with_role("manager", "rep"))
        row = Row("lead")
        ends = add_working_days(today, 8)
        values = {
            "lead_no": number,
            "account_id": company.row.id,
            "cust_name": who.name,
            "need_text": need,
            "country_iso": who.country,
            "site_count": count,
            "ct_name": who.contact,
            "ct_mail": who.contact_mail,
            "web": who.domain,
            "offered_contact_id": seller.row.id,
            "offer_ends": ends.isoformat(),
            "status_code": LeadStatus.OFFER.value,
        }
        self._script.make(moment, row, lambda: values, company.reviewer.hand)
        if status is LeadStatus.OFFER:
            return
        if status is LeadStatus.EXPIRED:
            over = self._days.capped(moment + timedelta(days=(ends - today).days + 1))
            self._script.change(over, row, {"status_code": status.value}, AUTOMATION)
            return
        answered = self._days.later(moment, dice, 0, 1)
        if status is LeadStatus.DECLINED:
            code, words = dice.pick(_DECLINES)
            changes = {"status_code": status.value, "decline_code": code, "partner_note": words}
            self._script.change(answered, row, changes, seller.hand)
            return
        changes = {"status_code": LeadStatus.TAKEN.value, "partner_note": dice.pick(_TAKEN)}
        self._script.change(answered, row, changes, seller.hand)
        if status is LeadStatus.TAKEN:
            return
        working = self._days.later(answered, dice, 1, 3)
        self._script.change(working, row, {"status_code": LeadStatus.WORK.value}, company.reviewer.hand)
        if status is not LeadStatus.WORK:
            ended = self._days.later(working, dice, 3, 8)
            self._script.change(ended, row, {"status_code": status.value}, company.reviewer.hand)

    def _featured_lead(self, dice: Dice) -> None:
        company = self._cast.companies[0]
        values = {
            "lead_no": "LD-0772",
            "account_id": company.row.id,
            "cust_name": "Fennimore Dairy",
            "need_text": "Six sites around Cork need a second line and a box that changes over by itself. "
            "The plant in Mitchelstown lost a night shift in October when the only line was cut.",
            "country_iso": "IE",
            "site_count": 6,
            "ct_name": "Niamh Fennimore",
            "ct_mail": "niamh.fennimore@fennimoredairy.example",
            "web": "fennimoredairy.example",
            "offered_contact_id": company.people[0].row.id,
            "offer_ends": self._days.working_ahead(2).isoformat(),
            "status_code": LeadStatus.OFFER.value,
        }
        row = Row("lead")
        self._script.make(self._days.at(1, "16:40"), row, lambda: values, company.reviewer.hand)

    # ----------------------------------------------------------------------------------------------- contracts

    def contracts(self, dice: Dice) -> int:
        """Write the contracts of all companies; returns how many."""
        rows = [(self._cast.companies[0], *item) for item in _RENEWALS]
        for company, open_ones, ended in zip(self._cast.companies, (0, 6, 5), (12, 8, 6), strict=True):
            rows += [self._contract(company, dice, status) for status in _OPEN_CONTRACTS[:open_ones]]
            rows += [self._contract(company, dice, status) for status in _ENDED_CONTRACTS[:ended]]
        rows.sort(key=lambda item: item[5])
        for number, item in enumerate(rows):
            self._write_contract(
                f"RN-{1187 - len(rows) + number if item[1] != 'Norvik Shipping' else 1187}", item, dice
            )
        return len(rows)

    def _contract(self, company: Company, dice: Dice, status: ContractStatus) -> tuple[Any, ...]:
        who = dice.pick(self._cast.customers[company.region])
        product, code, unit = dice.pick(_CONTRACT_PRODUCTS)
        count = dice.between(3, 30) * (10 if code == "VLT" else 1)
        open_now = status in (ContractStatus.UPCOMING, ContractStatus.QUOTED, ContractStatus.INTENT)
        ahead = dice.between(8, 88) if open_now else -dice.between(4, 420)
        amount = self._prices.unit(code, company.currency) * count
        return (
            company,
            who.name,
            f"{product}, {count} {unit}",
            count,
            f"{amount:.2f} {company.currency}",
            ahead,
            status,
        )

    def _write_contract(self, number: str, item: tuple[Any, ...], dice: Dice) -> None:
        company, name, product, count, amount, ahead, status = item
        value, currency = amount.split()
        end = self._days.ahead(ahead)
        row = Row("contract")
        values = {
            "ctr_no": number,
            "account_id": company.row.id,
            "cust_name": name,
            "product_label": product,
            "qty": count,
            "term_end": end.isoformat(),
            "quote_value": value,
            "unit_value": f"{Decimal(value) / count:.2f}",
            "quote_until": end.isoformat(),
            "cur": currency,
            "kind_code": "CTR",
            "status_code": ContractStatus.UPCOMING.value,
        }
        first = self._days.office_time(min(end - timedelta(days=95), self._days.ahead(-1)), dice)
        self._script.make(first, row, lambda: values, AUTOMATION)
        if status is ContractStatus.UPCOMING:
            return
        quoted = self._days.office_time(min(end - timedelta(days=60), self._days.ahead(-5)), dice)
        quoted = max(quoted, first + timedelta(minutes=5))
        self._script.change(quoted, row, {"status_code": ContractStatus.QUOTED.value}, company.reviewer.hand)
        if status is ContractStatus.QUOTED:
            return
        answered = max(
            self._days.office_time(min(end - timedelta(days=30), self._days.ahead(-3)), dice),
            quoted + timedelta(minutes=5),
        )
        if status is ContractStatus.LAPSED:
            over = max(self._days.office_time(end + timedelta(days=1), dice), answered)
            self._script.change(over, row, {"status_code": status.value}, AUTOMATION)
            return
        seller = dice.pick(company.with_role("manager", "rep"))
        intent = {"status_code": ContractStatus.INTENT.value, "intent_code": "RENEW", "wanted_qty": count}
        self._script.change(answered, row, intent, seller.hand)
        if status is ContractStatus.ORDERED:
            ordered = self._days.later(answered, dice, 1, 4)
            self._script.change(ordered, row, {"status_code": status.value}, company.reviewer.hand)


_TAKEN = (
    "We call them this week.",
    "First call is booked.",
    "We know their IT manager from another project.",
    "Visit planned with presales.",
)
_DECLINES = (
    ("PROBLEM", "They could not tell us what is wrong today."),
    ("STEPS", "No date and nobody named to talk to."),
    ("UNABLE", "We have nobody free in that region until spring."),
    ("DUP", "We have been talking to them since summer; see our registration."),
    ("OTHER", "They asked not to be called again this year."),
)
_CONTRACT_PRODUCTS = (
    ("Vault", "VLT", "seats"),
    ("Insight Pro", "INP", "sites"),
    ("Insight Team", "INT", "sites"),
    ("Care 8×5", "CARE", "devices"),
)
_OPEN_CONTRACTS = (
    ContractStatus.QUOTED,
    ContractStatus.UPCOMING,
    ContractStatus.QUOTED,
    ContractStatus.INTENT,
    ContractStatus.UPCOMING,
    ContractStatus.UPCOMING,
)
_ENDED_CONTRACTS = (
    *(ContractStatus.ORDERED,) * 5,
    ContractStatus.LAPSED,
    *(ContractStatus.ORDERED,) * 4,
    ContractStatus.LAPSED,
    ContractStatus.ORDERED,
)

#: The first partner's renewals: customer, product, quantity, quote, days until the term ends, status.
_RENEWALS: tuple[tuple[str, str, int, str, int, ContractStatus], ...] = (
    ("Norvik Shipping", "Vault, 240 seats", 240, "18720.00 GBP", 16, ContractStatus.QUOTED),
    ("Brindle Dental Group", "Vault, 180 seats", 180, "14240.00 GBP", 22, ContractStatus.INTENT),
    ("Peakside Building Society", "Insight Pro, 22 sites", 22, "9000.00 GBP", 27, ContractStatus.INTENT),
    ("Castellane Hotels", "Insight Team, 58 sites", 58, "15800.00 EUR", 44, ContractStatus.QUOTED),
    ("Atelier Corvin", "Care 24×7, 34 devices", 34, "11500.00 EUR", 53, ContractStatus.QUOTED),
    ("Calverton Housing Association", "Vault, 288 seats", 288, "22480.00 GBP", 66, ContractStatus.UPCOMING),
    ("Copperfield Restaurants", "Insight Pro, 42 sites", 42, "17310.00 GBP", 71, ContractStatus.UPCOMING),
    ("Pennant Outdoor", "Care 24×7, 45 devices", 45, "12925.00 GBP", 79, ContractStatus.UPCOMING),
    ("Kelmscott Technical College", "Vault, 133 seats", 133, "10400.00 GBP", 86, ContractStatus.UPCOMING),
)

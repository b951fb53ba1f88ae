"""The sample partner programme, made from a seed and a day."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert

from app.contract.ids import source_gid
from gateway.console.auth import StaffAuth
from gateway.crm.embedded.codes import Stage
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.models import Numbering
from gateway.crm.embedded.times import to_ms
from gateway.crm.embedded.trade import PAYMENT_DAYS
from gateway.crm.embedded.unit import AUTOMATION, Unit
from gateway.crm.port import Ref
from gateway.identity.people import Contact, NewUser
from gateway.sample.attachments import Attachments
from gateway.sample.cast import Cast, Person, make_cast
from gateway.sample.commerce import Commerce, plan_orders
from gateway.sample.days import Days
from gateway.sample.deal_lives import DealLives
from gateway.sample.deal_plans import DealPlan, DealPlanner
from gateway.sample.dice import Dice
from gateway.sample.jobs import Invoices, Jobs
from gateway.sample.library import Library
from gateway.sample.passwords import SampleAccounts, SampleStaff, SampleUser, sample_password
from gateway.sample.prices import Prices
from gateway.sample.request_plans import RequestPlan, RequestPlanner
from gateway.sample.request_threads import RequestThreads
from gateway.sample.script import Script
from gateway.sample.titles import Titles
from gateway.sample.users import AddsUsers
from gateway.sample.words import Words, load_words

_DATA = Path(__file__).with_name("data")

#: The highest number each series has reached.
_LAST_DEAL, _LAST_REQUEST, _LAST_ORDER, _LAST_LEAD, _LAST_CONTRACT = 446, 3324, 58219, 772, 1187
_LAST_INVOICE, _FEATURED_INVOICE = 20999, 20977


def build_sample(crm: EmbeddedCrm, identity: AddsUsers, today: date, seed: int = 1) -> SampleAccounts:
    """Fill an empty CRM and add the users; the same seed and day give the same programme.

    Raises ValueError when the CRM holds something already.
    """
    if crm.sweep("account", None, 1):
        raise ValueError("The sample programme needs an empty CRM.")
    dice, words = Dice(f"sample-{seed}"), load_words()
    days = Days(today, crm.now())
    cast = make_cast(words.customers, dice.derive("cast"))
    with crm.writing() as unit:
        _bring_in(unit, cast, days)
        script = _write(words, cast, days, dice)
        script.play(unit, crm.now())
        _go_on_counting(unit, today)
    return _accounts(crm, identity, cast, dice.derive("passwords"))


def _bring_in(unit: Unit, cast: Cast, days: Days) -> None:
    """Add staff, companies and people, as they were two years and a half ago."""
    unit.now_ms = to_ms(days.office_time(days.ahead(-900), Dice("start")))
    for staffer in cast.staff:
        values = {
            "login": staffer.login,
            "full_name": staffer.name,
            "job_title": staffer.job,
            "role_code": staffer.role.value,
            "mail": f"{staffer.login}@halden.example",
        }
        staffer.row.key = unit.insert("staff", values, AUTOMATION)
    for company in cast.companies:
        about: dict[str, Any] = {
            "acct_name": company.name,
            "tier_code": company.tier,
            "stage_code": "ACT",
            "country_iso": company.country,
            "town": company.town,
            "looked_after_id": company.reviewer.row.id,
        }
        company.row.key = unit.insert("account", about, AUTOMATION)
        for person in company.people:
            _add_person(unit, person, company.row.id)
    _add_person(unit, cast.field_rep, None)


def _add_person(unit: Unit, person: Person, account: int | None) -> None:
    values = {
        "account_id": account,
        "in_house": account is None,
        "full_name": person.name,
        "job_title": person.job,
        "mail": person.mail,
        "on_portal": True,
    }
    person.row.key = unit.insert("contact", values, AUTOMATION)


def _write(words: Words, cast: Cast, days: Days, dice: Dice) -> Script:
    script, prices = Script(), Prices(words.catalogue)
    attachments = Attachments(prices, dice.derive("files"))
    deals = DealPlanner(words, cast, days, prices).all(_table("featured")["deals"], dice.derive("deals"))
    _number_deals(deals, days.today)
    lives = DealLives(script, cast, words, days, attachments)
    for number, plan in enumerate(deals):
        lives.write(plan, dice.derive(f"life/{number}"))
    orders = plan_orders(deals, cast)
    invoices = Invoices(script, days)
    commerce = Commerce(script, cast, words, days, prices, invoices)
    for order in orders:
        commerce.order(order, dice.derive(order.number))
    commerce.leads(dice.derive("leads"))
    commerce.contracts(dice.derive("contracts"))
    planner = RequestPlanner(words, cast, days, deals, orders)
    requests = _number_requests(planner.all(_table("featured_requests")["requests"], dice.derive("requests")))
    threads = RequestThreads(script, attachments)
    for request in requests:
        threads.write(request)
    titles = Titles(words, days, _stories(deals)).all(dice.derive("titles"))
    table = _table("jobs")
    library = Library(script, cast, words, days, table["news"], table["confirm"])
    library.write(titles, dice.derive("library"))
    Jobs(script, cast, days, deals, library.current).write(table, dice.derive("jobs"))
    _invoice_by_itself(invoices, cast, days)
    invoices.write("Atelier Corvin", _FEATURED_INVOICE)
    return script


def _invoice_by_itself(invoices: Invoices, cast: Cast, days: Days) -> None:
    """The invoice that has been overdue for three days."""
    values = {
        "account_id": cast.companies[0].row.id,
        "cust_name": "Atelier Corvin",
        "total": "6412.50",
        "cur": "EUR",
    }
    issued = datetime.combine(days.ahead(-3 - PAYMENT_DAYS), time(10, 20), UTC)
    invoices.by_itself(issued, values)


def _table(name: str) -> Mapping[str, Any]:
    return tomllib.loads((_DATA / f"{name}.toml").read_text("utf-8"))


def _stories(deals: Sequence[DealPlan]) -> list[DealPlan]:
    """Return won deals of different customers that make a customer story."""
    found: dict[str, DealPlan] = {}
    for plan in deals:
        if plan.stage is Stage.WON and not plan.number:
            found.setdefault(plan.customer.name, plan)
    return list(found.values())[10:18]


def _number_deals(deals: Iterable[DealPlan], today: date) -> None:
    """Give every deal its number: rising with the day of the year, with gaps, around the numbers that are fixed."""
    by_year: dict[int, list[DealPlan]] = {}
    for plan in deals:
        by_year.setdefault(plan.created.year, []).append(plan)
    for year, plans in by_year.items():
        fixed = {int(plan.number) for plan in plans if plan.number}
        days = today.timetuple().tm_yday if year == today.year else 366
        free = [plan for plan in plans if not plan.number]
        numbers = _rising([plan.created.timetuple().tm_yday / days for plan in free], _LAST_DEAL - 1, fixed)
        for plan, number in zip(free, numbers, strict=True):
            plan.row.state["number"] = f"DR-{year}-{number:04d}"
        for plan in plans:
            if plan.number:
                plan.row.state["number"] = f"DR-{year}-{plan.number}"


def _rising(shares: Sequence[float], last: int, fixed: set[int]) -> list[int]:
    """Return rising numbers up to `last` near the given shares of it, none of them fixed."""
    free = [number for number in range(1, last + 1) if number not in fixed]
    found: list[int] = []
    for place, share in enumerate(shares):
        at = min(round(share * len(free)), len(free) - (len(shares) - place))
        found.append(max(at, found[-1] + 1 if found else 0))
    return [free[at] for at in found]


def _number_requests(plans: Sequence[RequestPlan]) -> list[RequestPlan]:
    """Give every request its number, rising up to the last one, around the numbers that are fixed."""
    fixed = {int(plan.number) for plan in plans if plan.number}
    numbers = iter(sorted(set(range(_LAST_REQUEST - len(plans) + 1, _LAST_REQUEST + 1)) - fixed))
    return [_with_number(plan, plan.number or str(next(numbers))) for plan in plans]


def _with_number(plan: RequestPlan, number: str) -> RequestPlan:
    return RequestPlan(**{**vars(plan), "number": f"REQ-{number}"})


def _go_on_counting(unit: Unit, today: date) -> None:
    """Let the CRM number what comes from here on."""
    series = {
        f"DR-{today.year}": _LAST_DEAL,
        "REQ": _LAST_REQUEST,
        "ORD": _LAST_ORDER,
        "LD": _LAST_LEAD,
        "RN": _LAST_CONTRACT,
        "INV": _LAST_INVOICE,
    }
    unit.flush()
    unit.connection.execute(delete(Numbering).where(Numbering.series.in_(series)))
    rows = [{"series": name, "next_no": last + 1} for name, last in series.items()]
    unit.connection.execute(insert(Numbering), rows)


def _accounts(crm: EmbeddedCrm, identity: AddsUsers, cast: Cast, dice: Dice) -> SampleAccounts:
    def gid(key: int) -> str:
        return source_gid(crm.system, "account", str(key))

    users = []
    everybody: list[tuple[Person, str, tuple[str, ...]]] = [
        (person, company.name, (gid(company.row.id),))
        for company in cast.companies
        for person in company.people
    ]
    looked_after = tuple(gid(company.row.id) for company in cast.companies[:2])
    everybody.append((cast.field_rep, crm.vendor, looked_after))
    for person, company_name, companies in everybody:
        password = sample_password(dice)
        contact = Contact(crm.system, Ref("contact", str(person.row.id)))
        new = NewUser(person.name, person.mail, person.role, companies, password, (contact,))
        user = identity.add_user(new)
        users.append(
            SampleUser(person.name, person.mail, password, person.role, company_name, user, companies)
        )
    auth, staff = StaffAuth(crm), []
    for staffer in cast.staff:
        password = sample_password(dice)
        auth.set_password(staffer.row.id, password)
        staff.append(SampleStaff(staffer.name, staffer.login, password, staffer.job, staffer.role.value))
    return SampleAccounts(tuple(users), tuple(staff))

"""Which documents there are: price lists, data sheets, guides, terms, and what helps to sell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from gateway.crm.embedded.sheet import Paper
from gateway.sample import papers
from gateway.sample.days import Days, long_day, month_name
from gateway.sample.deal_plans import DealPlan
from gateway.sample.dice import Dice
from gateway.sample.library import Edition, Title
from gateway.sample.words import Words, put

_EVERYBODY = ("ALL",)
_SILVER_UP = ("A", "B")
_GOLD = ("A",)


@dataclass(frozen=True)
class PriceList:
    """A price list that comes out every quarter. `only` names what stands in it; nothing means everything."""

    code: str
    title: str
    summary: str
    count: int
    back: int
    note: str
    audience: tuple[str, ...] = _EVERYBODY
    factor: Decimal = Decimal(1)
    only: tuple[str, ...] = ()


_PRICE_LISTS = (
    PriceList(
        "HS-PL-EMEA",
        "EMEA price list",
        "List prices in pounds and euros, with volume steps",
        8,
        0,
        "Registered deals take a further 12 % on Edge and 8 % on Vault while protection runs. "
        "Volume steps start at 25 devices or 250 seats; see the last pages.",
    ),
    PriceList(
        "HS-PL-PUB",
        "Public sector price list",
        "For public bodies and schools under the framework",
        2,
        40,
        "Prices hold for the year of the framework; quote its number in every order.",
        _SILVER_UP,
        Decimal("0.92"),
    ),
    PriceList(
        "HS-PL-SRV",
        "Services price list",
        "Installation, surveys, training and Care",
        2,
        54,
        "Travel within 50 km is included. Work outside office hours is charged at one and a half.",
        _SILVER_UP,
        only=("CARE8", "CARE24", "Services"),
    ),
)


class Titles:
    """Makes the list of titles."""

    def __init__(self, words: Words, days: Days, stories: Sequence[DealPlan]) -> None:
        self._words = words
        self._days = days
        self._stories = stories
        year = days.today.year
        self._years = {"year": year, "last_year": year - 1, "next_year": year + 1}

    def all(self, dice: Dice) -> list[Title]:
        """Return every title: 120 documents in all."""
        return [
            *self._prices(),
            *self._data_sheets(dice),
            *self._guides(dice),
            *self._legal(),
            *self._sales(dice),
        ]

    # -------------------------------------------------------------------------------------------------- prices

    def _prices(self) -> list[Title]:
        return [self._price_list(item) for item in _PRICE_LISTS]

    def _price_list(self, item: PriceList) -> Title:
        editions = []
        for number in range(item.count):
            label, back = _quarter(self._days.today, number), item.back + number * 91
            until = self._end_of_validity() if number == 0 else self._days.ahead(-(back - 91) - 1)
            write = self._price_paper(item, label, until, item.factor * (1 - Decimal("0.015") * number))
            editions.append(Edition(label, back, write, until))
        return Title(item.code, item.title, item.summary, "PRC", tuple(editions), item.audience, named=True)

    def _end_of_validity(self) -> date:
        """Return the last day of this month, a year on."""
        today = self._days.today
        following = date(today.year + 1 + today.month // 12, today.month % 12 + 1, 1)
        return following - timedelta(days=1)

    def _price_paper(
        self, item: PriceList, label: str, until: date, factor: Decimal
    ) -> Callable[[date], Paper]:
        catalogue = self._words.catalogue
        if item.only:
            products = [product for product in catalogue["products"] if product["code"] in item.only]
            families = [family for family in catalogue["accessories"] if family["family"] in item.only]
            catalogue = {"products": products, "accessories": families}
        title, code = f"{item.title} {label}", f"{item.code}-{label}"

        def write(day: date) -> Paper:
            valid = f"Valid {long_day(day)} to {long_day(until)}."
            return papers.price_list(title, code, valid, catalogue, factor, item.note)

        return write

    # --------------------------------------------------------------------------------------------- data sheets

    def _data_sheets(self, dice: Dice) -> list[Title]:
        newest = {
            "EG220": (8, 3),
            "EG440": (5, 3),
            "VLT": (6, 2),
            "INP": (7, 2),
            "EG220C": (4, 2),
            "EG440H": (4, 2),
        }
        found = []
        for item in self._words.catalogue["products"]:
            top, count = newest.get(item["code"], (3, 2))
            versions = [str(top - number) for number in range(count)]
            write = _bind(papers.data_sheet, item)
            code = f"HS-DS-{item['sku'].replace('-', '')}"
            found.append(
                Title(
                    code,
                    f"{item['name']} data sheet",
                    item["lead"],
                    "DSH",
                    self._editions(versions, write, dice),
                )
            )
        for family in self._words.catalogue["accessories"]:
            write = _bind(papers.accessory_sheet, family)
            name = f"{family['family']} data sheet"
            found.append(
                Title(
                    f"HS-DS-{family['sku']}",
                    name,
                    "Accessories for Edge",
                    "DSH",
                    self._editions(["2", "1"], write, dice),
                )
            )
        return found

    def _editions(
        self, versions: Sequence[str], write: Callable[[str], Callable[[date], Paper]], dice: Dice
    ) -> tuple[Edition, ...]:
        back, found = dice.between(3, 160), []
        for version in versions:
            found.append(Edition(version, back, write(version)))
            back += dice.between(120, 330)
        return tuple(found)

    # -------------------------------------------------------------------------------------------------- guides

    def _guides(self, dice: Dice) -> list[Title]:
        found = []
        for item in self._words.guides["guides"]:
            editions = self._editions(item["versions"], _bind(papers.guide, item), dice)
            if item["code"] == "HS-RN-84":
                # The first edition of the release notes promised too much and was taken back.
                editions = (
                    Edition("8.4.1", 4, editions[0].write),
                    Edition("8.4.0", 31, editions[1].write, withdrawn=True),
                )
            audience = _GOLD if item["code"] == "HS-GD-SEG" else _EVERYBODY
            stages = ("ACT",) if audience is _GOLD else ()
            about = (item["code"], item["title"], item["summary"], "GDE")
            found.append(Title(*about, editions, audience, stages))
        return found

    # --------------------------------------------------------------------------------------------------- legal

    def _legal(self) -> list[Title]:
        found = []
        for item in self._words.legal["papers"]:
            certificate = item["code"] == "HS-LG-ISO"
            editions = []
            for number, raw in enumerate(item["versions"]):
                version = put(raw, self._years)
                until = self._legal_until(item, number, version)
                valid = f"Valid until {long_day(until)}." if until else "Valid until replaced."
                back = 24 + number * 365 if certificate else 20 + number * 340
                editions.append(Edition(version, back, _legal(item, version, valid), until))
            found.append(
                Title(item["code"], item["title"], item["summary"], "LGL", tuple(editions), apart=certificate)
            )
        return found

    def _legal_until(self, item: Mapping[str, Any], number: int, version: str) -> date | None:
        if item["code"] == "HS-LG-ISO":
            return self._days.ahead(-9 if number else 341)
        if len(version) == 4:
            return date(int(version), 12, 31)
        return date(self._days.today.year + item["years"] - 1 - number, 12, 31) if item["years"] else None

    # --------------------------------------------------------------------------------------------------- sales

    def _sales(self, dice: Dice) -> list[Title]:
        sales, products = (
            self._words.sales,
            {item["code"]: item["name"] for item in self._words.catalogue["products"]},
        )
        found = []
        for item in sales["battle_cards"]:
            name = products[item["product"]]
            editions = tuple(
                Edition(
                    edition.version,
                    edition.back,
                    edition.write,
                    self._days.ahead(130) if number == 0 else None,
                )
                for number, edition in enumerate(self._editions(item["versions"], _card(item, name), dice))
            )
            found.append(
                Title(
                    f"HS-SL-{item['product']}",
                    f"{name} battle card",
                    f"Against {item['rival']}",
                    "SLS",
                    editions,
                    _SILVER_UP,
                )
            )
        found += [self._promotion(number) for number in range(4)]
        found.append(self._renewal_guide(sales["renewals"]["chapters"]))
        found.append(self._brand_guide(sales["brand"]["rules"]))
        found += [self._story(plan, number, dice) for number, plan in enumerate(self._stories[:8])]
        for item in sales["training"]:
            found.append(self._course(item, dice))
        return found

    def _promotion(self, number: int) -> Title:
        until = self._days.ahead((7, -84, -182, -266)[number])
        begin = until - timedelta(days=75)
        name = f"{_season(until - timedelta(days=37))} promotion terms"
        version = ("1", "2", "1", "1")[number]
        below = f"From {long_day(begin)} to {long_day(until)}."
        terms = self._words.sales["promotions"]["terms"]
        shown = terms[number:] + terms[:number] if number else terms
        code = f"HS-SL-P{until.year % 100}{until.month:02d}"
        edition = Edition(
            version,
            (self._days.today - begin).days,
            lambda _: papers.terms_paper(name, code, below, shown),
            until,
        )
        return Title(code, name, below, "SLS", (edition,), _SILVER_UP)

    def _renewal_guide(self, chapters: Sequence[Sequence[str]]) -> Title:
        year = self._days.today.year
        title, code = f"Renewal guide {year}", "HS-SL-RN"
        below = "Ninety days, sixty, thirty, and the last one."
        editions = tuple(
            Edition(
                version,
                back,
                _chapters(title, f"{code}-{version}", f"Edition {version}. {below}", chapters),
                date(year, 12, 31),
            )
            for version, back in (("3", 70), ("2", 180), ("1", 320))
        )
        return Title(code, title, below, "SLS", editions)

    def _brand_guide(self, chapters: Sequence[Sequence[str]]) -> Title:
        title, code = "Logo and brand guide", "HS-SL-BR"
        years = (self._years["year"], self._years["last_year"])
        editions = tuple(
            Edition(
                str(year), 90 + number * 365, _chapters(title, f"{code}-{year}", f"Edition {year}.", chapters)
            )
            for number, year in enumerate(years)
        )
        return Title(code, title, "Name, mark, colours and words", "SLS", editions)

    def _story(self, plan: DealPlan, number: int, dice: Dice) -> Title:
        who, code = plan.customer, f"HS-SL-CS{number + 1:02d}"
        title = f"Customer story: {who.name}"
        sentences = plan.problem.split(". ")
        work = (
            f"{plan.company.name} did the work in {dice.between(3, 9)} weeks, one place after the other, "
            "without a day of standstill."
        )
        quote = "Nobody talks about it any more, and that is the best I can say"
        said = f"“{quote},” says {who.contact}, {who.contact_job}."
        chapters = [
            ["Before", ". ".join(sentences[:-1]).rstrip(".") + "."],
            ["What they wanted", sentences[-1]],
            ["What was done", work],
            ["Today", said],
        ]
        below = f"{who.town}. Told by {plan.company.name}."
        edition = Edition("1", dice.between(20, 400), _chapters(title, code, below, chapters))
        return Title(code, title, below, "SLS", (edition,))

    def _course(self, item: Mapping[str, Any], dice: Dice) -> Title:
        days = [[f"Day {number}", text + "."] for number, text in enumerate(item["days"], 1)]
        write = _course(item, days)
        versions = [put(version, self._years) for version in item["versions"]]
        return Title(
            item["code"],
            item["title"],
            f"{len(days)} days, with exam",
            "TRG",
            self._editions(versions, write, dice),
        )


def _bind(
    write: Callable[[Mapping[str, Any], str, date], Paper], item: Mapping[str, Any]
) -> Callable[[str], Callable[[date], Paper]]:
    return lambda version: lambda day: write(item, version, day)


def _legal(item: Mapping[str, Any], version: str, valid: str) -> Callable[[date], Paper]:
    return lambda _: papers.legal_paper(item, version, valid)


def _card(item: Mapping[str, Any], name: str) -> Callable[[str], Callable[[date], Paper]]:
    return lambda version: lambda day: papers.battle_card(item, name, version, day)


def _chapters(
    title: str, code: str, below: str, chapters: Sequence[Sequence[str]]
) -> Callable[[date], Paper]:
    return lambda _: papers.chapters_paper(title, code, below, chapters)


def _course(
    item: Mapping[str, Any], days: Sequence[Sequence[str]]
) -> Callable[[str], Callable[[date], Paper]]:
    def write(version: str) -> Callable[[date], Paper]:
        return lambda day: papers.chapters_paper(
            item["title"],
            f"{item['code']}-{version}",
            f"Edition {version}, {month_name(day)} {day.year}. From 09:00 to 17:00.",
            days,
        )

    return write


def _quarter(today: date, back: int) -> str:
    number = today.year * 4 + (today.month - 1) // 3 - back
    return f"{number // 4}.{number % 4 + 1}"


def _season(day: date) -> str:
    return (
        "Winter",
        "Winter",
        "Spring",
        "Spring",
        "Spring",
        "Summer",
        "Summer",
        "Summer",
        "Autumn",
        "Autumn",
        "Autumn",
        "Winter",
    )[day.month - 1]

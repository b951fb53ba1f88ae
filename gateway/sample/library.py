"""The document library: what is published when, in which version, for whom, and until when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from gateway.crm.embedded import files
from gateway.crm.embedded.codes import DocumentStatus
from gateway.crm.embedded.times import to_ms
from gateway.crm.embedded.unit import AUTOMATION, Unit
from gateway.sample import papers
from gateway.sample.cast import Cast
from gateway.sample.days import Days, long_day, month_name
from gateway.sample.deal_plans import DealPlan
from gateway.sample.dice import Dice
from gateway.sample.script import Row, Script
from gateway.sample.sheet import Paper
from gateway.sample.words import Words, plain, put

_EVERYBODY = ("ALL",)
_SILVER_UP = ("A", "B")
_GOLD = ("A",)


@dataclass(frozen=True)
class Edition:
    """One version of a document. `back`: how many days ago it was published; `until`: its last day, if it has one."""

    version: str
    back: int
    write: Callable[[date], Paper]
    until: date | None = None
    withdrawn: bool = False


@dataclass(frozen=True)
class Title:
    """A document with its editions, newest first; each replaces the one behind it unless `apart`."""

    code: str
    title: str
    summary: str
    category: str
    editions: tuple[Edition, ...]
    audience: tuple[str, ...] = _EVERYBODY
    apart: bool = False


class Library:
    """Writes the library into the script."""

    def __init__(self, script: Script, cast: Cast, words: Words, days: Days) -> None:
        self._script = script
        self._hand = cast.staffer("sofia").hand
        self._words = words
        self._days = days

    def write(self, titles: Sequence[Title], dice: Dice) -> int:
        """Write all titles; returns how many documents there are."""
        count = 0
        for title in titles:
            behind: Row | None = None
            for edition in reversed(title.editions):
                behind = self._publish(title, edition, behind, dice)
                count += 1
        return count

    def _publish(self, title: Title, edition: Edition, behind: Row | None, dice: Dice) -> Row:
        row = Row("document")
        day = self._days.ahead(-edition.back)
        moment = self._days.capped(datetime.combine(day, time(8, 30), UTC))
        if edition.back:
            moment = self._days.office_time(day, dice)
        replaces = None if title.apart else behind
        file_name = f"{plain(title.title).lower().replace(' ', '-')}-{edition.version}.pdf"

        def act(unit: Unit) -> None:
            paper = edition.write(day)
            stored = files.store(unit.connection, [paper.body])
            values = {
                "doc_code": f"{title.code}-{edition.version}",
                "doc_title": title.title,
                "abstract": title.summary,
                "cat_code": title.category,
                "ver_label": edition.version,
                "file_name": file_name,
                "mime": "application/pdf",
                "byte_count": stored.size,
                "page_count": paper.pages,
                "digest": stored.digest,
                "valid_from": day.isoformat(),
                "valid_to": edition.until.isoformat() if edition.until else None,
                "replaces_id": replaces.id if replaces else None,
                "status_code": DocumentStatus.CURRENT.value,
                "audience": list(title.audience),
                "published_ms": to_ms(moment),
            }
            row.key = unit.insert("document", values, self._hand)
            if replaces is not None:
                old = unit.row("document", replaces.id)
                if old["status_code"] == DocumentStatus.CURRENT:
                    unit.change(
                        "document", replaces.id, {"status_code": DocumentStatus.SUPERSEDED.value}, self._hand
                    )

        self._script.at(moment, act)
        if edition.withdrawn:
            over = {"status_code": DocumentStatus.WITHDRAWN.value}
            self._script.change(self._days.later(moment, dice, 6, 9), row, over, self._hand)
        elif (
            edition.until
            and edition.until < self._days.today
            and (title.apart or edition is title.editions[0])
        ):
            over = {"status_code": DocumentStatus.EXPIRED.value}
            ended = datetime.combine(edition.until + timedelta(days=1), time(0, 5), UTC)
            self._script.change(self._days.capped(ended), row, over, AUTOMATION)
        return row


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
        def quarterly(
            code: str, title: str, count: int, note: str, audience: tuple[str, ...], start: int
        ) -> Title:
            editions = []
            for number in range(count):
                label, back = _quarter(self._days.today, number), start + number * 91
                until = (
                    self._end_of_validity()
                    if number == 0
                    else self._days.ahead(-(start + (number - 1) * 91) - 1)
                )
                factor = Decimal(1) - Decimal("0.015") * number
                editions.append(
                    Edition(
                        label,
                        back,
                        self._price_paper(f"{title} {label}", f"{code}-{label}", until, factor, note),
                        until,
                    )
                )
            return Title(
                code,
                title,
                f"List prices by quarter, {len(editions)} editions kept",
                "PRC",
                tuple(editions),
                audience,
            )

        deal = "Registered deals take a further 12 % on Edge and 8 % on Vault while protection runs. Volume steps start at 25 devices or 250 seats; see the last pages."
        public = "For public bodies and schools. Prices hold for the year of the framework; quote its number in every order."
        work = "Travel within 50 km is included. Work outside office hours is charged at one and a half."
        return [
            quarterly("HS-PL-EMEA", "EMEA price list", 8, deal, _EVERYBODY, 0),
            quarterly("HS-PL-PUB", "Public sector price list", 2, public, _SILVER_UP, 40),
            quarterly("HS-PL-SRV", "Services price list", 2, work, _SILVER_UP, 54),
        ]

    def _end_of_validity(self) -> date:
        """Return the last day of this month, a year on."""
        today = self._days.today
        following = date(today.year + 1 + today.month // 12, today.month % 12 + 1, 1)
        return following - timedelta(days=1)

    def _price_paper(
        self, title: str, code: str, until: date, factor: Decimal, note: str
    ) -> Callable[[date], Paper]:
        catalogue = self._words.catalogue
        return lambda day: papers.price_list(
            title, code, f"Valid {long_day(day)} to {long_day(until)}.", catalogue, factor, note
        )

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
            found.append(Title(item["code"], item["title"], item["summary"], "GDE", editions, audience))
        return found

    # --------------------------------------------------------------------------------------------------- legal

    def _legal(self) -> list[Title]:
        found = []
        for item in self._words.legal["papers"]:
            certificate = item["code"] == "HS-LG-ISO"
            editions = []
            for number, raw in enumerate(item["versions"]):
                version = put(raw, self._years)
                until = self._legal_until(item, number)
                valid = f"Valid until {long_day(until)}." if until else "Valid until replaced."
                back = 24 + number * 365 if certificate else 20 + number * 340
                editions.append(Edition(version, back, _legal(item, version, valid), until))
            found.append(
                Title(item["code"], item["title"], item["summary"], "LGL", tuple(editions), apart=certificate)
            )
        return found

    def _legal_until(self, item: Mapping[str, Any], number: int) -> date | None:
        if item["code"] == "HS-LG-ISO":
            return self._days.ahead(-9 if number else 341)
        year = self._days.today.year
        return date(year + item["years"] - 1 - number, 12, 31) if item["years"] else None

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
        until = self._days.ahead((7, -84, -175, -266)[number])
        name = f"{_season(until)} promotion terms"
        begin = until - timedelta(days=75)
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
        chapters = [
            ["Before", ". ".join(sentences[:-1]).rstrip(".") + "."],
            ["What they wanted", sentences[-1]],
            [
                "What was done",
                f"{plan.company.name} put in {plan.title[:1].lower() + plan.title[1:]} within {dice.between(3, 9)} weeks, one place after the other, without a day of standstill.",
            ],
            [
                "Today",
                f"“Nobody talks about it any more, and that is the best I can say,” says {who.contact}, {who.contact_job}.",
            ],
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

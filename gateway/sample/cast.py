"""Who takes part: the vendor's staff, three partner companies with their people, and their customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.crm.embedded.codes import StaffRole
from gateway.crm.embedded.unit import Hand
from gateway.sample.dice import Dice
from gateway.sample.script import Row
from gateway.sample.words import mail_of, slug

VIA_STAFF = "web, in the CRM"


@dataclass(frozen=True)
class Staffer:
    """One of the vendor's people; `login` is the name for the console, `role` what they are there for."""

    name: str
    login: str
    job: str
    role: StaffRole
    row: Row

    @property
    def hand(self) -> Hand:
        """The hand the history names."""
        return Hand(self.name, VIA_STAFF, staff_id=self.row.id)

    @property
    def first(self) -> str:
        """The first name."""
        return self.name.split(maxsplit=1)[0]


@dataclass(frozen=True)
class Person:
    """One of a partner's people (or a field representative, who has no company)."""

    name: str
    role: str
    job: str
    mail: str
    device: str
    row: Row

    @property
    def hand(self) -> Hand:
        """The hand the history names."""
        return Hand(self.name, f"partner portal, {self.device}", contact_id=self.row.id)

    @property
    def first(self) -> str:
        """The first name."""
        return self.name.split(maxsplit=1)[0]


@dataclass(frozen=True)
class Company:
    """A partner company."""

    name: str
    tier: str
    country: str
    town: str
    region: str
    currency: str
    people: tuple[Person, ...]
    reviewer: Staffer
    row: Row

    def with_role(self, *roles: str) -> list[Person]:
        """Return the people in these roles."""
        return [person for person in self.people if person.role in roles]


@dataclass(frozen=True)
class Customer:
    """Somebody a partner sells to."""

    name: str
    town: str
    sector: str
    country: str
    domain: str
    street: str
    postcode: str
    contact: str
    contact_job: str
    contact_mail: str
    contact_phone: str


@dataclass(frozen=True)
class Cast:
    """Everybody."""

    staff: tuple[Staffer, ...]
    companies: tuple[Company, ...]
    field_rep: Person
    customers: Mapping[str, tuple[Customer, ...]]

    def staffer(self, login: str) -> Staffer:
        """Return a member of staff by the console name."""
        return next(item for item in self.staff if item.login == login)


_STAFF = (
    ("Ingrid Solheim", "ingrid", "Channel manager, UK and Ireland", StaffRole.CHANNEL),
    ("Jonas Meyer", "jonas", "Channel manager, DACH and Nordics", StaffRole.CHANNEL),
    ("Helen Marsh", "helen", "Head of channel, approves registrations", StaffRole.APPROVER),
    ("Marcus Hale", "marcus", "Presales engineer", StaffRole.CHANNEL),
    ("Elena Petrova", "elena", "Support lead", StaffRole.OPERATIONS),
    ("Tom Ashby", "tom", "Order desk", StaffRole.OPERATIONS),
    ("Sofia Lindgren", "sofia", "Partner operations", StaffRole.ADMINISTRATOR),
)

_COMPANIES: tuple[dict[str, Any], ...] = (
    {
        "name": "Brightwater IT Ltd",
        "tier": "A",
        "country": "GB",
        "town": "Leeds",
        "region": "north",
        "currency": "GBP",
        "domain": "brightwater.example",
        "prefix": "BW",
        "reviewer": "ingrid",
        "people": (
            ("Maya Okafor", "manager", "Sales manager"),
            ("Tomasz Wilk", "rep", "Account executive"),
            ("Grace Adeyemi", "rep", "Account executive"),
            ("Simon Thwaite", "admin", "Managing director"),
            ("Nadeem Aslam", "support", "Support engineer"),
            ("Fiona Kershaw", "finance", "Finance controller"),
        ),
    },
    {
        "name": "Calder & Rowe Networks",
        "tier": "B",
        "country": "GB",
        "town": "Edinburgh",
        "region": "scotland",
        "currency": "GBP",
        "domain": "calderrowe.example",
        "prefix": "CR",
        "reviewer": "ingrid",
        "people": (
            ("Ailsa Rowe", "admin", "Partner"),
            ("Hamish Calder", "manager", "Sales director"),
            ("Kirsty Muir", "rep", "Account manager"),
            ("Euan Tulloch", "support", "Network engineer"),
        ),
    },
    {
        "name": "Nordlicht Systemhaus GmbH",
        "tier": "C",
        "country": "DE",
        "town": "Hamburg",
        "region": "german",
        "currency": "EUR",
        "domain": "nordlicht-systemhaus.example",
        "prefix": "NL",
        "reviewer": "jonas",
        "people": (
            ("Birte Carstens", "admin", "Geschäftsführerin"),
            ("Malte Hinrichs", "manager", "Vertriebsleiter"),
            ("Svenja Rathje", "rep", "Vertrieb"),
            ("Torsten Behrens", "read_only", "Buchhaltung"),
        ),
    },
)


def make_cast(tables: Mapping[str, Any], dice: Dice) -> Cast:
    """Return the cast; nobody is in the CRM yet."""
    staff = tuple(Staffer(name, login, job, role, Row("staff")) for name, login, job, role in _STAFF)
    by_login = {item.login: item for item in staff}
    companies = []
    for given in _COMPANIES:
        people = tuple(
            Person(
                name,
                role,
                job,
                mail_of(name, given["domain"]),
                f"{given['prefix']}-{''.join(part[0] for part in name.split())}{14 + number * 3}",
                Row("contact"),
            )
            for number, (name, role, job) in enumerate(given["people"])
        )
        kept = {key: given[key] for key in ("name", "tier", "country", "town", "region", "currency")}
        companies.append(
            Company(**kept, people=people, reviewer=by_login[given["reviewer"]], row=Row("account"))
        )
    rep = Person(
        "Callum Reid",
        "field_rep",
        "Field representative",
        "callum.reid@halden.example",
        "HS-CR08",
        Row("contact"),
    )
    customers = {
        region: _customers(tables, region, dice.derive(region)) for region in ("north", "scotland", "german")
    }
    return Cast(staff, tuple(companies), rep, customers)


def _customers(tables: Mapping[str, Any], region: str, dice: Dice) -> tuple[Customer, ...]:
    found = []
    for sector, lines in tables[region].items():
        for line in lines:
            name, town = (part.strip() for part in line.split("|"))
            found.append(customer(tables, region, sector, (name, town), dice))
    return tuple(found)


def customer(
    tables: Mapping[str, Any],
    region: str,
    sector: str,
    where: tuple[str, str],
    dice: Dice,
    country: str = "",
    contact: str = "",
) -> Customer:
    """Make a customer's address and contact."""
    (name, town), people = where, tables["people"][region]
    domain = f"{slug(name)}.example"
    person = contact or f"{dice.pick(people['first'])} {dice.pick(people['last'])}"
    country = country or ("DE" if region == "german" else "GB")
    number = dice.between(1, 140)
    street = dice.pick(people["streets"])
    return Customer(
        name=name,
        town=town,
        sector=sector,
        country=country,
        domain=domain,
        street=f"{street} {number}" if country == "DE" else f"{number} {street}",
        postcode=_postcode(country, town, dice),
        contact=person,
        contact_job=dice.pick(tables["sectors"][sector]["jobs"]),
        contact_mail=mail_of(person, domain),
        contact_phone=_phone(country, region, dice),
    )


def _postcode(country: str, town: str, dice: Dice) -> str:
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    match country:
        case "GB":
            area = "".join(char for char in town.upper() if char.isalpha())[:2]
            return f"{area}{dice.between(1, 28)} {dice.between(1, 9)}{dice.pick(letters)}{dice.pick(letters)}"
        case "IE":
            inward = f"{dice.pick(letters)}{dice.between(1, 9)}{dice.pick(letters)}{dice.between(1, 9)}"
            return f"D{dice.between(1, 24):02d} {inward}"
        case "NL":
            return f"{dice.between(1011, 9999)} {dice.pick(letters)}{dice.pick(letters)}"
        case _:
            return f"{dice.between(10000, 39999)}"


def _phone(country: str, region: str, dice: Dice) -> str:
    """Numbers from the ranges that regulators keep free for films and books."""
    last = dice.between(0, 999)
    match country:
        case "GB":
            return f"+44 131 496 0{last:03d}" if region == "scotland" else f"+44 113 496 0{last:03d}"
        case "DE":
            return f"+49 40 66969 {last:03d}"
        case "IE":
            return f"+353 20 913 0{last:03d}"
        case _:
            return f"+33 1 99 00 {last // 100 + 10:02d} {last % 100:02d}"

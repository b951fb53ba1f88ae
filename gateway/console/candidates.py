"""Which registrations may be the same deal as one under review, and how they compare field by field.

Duplicate key: the customer's bare domain, or a name much like theirs, with the country, the product family and an open
window. Who was received first at the gateway comes first; the time of capture is the client's own clock, and only told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import SequenceMatcher
from typing import Any, Final

from sqlalchemy import select

from gateway.console.fields import day_words
from gateway.console.pages import moment_words
from gateway.crm.embedded import codes
from gateway.crm.embedded.codes import Stage
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.models import Account, Contact, Registration
from gateway.crm.embedded.money import money_words
from gateway.crm.embedded.times import from_ms
from gateway.crm.port import Ref

#: Stages in which a registration holds a customer, or asks to.
OPEN: Final = frozenset(
    {Stage.NEW, Stage.REVIEW, Stage.INFO_NEEDED, Stage.APPROVAL, Stage.PROTECTED, Stage.EXT_ASKED}
)

#: From this likeness on, 0 to 1, two customers' names are taken for the same one's.
ALIKE: Final = 0.84

#: The most candidates that are set beside one registration.
MOST: Final = 3

_FAMILIES: Final[Mapping[str, str]] = {"EG220": "edge", "EG440": "edge", "INP": "insight", "INT": "insight"}
_LEGAL: Final = re.compile(
    r"\b(ltd|limited|plc|llp|llc|inc|gmbh|ag|kg|co|sa|sarl|bv|nv|oy|ab|as|spa|srl|group|holdings?)\b"
)

#: When a registration was received from its partner, and captured by the partner's clock; None: born in the CRM.
Receipt = tuple[datetime, datetime] | None
Receipts = Callable[[Sequence[Ref]], Mapping[Ref, tuple[datetime, datetime]]]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """One registration as it is compared. `row`: its columns with company and contact by name."""

    ref: Ref
    row: Row
    receipt: Receipt

    @property
    def since(self) -> datetime:
        """When it was received; one born in the CRM when it was entered."""
        return self.receipt[0] if self.receipt else from_ms(self.row["created_ms"])


@dataclass(frozen=True)
class Candidate:
    """A registration that may be the same deal; `signs` tell in words what they have in common."""

    entry: Entry
    signs: tuple[str, ...]
    earlier: bool

    @property
    def number(self) -> str:
        """Its number."""
        return str(self.entry.row["reg_no"])


@dataclass(frozen=True)
class Cell:
    """One field of one registration; `differs` from the one under review."""

    words: str
    differs: bool = False


@dataclass(frozen=True)
class Comparison:
    """A registration beside its candidates: lines of a label and one cell a column."""

    entry: Entry
    candidates: tuple[Candidate, ...]
    lines: tuple[tuple[str, tuple[Cell, ...]], ...]


# ------------------------------------------------------------------------------------------------------ deciding


def plain_name(name: str) -> str:
    """Return a customer's name as it is compared: without case, punctuation and legal form."""
    words = re.sub(r"[^\w\s]", " ", name.casefold().replace("&", " and "))
    return " ".join(_LEGAL.sub(" ", words).split()) or " ".join(words.split())


def families(products: Sequence[str] | None) -> frozenset[str]:
    """Return the families of some products; one that has none is its own."""
    return frozenset(_FAMILIES.get(code, code.lower()) for code in products or ())


def is_open(row: Row, today: date) -> bool:
    """Tell whether a registration holds its customer, or asks to: in review, or protected to this day or beyond."""
    if row["stage_code"] not in OPEN or row["archived"]:
        return False
    protected = row["stage_code"] == Stage.PROTECTED and row["prot_to"]
    return not protected or row["prot_to"] >= today.isoformat()


def signs_of(mine: Row, other: Row) -> tuple[str, ...]:
    """Return what two registrations have in common; empty when they are not taken for the same deal.

    The same website counts whatever else differs. A name much alike needs the country or a product family as well.
    """
    same_domain = bool(mine["domain_key"]) and mine["domain_key"] == other["domain_key"]
    same_country = bool(mine["country_iso"]) and mine["country_iso"] == other["country_iso"]
    same_family = bool(families(mine["product_codes"]) & families(other["product_codes"]))
    if not (same_domain or same_country or same_family):
        return ()
    first, second = plain_name(mine["cust_name"]), plain_name(other["cust_name"])
    alike = SequenceMatcher(None, first, second, autojunk=False).ratio() >= ALIKE
    if not (same_domain or alike):
        return ()
    found = {
        "same website": same_domain,
        "same customer": first == second,
        "similar customer": alike and first != second,
        "same country": same_country,
        "same product family": same_family,
    }
    return tuple(words for words, holds in found.items() if holds)


def ranked(mine: Entry, others: Sequence[Entry], today: date) -> list[Candidate]:
    """Return the candidates among some registrations, the first that was received first."""
    found = [
        Candidate(other, signs, other.since < mine.since)
        for other in others
        if other.ref != mine.ref and is_open(other.row, today) and (signs := signs_of(mine.row, other.row))
    ]
    return sorted(found, key=lambda item: (item.entry.since, int(item.entry.ref.id)))


# ------------------------------------------------------------------------------------------------------- reading


def compared(crm: EmbeddedCrm, receipts: Receipts, ref: Ref) -> Comparison | None:
    """Return a registration beside its candidates, None when it has none."""
    rows = _rows(crm, ref)
    mine = rows.pop(ref, None)
    if mine is None:
        return None
    today = crm.now().date()
    likely = {key: row for key, row in rows.items() if is_open(row, today) and signs_of(mine, row)}
    known = receipts([ref, *likely])
    entry = Entry(ref, mine, known.get(ref))
    found = ranked(entry, [Entry(key, row, known.get(key)) for key, row in likely.items()], today)
    return Comparison(entry, tuple(found[:MOST]), _lines(entry, found[:MOST])) if found else None


def _rows(crm: EmbeddedCrm, ref: Ref) -> dict[Ref, Row]:
    """Return this registration and all that are open, with company and contact by name."""
    table = Registration.__table__
    query = (
        select(table, Account.acct_name, Contact.full_name)
        .join(Account, Account.id == table.c.account_id)
        .outerjoin(Contact, Contact.id == table.c.owner_id)
        .where((table.c.id == int(ref.id)) | (table.c.stage_code.in_(OPEN) & table.c.archived.is_(False)))
    )
    with crm.database.read() as connection:
        return {
            Ref("registration", str(row["id"])): dict(row) for row in connection.execute(query).mappings()
        }


_LABELLED: Final[tuple[tuple[str, Callable[[Entry], str]], ...]] = (
    ("Partner company", lambda entry: str(entry.row["acct_name"])),
    ("Registered by", lambda entry: str(entry.row["full_name"] or "")),
    (
        "Received here (UTC)",
        lambda entry: moment_words(entry.since) + ("" if entry.receipt else ", from the CRM"),
    ),
    ("Captured by their clock", lambda entry: moment_words(entry.receipt[1]) if entry.receipt else "–"),
    ("Stage", lambda entry: codes.STAGE_WORDS.get(entry.row["stage_code"], entry.row["stage_code"])),
    ("Protected until", lambda entry: _day(entry.row["prot_to"])),
    ("Customer", lambda entry: str(entry.row["cust_name"])),
    ("Website", lambda entry: str(entry.row["domain"] or "")),
    ("Country", lambda entry: str(entry.row["country_iso"] or "")),
    ("City", lambda entry: str(entry.row["addr_town"] or "")),
    ("Contact", lambda entry: str(entry.row["ct_name"] or "")),
    ("Title", lambda entry: str(entry.row["deal_name"])),
    ("Products", lambda entry: _products(entry.row["product_codes"])),
    ("Amount", lambda entry: _amount(entry.row)),
    ("Target close", lambda entry: _day(entry.row["close_on"])),
    ("Problem to solve", lambda entry: str(entry.row["pain"] or "")),
)

#: Fields that are always another's, so that marking them would say nothing.
_UNMARKED: Final = frozenset(
    {"Partner company", "Registered by", "Received here (UTC)", "Captured by their clock"}
)


def _lines(mine: Entry, found: Sequence[Candidate]) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
    lines = []
    for label, words_of in _LABELLED:
        own = words_of(mine)
        cells = [Cell(own or "–")]
        for item in found:
            words = words_of(item.entry)
            differs = label not in _UNMARKED and words.casefold() != own.casefold()
            cells.append(Cell(words or "–", differs))
        if any(cell.words != "–" for cell in cells):
            lines.append((label, tuple(cells)))
    return tuple(lines)


def _day(day: str | None) -> str:
    return day_words(date.fromisoformat(day)) if day else ""


def _products(given: Sequence[str] | None) -> str:
    return ", ".join(codes.PRODUCT_WORDS.get(code, code) for code in given or ())


def _amount(row: Row) -> str:
    return money_words(row["est_value"], row["cur"]) if row["est_value"] else ""

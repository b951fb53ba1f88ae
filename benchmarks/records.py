"""Deal registrations as a busy partner has them: about 20 fields and 700 bytes of JSON each, always the same ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from app.contract.canonical import canonical, content_hash

ENTITY = "deal_registration"
COMPANY = "01920000-0000-7000-8000-00000000c0de"
OWNER = "01920000-0000-7000-8000-0000000000a1"

_STATES = (
    "submitted",
    "under_review",
    "action_required",
    "approved",
    "approved",
    "converted",
    "rejected",
    "expired",
)
_STAGES = ("prospect", "qualified", "technical_validation", "business_validation", "committed")
_PRODUCTS = ("edge_220", "edge_440", "vault", "insight_pro", "insight_team", "care")
_INDUSTRIES = ("manufacturing", "retail", "education", "health", "logistics", "finance", "public", "energy")
_COUNTRIES = ("GB", "DE", "FR", "IE", "NL", "SE")
_ENDINGS = (
    "Logistics",
    "Foods",
    "Hospital",
    "Works",
    "Freight",
    "College",
    "Bank",
    "Energy",
    "Stores",
    "Group",
)
_PEOPLE = ("Nia Osei", "Tom Avery", "Ines Duarte", "Jonas Weber", "Maya Patel", "Lars Holm", "Chloe Martin")
_SYLLABLES = (
    "ka",
    "ro",
    "mi",
    "ten",
    "sol",
    "bar",
    "li",
    "dun",
    "per",
    "ash",
    "ve",
    "nor",
    "gal",
    "tri",
    "hel",
    "wick",
)
_START = datetime(2025, 1, 6, 8, tzinfo=UTC)


def _vocabulary(count: int) -> tuple[str, ...]:
    draw = Random(7)  # noqa: S311  # the same words every time are what is wanted
    words: dict[str, None] = {}
    while len(words) < count:
        words["".join(draw.choices(_SYLLABLES, k=draw.randint(1, 4)))] = None
    return tuple(words)


#: Words of unequal frequency, as in real text: the first few make up most of it.
VOCABULARY = _vocabulary(6_000)
_WEIGHTS = tuple(1 / (rank + 3) for rank in range(len(VOCABULARY)))


def gid(index: int) -> str:
    """Return the gid of a record."""
    digest = hashlib.sha256(f"bench {index}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"


class Deals:
    """Makes the data of deal registrations. `edition` changes what an edit of the vendor would change."""

    def __init__(self) -> None:
        total = 0.0
        sums = []
        for weight in _WEIGHTS:
            total += weight
            sums.append(total)
        self._sums = sums

    def data(self, index: int, edition: int = 0) -> dict[str, Any]:
        """Return one record's data by field name."""
        draw = Random(index)  # noqa: S311
        customer = f"{draw.choice(VOCABULARY).title()} {draw.choice(_ENDINGS)}"
        created = _START + timedelta(seconds=index * 97 % 50_000_000)
        site = customer.lower().replace(" ", "-")
        first = date(2026, 1, 1) + timedelta(days=draw.randrange(330))
        data: dict[str, Any] = {
            "number": f"REG-{index:06d}",
            "company": COMPANY,
            "customer": customer,
            "website": f"{site}.example",
            "country": draw.choice(_COUNTRIES),
            "industry": draw.choice(_INDUSTRIES),
            "contact_name": draw.choice(_PEOPLE),
            "contact_email": f"it@{site}.example",
            "title": self._text(draw, 3).capitalize(),
            "type": "new",
            "amount": f"{draw.randrange(900, 480_000)}.00",
            "currency": draw.choice(("GBP", "GBP", "EUR", "USD")),
            "products": draw.sample(_PRODUCTS, 2),
            "target_close": (first + timedelta(days=90)).isoformat(),
            "problem": self._text(draw, 8).capitalize() + ".",
            "sales_stage": draw.choice(_STAGES),
            "next_steps": self._text(draw, 4),
            "state": draw.choice(_STATES),
            # Far ahead: protection that ends is taken away at the turn of the day, in the middle of a measurement.
            "protected_until": (first + timedelta(days=180)).replace(year=2099).isoformat(),
            "owner": OWNER,
            "owner_name": draw.choice(_PEOPLE),
            "created_at": _moment(created),
            "updated_at": _moment(created + timedelta(days=3, seconds=edition)),
        }
        if edition:
            data["next_steps"] = f"{self._text(Random(index * 31 + edition), 5)} {edition}"  # noqa: S311
        return data

    def row(self, index: int, edition: int = 0) -> str:
        """Return one row of a page, as the gateway writes it."""
        text = canonical(self.data(index, edition))
        digest = content_hash(text)
        start = json.dumps([gid(index), ENTITY, f"{index + edition:x}-{digest[:16]}", digest])
        return f"{start[:-1]},{text}]"

    def _text(self, draw: Random, words: int) -> str:
        return " ".join(draw.choices(VOCABULARY, cum_weights=self._sums, k=words))


def page(rows: Iterable[str]) -> bytes:
    """Return a page's `puts`."""
    return f"[{','.join(rows)}]".encode()


def pages(rows: Sequence[str], size: int) -> list[bytes]:
    """Return rows as the `puts` of pages of `size`."""
    return [page(rows[start : start + size]) for start in range(0, len(rows), size)]


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

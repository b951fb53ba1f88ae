"""What makes two registrations clash, and a filter that tells so without a network and without naming anybody.

A registration is known by its keys: the customer's domain, and the customer's name in its country. The gateway puts the
keys of all open registrations into a Bloom filter and ships that; see docs/adr/0014-clashes-in-a-filter.md.
"""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.contract.manifest import EntityType, FieldType

#: How many in a thousand lookups of one key say yes though nobody has registered it. A form looks two keys up.
FALSE_PER_MILLE = 2.5

#: Most bytes of a filter that a client takes: enough for five million registrations.
MOST_BYTES = 16 * 1024 * 1024

_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://")

#: What a company is by law, which one writes and another leaves out; compared after folding.
_LEGAL = (
    "ab ag aps as asa bv co company corp corporation cv eg ek eood gbr gmbh inc incorporated kft kg kgaa lda limited"
    " llc llp lp ltd ltda mbh nv ohg oy oyj plc pte pty sa sarl sas se sl spa sprl srl srls ug zoo"
)
_LEGAL_FORMS = frozenset(_LEGAL.split())
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "þ": "th", "ı": "i"})
_INSIDE = re.compile(r"[.'\u2019\u02bc`]")
_NO_WORD = re.compile(r"[^\w]+", re.UNICODE)


def domain_of(website: Any) -> str:
    """Return the bare domain of a website: *kestrel.example* for *https://www.Kestrel.example/shop*; or nothing.

    Names in other scripts come in the one form that travels (*xn--…*), however they were written.
    """
    text = _SCHEME.sub("", str(website or "").strip().lower())
    host = re.split(r"[/?#\s]", text, maxsplit=1)[0].rsplit("@", 1)[-1].split(":", 1)[0]
    host = host.strip(".").removeprefix("www.")
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:  # a label that is empty, or too long
        return ""


def folded(name: Any) -> str:
    """Return a company's name as it is compared: *muller sohne* for *Müller & Söhne GmbH*."""
    text = unicodedata.normalize("NFKD", str(name or "").casefold()).translate(_LETTERS)
    plain = "".join(letter for letter in text if not unicodedata.combining(letter))
    # "s.r.o." and "S.p.A." are one word each.
    words = _NO_WORD.sub(" ", _INSIDE.sub("", plain)).split()
    while len(words) > 1 and words[-1] in _LEGAL_FORMS:
        words.pop()
    return " ".join(words)


@dataclass(frozen=True)
class ClashFields:
    """Names of the fields that say who a registration is for; `country` may be empty."""

    website: str
    customer: str
    country: str

    @property
    def named(self) -> tuple[str, ...]:
        """All of them, in the order of a form."""
        return tuple(name for name in (self.customer, self.website, self.country) if name)


def clash_fields(entity: EntityType) -> ClashFields | None:
    """Return what records of a type can clash by; None for types that are no registrations.

    A registration is made by people of the portal, moves through states, and names a customer with a website.
    """
    website = next((spec.name for spec in entity.fields if spec.type is FieldType.URL), "")
    if not (entity.creatable and entity.lifecycle and website) or entity.kind != "record":
        return None
    country = next((spec.name for spec in entity.fields if spec.type is FieldType.COUNTRY), "")
    return ClashFields(website, entity.title_field, country)


def keys_of(fields: ClashFields, data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys a registration is known by. What is too little to tell anybody by is none."""
    domain, name = domain_of(data.get(fields.website)), folded(data.get(fields.customer))
    country = str(data.get(fields.country) or "").upper() if fields.country else ""
    keys = [f"d:{domain}"] if len(domain) >= 4 and "." in domain else []
    if len(name) >= 3 and (country or not fields.country):
        keys.append(f"n:{name}|{country}")
    return tuple(keys)


def registered(entity: EntityType, data: Mapping[str, Any]) -> bool:
    """Tell whether a registration counts: it is open, and has been handed in."""
    lifecycle = entity.lifecycle
    state = lifecycle.state(str(data.get(lifecycle.field) or lifecycle.initial)) if lifecycle else None
    return state is not None and state.open and not state.deletable


class ClashFilter(BaseModel):
    """The filter as it travels: `body` are the bits in base64, `as_of` when the registrations were read.

    Beside the bits themselves it says how many registrations there are, roughly, and nothing else.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: int = 1
    salt: str = Field(max_length=64)
    hashes: int = Field(ge=1, le=32)
    body: str = Field(min_length=4, max_length=MOST_BYTES)
    as_of: datetime

    def opened(self) -> OpenFilter:
        """Return it ready to be asked. Raises ValueError for a body that is none."""
        return OpenFilter(
            bytes.fromhex(self.salt), self.hashes, b64decode(self.body, validate=True), self.as_of
        )


@dataclass(frozen=True)
class OpenFilter:
    """A filter to be asked."""

    salt: bytes
    hashes: int
    bits: bytes
    as_of: datetime

    def may_hold(self, key: str) -> bool:
        """Tell whether a key may be in it. False is certain."""
        places = _places(self.salt, key, self.hashes, len(self.bits) * 8)
        return all(self.bits[place >> 3] & 1 << (place & 7) for place in places)


def read_filter(value: Any) -> OpenFilter | None:
    """Return what was kept of a filter ready to be asked, or None when it cannot be used."""
    try:
        found = ClashFilter.model_validate(value)
        return found.opened() if found.format == 1 else None
    except (ValidationError, ValueError):
        return None


def make_filter(salt: bytes, keys: Collection[str], as_of: datetime) -> ClashFilter:
    """Return a filter that holds these keys. The same keys and salt make the same bits, in whatever order."""
    share = FALSE_PER_MILLE / 1000
    wanted = max(64, math.ceil(-len(keys) * math.log(share) / math.log(2) ** 2))
    # In steps of an eighth of its size, so that it does not tell to the record how many there are.
    step = max(64, 1 << (wanted.bit_length() - 4))
    size = -(-wanted // step) * step
    hashes = max(1, round(-math.log2(share)))
    bits = bytearray(size // 8)
    for key in keys:
        for place in _places(salt, key, hashes, size):
            bits[place >> 3] |= 1 << (place & 7)
    return ClashFilter(salt=salt.hex(), hashes=hashes, body=b64encode(bits).decode(), as_of=as_of)


def _places(salt: bytes, key: str, hashes: int, size: int) -> Iterator[int]:
    """Bits of a key. Two halves of one hash stand for as many as are needed (Kirsch and Mitzenmacher, 2006)."""
    digest = hashlib.blake2b(key.encode(), digest_size=16, key=salt).digest()
    first, second = int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:], "big") | 1
    return ((first + number * second) % size for number in range(hashes))

"""The word tables of the sample programme, read from `data/`, and sentences with places to fill."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_DATA = Path(__file__).with_name("data")
_PLACE = re.compile(r"\{(\w+)\}")
_SPELT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ł": "l", "ø": "o"}
)


@dataclass(frozen=True)
class Words:
    """All tables, by file."""

    customers: Mapping[str, Any]
    projects: Mapping[str, Any]
    requests: Mapping[str, Any]
    catalogue: Mapping[str, Any]
    guides: Mapping[str, Any]
    legal: Mapping[str, Any]
    sales: Mapping[str, Any]


def load_words() -> Words:
    """Read the tables."""
    names = ("customers", "projects", "requests", "catalogue", "guides", "legal", "sales")
    return Words(**{name: tomllib.loads((_DATA / f"{name}.toml").read_text("utf-8")) for name in names})


def put(text: str, places: Mapping[str, Any]) -> str:
    """Put words into the places of a text. Raises KeyError for a place without words."""
    return _PLACE.sub(lambda match: str(places[match[1]]), text)


def fill(text: str, places: Mapping[str, Any]) -> str:
    """Put words into the places of a sentence, which starts with a capital."""
    filled = put(text, places)
    return filled[:1].upper() + filled[1:]


def plain(text: str) -> str:
    """Return text in letters a to z, digits and spaces, for addresses and file names."""
    spelt = unicodedata.normalize("NFKD", text.translate(_SPELT))
    return "".join(char for char in spelt if char.isascii() and (char.isalnum() or char == " "))


def slug(name: str) -> str:
    """Return a name as one word, such as `kestrelfoods`."""
    return plain(name).replace(" ", "").lower()


def short_slug(name: str) -> str:
    """Return the first word that tells, such as `kestrel`, for file names."""
    parts = [part for part in plain(name).lower().split() if part not in ("the", "of", "and")]
    return parts[0] if parts else "customer"


def mail_of(name: str, domain: str) -> str:
    """Return `first.last@domain`."""
    return ".".join(plain(name).lower().split()) + "@" + domain

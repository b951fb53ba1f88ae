"""Whose screen this is, between two people: the vendor's name and mark as they were seen last."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from app.bridge.kiosk_state import NOBODYS
from app.contract.manifest import Brand
from app.session.small_file import load, write

_FILE = "brand.json"


def last_brand(root: Path) -> Brand:
    """Return the brand that was seen last; the product's own where none was, or the file is not one."""
    try:
        return Brand.model_validate(load(root / _FILE))
    except ValidationError:
        return NOBODYS


def remember_brand(root: Path, brand: Brand) -> None:
    """Keep a brand for the entrance; where the disk does not take it, the next person brings it again."""
    try:
        write(root / _FILE, brand.model_dump(mode="json"))
    except OSError:
        return
